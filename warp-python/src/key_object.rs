//! A key as an object of Python's: what `cache_key` shows, and what waits are found by.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::ffi::compare::Verdict;
use crate::ffi::hash::Raised;
use crate::key::{Key, KeyRef, KeyStyle};

/// The key of a call. Equal to that of every call that the same cache takes for the same.
#[pyclass(frozen, module = "warp_cache")]
pub(crate) struct CacheKey {
    pub(crate) hash: u64,
    pub(crate) style: KeyStyle,
    pub(crate) key: Key,
    /// For objects without a hash, which a shared cache takes: what they are compared by.
    encoded: Option<Box<[u8]>>,
}

impl CacheKey {
    pub(crate) fn new(key: &KeyRef<'_>, style: KeyStyle) -> Self {
        CacheKey { hash: key.hash, style, key: key.to_key(), encoded: None }
    }

    /// The key of objects without a hash, by its encoding and the hash of that.
    pub(crate) fn encoded(key: &KeyRef<'_>, style: KeyStyle, bytes: &[u8], hash: u64) -> Self {
        CacheKey { hash, style, key: key.to_key(), encoded: Some(bytes.into()) }
    }

    /// Whether its objects have a hash.
    pub(crate) fn is_hashable(&self) -> bool {
        self.encoded.is_none()
    }

    pub(crate) fn borrow(&self) -> KeyRef<'_> {
        self.key.borrow(self.hash, self.style)
    }
}

#[pymethods]
impl CacheKey {
    fn __hash__(&self) -> u64 {
        self.hash
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Ok(other) = other.cast::<CacheKey>() else { return Ok(false) };
        let other = other.get();
        if self.hash != other.hash {
            return Ok(false);
        }
        if self.encoded.is_some() || other.encoded.is_some() {
            return Ok(self.encoded == other.encoded);
        }
        let key = self.borrow();
        match key.compare(&other.key) {
            Verdict::Same => Ok(true),
            Verdict::Different => Ok(false),
            Verdict::Unknown => key.equals_in_python(&other.key).map_err(|Raised| PyErr::fetch(py)),
        }
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (positional, keywords) = self.key.parts();
        let mut parts = Vec::new();
        for object in positional {
            parts.push(object.as_py().bind(py).repr()?.to_string());
        }
        for (name, value) in keywords {
            let (name, value) = (name.as_py().bind(py), value.as_py().bind(py));
            parts.push(format!("{}={}", name.str()?, value.repr()?));
        }
        Ok(format!("CacheKey({})", parts.join(", ")))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.key.owned().iter().try_for_each(|object| visit.call(object.as_py()))
    }
}
