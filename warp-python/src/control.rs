//! The controls of a decorated function: `cache_info()`, `cache_get(..)` and so on.

use std::ffi::CStr;
use std::path::PathBuf;

use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::ffi as python;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use warp_cache::shard::Ticket;

use crate::coroutine;
use crate::ffi::args::{Args, Parts};
use crate::ffi::hash::Raised;
use crate::ffi::object::{Owned, Ref};
use crate::ffi::{bound, callable};
use crate::function::Function;
use crate::key::KeyRef;
use crate::key_object::CacheKey;
use crate::options::Mode;
use crate::record::recording::Recording;
use crate::shared::request::{Request, with_request};
use crate::shared::{self, Shared};
use crate::store::{IfPresent, NewValue};

/// A control, as a type: so that each is a C function of its own.
pub(crate) trait Operation {
    /// Where a bound method puts its instance among the arguments; none where it is not needed.
    const INSTANCE_AT: Option<usize> = Some(0);

    fn run(py: Python<'_>, this: Ref<'_>, function: &Function, args: Args<'_>) -> PyResult<Owned>;
}

type Entry = (&'static CStr, python::PyCFunctionFastWithKeywords, &'static CStr);

macro_rules! controls {
    ($($name:literal $Operation:ident $doc:literal,)*) => {
        /// The methods of a decorated function.
        pub(crate) const METHODS: &[Entry] = &[$(($name, callable::control::<$Operation>, $doc),)*];
        /// The same of a bound one.
        pub(crate) const BOUND_METHODS: &[Entry] = &[$(($name, bound::control::<$Operation>, $doc),)*];
    };
}

controls! {
    c"cache_contains" Contains
        c"cache_contains($self, /, *args, **kwargs)\n--\n\nWhether a live entry exists for this call. Touches neither order nor statistics.",
    c"cache_get" Get
        c"cache_get($self, /, *args, **kwargs)\n--\n\nThe value kept for this call; raises KeyError if there is none. Touches neither order nor statistics.",
    c"cache_set" Set
        c"cache_set($self, value, /, *args, **kwargs)\n--\n\nKeep a value for this call, whatever cache_if says; it counts as a use.",
    c"cache_invalidate" Invalidate
        c"cache_invalidate($self, /, *args, **kwargs)\n--\n\nDrop the entry of this call; return whether there was a live one.",
    c"cache_refresh" Refresh
        c"cache_refresh($self, /, *args, **kwargs)\n--\n\nCompute and keep anew, and return the result. If it raises, the old entry stays.",
    c"cache_key" MakeKey
        c"cache_key($self, /, *args, **kwargs)\n--\n\nThe key of this call, as the cache builds it.",
    c"cache_info" GetInfo
        c"cache_info($self, /)\n--\n\nThe statistics, as a CacheInfo.",
    c"cache_clear" Clear
        c"cache_clear($self, /)\n--\n\nDrop every entry and start the statistics again. What is being computed is not kept.",
    c"cache_parameters" Parameters
        c"cache_parameters($self, /)\n--\n\nHow the cache was configured, as a new dict.",
    c"cache_record" Record
        c"cache_record($self, /, path=None)\n--\n\nRecord the calls made in a with block, for advise: to memory, or to a file.",
}

pub(crate) struct Contains;
impl Operation for Contains {
    fn run(py: Python<'_>, _: Ref<'_>, function: &Function, args: Args<'_>) -> PyResult<Owned> {
        let value = match &function.shared {
            Some(shared) => with_request(py, function, args, |request| {
                shared::control::peek(py, function, shared, request)
            }),
            None => function.with_key(py, args, |key| peek(py, function, key)),
        };
        boolean(py, value?.is_some())
    }
}

pub(crate) struct Get;
impl Operation for Get {
    fn run(py: Python<'_>, _: Ref<'_>, function: &Function, args: Args<'_>) -> PyResult<Owned> {
        if let Some(shared) = &function.shared {
            return with_request(py, function, args, |request| {
                match shared::control::peek(py, function, shared, request)? {
                    Some(value) => Ok(value),
                    None => Err(key_error(py, request_object(py, function, shared, request)?)?),
                }
            });
        }
        function.with_key(py, args, |key| match peek(py, function, key)? {
            Some(value) => Ok(value),
            None => Err(key_error(py, key_object(py, function, key)?)?),
        })
    }
}

pub(crate) struct Set;
impl Operation for Set {
    const INSTANCE_AT: Option<usize> = Some(1);

    fn run(py: Python<'_>, _: Ref<'_>, function: &Function, args: Args<'_>) -> PyResult<Owned> {
        let Some((value, args)) = args.split_first() else {
            return Err(PyTypeError::new_err(
                "cache_set() needs the value to keep as its first argument",
            ));
        };
        let value = value.counted();
        if let Some(shared) = &function.shared {
            shared::control::set(py, function, shared, args, &value)?;
            return none(py);
        }
        function.with_key(py, args, |key| keep(py, function, key, value, None, IfPresent::Set))?;
        none(py)
    }
}

pub(crate) struct Invalidate;
impl Operation for Invalidate {
    fn run(py: Python<'_>, _: Ref<'_>, function: &Function, args: Args<'_>) -> PyResult<Owned> {
        let was_live = match &function.shared {
            Some(shared) => shared::control::invalidate(py, function, shared, args),
            None => function.with_key(py, args, |key| {
                function.store.remove(key, function.now()).map_err(|Raised| PyErr::fetch(py))
            }),
        };
        boolean(py, was_live?)
    }
}

pub(crate) struct Refresh;
impl Operation for Refresh {
    fn run(py: Python<'_>, this: Ref<'_>, function: &Function, args: Args<'_>) -> PyResult<Owned> {
        if let Some(shared) = &function.shared {
            return shared::control::refresh(py, this, function, shared, args);
        }
        function.with_key(py, args, |key| {
            if let Mode::Async(_) = &function.options.mode {
                return coroutine::refresh(py, this, key, args);
            }
            let ticket = function.store.ticket(key.hash);
            let value = args.call(py, &function.wrapped)?;
            keep(py, function, key, value.clone(), Some(ticket), IfPresent::Replace)?;
            Ok(value)
        })
    }
}

pub(crate) struct MakeKey;
impl Operation for MakeKey {
    fn run(py: Python<'_>, _: Ref<'_>, function: &Function, args: Args<'_>) -> PyResult<Owned> {
        if let Some(shared) = &function.shared {
            return with_request(py, function, args, |request| {
                request_object(py, function, shared, request).map(Owned::from)
            });
        }
        function.with_key(py, args, |key| key_object(py, function, key).map(Owned::from))
    }
}

pub(crate) struct GetInfo;
impl Operation for GetInfo {
    const INSTANCE_AT: Option<usize> = None;

    fn run(py: Python<'_>, _: Ref<'_>, function: &Function, args: Args<'_>) -> PyResult<Owned> {
        takes_nothing("cache_info", args)?;
        let info = match &function.shared {
            Some(shared) => shared.info(),
            None => function.store.info(),
        };
        let counts = (info.hits, info.misses, info.max_size, info.len);
        let more = (info.evictions, info.expirations, info.errors, info.waits);
        let (hits, misses, max_size, len) = counts;
        let (evictions, expirations, errors, waits) = more;
        static CACHE_INFO: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let made = CACHE_INFO.import(py, "warp_cache._types", "CacheInfo")?.call1((
            hits,
            misses,
            max_size,
            len,
            evictions,
            expirations,
            errors,
            waits,
        ))?;
        Ok(made.into())
    }
}

pub(crate) struct Clear;
impl Operation for Clear {
    const INSTANCE_AT: Option<usize> = None;

    fn run(py: Python<'_>, _: Ref<'_>, function: &Function, args: Args<'_>) -> PyResult<Owned> {
        takes_nothing("cache_clear", args)?;
        function.clear();
        none(py)
    }
}

pub(crate) struct Parameters;
impl Operation for Parameters {
    const INSTANCE_AT: Option<usize> = None;

    fn run(py: Python<'_>, _: Ref<'_>, function: &Function, args: Args<'_>) -> PyResult<Owned> {
        takes_nothing("cache_parameters", args)?;
        Ok(function.options.parameters.as_py().bind(py).cast::<PyDict>()?.copy()?.into_any().into())
    }
}

pub(crate) struct Record;
impl Operation for Record {
    const INSTANCE_AT: Option<usize> = None;

    fn run(py: Python<'_>, this: Ref<'_>, _: &Function, args: Args<'_>) -> PyResult<Owned> {
        let Parts { positional, values, names } = args.parts();
        let path = match (positional, names) {
            ([], []) => None,
            ([path], []) => Some(*path),
            ([], [name]) if name.as_str() == Some("path") => Some(values[0]),
            _ => {
                return Err(PyTypeError::new_err(
                    "cache_record() takes one argument at most: path, the name of a file",
                ));
            }
        };
        let path = path.map(|path| path.borrow(py)).filter(|path| !path.is_none());
        let path = match path {
            None => None,
            Some(path) => Some(path.extract::<PathBuf>().map_err(|_| {
                PyTypeError::new_err(format!(
                    "path: got {path:?}; it takes the name of a file as a str or a Path, or None"
                ))
            })?),
        };
        let recording = Recording::new(this.borrow(py).to_owned().unbind(), path);
        Ok(Bound::new(py, recording)?.into_any().into())
    }
}

/// What a decorated function prints as.
pub(crate) fn repr(py: Python<'_>, function: &Function) -> PyResult<Owned> {
    let wrapped = function.wrapped.as_py().bind(py).repr()?;
    Ok(pyo3::types::PyString::new(py, &format!("<warp_cache.cache of {wrapped}>"))
        .into_any()
        .into())
}

fn peek(py: Python<'_>, function: &Function, key: &KeyRef<'_>) -> PyResult<Option<Owned>> {
    function.store.peek(key, function.now()).map_err(|Raised| PyErr::fetch(py))
}

/// Keeps a value for a call.
pub(crate) fn keep(
    py: Python<'_>,
    function: &Function,
    key: &KeyRef<'_>,
    value: Owned,
    ticket: Option<Ticket>,
    if_present: IfPresent,
) -> PyResult<()> {
    let new = NewValue { key: key.to_key(), hash: key.hash, value, ticket, if_present };
    function.keep(new).map_err(|Raised| PyErr::fetch(py))
}

/// That nothing is kept for a key.
fn key_error(py: Python<'_>, key: Bound<'_, PyAny>) -> PyResult<PyErr> {
    Ok(PyErr::from_value(py.get_type::<PyKeyError>().call1((key,))?))
}

/// The key for a user to see: what `key` returned, or the arguments as the cache sees them.
fn key_object<'py>(
    py: Python<'py>,
    function: &Function,
    key: &KeyRef<'_>,
) -> PyResult<Bound<'py, PyAny>> {
    match key.single() {
        Some(object) if function.options.key.is_some() => Ok(object.borrow(py).to_owned()),
        _ => Ok(Bound::new(py, CacheKey::new(key, function.options.style))?.into_any()),
    }
}

/// The same where memory is shared.
fn request_object<'py>(
    py: Python<'py>,
    function: &Function,
    shared: &Shared,
    request: &Request<'_>,
) -> PyResult<Bound<'py, PyAny>> {
    match request.key.single() {
        Some(object) if function.options.key.is_some() => Ok(object.borrow(py).to_owned()),
        _ => {
            let key = request.to_object(py, shared, function.options.style)?;
            Ok(Bound::new(py, key)?.into_any())
        }
    }
}

fn takes_nothing(name: &str, args: Args<'_>) -> PyResult<()> {
    let parts = args.parts();
    if parts.positional.is_empty() && parts.names.is_empty() {
        return Ok(());
    }
    Err(PyTypeError::new_err(format!("{name}() takes no arguments")))
}

fn boolean(py: Python<'_>, value: bool) -> PyResult<Owned> {
    Ok(pyo3::types::PyBool::new(py, value).to_owned().into_any().into())
}

fn none(py: Python<'_>) -> PyResult<Owned> {
    Ok(py.None().into_bound(py).into())
}
