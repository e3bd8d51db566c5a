//! Computing again what may be there already.

use std::hash::{BuildHasher, Hash};

use super::compute::Handle;
use crate::cache::{Cache, Prepare};
use crate::clock::Time;
use crate::key::Lookup;
use crate::shard::{Shard, Ticket};
use crate::store::{Bag, Entry};
use crate::strategy::Policy;
use crate::sync::ShardMutex;

/// A key that is being computed again; what is kept for it stays until [`replace`](Self::replace).
/// One that fails or panics is counted, as other computations are.
pub(crate) struct Refresh<H: Handle> {
    handle: H,
    hash: u64,
    ticket: Ticket,
    /// None once it has ended.
    key: Option<H::Key>,
}

impl<H: Handle> Refresh<H> {
    /// Begins to compute a key again.
    pub(crate) fn begin(handle: H, key: impl Lookup<Owned = H::Key>) -> Refresh<H> {
        let cache = handle.cache();
        let hash = cache.hasher.hash_one(&key);
        let ticket = cache.shards.lock(hash).ticket();
        Refresh { handle, hash, ticket, key: Some(key.into_owned()) }
    }

    pub(crate) fn handle(&self) -> &H {
        &self.handle
    }

    /// Keeps the new value in the place of the old one, unless the key changed since the beginning.
    /// Without one that may be kept, the old one is dropped.
    pub(crate) fn replace(mut self, value: Option<H::Value>) {
        let (cache, hash, ticket) = (self.handle.cache(), self.hash, self.ticket);
        let now = cache.clock.now();
        let kept = value.and_then(|value| {
            let deadline = cache.ttl.deadline(&value, now)?;
            Some((value, deadline))
        });
        let Some(key) = self.key.take() else { return };
        let Some((value, deadline)) = kept else {
            cache.drop_entry(hash, ticket, &key);
            return;
        };
        let mut new = Some(Entry { hash, deadline, key, value });
        let prepare: Prepare<'_, H::Policy, H::Key, H::Value> = &mut |shard, new, bag| {
            shard.is_current(ticket, hash) && cache.put(shard, new, now, bag)
        };
        cache.release(cache.place(hash, &mut new, now, prepare));
    }

    /// Ends with an error.
    pub(crate) fn fail(mut self) {
        self.key = None;
        self.handle.cache().count_error(self.hash);
    }
}

impl<H: Handle> Drop for Refresh<H> {
    fn drop(&mut self) {
        // Without a panic it is a future that was cancelled.
        if self.key.is_some() && std::thread::panicking() {
            self.handle.cache().count_error(self.hash);
        }
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
    /// Replaces the value of a present key, which counts as a use; true if the key is absent. Under
    /// the lock.
    pub(super) fn put(
        &self,
        shard: &mut Shard<P, K, V>,
        new: &mut Option<Entry<K, V>>,
        now: Time,
        bag: &mut Bag<K, V>,
    ) -> bool {
        let Some(entry) = new.as_ref() else { return false };
        let is_key = |key: &K| *key == entry.key;
        let room = self.shards.room();
        let Some(slot) = shard.store.live_slot(entry.hash, now, room, bag, is_key) else {
            return true;
        };
        if let Some(new) = new.take() {
            shard.store.touch(slot);
            shard.store.replace(slot, new, bag);
        }
        false
    }

    /// Counts a computation that failed.
    pub(super) fn count_error(&self, hash: u64) {
        self.shards.lock(hash).store.stats.errors += 1;
    }

    /// Drops an entry whose key did not change since the ticket was drawn.
    fn drop_entry(&self, hash: u64, ticket: Ticket, key: &K) {
        let now = self.clock.now();
        let mut bag = Bag::default();
        let mut shard = self.shards.lock(hash);
        if shard.is_current(ticket, hash) {
            shard.store.discard_key(hash, now, self.shards.room(), &mut bag, |other| other == key);
        }
        drop(shard);
        self.release(bag);
    }
}
