//! [`Cache`], the engine's public type for Rust.

mod builder;
mod compute;
mod join;
mod refresh;

use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};

pub use builder::Builder;
use builder::OnEvict;
pub(crate) use builder::Ttl;
pub(crate) use compute::{Begun, Computation, Handle, Missed, look_up};
pub(crate) use join::Joining;
pub(crate) use refresh::Refresh;

use crate::clock::{Clock, Time};
use crate::key::Equivalent;
use crate::shard::{Shard, Shards};
use crate::stats::Info;
use crate::store::{Bag, Entry, Lookup};
use crate::strategy::{AnyPolicy, Policy, Strategy};
use crate::sync::{DefaultLock, ShardMutex};

/// A bounded map from keys to values for many threads, which evicts by a [`Strategy`] and forgets
/// after a time to live.
///
/// Values are handed out as clones: put what is costly to clone into an `Arc`. Hashing and every
/// drop happen outside of locks; `Eq` of keys and `Clone` of values may run inside one, so they
/// must not use the same cache. They may panic without harm.
///
/// Each hit locks here, whichever the strategy is, as it is chosen at run time: keys and values have
/// to be `Send` and no more. Functions with
/// [`#[warp_cache(strategy = Fifo)]`](macro@crate::warp_cache) hit side by side, and ask for `Sync`.
///
/// Each operation costs O(1), and O(log n) where entries expire at times that vary. `S` hashes the
/// keys, `P` chooses the victims, `R` is the lock of each part.
pub struct Cache<K, V, S = RandomState, P: Policy = AnyPolicy, R: ShardMutex = DefaultLock> {
    shards: Shards<P, K, V, R>,
    strategy: Strategy,
    ttl: Ttl<V>,
    clock: Clock,
    single_flight: bool,
    on_evict: Option<OnEvict<K, V>>,
    hasher: S,
}

/// Says whether a key is absent.
type Prepare<'a, P, K, V> =
    &'a mut dyn FnMut(&mut Shard<P, K, V>, &mut Option<Entry<K, V>>, &mut Bag<K, V>) -> bool;

impl<K, V> Cache<K, V> {
    /// A cache for at most `max_size` entries, by LRU and without a ttl.
    pub fn new(max_size: usize) -> Self {
        let built = Self::builder().max_size(max_size).build();
        built.unwrap_or_else(|error| unreachable!("the defaults are valid: {error}"))
    }

    /// Configures a cache.
    pub fn builder() -> Builder<K, V> {
        Builder::new()
    }
}

impl<K, V, S, P: Policy, R: ShardMutex> Cache<K, V, S, P, R> {
    /// How many entries there are, those included that have expired and were not met since; never
    /// more than `max_size`.
    pub fn len(&self) -> usize {
        self.shards.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most entries that the cache holds, none without a bound.
    pub fn max_size(&self) -> Option<usize> {
        self.shards.max_size()
    }

    /// Which entry the cache evicts when it is full.
    pub fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// What was counted since the cache was made or cleared.
    pub fn info(&self) -> Info {
        self.shards.info()
    }

    /// Drops every entry and starts the statistics again. What was being computed meanwhile is
    /// returned to its callers and not kept.
    pub fn clear(&self) {
        let cleared = self.shards.clear();
        if let Some(on_evict) = &self.on_evict {
            for (contents, _) in &cleared {
                contents.tell(on_evict);
            }
        }
        drop(cleared);
    }

    /// Drops what left the cache. Not under a lock.
    #[inline]
    fn release(&self, bag: Bag<K, V>) {
        self.tell(&bag);
        drop(bag);
    }

    /// Tells of what left the cache. Not under a lock.
    #[inline]
    fn tell(&self, bag: &Bag<K, V>) {
        if let Some(on_evict) = &self.on_evict {
            bag.tell(on_evict);
        }
    }

    /// Checks the whole structure. For tests; O(n).
    ///
    /// # Panics
    /// If it is damaged, which is a bug, or if other threads are using it meanwhile.
    pub fn validate(&self) {
        self.shards.validate();
    }

    /// Clones of all live entries, in no particular order and at no single moment: each part of the
    /// cache is copied at once, under its lock.
    pub fn iter(&self) -> impl Iterator<Item = (K, V)>
    where
        K: Clone,
        V: Clone,
    {
        let now = self.clock.now();
        self.shards.lock_all().flat_map(move |shard| {
            let live = shard.store.entries().filter(|entry| now < entry.deadline);
            live.map(|entry| (entry.key.clone(), entry.value.clone())).collect::<Vec<_>>()
        })
    }
}

impl<K, V, S, P, R> Cache<K, V, S, P, R>
where
    K: Hash + Eq,
    V: Clone,
    S: BuildHasher,
    P: Policy,
    R: ShardMutex,
{
    /// The value kept for `key`, as a use of it; counts a hit or a miss.
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        Q: ?Sized + Hash + Equivalent<K>,
    {
        let hash = self.hasher.hash_one(key);
        let now = self.clock.now();
        let is_key = |other: &K| key.equivalent(other);
        if let Some(value) = self.shards.look(hash, now, is_key, V::clone) {
            return Some(value);
        }
        let mut shard = self.shards.lock(hash);
        match shard.store.hit(hash, now, is_key, V::clone) {
            Lookup::Live(value) => {
                self.shards.unlock_after_hit(hash, shard);
                Some(value)
            }
            found => {
                self.miss(shard, found);
                None
            }
        }
    }

    /// The value kept for `key`; neither a use nor counted.
    pub fn peek<Q>(&self, key: &Q) -> Option<V>
    where
        Q: ?Sized + Hash + Equivalent<K>,
    {
        let hash = self.hasher.hash_one(key);
        let now = self.clock.now();
        self.shards.lock(hash).store.peek(hash, now, |other| key.equivalent(other)).cloned()
    }

    /// Whether a value is kept for `key`; neither a use nor counted.
    pub fn contains<Q>(&self, key: &Q) -> bool
    where
        Q: ?Sized + Hash + Equivalent<K>,
    {
        let hash = self.hasher.hash_one(key);
        let now = self.clock.now();
        self.shards.lock(hash).store.peek(hash, now, |other| key.equivalent(other)).is_some()
    }

    /// Keeps `value` for `key` and returns the live value that it replaces, if any, which counts as
    /// a use. What is being computed for the key is not kept over it. A value to which `ttl_by`
    /// gives no time only drops what was kept for the key.
    pub fn insert(&self, key: K, value: V) -> Option<V> {
        let hash = self.hasher.hash_one(&key);
        let now = self.clock.now();
        let Some(deadline) = self.ttl.deadline(&value, now) else {
            self.invalidate(&key);
            return None;
        };
        let mut new = Some(Entry { hash, deadline, key, value });
        let prepare: Prepare<'_, P, K, V> = &mut |shard, new, bag| {
            shard.change(hash);
            self.put(shard, new, now, bag)
        };
        let bag = self.place(hash, &mut new, now, prepare);
        self.tell(&bag);
        bag.into_replaced()
    }

    /// Drops the entry of `key`; returns whether there was a live one. What is being computed for
    /// the key is returned to its callers and not kept.
    pub fn invalidate<Q>(&self, key: &Q) -> bool
    where
        Q: ?Sized + Hash + Equivalent<K>,
    {
        let hash = self.hasher.hash_one(key);
        let now = self.clock.now();
        let mut bag = Bag::default();
        let mut detached = None;
        let mut shard = self.shards.lock(hash);
        shard.change(hash);
        if let Some(flight) = shard.flights.find(hash, |other| key.equivalent(other)).cloned() {
            detached = shard.flights.remove(&flight).map(|key| (key, flight));
        }
        let room = self.shards.room();
        let found =
            shard.store.discard_key(hash, now, room, &mut bag, |other| key.equivalent(other));
        drop(shard);
        drop(detached);
        self.release(bag);
        found
    }

    /// Inserts what is in `new`; `prepare` says under the lock whether its key is absent. Compiled for
    /// a computation that is kept, where a call less is a tenth, and once for all else: it is large.
    fn place(
        &self,
        hash: u64,
        new: &mut Option<Entry<K, V>>,
        now: Time,
        mut prepare: impl FnMut(&mut Shard<P, K, V>, &mut Option<Entry<K, V>>, &mut Bag<K, V>) -> bool,
    ) -> Bag<K, V> {
        let mut bag = Bag::default();
        let Ok(()) = self.shards.insert(hash, new, now, &mut bag, |shard, new, bag| {
            Ok::<_, std::convert::Infallible>(prepare(shard, new, bag))
        });
        bag
    }
}

impl<K, V, S, P: Policy, R: ShardMutex> fmt::Debug for Cache<K, V, S, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("strategy", &self.strategy)
            .field("info", &self.info())
            .finish()
    }
}
