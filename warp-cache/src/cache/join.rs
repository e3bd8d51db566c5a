//! Single flight: one computation for all who ask for the same key at the same time.

use std::hash::{BuildHasher, Hash};

use super::compute::{Begun, Computation, Handle};
use crate::cache::Cache;
use crate::flight::{Flight, Waited, Waits};
use crate::shard::Ticket;
use crate::store::{Bag, Lookup};
use crate::sync::{Arc, RawMutex};

/// What a call finds for its key.
pub(super) enum Joined<V> {
    /// The value is there.
    Kept(V),
    /// Another computes it.
    Follows(Arc<Flight<V>>),
    /// The caller has to compute it.
    Leads(Ticket, Arc<Flight<V>>),
}

/// Finds the value, waits for it, or leads its computation. Blocks the thread.
pub(super) fn begin_alone<H: Handle>(handle: H, hash: u64, key: H::Key) -> Begun<H> {
    let mut key = Some(key);
    let mut waited = false;
    loop {
        let cache = handle.cache();
        let flight = match cache.join(hash, &mut key, &mut waited) {
            Joined::Kept(value) => return Begun::Hit(value),
            Joined::Leads(ticket, flight) => {
                return Begun::Miss(Computation::new(handle, hash, ticket, None, Some(flight)));
            }
            Joined::Follows(flight) => flight,
        };
        let Some(_waiting) = Waits::global().enter(flight.leader()) else {
            // Waiting would close a cycle: compute beside the leader, which keeps its own value.
            let ticket = cache.count_miss(hash);
            return Begun::Miss(Computation::new(handle, hash, ticket, None, None));
        };
        if let Waited::Landed(value) = flight.wait(None, H::Value::clone) {
            cache.shards.lock(hash).store.stats.hits += 1;
            return Begun::Hit(value);
        }
    }
}

impl<K: Hash + Eq, V: Clone, S: BuildHasher, R: RawMutex> Cache<K, V, S, R> {
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
        let mut shard = self.shards.lock(hash);
        let is_key = |other: &K| key.as_ref() == Some(other);
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
