//! Calls of coroutine functions that found no value: the facade's `_async.py` awaits them, and asks
//! the cache through a [`Call`].

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use warp_cache::shard::Ticket;
use warp_cache::shm::{self, Counter};

use crate::control::keep;
use crate::ffi::args::Args;
use crate::ffi::callable::function_of;
use crate::ffi::hash::Raised;
use crate::ffi::object::{Owned, Ref};
use crate::function::Function;
use crate::key::KeyRef;
use crate::key_object::CacheKey;
use crate::shared::claim::Claim;
use crate::shared::keep::NewResult;
use crate::shared::request::{Encoded, Request};
use crate::shared::{self, Looked, Shared};
use crate::store::{Found, IfPresent};

/// One call of a coroutine function: its key, its arguments and the cache.
#[pyclass(frozen, module = "warp_cache._warp_cache")]
pub(crate) struct Call {
    /// The decorated function.
    #[pyo3(get)]
    function: Py<PyAny>,
    #[pyo3(get)]
    key: Py<CacheKey>,
    args: Py<PyTuple>,
    kwargs: Py<PyDict>,
    /// The key as all processes write it, where memory is shared.
    encoded: Option<Encoded>,
}

/// A moment of a cache; what is computed since is kept if nothing has changed for its key.
#[pyclass(frozen, module = "warp_cache._warp_cache")]
pub(crate) struct Moment(Drawn);

/// By what a cache knows a moment.
#[derive(Clone, Copy)]
enum Drawn {
    InMemory(Ticket),
    Shared(shm::Ticket),
}

/// The coroutine of a call that found nothing.
pub(crate) fn call(
    py: Python<'_>,
    this: Ref<'_>,
    facade: &Owned,
    key: &KeyRef<'_>,
    args: Args<'_>,
) -> PyResult<Owned> {
    let style = cache_of(&this.borrow(py)).options.style;
    let call = Call::new(py, this, CacheKey::new(key, style), None, args)?;
    start(py, facade, call)
}

/// The same where memory is shared.
pub(crate) fn call_shared(
    py: Python<'_>,
    this: Ref<'_>,
    facade: &Owned,
    request: &Request<'_>,
    encoded: Encoded,
    args: Args<'_>,
) -> PyResult<Owned> {
    let call = Call::shared(py, this, request, encoded, args)?;
    start(py, facade, call)
}

/// The coroutine that computes and keeps anew.
pub(crate) fn refresh(
    py: Python<'_>,
    this: Ref<'_>,
    key: &KeyRef<'_>,
    args: Args<'_>,
) -> PyResult<Owned> {
    let style = cache_of(&this.borrow(py)).options.style;
    refresh_of(py, Call::new(py, this, CacheKey::new(key, style), None, args)?)
}

/// The same where memory is shared.
pub(crate) fn refresh_shared(
    py: Python<'_>,
    this: Ref<'_>,
    request: &Request<'_>,
    encoded: Encoded,
    args: Args<'_>,
) -> PyResult<Owned> {
    refresh_of(py, Call::shared(py, this, request, encoded, args)?)
}

fn refresh_of(py: Python<'_>, call: Call) -> PyResult<Owned> {
    static REFRESH: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let refresh = REFRESH.import(py, "warp_cache._async", "refresh")?.clone().into();
    start(py, &refresh, call)
}

/// The coroutine that a function of the facade makes of a call.
fn start(py: Python<'_>, function: &Owned, call: Call) -> PyResult<Owned> {
    let call = Bound::new(py, call)?.into_any();
    function.call(py, &[Ref::from(&call)])
}

impl Call {
    fn new(
        py: Python<'_>,
        this: Ref<'_>,
        key: CacheKey,
        encoded: Option<Encoded>,
        args: Args<'_>,
    ) -> PyResult<Self> {
        let (args, kwargs) = args.to_objects(py)?;
        Ok(Call {
            function: this.borrow(py).to_owned().unbind(),
            key: Py::new(py, key)?,
            args: args.unbind(),
            kwargs: kwargs.unbind(),
            encoded,
        })
    }

    fn shared(
        py: Python<'_>,
        this: Ref<'_>,
        request: &Request<'_>,
        encoded: Encoded,
        args: Args<'_>,
    ) -> PyResult<Self> {
        let style = cache_of(&this.borrow(py)).options.style;
        let key = match request.is_hashable {
            true => CacheKey::new(&request.key, style),
            false => CacheKey::encoded(&request.key, style, &encoded.bytes, encoded.hash),
        };
        Call::new(py, this, key, Some(encoded), args)
    }

    /// The cache, and where memory is shared what the call asks it for.
    fn cache<'a>(&'a self, py: Python<'a>) -> (&'a Function, Option<Asking<'a>>) {
        let function = cache_of(self.function.bind(py));
        let key = self.key.get();
        let shared = function.shared.as_deref().zip(self.encoded.as_ref());
        let asking = shared.map(|(shared, encoded)| {
            let request = Request { key: key.borrow(), is_hashable: key.is_hashable() };
            Asking { shared, request, encoded }
        });
        (function, asking)
    }
}

/// What a call asks shared memory for.
struct Asking<'a> {
    shared: &'a Shared,
    request: Request<'a>,
    encoded: &'a Encoded,
}

/// The cache of a decorated function, which is all that a [`Call`] is made of.
fn cache_of<'a>(function: &'a Bound<'_, PyAny>) -> &'a Function {
    function_of(function.into()).expect("a Call is made of a decorated function")
}

#[pymethods]
impl Call {
    /// The value kept for the call, as `(value,)` and counted as a hit, or None.
    fn find<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let (cache, asking) = self.cache(py);
        if let Some(Asking { shared, request, .. }) = &asking {
            if let Some(value) = shared.find_fronted(py, request, true)? {
                return in_tuple(py, value).map(Some);
            }
            let found = self.look(py)?;
            if found.is_some() {
                shared.count(Counter::Hits);
            }
            return Ok(found);
        }
        let found = cache.store.lookup_in_python(&self.key.get().borrow(), false, || cache.now());
        match found.map_err(|Raised| PyErr::fetch(py))? {
            Found::Hit(value) => in_tuple(py, value).map(Some),
            Found::Miss(_) => Ok(None),
        }
    }

    /// The value that shared memory has for the call, as `(value,)` and not counted, or None.
    fn look<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let (cache, Some(Asking { shared, request, encoded })) = self.cache(py) else {
            return Ok(None);
        };
        match shared.look(py, cache, &request, encoded, true)? {
            Looked::Found(value) => in_tuple(py, value).map(Some),
            Looked::Absent | Looked::Broken => Ok(None),
        }
    }

    /// Whether memory is shared, so that another process may compute what the call is for.
    #[getter]
    fn is_shared(&self) -> bool {
        self.encoded.is_some()
    }

    /// How many seconds to wait for another process at most.
    #[getter]
    fn flight_timeout(&self, py: Python<'_>) -> f64 {
        let (_, asking) = self.cache(py);
        asking.map_or(0.0, |Asking { shared, .. }| shared.flight_timeout.as_secs_f64())
    }

    /// Claims the computation among all processes, or finds that another has it.
    fn claim(&self, py: Python<'_>) -> Claim {
        let hash = self.encoded.as_ref().map_or(0, |encoded| encoded.hash);
        Claim::new(py, self.function.clone_ref(py), hash)
    }

    /// The present moment.
    fn now(&self, py: Python<'_>) -> Moment {
        Moment(match self.cache(py) {
            (_, Some(Asking { shared, encoded, .. })) => {
                Drawn::Shared(shared.region.ticket(encoded.hash))
            }
            (cache, None) => Drawn::InMemory(cache.store.ticket(self.key.get().hash)),
        })
    }

    /// Whether the key was neither cleared, invalidated nor set since a moment.
    fn unchanged_since(&self, py: Python<'_>, moment: &Moment) -> bool {
        match (self.cache(py), moment.0) {
            ((_, Some(Asking { shared, encoded, .. })), Drawn::Shared(ticket)) => {
                shared.region.is_unchanged(encoded.hash, ticket)
            }
            ((cache, None), Drawn::InMemory(ticket)) => {
                cache.store.is_current(ticket, self.key.get().hash)
            }
            _ => false,
        }
    }

    /// Calls the function itself.
    fn compute<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let function = &cache_of(self.function.bind(py)).wrapped;
        function.as_py().bind(py).call(self.args.bind(py), Some(self.kwargs.bind(py)))
    }

    /// Keeps a value that was computed since a moment; one that is there already stays, unless it
    /// is to be replaced.
    fn keep(
        &self,
        py: Python<'_>,
        value: Bound<'_, PyAny>,
        since: &Moment,
        replace: bool,
    ) -> PyResult<()> {
        match (self.cache(py), since.0) {
            ((cache, Some(Asking { shared, request, encoded })), Drawn::Shared(ticket)) => {
                let if_present =
                    if replace { shm::IfPresent::Replace } else { shm::IfPresent::Keep };
                let value = Owned::from(value);
                let new = NewResult { value: &value, ticket: Some(ticket), if_present };
                shared::keep::keep(py, cache, shared, request.to_key(), encoded, new)
            }
            ((cache, None), Drawn::InMemory(ticket)) => {
                let if_present = if replace { IfPresent::Replace } else { IfPresent::Leave };
                let key = self.key.get().borrow();
                keep(py, cache, &key, value.into(), Some(ticket), if_present)
            }
            _ => Ok(()),
        }
    }

    /// Adds to the statistics.
    #[pyo3(signature = (*, hits = 0, misses = 0, errors = 0, waits = 0))]
    fn count(&self, py: Python<'_>, hits: u64, misses: u64, errors: u64, waits: u64) {
        let (cache, asking) = self.cache(py);
        if let Some(Asking { shared, .. }) = asking {
            let counted = [
                (Counter::Hits, hits),
                (Counter::Misses, misses),
                (Counter::Errors, errors),
                (Counter::Waits, waits),
            ];
            for (counter, by) in counted {
                (0..by).for_each(|_| shared.count(counter));
            }
            return;
        }
        cache.store.count(self.key.get().hash, |stats| {
            stats.hits += hits;
            stats.misses += misses;
            stats.errors += errors;
            stats.waits += waits;
        });
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.function)?;
        visit.call(&self.key)?;
        visit.call(&self.args)?;
        visit.call(&self.kwargs)
    }
}

fn in_tuple(py: Python<'_>, value: Owned) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(py, [value.into_bound(py)])
}
