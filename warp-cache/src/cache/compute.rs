//! Look up or compute: by every caller for itself, or by one for all who wait.

use std::convert::Infallible;
use std::hash::{BuildHasher, Hash};

use super::join::Joining;
use crate::cache::Cache;
use crate::clock::Time;
use crate::flight::{Flight, Flights, Running};
use crate::key::{Given, Lookup};
use crate::shard::{Shard, Ticket};
use crate::store::{self, Bag, Entry};
use crate::strategy::Policy;
use crate::sync::{Arc, ShardGuard, ShardMutex};

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
        let computation = match begin(self, Given(key)) {
            Begun::Hit(value) => return Ok(value),
            Begun::Miss(computation) => computation,
        };
        let running = computation.enter();
        let result = compute();
        drop(running);
        match result {
            Ok(value) => {
                computation.succeed(&value);
                Ok(value)
            }
            Err(error) => {
                computation.fail();
                Err(error)
            }
        }
    }

    /// Whether callers for one key share a computation.
    pub(crate) fn waits_for_others(&self) -> bool {
        self.single_flight && self.max_size() != Some(0)
    }

    /// Counts a miss and draws its ticket.
    #[cold]
    #[inline(never)]
    fn miss(
        &self,
        mut shard: ShardGuard<'_, R, Shard<P, K, V>>,
        found: store::Lookup<V>,
    ) -> Ticket {
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
    /// is there already. `take_key` hands the key over, under the lock; none if it is not to be
    /// kept.
    fn keep(
        &self,
        hash: u64,
        value: &V,
        ticket: Ticket,
        mut take_key: impl FnMut(&mut Flights<K, V>) -> Option<K>,
    ) {
        let now = self.clock.now();
        let deadline = self.ttl.deadline(value, now);
        let mut value = Some(value.clone());
        let mut new = None;
        self.release(self.place(hash, &mut new, now, |shard, new, bag| {
            if new.is_none() {
                let (Some(key), Some(value)) = (take_key(&mut shard.flights), value.take()) else {
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
pub trait Handle: Sized {
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
    fn cache(&self) -> &Held<Self>;
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
type Held<H> = Cache<
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

/// Looks a key up: its value, or a computation that the caller has to bring to an end. With single
/// flight it may block the thread until another's computation has ended.
#[inline]
pub(crate) fn begin<H: Handle>(handle: H, key: impl Lookup<Owned = H::Key>) -> Begun<H> {
    look_up(handle, key, Begun::Hit, |missed| match missed {
        Missed::Computes(computation) => Begun::Miss(computation),
        Missed::Joins(joining) => joining.block(),
    })
}

/// How a look-up goes on that found nothing.
pub(crate) enum Missed<H: Handle> {
    /// The caller computes.
    Computes(Computation<H>),
    /// One caller computes for all.
    Joins(Joining<H>),
}

/// Looks a key up, without waiting for others, and goes on by `hit` or by `miss`. These make what is
/// returned where it is to stand: a value that was returned in one enum and moved into the next
/// took as long as the look-up.
#[inline]
pub(crate) fn look_up<H: Handle, T>(
    handle: H,
    key: impl Lookup<Owned = H::Key>,
    hit: impl FnOnce(H::Value) -> T,
    miss: impl FnOnce(Missed<H>) -> T,
) -> T {
    let cache = handle.cache();
    let hash = cache.hasher.hash_one(&key);
    let now = cache.clock.now();
    let mut shard = cache.shards.lock(hash);
    let found = shard.store.hit(hash, now, |kept| key.equals(kept), H::Value::clone);
    if let store::Lookup::Live(value) = found {
        drop(shard);
        return hit(value);
    }
    let ticket = if cache.waits_for_others() {
        drop(shard);
        None
    } else {
        Some(cache.miss(shard, found))
    };
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

    /// Keeps the value, and hands it to those who wait.
    pub(crate) fn succeed(mut self, value: &H::Value) {
        let mut key = self.key.take();
        let (cache, hash, ticket) = (self.handle.cache(), self.hash, self.ticket);
        if let Some(flight) = &self.flight {
            let running = flight.enter();
            // The value is there at the moment at which the flight is not: nobody computes between.
            cache.keep(hash, value, ticket, |flights| flights.remove(flight));
            drop(running);
            flight.land(Some(value.clone()));
        } else if key.is_some() {
            cache.keep(hash, value, ticket, |_| key.take());
        }
        self.has_ended = true;
    }

    /// Hands the value to those who wait, and keeps nothing.
    pub(crate) fn share(mut self, value: &H::Value) {
        if self.flight.is_some() {
            self.leave(Some(value.clone()));
        }
        self.has_ended = true;
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
