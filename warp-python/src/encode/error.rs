//! Why an object could not be written, or bytes not be read: errors that are sentences.

use std::fmt;

use pyo3::exceptions::{PyException, PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::library;
use crate::ffi::containers::Changed;
use crate::ffi::object::Ref;

/// Why an object was not encoded.
#[derive(Debug)]
pub(crate) enum NotEncoded {
    /// It is or holds an object of this type, which has no encoding of its own, and pickle is not
    /// allowed.
    Type(String),
    /// Its containers are nested too deeply, and pickle is not allowed.
    Deep,
    /// A container holds itself, and pickle is not allowed, or this is a key.
    Cyclic,
    /// It takes more bytes than this.
    TooLarge {
        /// The most that was allowed.
        limit: usize,
    },
    /// A container changed while it was read.
    Changed,
    /// Pickling raised this, or there was no memory.
    Raised(PyErr),
}

impl NotEncoded {
    /// Whether this is nobody's to catch, but to be raised: Ctrl-C, or the like.
    pub(crate) fn is_exit(&self, py: Python<'_>) -> bool {
        matches!(self, NotEncoded::Raised(error) if !error.is_instance_of::<PyException>(py))
    }

    /// An object's type has no encoding.
    pub(super) fn of_type(py: Python<'_>, object: Ref<'_>) -> Self {
        NotEncoded::Type(library::type_name(py, object))
    }
}

impl fmt::Display for NotEncoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotEncoded::Type(name) => write!(
                f,
                "objects of type {name} have no exact encoding, and serializer=\"exact\" does not \
                 pickle them"
            ),
            NotEncoded::Deep => {
                write!(f, "containers are nested more than {} deep", super::MAX_DEPTH)
            }
            NotEncoded::Cyclic => write!(f, "a container holds itself"),
            NotEncoded::TooLarge { limit } => write!(f, "the encoding takes over {limit} bytes"),
            NotEncoded::Changed => write!(f, "a container changed while it was encoded"),
            NotEncoded::Raised(error) => write!(f, "pickling raised {error}"),
        }
    }
}

impl From<PyErr> for NotEncoded {
    fn from(error: PyErr) -> Self {
        NotEncoded::Raised(error)
    }
}

impl From<NotEncoded> for PyErr {
    fn from(error: NotEncoded) -> Self {
        match error {
            NotEncoded::Raised(error) => error,
            NotEncoded::Type(_) | NotEncoded::Deep | NotEncoded::Cyclic => {
                PyTypeError::new_err(error.to_string())
            }
            NotEncoded::TooLarge { .. } => PyValueError::new_err(error.to_string()),
            NotEncoded::Changed => PyRuntimeError::new_err(error.to_string()),
        }
    }
}

impl From<Changed> for NotEncoded {
    fn from(_: Changed) -> Self {
        NotEncoded::Changed
    }
}

/// Why bytes were not decoded.
#[derive(Debug)]
pub(crate) enum NotDecoded {
    /// No value is written so; the rest of the sentence "the encoded value is broken: ..".
    Malformed(&'static str),
    /// They are a pickle, and that is not allowed.
    Pickled,
    /// Unpickling raised this, or there was no memory.
    Raised(PyErr),
}

impl NotDecoded {}

impl NotDecoded {
    /// Whether this is nobody's to catch, but to be raised: Ctrl-C, or the like.
    pub(crate) fn is_exit(&self, py: Python<'_>) -> bool {
        matches!(self, NotDecoded::Raised(error) if !error.is_instance_of::<PyException>(py))
    }
}

impl fmt::Display for NotDecoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotDecoded::Malformed(why) => write!(f, "the encoded value is broken: {why}"),
            NotDecoded::Pickled => {
                write!(f, "the value is pickled, and serializer=\"exact\" does not unpickle it")
            }
            NotDecoded::Raised(error) => write!(f, "decoding raised {error}"),
        }
    }
}

impl From<PyErr> for NotDecoded {
    fn from(error: PyErr) -> Self {
        NotDecoded::Raised(error)
    }
}

/// What was raised meanwhile; a ValueError for broken bytes.
impl From<NotDecoded> for PyErr {
    fn from(error: NotDecoded) -> Self {
        match error {
            NotDecoded::Raised(error) => error,
            NotDecoded::Malformed(_) | NotDecoded::Pickled => {
                PyValueError::new_err(error.to_string())
            }
        }
    }
}
