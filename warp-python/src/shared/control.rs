//! The controls of a function whose cache is shared: what `control.rs` does in memory.

use pyo3::prelude::*;
use warp_cache::shm::IfPresent;

use super::keep::{self, Large, NewResult};
use super::request::{EncodedKey, Request, with_request};
use super::{Looked, Shared};
use crate::coroutine;
use crate::ffi::args::Args;
use crate::ffi::object::{Owned, Ref};
use crate::function::Function;
use crate::options::Mode;

/// The kept value of a call, neither used nor counted; and the call's request, for an error.
pub(crate) fn peek(
    py: Python<'_>,
    function: &Function,
    shared: &Shared,
    request: &Request<'_>,
) -> PyResult<Option<Owned>> {
    if let Some(value) = shared.find_fronted(py, request, false)? {
        return Ok(Some(value));
    }
    match request.encode(py, shared, function.options.style)? {
        EncodedKey::TooLarge(_) => Ok(None),
        EncodedKey::Fits(encoded) => match shared.look(py, function, request, &encoded, false)? {
            Looked::Found(value) => Ok(Some(value)),
            Looked::Absent | Looked::Broken => Ok(None),
        },
    }
}

/// Keeps a value for a call, as it was set by hand.
pub(crate) fn set(
    py: Python<'_>,
    function: &Function,
    shared: &Shared,
    args: Args<'_>,
    value: &Owned,
) -> PyResult<()> {
    with_request(py, function, args, |request| {
        let new = NewResult { value, ticket: None, if_present: IfPresent::Replace };
        keep_for(py, function, shared, request, new)
    })
}

/// Drops the entry of a call in every process; returns whether there was a live one.
pub(crate) fn invalidate(
    py: Python<'_>,
    function: &Function,
    shared: &Shared,
    args: Args<'_>,
) -> PyResult<bool> {
    with_request(py, function, args, |request| {
        match request.encode(py, shared, function.options.style)? {
            EncodedKey::TooLarge(_) => Ok(false),
            EncodedKey::Fits(encoded) => {
                shared.drop_entry(py, function, request.to_key(), &encoded, None)
            }
        }
    })
}

/// Computes and keeps anew.
pub(crate) fn refresh(
    py: Python<'_>,
    this: Ref<'_>,
    function: &Function,
    shared: &Shared,
    args: Args<'_>,
) -> PyResult<Owned> {
    with_request(py, function, args, |request| {
        let encoded = match request.encode(py, shared, function.options.style)? {
            EncodedKey::Fits(encoded) => encoded,
            EncodedKey::TooLarge(limit) => {
                keep::too_large(py, function, shared, Large::Key, limit)?;
                return args.call(py, &function.wrapped);
            }
        };
        if let Mode::Async(_) = &function.options.mode {
            return coroutine::refresh_shared(py, this, request, encoded, args);
        }
        let ticket = shared.region.ticket(encoded.hash);
        let value = args.call(py, &function.wrapped)?;
        let new = NewResult { value: &value, ticket: Some(ticket), if_present: IfPresent::Replace };
        keep::keep(py, function, shared, request.to_key(), &encoded, new)?;
        Ok(value)
    })
}

fn keep_for(
    py: Python<'_>,
    function: &Function,
    shared: &Shared,
    request: &Request<'_>,
    new: NewResult<'_>,
) -> PyResult<()> {
    match request.encode(py, shared, function.options.style)? {
        EncodedKey::TooLarge(limit) => keep::too_large(py, function, shared, Large::Key, limit),
        EncodedKey::Fits(encoded) => {
            keep::keep(py, function, shared, request.to_key(), &encoded, new)
        }
    }
}

impl Shared {
    /// Clears the cache in every process, and what this one has decoded.
    pub(crate) fn clear(&self) {
        self.region.clear();
        self.front.clear();
    }
}
