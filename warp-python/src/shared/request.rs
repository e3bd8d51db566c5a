//! What a call asks the region for: its key, as Python compares it and as bytes.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::Shared;
use crate::encode::{self, KeyBytes, NotEncoded};
use crate::ffi::args::{Args, Parts};
use crate::ffi::hash::Raised;
use crate::function::Function;
use crate::key::{Key, KeyRef, KeyStyle, with_row};
use crate::key_object::CacheKey;

/// The key of a call, as Python compares it.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) key: KeyRef<'a>,
    /// Whether every object of the key has a hash: for others there is no front.
    pub(crate) is_hashable: bool,
}

/// A key as all processes write it.
#[derive(Clone, Default)]
pub(crate) struct Encoded {
    pub(crate) bytes: KeyBytes,
    /// By which the region finds it.
    pub(crate) hash: u64,
}

/// The encoding of a key, if it may be kept.
pub(crate) enum EncodedKey {
    Fits(Encoded),
    /// It takes more bytes than this.
    TooLarge(usize),
}

/// A key to be kept in the front, with its hash; none where there is no front.
pub(crate) type FrontKey = Option<(Key, u64)>;

impl Request<'_> {
    /// The key to be kept in the front.
    pub(crate) fn to_key(self) -> FrontKey {
        self.is_hashable.then(|| (self.key.to_key(), self.key.hash))
    }

    /// The key as an object of Python's.
    pub(crate) fn to_object(
        self,
        py: Python<'_>,
        shared: &Shared,
        style: KeyStyle,
    ) -> PyResult<CacheKey> {
        if self.is_hashable {
            return Ok(CacheKey::new(&self.key, style));
        }
        match self.encode(py, shared, style)? {
            EncodedKey::Fits(Encoded { bytes, hash }) => {
                Ok(CacheKey::encoded(&self.key, style, &bytes, hash))
            }
            EncodedKey::TooLarge(limit) => Err(PyTypeError::new_err(format!(
                "arguments: have no hash, and take more than {limit} bytes, the most that a key of \
                 this cache may take"
            ))),
        }
    }

    /// Encodes the key. May run the user's code, where an argument has to be pickled.
    pub(crate) fn encode(
        &self,
        py: Python<'_>,
        shared: &Shared,
        style: KeyStyle,
    ) -> PyResult<EncodedKey> {
        let limit = shared.max_key_size;
        match encode::key(py, self.key.parts(), style, shared.serializer, limit) {
            Ok(bytes) => {
                let hash = shared.region.hash(&bytes);
                Ok(EncodedKey::Fits(Encoded { bytes, hash }))
            }
            Err(NotEncoded::TooLarge { limit }) => Ok(EncodedKey::TooLarge(limit)),
            Err(error) if error.is_exit(py) => Err(error.into()),
            Err(error) => {
                let raised = PyTypeError::new_err(format!(
                    "arguments: processes cannot share a result by these, as {error}; say key= to \
                     make a key of what can be encoded, or ignore= to leave arguments out"
                ));
                if let NotEncoded::Raised(cause) = error {
                    raised.set_cause(py, Some(cause));
                }
                Err(raised)
            }
        }
    }
}

/// Makes the request of a call and uses it.
pub(crate) fn with_request<T>(
    py: Python<'_>,
    function: &Function,
    args: Args<'_>,
    use_request: impl FnOnce(&Request<'_>) -> PyResult<T>,
) -> PyResult<T> {
    let style = function.options.style;
    function.with_parts(py, args, |parts| {
        with_row(parts, style, |row, names| match KeyRef::named(row, names, style) {
            Ok(key) => use_request(&Request { key, is_hashable: true }),
            Err(Raised) => {
                let raised = PyErr::fetch(py);
                if !raised.is_instance_of::<PyTypeError>(py) || !may_be_unhashable(py, parts)? {
                    return Err(raised);
                }
                let key = KeyRef::unhashed(row, names, style);
                use_request(&Request { key, is_hashable: false })
            }
        })
    })
}

/// Whether an argument has no hash because of its type, or may hold such: what the `__hash__` of a
/// class of the user's raises is the user's to see.
fn may_be_unhashable(py: Python<'_>, parts: Parts<'_>) -> PyResult<bool> {
    for object in parts.positional.iter().chain(parts.values) {
        let object = object.borrow(py);
        if object.is_exact_instance_of::<PyTuple>()
            || object.get_type().getattr("__hash__")?.is_none()
        {
            return Ok(true);
        }
    }
    Ok(false)
}
