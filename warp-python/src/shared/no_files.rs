//! In the place of `files.rs` where processes cannot share memory by files; the facade has said so
//! before anybody comes here.

use std::path::PathBuf;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use warp_cache::shm;

use super::region::Wanted;

type Regions<'py> = (Vec<Bound<'py, PyDict>>, Vec<String>);

fn unsupported() -> PyErr {
    PyRuntimeError::new_err("backend: the shared backend works on Linux and macOS only")
}

/// Raises RuntimeError.
pub(super) fn open(_py: Python<'_>, _wanted: &Wanted<'_>) -> PyResult<shm::Region> {
    Err(unsupported())
}

/// Raises RuntimeError.
#[pyfunction]
#[pyo3(signature = (directory = None))]
pub(crate) fn regions(_py: Python<'_>, directory: Option<PathBuf>) -> PyResult<Regions<'_>> {
    let _ = directory;
    Err(unsupported())
}

/// Raises RuntimeError.
#[pyfunction]
#[pyo3(signature = (directory = None))]
pub(crate) fn remove_stale_regions(
    py: Python<'_>,
    directory: Option<PathBuf>,
) -> PyResult<Regions<'_>> {
    regions(py, directory)
}

/// Raises RuntimeError.
#[pyfunction]
pub(crate) fn clear_region(path: PathBuf) -> PyResult<()> {
    let _ = path;
    Err(unsupported())
}

/// Raises RuntimeError.
#[pyfunction]
pub(crate) fn remove_region(path: PathBuf) -> PyResult<bool> {
    let _ = path;
    Err(unsupported())
}
