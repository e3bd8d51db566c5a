//! What leaves a store: expired, evicted, not wanted any more, or all of it.

use super::expiry::Expiry;
use super::index::Index;
use super::{Bag, Entry, Removed, Room, Store};
use crate::clock::Time;
use crate::stats::Stats;
use crate::strategy::{Cause, Policy, Slot};

impl<P: Policy, K, V> Store<P, K, V> {
    /// Takes out the entry at `slot`; its room is the caller's.
    pub fn remove_slot(&mut self, slot: Slot, cause: Cause, bag: &mut Bag<K, V>) {
        let entry = self.slots[slot as usize].take().expect("a slot in the index is filled");
        self.vacant.push(slot);
        self.index.remove(entry.hash, slot);
        self.policy.removed(slot, entry.hash, cause);
        match cause {
            Cause::Evicted => self.stats.evictions += 1,
            Cause::Expired => self.stats.expirations += 1,
            Cause::Replaced | Cause::Removed => {}
        }
        self.tidy_expiry();
        bag.push(Removed { key: entry.key, value: entry.value, cause });
    }

    /// Takes out the entry at `slot`, which has expired.
    #[cold]
    pub fn expire(&mut self, slot: Slot, room: &impl Room, bag: &mut Bag<K, V>) {
        self.remove_slot(slot, Cause::Expired, bag);
        room.give_back(1);
    }

    /// Takes out the entry at `slot` because it is not wanted any more.
    pub fn discard(&mut self, slot: Slot, room: &impl Room, bag: &mut Bag<K, V>) {
        self.remove_slot(slot, Cause::Removed, bag);
        room.give_back(1);
    }

    /// Takes out the entry for a key because it is not wanted any more; whether there was a live one.
    pub fn discard_key(
        &mut self,
        hash: u64,
        now: Time,
        room: &impl Room,
        bag: &mut Bag<K, V>,
        eq: impl FnMut(&K) -> bool,
    ) -> bool {
        let found = self.live_slot(hash, now, room, bag, eq);
        if let Some(slot) = found {
            self.discard(slot, room, bag);
        }
        found.is_some()
    }

    /// Takes the entry of a key out.
    pub fn remove(&mut self, hash: u64, eq: impl FnMut(&K) -> bool) -> Option<(K, V)> {
        let (slot, _) = self.find(hash, eq)?;
        let mut bag = Bag::default();
        self.remove_slot(slot, Cause::Removed, &mut bag);
        bag.into_first().map(|removed| (removed.key, removed.value))
    }

    /// The earliest deadline of any entry.
    pub fn first_deadline(&mut self) -> Time {
        while let Some((deadline, slot)) = self.expiry.first() {
            // A stale note: its entry is gone, or its slot has another deadline now.
            match self.slots.get(slot as usize) {
                Some(Some(entry)) if entry.deadline == deadline => return deadline,
                _ => self.expiry.remove_first(),
            }
        }
        Time::NEVER
    }

    /// Takes out the entry that expired first, if one has.
    pub fn expire_first(&mut self, now: Time, bag: &mut Bag<K, V>) -> bool {
        if self.first_deadline() > now {
            return false;
        }
        let Some((_, slot)) = self.expiry.first() else { return false };
        self.expiry.remove_first();
        self.remove_slot(slot, Cause::Expired, bag);
        true
    }

    pub(super) fn tidy_expiry(&mut self) {
        if self.expiry.is_stale(self.index.len()) {
            self.rebuild_expiry();
        }
    }

    #[cold]
    fn rebuild_expiry(&mut self) {
        self.expiry.clear();
        for (slot, entry) in self.slots.iter().enumerate() {
            if let Some(entry) = entry {
                self.expiry.insert(slot as Slot, entry.deadline);
            }
        }
    }

    /// Takes everything out; the statistics start again.
    pub fn clear(&mut self) -> Contents<K, V> {
        self.policy = self.policy.emptied();
        self.policy.bound(self.share);
        self.index = Index::default();
        self.vacant = Vec::new();
        self.expiry = Expiry::default();
        self.stats = Stats::default();
        Contents(std::mem::take(&mut self.slots))
    }
}

/// All that a cleared store held, to be dropped outside of its lock.
#[derive(Debug)]
#[must_use = "what left a store is dropped with this, which must not happen under a lock"]
pub struct Contents<K, V>(pub(super) Vec<Option<Entry<K, V>>>);

impl<K, V> Contents<K, V> {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.iter().flatten().count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().flatten().next().is_none()
    }

    /// Tells of all as removed.
    pub(crate) fn tell(&self, on_evict: &dyn Fn(&K, &V, Cause)) {
        for entry in self.0.iter().flatten() {
            on_evict(&entry.key, &entry.value, Cause::Removed);
        }
    }

    /// The keys and values, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().flatten().map(|entry| (&entry.key, &entry.value))
    }
}
