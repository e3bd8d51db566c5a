//! Look up or compute: by every caller for itself, or by one for all who wait.

use std::convert::Infallible;
use std::hash::{BuildHasher, Hash};

use super::join::Joining;
use crate::cache::Cache;
use crate::clock::Time;
use crate::flight::{Flight, Running};
use crate::key::{Given, Lookup};
use crate::shard::{Held, Ticket};
use crate::store::{self, Bag, Entry};
use crate::strategy::Policy;
use crate::sync::{Arc, ShardMutex};

impl<K, V, S, P, R> Cache<K, V, S, P, R>
where
    K: Hash + Eq,
    V: Clone,
    S: BuildHasher,
    P: Policy,
    R: ShardMutex,
{
    /// The value kept for `key`, or what `compute` returns, which is then kept.
    ///
    /// `compute` runs outside of locks and may use the cache. What it returns after the key was
    /// cleared, invalidated or inserted meanwhile is returned and not kept. With
    /// [`single_flight`](super::Builder::single_flight), callers for the same key wait for the
    /// first one's value; a wait that would close a cycle of waiting threads computes instead, and
    /// when the first one panics another takes its place.
    pub fn get_or_insert_with(&self, key: K, compute: impl FnOnce() -> V) -> V {
        match self.try_get_or_insert_with(key, || Ok::<V, Infallible>(compute())) {
            Ok(value) => value,
        }
    }

    /// As [`get_or_insert_with`](Self::get_or_insert_with) for a computation that may fail: its
    /// error is returned, counted, and not kept.
    ///
    /// # Errors
    /// What `compute` returns as one.
    pub fn try_get_or_insert_with<E>(
        &self,
        key: K,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let begun = look_up(self, Given(key), Begun::Hit, |missed| match missed {
            Missed::Computes(computation) => Begun::Miss(computation),
            Missed::Joins(joining) => joining.block(),
        });
        let computation = match begun {
            Begun::Hit(value) => return Ok(value),
            Begun::Miss(computation) => computation,
        };
        let running = computation.enter();
        let result = compute();
        drop(running);
        match result {
            Ok(value) => {
                computation.succeed(value.clone(), || Some(value.clone()));
                Ok(value)
            }
            Err(error) => {
                computation.fail();
                Err(error)
            }
        }
    }

    /// The value, if it is there: then it is used and counted. Nothing is noted of one that is not.
    #[inline(always)]
    pub(crate) fn hit(&self, key: &impl Lookup<Owned = K>) -> Option<V> {
        let hash = self.hasher.hash_one(key);
        let now = self.clock.now();
        let mut shard = self.shards.lock(hash);
        match shard.store.hit(hash, now, |kept| key.equals(kept), V::clone) {
            store::Lookup::Live(value) => {
                self.shards.unlock_after_hit(hash, shard);
                Some(value)
            }
            store::Lookup::Absent | store::Lookup::Expired(_) => None,
        }
    }

    /// Whether callers for one key share a computation.
    pub(crate) fn waits_for_others(&self) -> bool {
        self.single_flight && self.max_size() != Some(0)
    }

    /// Counts a miss and draws its ticket; none if the caller may have to wait for another.
    #[cold]
    #[inline(never)]
    fn miss_or_wait(&self, shard: Held<'_, R, P, K, V>, found: store::Lookup<V>) -> Option<Ticket> {
        (!self.waits_for_others()).then(|| self.miss(shard, found))
    }

    /// Counts a miss and draws its ticket.
    pub(super) fn miss(&self, mut shard: Held<'_, R, P, K, V>, found: store::Lookup<V>) -> Ticket {
        let mut expired = Bag::default();
        if let store::Lookup::Expired(slot) = found {
            shard.store.expire(slot, self.shards.room(), &mut expired);
        }
        shard.store.stats.misses += 1;
        let ticket = shard.ticket();
        drop(shard);
        self.release(expired);
        ticket
    }

    /// Keeps a computed value, unless its key changed since the ticket was drawn or another's value
    /// is there already. A flight that has the key hands it over, under the lock; if it has not, as
    /// it was cleared, the value is not to be kept.
    fn keep(
        &self,
        hash: u64,
        value: V,
        ticket: Ticket,
        mut key: Option<K>,
        flight: Option<&Arc<Flight<V>>>,
    ) {
        let now = self.clock.now();
        let deadline = self.ttl.deadline(&value, now);
        let mut value = Some(value);
        let mut new = None;
        self.release(self.place(hash, &mut new, now, |shard, new, bag| {
            if new.is_none() {
                if let Some(flight) = flight {
                    key = shard.flights.remove(flight);
                }
                let (Some(key), Some(value)) = (key.take(), value.take()) else {
                    return false;
                };
                *new = Some(Entry { hash, deadline: deadline.unwrap_or(Time::NEVER), key, value });
            }
            let Some(entry) = new.as_ref() else { return false };
            if deadline.is_none() || !shard.is_current(ticket, hash) {
                return false;
            }
            let room = self.shards.room();
            shard.store.live_slot(hash, now, room, bag, |key| *key == entry.key).is_none()
        }));
    }
}

/// A way to hold a cache while a computation for it is under way.
pub(crate) trait Handle: Sized {
    /// The keys.
    type Key: Hash + Eq;
    /// The values.
    type Value: Clone;
    /// What hashes the keys.
    type Hasher: BuildHasher;
    /// What chooses the victims.
    type Policy: Policy;
    /// The lock of each part.
    type Lock: ShardMutex;

    /// The cache.
    fn cache(&self) -> &CacheOf<Self>;
}

impl<K, V, S, P, R> Handle for &Cache<K, V, S, P, R>
where
    K: Hash + Eq,
    V: Clone,
    S: BuildHasher,
    P: Policy,
    R: ShardMutex,
{
    type Key = K;
    type Value = V;
    type Hasher = S;
    type Policy = P;
    type Lock = R;

    #[inline]
    fn cache(&self) -> &Cache<K, V, S, P, R> {
        self
    }
}

/// The cache that a handle holds.
pub(crate) type CacheOf<H> = Cache<
    <H as Handle>::Key,
    <H as Handle>::Value,
    <H as Handle>::Hasher,
    <H as Handle>::Policy,
    <H as Handle>::Lock,
>;

/// How a look-up ends that may have to compute.
pub(crate) enum Begun<H: Handle> {
    /// The value is there.
    Hit(H::Value),
    /// The caller computes.
    Miss(Computation<H>),
}

/// How a look-up goes on that found nothing.
pub(crate) enum Missed<H: Handle> {
    /// The caller computes.
    Computes(Computation<H>),
    /// One caller computes for all.
    Joins(Joining<H>),
}

/// Looks a key up, without waiting for others, and goes on by `hit`, or by `miss` with the handle.
/// These make what is returned where it is to stand: a value that was returned in one enum and moved
/// into the next took as long as the look-up. So does one that waits for the handle to be dropped.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn look_up<H: Handle, T>(
    handle: H,
    key: impl Lookup<Owned = H::Key>,
    hit: impl FnOnce(H::Value) -> T,
    miss: impl FnOnce(Missed<H>) -> T,
) -> T {
    let cache = handle.cache();
    let hash = cache.hasher.hash_one(&key);
    let now = cache.clock.now();
    let is_key = |kept: &H::Key| key.equals(kept);
    if let Some(value) = cache.shards.look(hash, now, is_key, H::Value::clone) {
        drop(handle);
        return hit(value);
    }
    let mut shard = cache.shards.lock(hash);
    let found = shard.store.hit(hash, now, is_key, H::Value::clone);
    if let store::Lookup::Live(value) = found {
        cache.shards.unlock_after_hit(hash, shard);
        drop(handle);
        return hit(value);
    }
    let ticket = cache.miss_or_wait(shard, found);
    missed(handle, hash, ticket, key, miss)
}

#[cold]
#[inline(never)]
fn missed<H: Handle, T>(
    handle: H,
    hash: u64,
    ticket: Option<Ticket>,
    key: impl Lookup<Owned = H::Key>,
    then: impl FnOnce(Missed<H>) -> T,
) -> T {
    let key = key.into_owned();
    then(match ticket {
        Some(ticket) => Missed::Computes(Computation::new(handle, hash, ticket, Some(key), None)),
        None => Missed::Joins(Joining::new(handle, hash, key)),
    })
}

/// A computation under way. Who waits for one that fails, panics or is dropped before its end tries
/// for itself; failures and panics are counted.
pub(crate) struct Computation<H: Handle> {
    handle: H,
    hash: u64,
    ticket: Ticket,
    /// Where the value is to be kept; none if the flight holds the key, or if another keeps.
    key: Option<H::Key>,
    /// Who waits.
    flight: Option<Arc<Flight<H::Value>>>,
    has_ended: bool,
}

impl<H: Handle> Computation<H> {
    pub(super) fn new(
        handle: H,
        hash: u64,
        ticket: Ticket,
        key: Option<H::Key>,
        flight: Option<Arc<Flight<H::Value>>>,
    ) -> Self {
        Computation { handle, hash, ticket, key, flight, has_ended: false }
    }

    pub(crate) fn handle(&self) -> &H {
        &self.handle
    }

    /// Known to the calls within as who computes, as long as the guard is there.
    #[inline]
    pub(crate) fn enter(&self) -> Option<Running> {
        self.flight.as_ref().map(|flight| flight.enter())
    }

    /// Keeps the value. Those who wait, if there are any, are handed what `again` makes of it.
    pub(crate) fn succeed(mut self, value: H::Value, again: impl FnOnce() -> Option<H::Value>) {
        let key = self.key.take();
        let (cache, hash, ticket) = (self.handle.cache(), self.hash, self.ticket);
        if let Some(flight) = &self.flight {
            let running = flight.enter();
            // The value is there at the moment at which the flight is not: nobody computes between.
            cache.keep(hash, value, ticket, None, Some(flight));
            drop(running);
            // Nobody finds the flight any more, and whoever found it holds it.
            let is_followed = Arc::strong_count(flight) > 1;
            flight.land(if is_followed { again() } else { None });
        } else if key.is_some() {
            cache.keep(hash, value, ticket, key, None);
        }
        self.has_ended = true;
    }

    /// Hands the value to those who wait, and keeps nothing.
    pub(crate) fn share(mut self, value: H::Value) {
        self.has_ended = true;
        self.leave(Some(value));
    }

    /// Ends without a value to keep or to share, which is no failure.
    pub(crate) fn decline(mut self) {
        self.has_ended = true;
        self.leave(None);
    }

    /// Ends with an error.
    pub(crate) fn fail(mut self) {
        self.has_ended = true;
        self.count_error();
        self.leave(None);
    }

    fn count_error(&self) {
        self.handle.cache().count_error(self.hash);
    }

    /// Takes the flight from where others would find it, and lands it.
    fn leave(&mut self, value: Option<H::Value>) {
        if let Some(flight) = self.flight.take() {
            let key = self.handle.cache().shards.lock(self.hash).flights.remove(&flight);
            flight.land(value);
            drop(key);
        }
    }
}

impl<H: Handle> Drop for Computation<H> {
    fn drop(&mut self) {
        if !self.has_ended {
            // Without a panic it is a future that was cancelled.
            if std::thread::panicking() {
                self.count_error();
            }
            self.leave(None);
        }
    }
}
