//! The Python face of warp_cache: the module `warp_cache._warp_cache`.
//!
//! The facade in `python/warp_cache` checks a decorator's arguments and calls `decorate`. A call
//! of what that returns goes through `function.rs`, to the stores of `store.rs`, by keys of
//! `key.rs`; `ffi` is the fast path into CPython, and the only place with unsafe code.

mod asked;
mod control;
mod coroutine;
mod encode;
mod ffi;
mod flight;
mod function;
mod ignore;
mod key;
mod key_object;
mod options;
mod record;
mod shared;
mod simulate;
mod store;

use std::sync::OnceLock;
use std::time::Duration;

use pyo3::exceptions::{PyImportError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use warp_cache::shard::shards_for;
use warp_cache::strategy::Strategy;

use encode::Serializer;
use ffi::object::Owned;
use function::Function;
use ignore::{Ignore, IgnoreTuple};
use key::KeyStyle;
use options::{Mode, Options, PyClock, Ttl};
use shared::region::{Limits, Region};
use store::StrategyEnum;

/// Decorates a function; the facade has checked the arguments.
///
/// `ttl` is in nanoseconds, or a callable; `ignore` is what `Ignore` holds; `awaiter` makes the
/// coroutine of a call of a coroutine function that misses, `markers` are attributes of one. With a `region` memory is shared, and what
/// follows it counts: sizes are in bytes, the timeout in seconds.
#[pyfunction]
#[pyo3(signature = (
    wrapped, *, strategy, max_size, ttl, typed, ordered, key, ignore, cache_if, single_flight,
    awaiter, markers, parameters, region, exact, max_key_size, max_value_size, flight_timeout
))]
#[expect(clippy::too_many_arguments, reason = "one for each of the decorator's")]
fn decorate<'py>(
    py: Python<'py>,
    wrapped: Bound<'py, PyAny>,
    strategy: usize,
    max_size: Option<usize>,
    ttl: Option<Bound<'py, PyAny>>,
    typed: bool,
    ordered: bool,
    key: Option<Bound<'py, PyAny>>,
    ignore: Option<IgnoreTuple>,
    cache_if: Option<Bound<'py, PyAny>>,
    single_flight: bool,
    awaiter: Option<Bound<'py, PyAny>>,
    markers: Option<Bound<'py, PyDict>>,
    parameters: Bound<'py, PyDict>,
    region: Option<PyRef<'py, Region>>,
    exact: bool,
    max_key_size: Option<usize>,
    max_value_size: Option<usize>,
    flight_timeout: f64,
) -> PyResult<Bound<'py, PyAny>> {
    let Some(&strategy) = Strategy::ALL.get(strategy) else {
        return Err(PyValueError::new_err(format!("strategy: there is no strategy {strategy}")));
    };
    let ttl = match ttl {
        None => Ttl::Forever,
        Some(ttl) if ttl.is_callable() => Ttl::By(ttl.into()),
        Some(nanos) => Ttl::Fixed(Duration::from_nanos(nanos.extract()?)),
    };
    let ignore = ignore.map(Ignore::from);
    let mode = match awaiter {
        Some(awaiter) => Mode::Async(awaiter.into()),
        None if single_flight => Mode::Flight,
        None => Mode::Direct,
    };
    // With a GIL, threads that are attached exclude each other anyway.
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let shards = if cfg!(Py_GIL_DISABLED) { shards_for(max_size, cores) } else { 1 };
    let options = Options {
        mode,
        is_plain: key.is_none() && ignore.is_none() && !typed && max_size != Some(0),
        style: KeyStyle { typed, ordered },
        max_size,
        key: key.map(Owned::from),
        ignore,
        cache_if: cache_if.map(Owned::from),
        clock: PyClock::for_ttl(&ttl),
        ttl,
        markers: markers.map(|markers| markers.into_any().into()),
        parameters: parameters.into_any().into(),
    };
    let limits = Limits {
        serializer: if exact { Serializer::Exact } else { Serializer::Pickle },
        max_key_size,
        max_value_size,
        flight_timeout: Duration::from_secs_f64(flight_timeout),
    };
    let shared = match region {
        Some(region) => Some(Box::new(region.share(&options, limits, shards)?)),
        None => None,
    };
    let store = StrategyEnum::new(strategy, max_size, shards);
    let log = OnceLock::new();
    ffi::callable::new(py, Function { wrapped: wrapped.into(), store, options, shared, log })
}

/// To be called in a child process right after a fork.
#[pyfunction]
fn _forked() {
    warp_cache::flight::forked();
    record::forked();
}

/// The engine's strategies: their names, in the order of their numbers.
#[pyfunction]
fn strategies() -> Vec<&'static str> {
    Strategy::ALL.iter().map(|strategy| strategy.name()).collect()
}

#[pymodule(gil_used = false)]
fn _warp_cache(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    if !ffi::types::is_main_interpreter(py) {
        return Err(PyImportError::new_err("warp_cache works in the main interpreter only"));
    }
    module.add("CachedFunction", ffi::callable::make_type(py)?)?;
    module.add("BoundCachedFunction", ffi::bound::make_type(py)?)?;
    module.add("Ready", ffi::ready::make_type(py)?)?;
    module.add_class::<key_object::CacheKey>()?;
    module.add_class::<coroutine::Call>()?;
    module.add_class::<coroutine::Moment>()?;
    module.add_class::<shared::claim::Claim>()?;
    module.add_class::<Region>()?;
    module.add_class::<record::recording::Recording>()?;
    module.add_function(wrap_pyfunction!(record::program::_record_program, module)?)?;
    module.add_function(wrap_pyfunction!(record::program::_record_decorated, module)?)?;
    module.add_function(wrap_pyfunction!(record::program::_finish_program, module)?)?;
    module.add_class::<simulate::Trace>()?;
    module.add_class::<simulate::Curves>()?;
    module.add_function(wrap_pyfunction!(simulate::open_recording, module)?)?;
    module.add_function(wrap_pyfunction!(simulate::read_recording, module)?)?;
    module.add("ENCODING", encode::VERSION)?;
    module.add_function(wrap_pyfunction!(shared::files::regions, module)?)?;
    module.add_function(wrap_pyfunction!(shared::files::clear_region, module)?)?;
    module.add_function(wrap_pyfunction!(shared::files::remove_region, module)?)?;
    module.add_function(wrap_pyfunction!(shared::files::remove_stale_regions, module)?)?;
    module.add_function(wrap_pyfunction!(decorate, module)?)?;
    module.add_function(wrap_pyfunction!(strategies, module)?)?;
    module.add_function(wrap_pyfunction!(_forked, module)?)?;
    module.add("_ENCODING_VERSION", encode::VERSION)?;
    module.add_function(wrap_pyfunction!(encode::expose::_encode, module)?)?;
    module.add_function(wrap_pyfunction!(encode::expose::_decode, module)?)?;
    module.add_function(wrap_pyfunction!(encode::expose::_encode_key, module)?)?;
    module.add_function(wrap_pyfunction!(options::_advance_clock, module)?)
}
