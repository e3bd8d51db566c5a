//! Types in keys that tell them apart.

use pyo3::prelude::*;

use super::library::{self, Library};
use super::tags;
use crate::ffi::datetime::Temporal;
use crate::ffi::object::Ref;
use crate::ffi::view::{View, view};

/// A tag for each exact type; those of other types say it in their pickle.
pub(super) fn tag(py: Python<'_>, object: Ref<'_>) -> PyResult<u8> {
    Ok(match view(object) {
        View::None => tags::NONE,
        View::Bool(_) => tags::TRUE,
        View::Int(_) => tags::INT,
        View::Float(_) => tags::FLOAT,
        View::Complex(..) => tags::COMPLEX,
        View::Str(_) => tags::LATIN1,
        View::Bytes(_) => tags::BYTES,
        View::Tuple(_) => tags::TUPLE,
        View::List(_) => tags::LIST,
        View::Dict(_) => tags::DICT,
        View::Set(_) => tags::SET,
        View::FrozenSet(_) => tags::FROZENSET,
        View::Temporal(Temporal::Date(_)) => tags::DATE,
        View::Temporal(Temporal::Time(..)) => tags::TIME,
        View::Temporal(Temporal::DateTime(..)) => tags::DATETIME,
        View::Temporal(Temporal::Delta(_)) => tags::TIMEDELTA,
        View::Temporal(Temporal::Utc | Temporal::Zone(_)) => tags::TIMEZONE,
        View::Other => match library::look(py, object)? {
            Some(Library::Decimal(_)) => tags::DECIMAL,
            Some(Library::Uuid { .. }) => tags::UUID,
            None => tags::PICKLE,
        },
    })
}
