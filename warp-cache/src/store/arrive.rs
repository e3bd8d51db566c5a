//! What comes into a store, and takes the place of what has to go for it.

use super::{Bag, Entry, Insertion, OwnRoom, Removed, Room, Store};
use crate::clock::Time;
use crate::strategy::{Cause, Policy, Slot};

/// How many expired entries an insertion gives back beside its own work: more than it adds, so that
/// they cannot pile up.
const SWEEP: usize = 2;

impl<P: Policy, K, V> Store<P, K, V> {
    /// Adds an entry whose key is not in the store, and makes room for it first if needed: an
    /// expired entry goes before the policy's victim does. The new entry is taken out of `new` only
    /// if it is kept.
    pub fn insert_absent(
        &mut self,
        new: &mut Option<Entry<K, V>>,
        now: Time,
        room: &impl Room,
        bag: &mut Bag<K, V>,
    ) -> Insertion {
        let Some(hash) = new.as_ref().map(|entry| entry.hash) else { return Insertion::Refused };
        for _ in 0..SWEEP {
            if !self.expire_first(now, bag) {
                break;
            }
            room.give_back(1);
        }
        if self.len() == Slot::MAX as usize || !room.take(self.len()) {
            match self.make_room(hash, now, bag) {
                Insertion::Kept => {}
                refused => return refused,
            }
        }
        if let Some(entry) = new.take() {
            self.add(entry);
        }
        Insertion::Kept
    }

    /// As `insert_absent` where there is room, by the shortest way: the new entry, which does not
    /// expire, is written behind the others. `new` makes its key and value, and must not panic. False,
    /// and nothing changed, if it takes a longer way.
    #[inline(always)]
    pub fn add_at_once(
        &mut self,
        hash: u64,
        room: &impl Room,
        new: impl FnOnce() -> (K, V),
    ) -> bool {
        let len = self.slots.len();
        let has_place = len < self.slots.capacity() && !self.index.is_full();
        if !has_place || !self.vacant.is_empty() || !room.take(len) {
            return false;
        }
        let (key, value) = new();
        self.slots.push(Some(Entry { hash, deadline: Time::NEVER, key, value }));
        self.insertions = self.insertions.saturating_add(1);
        self.index.insert(hash, len as Slot);
        self.policy.inserted(len as Slot, hash);
        true
    }

    /// As `insert_absent` into a store without room, by the shortest way: the new entry, which does
    /// not expire, is written into its victim's slot. `new` makes its key and value, and must not
    /// panic; what was there is the caller's. None, and nothing changed, if it takes a longer way.
    #[inline(always)]
    pub fn replace_victim(
        &mut self,
        hash: u64,
        new: impl FnOnce() -> Option<(K, V)>,
    ) -> Option<Option<(K, V)>> {
        if self.expiry.first().is_some() {
            return None;
        }
        let slot = self.policy.victim(hash)?;
        let entry = self.slots.get_mut(slot as usize)?.as_mut()?;
        if !self.policy.admit(hash, slot) {
            return Some(None);
        }
        // Field by field: an entry that is moved as one goes by way of the stack, in pieces that
        // the processor has to wait for.
        let (key, value) = new()?;
        let old_hash = std::mem::replace(&mut entry.hash, hash);
        let old =
            (std::mem::replace(&mut entry.key, key), std::mem::replace(&mut entry.value, value));
        self.index.remove(old_hash, slot);
        self.index.insert(hash, slot);
        self.policy.evicted_for(slot, old_hash, hash);
        self.stats.evictions += 1;
        self.insertions = self.insertions.saturating_add(1);
        Some(Some(old))
    }

    /// Gives the entry at `slot` a new value and deadline.
    pub fn replace(&mut self, slot: Slot, entry: Entry<K, V>, bag: &mut Bag<K, V>) {
        let old = self.slots[slot as usize].as_mut().expect("a slot in the index is filled");
        let value = std::mem::replace(&mut old.value, entry.value);
        if old.deadline != entry.deadline {
            old.deadline = entry.deadline;
            self.expiry.insert(slot, entry.deadline);
            self.tidy_expiry();
        }
        bag.push(Removed { key: entry.key, value, cause: Cause::Replaced });
    }

    /// Takes out one entry for a new one with the hash `incoming`, which inherits its room.
    pub fn make_room(&mut self, incoming: u64, now: Time, bag: &mut Bag<K, V>) -> Insertion {
        if self.expire_first(now, bag) {
            return Insertion::Kept;
        }
        let Some(victim) = self.policy.victim(incoming) else { return Insertion::NoRoom };
        if !self.policy.admit(incoming, victim) {
            return Insertion::Refused;
        }
        self.remove_slot(victim, Cause::Evicted, bag);
        Insertion::Kept
    }

    fn add(&mut self, entry: Entry<K, V>) {
        let Entry { hash, deadline, .. } = entry;
        if self.index.is_full() {
            self.grow_index();
        }
        let slot = match self.vacant.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(entry);
                slot
            }
            None => {
                self.grow();
                self.slots.push(Some(entry));
                (self.slots.len() - 1) as Slot
            }
        };
        self.insertions = self.insertions.saturating_add(1);
        self.index.insert(hash, slot);
        self.policy.inserted(slot, hash);
        self.expiry.insert(slot, deadline);
    }

    #[cold]
    fn grow_index(&mut self) {
        self.index.grow();
        for (slot, entry) in self.slots.iter().enumerate() {
            if let Some(entry) = entry {
                self.index.insert(entry.hash, slot as Slot);
            }
        }
    }

    /// Doubles the slots, but no further than the bound needs.
    fn grow(&mut self) {
        let len = self.slots.len();
        if len == self.slots.capacity() {
            let more = len.max(4).min(self.max_size.saturating_sub(len).max(1));
            self.slots.reserve_exact(more);
        }
    }

    /// Inserts by the store's own bound; a value that is replaced counts as used.
    pub fn insert_local(&mut self, entry: Entry<K, V>, now: Time) -> Bag<K, V>
    where
        K: Eq,
    {
        let mut bag = Bag::default();
        let room = OwnRoom(self.max_size);
        let found = self.live_slot(entry.hash, now, &room, &mut bag, |key| *key == entry.key);
        if let Some(slot) = found {
            self.touch(slot);
            self.replace(slot, entry, &mut bag);
            return bag;
        }
        let mut new = Some(entry);
        self.insert_absent(&mut new, now, &room, &mut bag);
        if let Some(Entry { key, value, .. }) = new {
            bag.push(Removed { key, value, cause: Cause::Evicted });
        }
        bag
    }
}
