//! Pickle, for what has no encoding of its own. Runs whatever code the objects' classes bring.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyBytes;

use crate::ffi::object::{Owned, Ref};

const PROTOCOL: u8 = 5;

/// An object's pickle.
pub(super) fn dumps<'py>(py: Python<'py>, object: Ref<'_>) -> PyResult<Bound<'py, PyBytes>> {
    static DUMPS: PyOnceLock<Owned> = PyOnceLock::new();
    let dumps = DUMPS.get_or_try_init(py, || function(py, intern!(py, "dumps").as_any()))?;
    let protocol = PROTOCOL.into_pyobject(py)?.into_any();
    let pickled = dumps.call(py, &[object, Ref::from(&protocol)])?;
    Ok(pickled.into_bound(py).cast_into::<PyBytes>()?)
}

/// The object that a pickle says.
pub(super) fn loads(py: Python<'_>, pickled: &[u8]) -> PyResult<Owned> {
    static LOADS: PyOnceLock<Owned> = PyOnceLock::new();
    let loads = LOADS.get_or_try_init(py, || function(py, intern!(py, "loads").as_any()))?;
    let pickled = PyBytes::new_with(py, pickled.len(), |bytes| {
        bytes.copy_from_slice(pickled);
        Ok(())
    })?;
    loads.call(py, &[Ref::from(pickled.as_any())])
}

fn function(py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<Owned> {
    let name = name.cast::<pyo3::types::PyString>()?;
    Ok(py.import("pickle")?.getattr(name)?.into())
}
