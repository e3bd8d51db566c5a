//! Single flight: one computation for all who ask for the same key at the same time.

use std::hash::{BuildHasher, Hash};

use super::compute::{Begun, Computation, Handle};
use crate::cache::Cache;
use crate::flight::{Flight, Waited};
use crate::shard::Ticket;
use crate::store::{Bag, Lookup};
use crate::strategy::Policy;
use crate::sync::{Arc, ShardMutex};

/// What a call finds for its key.
pub(super) enum Joined<V> {
    /// The value is there.
    Kept(V),
    /// Another computes it.
    Follows(Arc<Flight<V>>),
    /// The caller has to compute it.
    Leads(Ticket, Arc<Flight<V>>),
}

/// A call that finds the value, waits for it, or leads its computation.
pub(crate) struct Joining<H: Handle> {
    handle: H,
    hash: u64,
    /// None once a flight has it.
    key: Option<H::Key>,
    /// Whether it has been counted as a wait.
    waited: bool,
}

impl<H: Handle> Joining<H> {
    pub(super) fn new(handle: H, hash: u64, key: H::Key) -> Self {
        Joining { handle, hash, key: Some(key), waited: false }
    }

    /// Waits by blocking the thread.
    pub(crate) fn block(mut self) -> Begun<H> {
        loop {
            let flight = match self.join() {
                Joined::Kept(value) => return Begun::Hit(value),
                Joined::Leads(ticket, flight) => return self.lead(ticket, Some(flight)),
                Joined::Follows(flight) => flight,
            };
            let Some(wait) = flight.follow() else { return self.compute_beside() };
            if let Waited::Landed(value) = wait.block(None, H::Value::clone) {
                return self.shared(value);
            }
        }
    }

    /// Waits as a future.
    pub(crate) async fn wait(mut self) -> Begun<H> {
        loop {
            let flight = match self.join() {
                Joined::Kept(value) => return Begun::Hit(value),
                Joined::Leads(ticket, flight) => return self.lead(ticket, Some(flight)),
                Joined::Follows(flight) => flight,
            };
            let Some(wait) = flight.follow() else { return self.compute_beside() };
            if let Waited::Landed(value) = wait.await {
                return self.shared(value);
            }
        }
    }

    fn join(&mut self) -> Joined<H::Value> {
        self.handle.cache().join(self.hash, &mut self.key, &mut self.waited)
    }

    fn lead(self, ticket: Ticket, flight: Option<Arc<Flight<H::Value>>>) -> Begun<H> {
        Begun::Miss(Computation::new(self.handle, self.hash, ticket, None, flight))
    }

    /// Waiting would close a cycle: another computation beside the leader's, which keeps its own.
    fn compute_beside(self) -> Begun<H> {
        let ticket = self.handle.cache().count_miss(self.hash);
        self.lead(ticket, None)
    }

    /// Another's value is a hit.
    fn shared(self, value: H::Value) -> Begun<H> {
        self.handle.cache().shards.lock(self.hash).store.stats.hits += 1;
        Begun::Hit(value)
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
    fn count_miss(&self, hash: u64) -> Ticket {
        let mut shard = self.shards.lock(hash);
        shard.store.stats.misses += 1;
        shard.ticket()
    }

    /// Finds the value or the flight that is under way, or registers a new flight with the key.
    pub(super) fn join(&self, hash: u64, key: &mut Option<K>, waited: &mut bool) -> Joined<V> {
        let now = self.clock.now();
        let mut expired = Bag::default();
        let mut lost = None;
        let is_key = |other: &K| key.as_ref() == Some(other);
        let mut shard = self.shards.lock(hash);
        match shard.store.hit(hash, now, is_key, V::clone) {
            Lookup::Live(value) => return Joined::Kept(value),
            Lookup::Expired(slot) => shard.store.expire(slot, self.shards.room(), &mut expired),
            Lookup::Absent => {}
        }
        if let Some(flight) = shard.flights.find(hash, is_key).cloned() {
            if !flight.is_lost() {
                if !std::mem::replace(waited, true) {
                    shard.store.stats.waits += 1;
                }
                drop(shard);
                self.release(expired);
                return Joined::Follows(flight);
            }
            // It began in another process, before a fork: nobody here will land it.
            lost = shard.flights.remove(&flight);
        }
        shard.store.stats.misses += 1;
        let flight = Flight::start();
        if let Some(key) = key.take() {
            shard.flights.insert(hash, key, flight.clone());
        }
        let ticket = shard.ticket();
        drop(shard);
        drop(lost);
        self.release(expired);
        Joined::Leads(ticket, flight)
    }
}
