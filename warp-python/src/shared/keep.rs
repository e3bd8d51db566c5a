//! Keeping a result in the region, where that can be; what cannot be kept is counted, and warned of
//! once.

use std::ffi::CString;
use std::sync::atomic::{AtomicU32, Ordering};

use pyo3::exceptions::PyRuntimeWarning;
use pyo3::prelude::*;
use warp_cache::shm::{Counter, IfPresent, NotKept, Ticket};

use super::Shared;
use super::request::{Encoded, FrontKey};
use crate::encode::{self, NotDecoded, NotEncoded};
use crate::ffi::object::Owned;
use crate::function::Function;

/// What has been warned of: a bit for each kind.
#[derive(Default)]
pub(crate) struct Warned(AtomicU32);

const NOT_ENCODED: u32 = 1;
const NOT_DECODED: u32 = 2;
const VALUE_TOO_LARGE: u32 = 4;
const KEY_TOO_LARGE: u32 = 8;

/// A result on its way into the region.
pub(crate) struct NewResult<'a> {
    pub(crate) value: &'a Owned,
    /// When its computation began; none for one that is set.
    pub(crate) ticket: Option<Ticket>,
    pub(crate) if_present: IfPresent,
}

/// Keeps a result, if it is to be kept and can be: asks `cache_if` and the ttl first. Without a
/// lock, as these and the pickling of the result run the user's code.
pub(crate) fn keep(
    py: Python<'_>,
    function: &Function,
    shared: &Shared,
    key: FrontKey,
    encoded: &Encoded,
    new: NewResult<'_>,
) -> PyResult<()> {
    let NewResult { value, ticket, if_present } = new;
    // What is set by hand has no computation that began at some time.
    let is_set = ticket.is_none();
    let mut bytes = Vec::new();
    let mut deadline = function.ask_deadline(py, value, is_set, shared.now())?;
    if deadline.is_some() && !encode_result(py, function, shared, value, &mut bytes)? {
        deadline = None;
    }
    if let Some(deadline) = deadline {
        // What was asked may have taken its time.
        let (hash, now) = (encoded.hash, shared.now().as_nanos());
        let (key_bytes, deadline) = (&encoded.bytes, deadline.as_nanos());
        let region = &shared.region;
        match region.insert(hash, key_bytes, &bytes, deadline, now, ticket, if_present) {
            Ok(stamp) => {
                let style = function.options.style;
                return shared.put(py, key, style, value.clone(), stamp);
            }
            Err(NotKept::TooLarge { bytes, limit }) => {
                too_large(py, function, shared, Large::Both(bytes), limit)?;
            }
            // What was to be replaced must not outlive it.
            Err(NotKept::Busy) => {}
            // Somebody else's is there, or this is out of date: it is a cache.
            Err(_) => return Ok(()),
        }
    }
    // The result was to take the place of another, which is out of date now, unless that came later.
    if if_present != IfPresent::Keep {
        shared.drop_entry(py, function, key, encoded, ticket)?;
    }
    Ok(())
}

/// Encodes a result; false if it cannot be, which is counted and warned of.
fn encode_result(
    py: Python<'_>,
    function: &Function,
    shared: &Shared,
    value: &Owned,
    bytes: &mut Vec<u8>,
) -> PyResult<bool> {
    let limit = shared.max_value_size;
    match encode::value(py, value.as_ref(), shared.serializer, limit, bytes) {
        Ok(()) => return Ok(true),
        Err(NotEncoded::TooLarge { limit }) => {
            too_large(py, function, shared, Large::Value, limit)?;
        }
        Err(error) if error.is_exit(py) => return Err(error.into()),
        Err(error) => {
            shared.count(Counter::Errors);
            if shared.warned.is_first(NOT_ENCODED) {
                let says = "returned a result that cannot be encoded, and is not kept";
                warn(py, function, &format!("{says}: {error}"))?;
            }
        }
    }
    Ok(false)
}

/// What is too large.
#[derive(Clone, Copy)]
pub(crate) enum Large {
    Key,
    Value,
    /// Key and value together, of this many bytes.
    Both(usize),
}

/// Counts what is too large to be kept, and warns of it once.
pub(crate) fn too_large(
    py: Python<'_>,
    function: &Function,
    shared: &Shared,
    large: Large,
    limit: usize,
) -> PyResult<()> {
    shared.count(Counter::Errors);
    let (kind, what) = match large {
        Large::Key => (KEY_TOO_LARGE, "arguments take".to_owned()),
        Large::Value => (VALUE_TOO_LARGE, "result takes".to_owned()),
        Large::Both(bytes) => {
            (VALUE_TOO_LARGE, format!("arguments and result take {bytes} bytes,"))
        }
    };
    if !shared.warned.is_first(kind) {
        return Ok(());
    }
    let says = format!(
        "was called, and what it returned is not kept: its {what} more than {limit} bytes, the most \
         that its shared memory takes"
    );
    warn(py, function, &says)
}

/// Counts bytes that did not decode, and warns of it once.
pub(crate) fn not_decoded(
    py: Python<'_>,
    function: &Function,
    shared: &Shared,
    error: &NotDecoded,
) -> PyResult<()> {
    shared.count(Counter::Errors);
    if !shared.warned.is_first(NOT_DECODED) {
        return Ok(());
    }
    warn(py, function, &format!("has a kept result that does not decode, and is replaced: {error}"))
}

/// A warning whose subject is the function. Where warnings are errors it is raised.
fn warn(py: Python<'_>, function: &Function, says: &str) -> PyResult<()> {
    let wrapped = function.wrapped.as_py().bind(py);
    let name = wrapped.getattr("__qualname__").or_else(|_| wrapped.repr().map(Bound::into_any))?;
    let message = format!("{name} {says}").replace('\0', "");
    let message = CString::new(message).unwrap_or_default();
    PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), &message, 1)
}

impl Warned {
    /// Whether this is the first time that there is something of the kind to warn of.
    fn is_first(&self, kind: u32) -> bool {
        self.0.fetch_or(kind, Ordering::Relaxed) & kind == 0
    }
}
