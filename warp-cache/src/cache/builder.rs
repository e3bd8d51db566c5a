//! How a [`Cache`] is configured.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::cache::Cache;
use crate::clock::{Clock, Time};
use crate::error::Error;
use crate::shard::{Shards, shards_for};
use crate::strategy::{AnyPolicy, Cause, OneStrategy, Policy, Strategy};
use crate::sync::ShardMutex;

/// Is told of every entry that leaves a cache.
pub(super) type OnEvict<K, V> = Box<dyn Fn(&K, &V, Cause) + Send + Sync>;

type TtlBy<V> = Box<dyn Fn(&V) -> Option<Duration> + Send + Sync>;

/// How long entries live.
pub(crate) enum Ttl<V> {
    /// For good.
    Forever,
    /// All equally long.
    Fixed(Duration),
    /// As long as a function of the value says; none for good, zero for not at all.
    By(TtlBy<V>),
}

impl<V> Ttl<V> {
    /// When an entry that is kept at `now` expires; none if it is not to be kept.
    pub(crate) fn deadline(&self, value: &V, now: Time) -> Option<Time> {
        match self {
            Ttl::Forever => Some(Time::NEVER),
            Ttl::Fixed(ttl) => Some(now.after(*ttl)),
            Ttl::By(ttl) => match ttl(value) {
                None => Some(Time::NEVER),
                Some(Duration::ZERO) => None,
                Some(ttl) => Some(now.after(ttl)),
            },
        }
    }
}

/// Configures a [`Cache`]; made by [`Cache::builder`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder<K, V, S = RandomState> {
    pub(crate) plain: Plain,
    ttl: Ttl<V>,
    on_evict: Option<OnEvict<K, V>>,
    hasher: S,
}

/// The options that depend on no type.
pub(crate) struct Plain {
    pub(crate) max_size: Option<usize>,
    pub(crate) shards: Option<usize>,
    strategy: Strategy,
    clock: Option<Clock>,
    single_flight: bool,
}

impl Plain {
    fn new() -> Self {
        Plain {
            max_size: Some(128),
            shards: None,
            strategy: Strategy::Lru,
            clock: None,
            single_flight: false,
        }
    }

    /// The number of shards.
    fn count(&self) -> Result<usize, Error> {
        match self.shards {
            Some(0) => Err(Error::new("shards", "0", "shards hold nothing; it takes at least 1")),
            Some(count) => Ok(count),
            None => Ok(shards_by_cores(self.max_size)),
        }
    }

    /// The clock for entries that live so long, if all do equally.
    fn clock(&mut self, ttl: Option<Duration>, expires: bool) -> Result<Clock, Error> {
        if ttl == Some(Duration::ZERO) {
            let takes = "is no time to live; it takes a duration above zero";
            return Err(Error::new("ttl", "0 s", takes));
        }
        Ok(self.clock.take().unwrap_or_else(|| match ttl {
            None if expires => Clock::Precise,
            None => Clock::Stopped,
            Some(ttl) => Clock::for_ttl(ttl),
        }))
    }
}

impl<K, V> Builder<K, V> {
    pub(crate) fn new() -> Self {
        Builder::with(RandomState::new())
    }
}

impl<K, V, S> Builder<K, V, S> {
    pub(crate) fn with(hasher: S) -> Self {
        Builder { plain: Plain::new(), ttl: Ttl::Forever, on_evict: None, hasher }
    }
}

impl<K, V, S> Builder<K, V, S> {
    /// The most entries that the cache holds, 128 by default. With 0 it keeps nothing.
    pub fn max_size(mut self, max_size: usize) -> Self {
        self.plain.max_size = Some(max_size);
        self
    }

    /// Lets the cache grow without a bound.
    pub fn unbounded(mut self) -> Self {
        self.plain.max_size = None;
        self
    }

    /// Which entry a full cache evicts; [`Strategy::Lru`] by default.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.plain.strategy = strategy;
        self
    }

    /// How long an entry is kept, from its insertion on. More than zero. A ttl of a second and more
    /// is exact to a few milliseconds. Entries do not expire by default, and then no operation
    /// looks at a clock.
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

    /// The clock that a ttl is measured by, for tests: see [`Clock::manual`].
    pub fn clock(mut self, clock: Clock) -> Self {
        self.plain.clock = Some(clock);
        self
    }

    /// The number of independently locked parts, rounded up to a power of two; at least 1. By
    /// default as many as suit size and cores, and 1 for fewer than 4096 entries, as the eviction
    /// order is the strategy's within each part only.
    pub fn shards(mut self, shards: usize) -> Self {
        self.plain.shards = Some(shards);
        self
    }

    /// Whether calls of [`Cache::get_or_insert_with`] for the same key at the same time share one
    /// computation; false by default.
    pub fn single_flight(mut self, single_flight: bool) -> Self {
        self.plain.single_flight = single_flight;
        self
    }

    /// Is told of every entry that leaves the cache, after it has left and outside of locks: its key
    /// (where a value was replaced, one that equals it), its value, and why. It runs in the thread
    /// whose call made the entry leave, before that call returns.
    pub fn on_evict(mut self, on_evict: impl Fn(&K, &V, Cause) + Send + Sync + 'static) -> Self {
        self.on_evict = Some(Box::new(on_evict));
        self
    }

    /// What hashes the keys; std's `RandomState` by default, which resists chosen keys.
    pub fn hasher<T: BuildHasher>(self, hasher: T) -> Builder<K, V, T> {
        let Builder { plain, ttl, on_evict, .. } = self;
        Builder { plain, ttl, on_evict, hasher }
    }

    /// The cache, empty; nothing is allocated in advance for its entries.
    ///
    /// # Errors
    /// If `ttl` is zero or `shards` is 0.
    pub fn build(self) -> Result<Cache<K, V, S>, Error> {
        let strategy = self.plain.strategy;
        self.build_over(|| AnyPolicy::new(strategy))
    }

    /// As [`build`](Self::build), by one strategy known at compile time, which makes a hit some
    /// nanoseconds shorter, and with another lock than the default one.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    #[doc(hidden)]
    pub fn build_for<P: OneStrategy, R: ShardMutex>(
        mut self,
    ) -> Result<Cache<K, V, S, P, R>, Error> {
        self.plain.strategy = P::STRATEGY;
        self.build_over(P::default)
    }

    fn build_over<P: Policy, R: ShardMutex>(
        self,
        policy: impl Fn() -> P,
    ) -> Result<Cache<K, V, S, P, R>, Error> {
        let Builder { mut plain, ttl, on_evict, hasher } = self;
        let (fixed, expires) = match &ttl {
            Ttl::Forever => (None, false),
            Ttl::Fixed(ttl) => (Some(*ttl), true),
            Ttl::By(_) => (None, true),
        };
        let clock = plain.clock(fixed, expires)?;
        let shards = Shards::new(plain.max_size, plain.count()?, policy);
        let Plain { strategy, single_flight, .. } = plain;
        Ok(Cache { shards, strategy, ttl, clock, single_flight, on_evict, hasher })
    }
}

fn shards_by_cores(max_size: Option<usize>) -> usize {
    shards_for(max_size, std::thread::available_parallelism().map_or(1, |cores| cores.get()))
}
