//! Look up or compute: by every caller for itself, or by one for all who wait.

use std::convert::Infallible;
use std::hash::{BuildHasher, Hash};
use std::ops::DerefMut;

use crate::cache::Cache;
use crate::clock::Time;
use crate::flight::{Flight, Flights, Waited};
use crate::shard::{Shard, Ticket};
use crate::store::{Bag, Entry, Lookup};
use crate::strategy::AnyPolicy;
use crate::sync::Arc;

impl<K: Hash + Eq, V: Clone, S: BuildHasher> Cache<K, V, S> {
    /// The value kept for `key`, or what `compute` returns, which is then kept.
    ///
    /// `compute` runs outside of locks and may use the cache. What it returns after the key was
    /// cleared, invalidated or inserted meanwhile is returned and not kept. With
    /// [`single_flight`](super::Builder::single_flight), callers for the same key wait for the
    /// first one's value; a wait that would close a cycle of computations that wait for each
    /// other computes instead, and when the first one panics another takes its place.
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
        let hash = self.hasher.hash_one(&key);
        if self.single_flight && self.max_size() != Some(0) {
            return self.compute_once(hash, key, compute);
        }
        let now = self.clock.now();
        let mut expired = Bag::default();
        let ticket = {
            let mut shard = self.shards.lock(hash);
            let room = self.shards.room();
            if let Some(value) =
                shard.store.get(hash, now, room, &mut expired, |other| *other == key)
            {
                return Ok(value.clone());
            }
            shard.ticket()
        };
        drop(expired);
        let value = self.counting_errors(hash, compute)?;
        let mut key = Some(key);
        self.keep(hash, &value, ticket, |_| key.take());
        Ok(value)
    }

    /// Runs the computation and counts a failure, be it an error or a panic.
    fn counting_errors<E>(
        &self,
        hash: u64,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let on_failure = OnDrop(Some(|| self.shards.lock(hash).store.stats.errors += 1));
        let value = compute()?;
        on_failure.disarm();
        Ok(value)
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
        drop(self.place(hash, &mut new, now, |shard, new, bag| {
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

    fn compute_once<E>(
        &self,
        hash: u64,
        key: K,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let mut key = Some(key);
        let mut waited = false;
        loop {
            let (ticket, flight) = match self.join(hash, &mut key, &mut waited) {
                Joined::Kept(value) => return Ok(value),
                Joined::Follows(flight) => {
                    let Some(wait) = flight.follow() else {
                        // Waiting would close a cycle: compute here too, and let the leader keep.
                        self.shards.lock(hash).store.stats.misses += 1;
                        return self.counting_errors(hash, compute);
                    };
                    match wait.block(None, V::clone) {
                        Waited::Landed(value) => {
                            self.shards.lock(hash).store.stats.hits += 1;
                            return Ok(value);
                        }
                        Waited::Failed | Waited::TimedOut => continue,
                    }
                }
                Joined::Leads(ticket, flight) => (ticket, flight),
            };
            // Whatever happens, followers are woken; without a value they try for themselves.
            let leave = OnDrop(Some(|| {
                let key = self.shards.lock(hash).flights.remove(&flight);
                flight.land(None);
                drop(key);
            }));
            let running = flight.enter();
            let value = self.counting_errors(hash, compute)?;
            // The value is there at the moment at which the flight is not: nobody computes between.
            self.keep(hash, &value, ticket, |flights| flights.remove(&flight));
            let shared = value.clone();
            leave.disarm();
            drop(running);
            flight.land(Some(shared));
            return Ok(value);
        }
    }

    /// Finds the value or the flight that is under way, or registers a new flight with the key.
    fn join(&self, hash: u64, key: &mut Option<K>, waited: &mut bool) -> Joined<V> {
        let now = self.clock.now();
        let mut expired = Bag::default();
        let mut _lost = None;
        let mut shard = self.shards.lock(hash);
        let is_key = |other: &K| key.as_ref() == Some(other);
        match shard.store.hit(hash, now, is_key, V::clone) {
            Lookup::Live(value) => return Joined::Kept(value),
            Lookup::Expired(slot) => shard.store.expire(slot, self.shards.room(), &mut expired),
            Lookup::Absent => {}
        }
        let flight = shard.flights.find(hash, is_key).cloned();
        if let Some(flight) = flight {
            if flight.is_lost() {
                // It began in another process, before a fork: nobody here will land it.
                _lost = shard.flights.remove(&flight);
                return self.lead(hash, key, shard);
            }
            if !std::mem::replace(waited, true) {
                shard.store.stats.waits += 1;
            }
            return Joined::Follows(flight);
        }
        self.lead(hash, key, shard)
    }

    /// Registers a flight that the caller leads.
    fn lead(
        &self,
        hash: u64,
        key: &mut Option<K>,
        mut shard: impl DerefMut<Target = Shard<AnyPolicy, K, V>>,
    ) -> Joined<V> {
        shard.store.stats.misses += 1;
        let flight = Flight::start();
        if let Some(key) = key.take() {
            shard.flights.insert(hash, key, flight.clone());
        }
        Joined::Leads(shard.ticket(), flight)
    }
}

enum Joined<V> {
    /// The value is there.
    Kept(V),
    /// Another computes it.
    Follows(Arc<Flight<V>>),
    /// The caller has to compute it.
    Leads(Ticket, Arc<Flight<V>>),
}

/// Runs a closure when it is dropped, unless it is disarmed before.
struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> OnDrop<F> {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(run) = self.0.take() {
            run();
        }
    }
}
