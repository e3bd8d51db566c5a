//! How a function is cached. The facade has checked what it hands over.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDelta, PyDeltaAccess, PyDict};
use warp_cache::clock::{Clock, Time};

use crate::ffi::object::Owned;
use crate::ignore::Ignore;
use crate::key::KeyStyle;

/// What a call that misses does.
pub(crate) enum Mode {
    /// Computes.
    Direct,
    /// Computes, or waits for another thread that does.
    Flight,
    /// Returns a coroutine that the facade's function makes.
    Async(Owned),
}

pub(crate) struct Options {
    pub(crate) mode: Mode,
    /// Whether keys are all of the arguments and their types do not matter: the usual case, for
    /// which the shortest path is.
    pub(crate) is_plain: bool,
    pub(crate) style: KeyStyle,
    pub(crate) max_size: Option<usize>,
    pub(crate) key: Option<Owned>,
    pub(crate) ignore: Option<Ignore>,
    pub(crate) cache_if: Option<Owned>,
    pub(crate) ttl: Ttl,
    pub(crate) clock: PyClock,
    /// Attributes by which a coroutine function is known, as a dict.
    pub(crate) markers: Option<Owned>,
    /// What `cache_parameters` returns a copy of.
    pub(crate) parameters: Owned,
}

impl Options {
    /// Whether keys are all of the arguments.
    pub(crate) fn takes_all_arguments(&self) -> bool {
        self.key.is_none() && self.ignore.is_none()
    }

    pub(crate) fn keeps_nothing(&self) -> bool {
        self.max_size == Some(0)
    }

    /// Whether calls have nothing in common: nothing is kept, and none waits for another.
    pub(crate) fn needs_no_key(&self) -> bool {
        self.keeps_nothing() && self.key.is_none() && matches!(self.mode, Mode::Direct)
    }

    /// Whether every value is kept, and does not expire.
    #[inline]
    pub(crate) fn keeps_for_ever(&self) -> bool {
        self.cache_if.is_none() && matches!(self.ttl, Ttl::Forever)
    }

    pub(crate) fn visit(&self, visitor: &mut dyn FnMut(*mut ffi::PyObject)) {
        let ttl = match &self.ttl {
            Ttl::By(ttl) => Some(ttl),
            _ => None,
        };
        let facade = match &self.mode {
            Mode::Async(facade) => Some(facade),
            _ => None,
        };
        let optional = [&self.key, &self.cache_if, &self.markers].into_iter().flatten();
        for object in optional.chain(ttl).chain(facade) {
            visitor(object.as_ref().as_ptr());
        }
        visitor(self.parameters.as_ref().as_ptr());
    }
}

impl Options {
    /// One of the attributes by which a coroutine function is known.
    pub(crate) fn marker(
        &self,
        py: Python<'_>,
        name: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Owned>> {
        let Some(markers) = &self.markers else { return Ok(None) };
        let marker = markers.as_py().bind(py).cast::<PyDict>()?.get_item(name)?;
        Ok(marker.map(Owned::from))
    }
}

/// How long results are kept.
pub(crate) enum Ttl {
    Forever,
    Fixed(Duration),
    /// As long as a callable says of each.
    By(Owned),
}

impl Ttl {
    /// When a result that is kept at `now` expires; none if it is not to be kept.
    pub(crate) fn deadline(
        &self,
        py: Python<'_>,
        value: &Owned,
        now: Time,
    ) -> PyResult<Option<Time>> {
        match self {
            Ttl::Forever => Ok(Some(Time::NEVER)),
            Ttl::Fixed(ttl) => Ok(Some(now.after(*ttl))),
            Ttl::By(ttl) => {
                let seconds = ttl.call(py, &[value.as_ref()])?;
                deadline_after(py, seconds.as_py().bind(py), now)
            }
        }
    }
}

/// Reads what a ttl callable returned.
fn deadline_after(py: Python<'_>, seconds: &Bound<'_, PyAny>, now: Time) -> PyResult<Option<Time>> {
    if seconds.is_none() {
        return Ok(Some(Time::NEVER));
    }
    let seconds = if let Ok(delta) = seconds.cast::<PyDelta>() {
        let days = f64::from(delta.get_days());
        let micros = f64::from(delta.get_microseconds());
        days * 86_400.0 + f64::from(delta.get_seconds()) + micros / 1e6
    } else {
        seconds.extract::<f64>().or_else(|error| {
            if error.is_instance_of::<PyOverflowError>(py) {
                return Ok(f64::INFINITY);
            }
            if !error.is_instance_of::<PyTypeError>(py) {
                return Err(error);
            }
            Err(PyTypeError::new_err(format!(
                "ttl: the callable returned {}, and has to return seconds, a timedelta or None",
                seconds.get_type().name().map_or_else(|_| "?".into(), |name| name.to_string()),
            )))
        })?
    };
    if seconds.is_nan() || seconds <= 0.0 {
        return Ok(None);
    }
    Ok(Some(Duration::try_from_secs_f64(seconds).map_or(Time::NEVER, |ttl| now.after(ttl))))
}

/// The clock of a cache, and what tests have put it forward by.
pub(crate) struct PyClock(Clock);

static ADVANCED: AtomicU64 = AtomicU64::new(0);

impl PyClock {
    pub(crate) fn for_ttl(ttl: &Ttl) -> Self {
        PyClock(match ttl {
            Ttl::Forever => Clock::Stopped,
            Ttl::Fixed(ttl) => Clock::for_ttl(*ttl),
            Ttl::By(_) => Clock::Precise,
        })
    }

    #[inline]
    pub(crate) fn now(&self) -> Time {
        if let Clock::Stopped = self.0 { Time::ZERO } else { self.read() }
    }

    #[inline(never)]
    fn read(&self) -> Time {
        Time::from_nanos(self.0.now().as_nanos() + advanced())
    }
}

/// By how many nanoseconds tests have put the clocks forward.
#[inline]
pub(crate) fn advanced() -> u64 {
    ADVANCED.load(Ordering::Relaxed)
}

/// Puts the clocks of all caches in this process forward, by seconds: for tests.
#[pyfunction]
pub(crate) fn _advance_clock(seconds: f64) {
    ADVANCED.fetch_add((seconds * 1e9) as u64, Ordering::Relaxed);
}
