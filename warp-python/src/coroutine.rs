//! Calls of coroutine functions that found no value: the facade's `_async.py` awaits them, and asks
//! the cache through a [`Call`].

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use warp_cache::shard::Ticket;

use crate::control::keep;
use crate::ffi::args::Args;
use crate::ffi::callable::function_of;
use crate::ffi::hash::Raised;
use crate::ffi::object::{Owned, Ref};
use crate::function::Function;
use crate::key::KeyRef;
use crate::key_object::CacheKey;
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
}

/// A moment of a cache; what is computed since is kept if nothing has changed for its key.
#[pyclass(frozen, module = "warp_cache._warp_cache")]
pub(crate) struct Moment(Ticket);

/// The coroutine of a call that found nothing.
pub(crate) fn call(
    py: Python<'_>,
    this: Ref<'_>,
    facade: &Owned,
    key: &KeyRef<'_>,
    args: Args<'_>,
) -> PyResult<Owned> {
    let call = Call::new(py, this, key, args)?;
    Ok(facade.as_py().bind(py).call1((call,))?.into())
}

/// The coroutine that computes and keeps anew.
pub(crate) fn refresh(
    py: Python<'_>,
    this: Ref<'_>,
    key: &KeyRef<'_>,
    args: Args<'_>,
) -> PyResult<Owned> {
    static REFRESH: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let call = Call::new(py, this, key, args)?;
    Ok(REFRESH.import(py, "warp_cache._async", "refresh")?.call1((call,))?.into())
}

impl Call {
    fn new(py: Python<'_>, this: Ref<'_>, key: &KeyRef<'_>, args: Args<'_>) -> PyResult<Self> {
        let function = this.borrow(py).to_owned();
        let style = cache_of(&function).options.style;
        let (args, kwargs) = args.to_objects(py)?;
        Ok(Call {
            function: function.unbind(),
            key: Py::new(py, CacheKey::new(key, style))?,
            args: args.unbind(),
            kwargs: kwargs.unbind(),
        })
    }
}

/// The cache of a decorated function, which is all that a [`Call`] is made of.
fn cache_of<'a>(function: &'a Bound<'_, PyAny>) -> &'a Function {
    function_of(function.into()).expect("a Call is made of a decorated function")
}

#[pymethods]
impl Call {
    /// The value kept for the call, as `(value,)` and counted as a hit, or None.
    fn find<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let cache = cache_of(self.function.bind(py));
        let found = cache.store.lookup_in_python(&self.key.get().borrow(), false, || cache.now());
        match found.map_err(|Raised| PyErr::fetch(py))? {
            Found::Hit(value) => PyTuple::new(py, [value.into_bound(py)]).map(Some),
            Found::Miss(_) => Ok(None),
        }
    }

    /// The present moment.
    fn now(&self, py: Python<'_>) -> Moment {
        Moment(cache_of(self.function.bind(py)).store.ticket(self.key.get().hash))
    }

    /// Whether the key was neither cleared, invalidated nor set since a moment.
    fn unchanged_since(&self, py: Python<'_>, moment: &Moment) -> bool {
        cache_of(self.function.bind(py)).store.is_current(moment.0, self.key.get().hash)
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
        let cache = cache_of(self.function.bind(py));
        let if_present = if replace { IfPresent::Replace } else { IfPresent::Leave };
        let key = self.key.get().borrow();
        keep(py, cache, &key, value.into(), Some(since.0), if_present)
    }

    /// Adds to the statistics.
    #[pyo3(signature = (*, hits = 0, misses = 0, errors = 0, waits = 0))]
    fn count(&self, py: Python<'_>, hits: u64, misses: u64, errors: u64, waits: u64) {
        cache_of(self.function.bind(py)).store.count(self.key.get().hash, |stats| {
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
