//! How a [`SharedCache`] is configured.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SharedCache;
use super::layers::Layers;
use super::open::Request;
use super::shape::shape;
use super::warnings::{Warning, Warnings};
use crate::cache::Ttl;
use crate::error::Error;
use crate::strategy::Strategy;

/// For how long a process waits for another's computation, if nobody says otherwise.
const FLIGHT_TIMEOUT: Duration = Duration::from_secs(5);

/// Configures a [`SharedCache`]; made by [`SharedCache::builder`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct SharedBuilder<K, V> {
    name: String,
    function: String,
    version: String,
    directory: Option<PathBuf>,
    bytes: Option<u64>,
    max_size: Option<usize>,
    strategy: Strategy,
    ttl: Ttl<V>,
    single_flight: bool,
    flight_timeout: Duration,
    key: PhantomData<fn() -> K>,
}

impl<K, V> SharedBuilder<K, V> {
    pub(super) fn new(name: String) -> Self {
        SharedBuilder {
            name,
            function: String::new(),
            version: String::new(),
            directory: None,
            bytes: None,
            max_size: Some(128),
            strategy: Strategy::Lru,
            ttl: Ttl::Forever,
            single_flight: false,
            flight_timeout: FLIGHT_TIMEOUT,
            key: PhantomData,
        }
    }

    /// Another name.
    pub(crate) fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The same for keys of another type.
    pub(crate) fn keyed<T>(self) -> SharedBuilder<T, V> {
        let SharedBuilder { name, function, version, directory, bytes, max_size, .. } = self;
        let SharedBuilder { strategy, ttl, single_flight, flight_timeout, .. } = self;
        SharedBuilder {
            name,
            function,
            version,
            directory,
            bytes,
            max_size,
            strategy,
            ttl,
            single_flight,
            flight_timeout,
            key: PhantomData,
        }
    }

    /// Tells caches of the same name apart whose values mean something else: to be changed with what
    /// computes them. Empty by default.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// How lists of regions call what computes the values, as in `module::function`.
    pub fn function(mut self, function: impl Into<String>) -> Self {
        self.function = function.into();
        self
    }

    /// An existing directory for the region, in a subdirectory that is made; by default the first
    /// that there is of `$XDG_RUNTIME_DIR`, `/dev/shm` and `$TMPDIR`.
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// The region's length, a hard bound that is reserved at once. By default 512 bytes for each
    /// entry, but 4 to 256 MiB, and at least 100 bytes for each: of that many entries there is room
    /// for the small ones, whose key and value have 16 bytes at most, and of larger ones for fewer.
    /// 256 MiB for a cache without `max_size`. A key with its value may have an eighth of it.
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// The most entries that the cache holds, 128 by default. With 0 it keeps nothing.
    pub fn max_size(mut self, max_size: usize) -> Self {
        self.max_size = Some(max_size);
        self
    }

    /// Lets the cache hold as many entries as its bytes have room for.
    pub fn unbounded(mut self) -> Self {
        self.max_size = None;
        self
    }

    /// Which entry a full cache evicts; [`Strategy::Lru`] by default. One whose order processes can
    /// [share](crate::shm::SharedOrder::strategies); `build` refuses the others.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// How long an entry is kept, from its insertion on. More than zero. The time goes on while the
    /// machine sleeps.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Ttl::Fixed(ttl);
        self
    }

    /// Gives each entry its own time to live: what the function says of its value, none for good,
    /// zero for not kept at all.
    pub fn ttl_by(mut self, ttl: impl Fn(&V) -> Option<Duration> + Send + Sync + 'static) -> Self {
        self.ttl = Ttl::By(Box::new(ttl));
        self
    }

    /// Whether calls of [`SharedCache::get_or_insert_with`] for the same key at the same time share
    /// one computation, those of other processes too; false by default.
    pub fn single_flight(mut self, single_flight: bool) -> Self {
        self.single_flight = single_flight;
        self
    }

    /// For how long a call waits for the computation of another process that goes on living, before
    /// it computes for itself; 5 seconds by default.
    pub fn flight_timeout(mut self, flight_timeout: Duration) -> Self {
        self.flight_timeout = flight_timeout;
        self
    }
}

impl<K, V> SharedBuilder<K, V>
where
    K: DeserializeOwned,
    V: Clone + Serialize + DeserializeOwned,
{
    /// The cache, as other processes that ask for the same have left it; empty if there was none.
    ///
    /// # Errors
    /// If an option cannot be, the directory cannot be had or trusted, or there is no room for the
    /// region. A sentence says what was found and what it takes.
    pub fn build(self) -> io::Result<SharedCache<K, V>> {
        if let Ttl::Fixed(Duration::ZERO) = self.ttl {
            let takes = "is no time to live; it takes a duration above zero";
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                Error::new("ttl", "0 s", takes),
            ));
        }
        let region = self.request().open()?;
        let warnings = Warnings::new(&self.name);
        Ok(self.over(region, warnings))
    }

    /// As `build`; where the region cannot be had, a cache of this process alone, with a warning.
    pub(crate) fn build_anyway(self) -> SharedCache<K, V> {
        let warnings = Warnings::new(&self.name);
        let request = self.request();
        let region = request.open().or_else(|error| {
            warnings.say(
                Warning::Private,
                format_args!("is this process's own, as its region cannot be had: {error}"),
            );
            request.private()
        });
        let region = region.unwrap_or_else(|error| {
            unreachable!("the process's own memory takes what the attribute checked: {error}")
        });
        drop(request);
        self.over(region, warnings)
    }

    fn request(&self) -> Request<'_> {
        Request {
            name: &self.name,
            function: &self.function,
            version: &self.version,
            directory: self.directory.as_deref(),
            bytes: self.bytes,
            max_size: self.max_size,
            strategy: self.strategy,
            ttl: match self.ttl {
                Ttl::Fixed(ttl) => Some(ttl),
                Ttl::Forever | Ttl::By(_) => None,
            },
            has_own_ttl: matches!(self.ttl, Ttl::By(_)),
            key: shape::<K>(),
            value: shape::<V>(),
        }
    }

    fn over(self, region: crate::shm::Region, warnings: Warnings) -> SharedCache<K, V> {
        let single_flight = self.single_flight.then_some(self.flight_timeout);
        let layers = Layers::new(region, self.ttl, single_flight, warnings);
        SharedCache { layers, name: self.name, key: PhantomData }
    }
}

impl<K, V> fmt::Debug for SharedBuilder<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}
