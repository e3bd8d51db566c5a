//! A region as the facade sees it: opened, and then handed to a function.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use warp_cache::shm;
use warp_cache::strategy::Strategy;

use super::claim::Tasks;
use super::flight::Flights;
use super::front::Front;
use super::keep::Warned;
use super::met::Met;
use super::{Shared, files};
use crate::encode::Serializer;
use crate::options::{Options, Ttl};

/// The memory of a shared cache, open; `decorate` takes it, once. Boxed, as it has to begin on cache
/// lines of its own, and Python's objects do not.
#[pyclass(frozen, module = "warp_cache._warp_cache")]
pub(crate) struct Region(Mutex<Option<Box<shm::Region>>>);

#[pymethods]
impl Region {
    /// Opens the region, or makes it. `digest` tells it from all others, those of one `family` follow
    /// each other, `name` and `function` are for people. Sizes are in bytes, `ttl` in seconds, and None where each entry has its own.
    #[new]
    #[pyo3(signature = (*, digest, family, name, function, directory, size, max_size, strategy, ttl))]
    #[expect(clippy::too_many_arguments, reason = "one for each that the facade knows")]
    fn open(
        py: Python<'_>,
        digest: &[u8],
        family: &[u8],
        name: &str,
        function: &str,
        directory: Option<PathBuf>,
        size: Option<u64>,
        max_size: Option<usize>,
        strategy: usize,
        ttl: Option<f64>,
    ) -> PyResult<Self> {
        let Some(&strategy) = Strategy::ALL.get(strategy) else {
            return Err(PyValueError::new_err(format!(
                "strategy: there is no strategy {strategy}"
            )));
        };
        let ttl = ttl.and_then(|ttl| Duration::try_from_secs_f64(ttl).ok());
        let wanted =
            Wanted { digest, family, name, function, directory, size, max_size, strategy, ttl };
        let region = files::open(py, &wanted)?;
        Ok(Region(Mutex::new(Some(Box::new(region)))))
    }
}

/// What a region is to be; see [`Region::open`].
pub(super) struct Wanted<'a> {
    pub(super) digest: &'a [u8],
    pub(super) family: &'a [u8],
    pub(super) name: &'a str,
    pub(super) function: &'a str,
    pub(super) directory: Option<PathBuf>,
    pub(super) size: Option<u64>,
    pub(super) max_size: Option<usize>,
    pub(super) strategy: Strategy,
    pub(super) ttl: Option<Duration>,
}

/// What a decorator says of its shared cache.
pub(crate) struct Limits {
    pub(crate) serializer: Serializer,
    pub(crate) max_key_size: Option<usize>,
    pub(crate) max_value_size: Option<usize>,
    pub(crate) flight_timeout: Duration,
}

impl Region {
    /// Takes the region for one function.
    pub(crate) fn share(
        &self,
        options: &Options,
        limits: Limits,
        shards: usize,
    ) -> PyResult<Shared> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(region) = taken else {
            return Err(PyRuntimeError::new_err("region: another function has it already"));
        };
        let geometry = region.geometry();
        let (capacity, largest) = (geometry.capacity(), geometry.limit());
        let at_most = |limit: Option<usize>| limit.unwrap_or(usize::MAX).min(largest);
        Ok(Shared {
            front: Front::new(options.max_size.unwrap_or(capacity).min(capacity), shards),
            met: Met::new(capacity),
            region: *region,
            flights: Flights::default(),
            tasks: Tasks::default(),
            serializer: limits.serializer,
            max_key_size: at_most(limits.max_key_size),
            max_value_size: at_most(limits.max_value_size),
            flight_timeout: limits.flight_timeout,
            expires: !matches!(options.ttl, Ttl::Forever),
            warned: Warned::default(),
        })
    }
}
