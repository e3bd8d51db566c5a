//! Python objects as bytes and back, for a cache that several processes share.
//!
//! `value` writes what a function returned, and `decode` makes it anew: objects of exactly the same
//! types, or an error. `key` writes the arguments of a call so that calls whose arguments are equal
//! have equal bytes, in every process; nobody reads those back. What stands where is drawn in
//! FORMAT.md beside this file.
//!
//! Exact types are written without running any code but the interpreter's. Everything else is left
//! to pickle, which may run anything: no lock may be held meanwhile.

mod calendar;
mod decimal;
mod error;
pub(crate) mod expose;
mod key;
mod kind;
mod library;
mod memo;
mod number;
mod pickle;
mod reader;
mod short;
mod sink;
mod source;
mod tags;
mod time;
mod writer;

use pyo3::prelude::*;
use pyo3::types::PyBytesMethods;

pub(crate) use error::{NotDecoded, NotEncoded};
pub(crate) use short::{KeyBytes, ShortBytes, int_of, short_of_one};

use crate::ffi::args::Parts;
use crate::ffi::object::{Owned, Ref};
use crate::key::KeyStyle;
use key::KeyWriter;
use reader::Reader;
use writer::Writer;

/// Which format this is: to be part of a shared cache's identity, as bytes of another one mean
/// something else.
pub(crate) const VERSION: u32 = 1;

/// How deep containers may be nested; what is deeper is left to pickle.
pub(crate) const MAX_DEPTH: u32 = 100;

/// How often it is tried to read what changes meanwhile.
const ATTEMPTS: u32 = 3;

/// What is done with objects that have no encoding of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serializer {
    /// They are pickled by protocol 5: a value as a whole, a key's element by itself.
    Pickle,
    /// They are refused.
    Exact,
}

/// Writes a value behind what is in `out` already; `out` is as it was if that fails.
///
/// `limit` is the most bytes that the value may take: larger ones are given up early, but for
/// pickled ones, whose size is known at the end only. Runs the user's code if it pickles; takes
/// time linear in the size of the value.
pub(crate) fn value(
    py: Python<'_>,
    value: Ref<'_>,
    serializer: Serializer,
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), NotEncoded> {
    let start = out.len();
    for _ in 0..ATTEMPTS {
        let Err(error) = Writer::write_value(py, value, limit, out) else { return Ok(()) };
        out.truncate(start);
        match error {
            NotEncoded::Changed => {}
            NotEncoded::Type(_) | NotEncoded::Deep | NotEncoded::Cyclic
                if serializer == Serializer::Pickle =>
            {
                return pickled(py, value, limit, out);
            }
            error => return Err(error),
        }
    }
    Err(NotEncoded::Changed)
}

/// Writes a value as pickle does.
fn pickled(
    py: Python<'_>,
    value: Ref<'_>,
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), NotEncoded> {
    let pickled = pickle::dumps(py, value)?;
    let pickled = pickled.as_bytes();
    if pickled.len() >= limit {
        return Err(NotEncoded::TooLarge { limit });
    }
    out.push(tags::PICKLE);
    out.extend_from_slice(pickled);
    Ok(())
}

/// Writes the key of a call.
///
/// Arguments need not be hashable. Positional and keyword arguments are told apart; keywords are
/// sorted by name unless their order is part of the key. `limit` is as for a value.
pub(crate) fn key(
    py: Python<'_>,
    parts: Parts<'_>,
    style: KeyStyle,
    serializer: Serializer,
    limit: usize,
) -> Result<KeyBytes, NotEncoded> {
    if let Some(bytes) = KeyBytes::short(parts, style).filter(|bytes| bytes.len() <= limit) {
        return Ok(bytes);
    }
    for _ in 0..ATTEMPTS {
        let mut out = Vec::new();
        match KeyWriter::write_key(py, parts, style, serializer, limit, &mut out) {
            Ok(()) => return Ok(KeyBytes::Long(out)),
            Err(NotEncoded::Changed) => {}
            Err(error) => return Err(error),
        }
    }
    Err(NotEncoded::Changed)
}

/// Makes the object that `value` wrote.
///
/// Any bytes may be given: what no `value` wrote is an error, or some harmless object. Memory is
/// taken in proportion to their number. Code runs only where the bytes say that they are a pickle
/// and `serializer` takes those.
pub(crate) fn decode(
    py: Python<'_>,
    bytes: &[u8],
    serializer: Serializer,
) -> Result<Owned, NotDecoded> {
    match bytes {
        [tags::PICKLE, pickled @ ..] => match serializer {
            Serializer::Pickle => Ok(pickle::loads(py, pickled)?),
            Serializer::Exact => Err(NotDecoded::Pickled),
        },
        _ => Reader::read_value(py, bytes),
    }
}

/// The same of what is no pickle: runs no code but the types' own constructors. None of a pickle, or
/// where there is an error.
#[inline]
pub(crate) fn decode_plain(py: Python<'_>, bytes: &[u8]) -> Option<Owned> {
    match bytes {
        [tags::PICKLE, ..] => None,
        _ => Reader::read_value(py, bytes).ok(),
    }
}
