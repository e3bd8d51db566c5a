//! A call of a function whose cache is shared, from its arguments to its result.

use pyo3::prelude::*;
use warp_cache::shm::{Counter, IfPresent, Ticket};

use super::flight::{self, Landing, Took};
use super::keep::{self, Large, NewResult};
use super::request::{Encoded, EncodedKey, FrontKey, Request, with_request};
use super::{AtOnce, Looked, Shared};
use crate::coroutine;
use crate::ffi::args::Args;
use crate::ffi::hash::Raised;
use crate::ffi::object::{Owned, Ref};
use crate::ffi::trampoline::attached;
use crate::function::{Begun, Function};
use crate::key::{KeyRef, ShortKey};
use crate::options::Mode;

/// A computation that a call has to make, and what is needed to keep its result.
#[derive(Default)]
pub(crate) struct Computation<'a> {
    /// None if nothing is to be kept.
    keeping: Option<Keeping>,
    /// What the computation leads.
    landing: Option<Landing<'a>>,
}

/// What a result is kept by.
struct Keeping {
    key: FrontKey,
    encoded: Encoded,
    ticket: Ticket,
    if_present: IfPresent,
}

impl Function {
    /// Begins a call with a short key: a hit in the front comes no further than here. Nothing is
    /// noted if it is unsure.
    #[inline(always)]
    pub(crate) fn begin_shared_at_once<const RECORDS: bool>(
        &self,
        shared: &Shared,
        key: impl ShortKey,
    ) -> AtOnce {
        let Some(hash) = key.known_hash() else { return AtOnce::Unsure };
        let found = shared.hit_at_once(key, hash);
        if RECORDS && !matches!(found, AtOnce::Unsure) {
            self.note(hash);
        }
        found
    }

    /// Begins a call, and notes it if the function is recorded; `absent` is its hash where the front
    /// has been looked through for its short key and has nothing. The computation is written to
    /// where one has to be made.
    pub(crate) fn begin_shared<'a, const RECORDS: bool>(
        &'a self,
        shared: &'a Shared,
        this: Ref<'_>,
        args: Args<'_>,
        absent: Option<u64>,
        computation: &mut Computation<'a>,
    ) -> Result<Begun, Raised> {
        attached(|py| {
            if let (Some(hash), Some(key)) = (absent, args.one()) {
                let met = shared.meet_at_once(py, key, hash).map_err(|Raised| PyErr::fetch(py))?;
                if let Some(value) = met {
                    return self.end(py, value);
                }
            }
            if let (Some(hash), false) = (absent, args.has_names()) {
                let key = KeyRef::hashed(args.parts().positional, hash);
                let request = Request { key, is_hashable: true };
                return self.begin_absent::<RECORDS>(py, shared, this, args, &request, computation);
            }
            with_request(py, self, args, |request| {
                if RECORDS && request.is_hashable {
                    self.note(request.key.hash);
                }
                let fronted = match absent {
                    Some(_) => None,
                    None => shared
                        .find_fronted(py, request, true)
                        .inspect_err(|_| shared.count(Counter::Misses))?,
                };
                match fronted {
                    Some(value) => self.end(py, value),
                    None => {
                        self.begin_absent::<RECORDS>(py, shared, this, args, request, computation)
                    }
                }
            })
        })
    }

    /// Begins a call for which the front has nothing.
    fn begin_absent<'a, const RECORDS: bool>(
        &'a self,
        py: Python<'_>,
        shared: &'a Shared,
        this: Ref<'_>,
        args: Args<'_>,
        request: &Request<'_>,
        computation: &mut Computation<'a>,
    ) -> PyResult<Begun> {
        let encoded = match request.encode(py, shared, self.options.style)? {
            EncodedKey::Fits(encoded) => encoded,
            EncodedKey::TooLarge(limit) => {
                shared.count(Counter::Misses);
                keep::too_large(py, self, shared, Large::Key, limit)?;
                return Ok(Begun::Compute);
            }
        };
        if RECORDS && !request.is_hashable {
            self.note(encoded.hash);
        }
        let looked = shared.look(py, self, request, &encoded, true);
        let looked = match looked.inspect_err(|_| shared.count(Counter::Misses))? {
            Looked::Found(value) => {
                shared.count(Counter::Hits);
                return self.end(py, value);
            }
            looked => looked,
        };
        let looked = match &self.options.mode {
            Mode::Direct => {
                shared.count(Counter::Misses);
                looked
            }
            Mode::Async(facade) => {
                return coroutine::call_shared(py, this, facade, request, encoded, args)
                    .map(Begun::Done);
            }
            Mode::Flight => match flight::take(py, self, shared, request, &encoded)? {
                Took::Value(value) => return Ok(Begun::Done(value)),
                Took::Compute(None, _) => return Ok(Begun::Compute),
                Took::Compute(Some(landing), looked) => {
                    computation.landing = Some(landing);
                    looked
                }
            },
        };
        let ticket = shared.region.ticket(encoded.hash);
        let (key, if_present) = (request.to_key(), looked.if_present());
        let keeping = Keeping { key, encoded, ticket, if_present };
        computation.keeping = Some(keeping);
        Ok(Begun::Compute)
    }

    /// The result of a call that need not compute.
    fn end(&self, py: Python<'_>, value: Owned) -> PyResult<Begun> {
        match self.options.mode {
            Mode::Async(_) => {
                crate::ffi::ready::new(value).map(Begun::Done).map_err(|Raised| PyErr::fetch(py))
            }
            Mode::Direct | Mode::Flight => Ok(Begun::Done(value)),
        }
    }

    /// Ends a call whose function has run: keeps its result, or counts that it raised.
    pub(crate) fn finish_shared(
        &self,
        shared: &Shared,
        computation: Computation<'_>,
        result: Result<Owned, Raised>,
    ) -> Result<Owned, Raised> {
        let Computation { keeping, mut landing } = computation;
        if result.is_err() {
            shared.count(Counter::Errors);
        }
        let value = result?;
        if let Some(Keeping { key, encoded, ticket, if_present }) = keeping {
            let new = NewResult { value: &value, ticket: Some(ticket), if_present };
            attached(|py| keep::keep(py, self, shared, key, &encoded, new))?;
        }
        if let Some(landing) = &mut landing {
            landing.value = Some(value.clone());
        }
        Ok(value)
    }
}
