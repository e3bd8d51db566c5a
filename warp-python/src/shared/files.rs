//! The files of regions: opened for a function, listed, cleared and removed for the command line.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use pyo3::exceptions::{PyFileNotFoundError, PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use warp_cache::shm::{self, Config, Geometry, Identity};

use super::region::Wanted;

/// Opens the region, or makes it.
pub(super) fn open(py: Python<'_>, wanted: &Wanted<'_>) -> PyResult<shm::Region> {
    let Wanted { max_size, strategy, ttl, .. } = *wanted;
    let config = Config {
        directory: wanted.directory.as_deref(),
        identity: &Identity::new(wanted.name, wanted.function, &[wanted.family], &[wanted.digest]),
        bytes: wanted.size.unwrap_or_else(|| Geometry::usual_bytes(max_size, strategy)),
        max_size,
        strategy,
        ttl,
    };
    // To find room takes its time.
    py.detach(|| shm::Region::open(&config)).map_err(raised)
}

/// Regions, each as a dict, and what is wrong with directories and files that are passed over.
type Regions<'py> = (Vec<Bound<'py, PyDict>>, Vec<String>);

/// The regions of this user in the directory, or in all places where they may be.
#[pyfunction]
#[pyo3(signature = (directory = None))]
pub(crate) fn regions(py: Python<'_>, directory: Option<PathBuf>) -> PyResult<Regions<'_>> {
    shown(py, py.detach(|| shm::list(directory.as_deref())))
}

/// Removes those of them that nobody needs any more, and returns what they were.
#[pyfunction]
#[pyo3(signature = (directory = None))]
pub(crate) fn remove_stale_regions(
    py: Python<'_>,
    directory: Option<PathBuf>,
) -> PyResult<Regions<'_>> {
    shown(py, py.detach(|| shm::remove_stale(directory.as_deref())))
}

fn shown(py: Python<'_>, listing: io::Result<shm::Listing>) -> PyResult<Regions<'_>> {
    let listing = listing.map_err(raised)?;
    let as_dict = |listed: shm::Listed| {
        let dict = PyDict::new(py);
        dict.set_item("name", listed.name)?;
        dict.set_item("function", listed.function)?;
        dict.set_item("path", listed.path.into_os_string())?;
        dict.set_item("bytes", listed.bytes)?;
        dict.set_item("entries", listed.entries)?;
        dict.set_item("max_size", listed.max_size)?;
        dict.set_item("strategy", listed.strategy.name())?;
        dict.set_item("ttl", listed.ttl.map(|ttl| ttl.as_secs_f64()))?;
        dict.set_item("hits", listed.hits)?;
        dict.set_item("misses", listed.misses)?;
        dict.set_item("evictions", listed.evictions)?;
        dict.set_item("recoveries", listed.recoveries)?;
        dict.set_item("processes", listed.processes)?;
        dict.set_item("stale", listed.is_stale)?;
        Ok(dict)
    };
    let regions = listing.regions.into_iter().map(as_dict).collect::<PyResult<_>>()?;
    Ok((regions, listing.errors.iter().map(ToString::to_string).collect()))
}

/// Clears the region in a file.
#[pyfunction]
pub(crate) fn clear_region(path: PathBuf) -> PyResult<()> {
    shm::attach(&path).map(|region| region.clear()).map_err(raised)
}

/// Removes the region in a file; whether there was one.
#[pyfunction]
pub(crate) fn remove_region(path: PathBuf) -> PyResult<bool> {
    shm::remove(&path).map_err(raised)
}

/// The engine's sentence as the exception that fits it.
fn raised(error: io::Error) -> PyErr {
    let says = error.to_string();
    match error.kind() {
        ErrorKind::InvalidInput => PyValueError::new_err(says),
        ErrorKind::NotFound => PyFileNotFoundError::new_err(says),
        _ => PyOSError::new_err(says),
    }
}
