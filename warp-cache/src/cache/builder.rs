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
pub(super) enum Ttl<V> {
    /// For good.
    Forever,
    /// All equally long.
    Fixed(Duration),
    /// As long as a function of the value says; none for good, zero for not at all.
    By(TtlBy<V>),
}

impl<V> Ttl<V> {
    /// When an entry that is kept at `now` expires; none if it is not to be kept.
    pub(super) fn deadline(&self, value: &V, now: Time) -> Option<Time> {
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
    max_size: Option<usize>,
    strategy: Strategy,
    ttl: Ttl<V>,
    clock: Option<Clock>,
    shards: Option<usize>,
    single_flight: bool,
    on_evict: Option<OnEvict<K, V>>,
    hasher: S,
}

impl<K, V> Builder<K, V> {
    pub(crate) fn new() -> Self {
        Builder {
            max_size: Some(128),
            strategy: Strategy::Lru,
            ttl: Ttl::Forever,
            clock: None,
            shards: None,
            single_flight: false,
            on_evict: None,
            hasher: RandomState::new(),
        }
    }
}

impl<K, V, S> Builder<K, V, S> {
    /// The most entries that the cache holds, 128 by default. With 0 it keeps nothing.
    pub fn max_size(mut self, max_size: usize) -> Self {
        self.max_size = Some(max_size);
        self
    }

    /// Lets the cache grow without a bound.
    pub fn unbounded(mut self) -> Self {
        self.max_size = None;
        self
    }

    /// Which entry a full cache evicts; [`Strategy::Lru`] by default.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
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
        self.clock = Some(clock);
        self
    }

    /// The number of independently locked parts, rounded up to a power of two; at least 1. By
    /// default as many as suit size and cores, and 1 for fewer than 4096 entries, as the eviction
    /// order is the strategy's within each part only.
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = Some(shards);
        self
    }

    /// Whether calls of [`Cache::get_or_insert_with`] for the same key at the same time share one
    /// computation; false by default.
    pub fn single_flight(mut self, single_flight: bool) -> Self {
        self.single_flight = single_flight;
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
        let Builder { max_size, strategy, ttl, clock, shards, single_flight, on_evict, .. } = self;
        Builder { max_size, strategy, ttl, clock, shards, single_flight, on_evict, hasher }
    }

    /// The cache, empty; nothing is allocated in advance for its entries.
    ///
    /// # Errors
    /// If `ttl` is zero or `shards` is 0.
    pub fn build(self) -> Result<Cache<K, V, S>, Error> {
        let strategy = self.strategy;
        self.build_over(|| AnyPolicy::new(strategy))
    }

    /// As [`build`](Self::build), by one strategy known at compile time, which makes a hit some
    /// nanoseconds shorter, and with another lock than the default one.
    pub(crate) fn build_for<P: OneStrategy, R: ShardMutex>(
        self,
    ) -> Result<Cache<K, V, S, P, R>, Error> {
        self.strategy(P::STRATEGY).build_over(P::default)
    }

    fn build_over<P: Policy, R: ShardMutex>(
        self,
        policy: impl Fn() -> P,
    ) -> Result<Cache<K, V, S, P, R>, Error> {
        if let Ttl::Fixed(Duration::ZERO) = self.ttl {
            return Err(Error::new(
                "ttl",
                "0 s",
                "is no time to live; it takes a duration above zero",
            ));
        }
        if self.shards == Some(0) {
            return Err(Error::new("shards", "0", "shards hold nothing; it takes at least 1"));
        }
        let clock = self.clock.unwrap_or_else(|| match &self.ttl {
            Ttl::Forever => Clock::Stopped,
            Ttl::Fixed(ttl) => Clock::for_ttl(*ttl),
            Ttl::By(_) => Clock::Precise,
        });
        let count = self.shards.unwrap_or_else(|| shards_by_cores(self.max_size));
        Ok(Cache {
            shards: Shards::new(self.max_size, count, policy),
            strategy: self.strategy,
            ttl: self.ttl,
            clock,
            single_flight: self.single_flight,
            on_evict: self.on_evict,
            hasher: self.hasher,
        })
    }
}

fn shards_by_cores(max_size: Option<usize>) -> usize {
    shards_for(max_size, std::thread::available_parallelism().map_or(1, |cores| cores.get()))
}
