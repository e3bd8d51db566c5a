//! The core that every store is made of: an index of slots by hash, the entries in their slots, a
//! policy that orders the slots and the deadlines of those that expire.
//!
//! Nothing here locks, reads a clock or drops a key or value: what leaves goes into a [`Bag`]. A
//! hash comes with each call, computed once, and equality as a closure, so that a caller decides
//! how keys compare. No closure is called between two changes: one that panics leaves the store as
//! it was.

mod bag;
mod expiry;
mod index;

pub use bag::{Bag, Removed};

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use crate::clock::Time;
use crate::stats::Stats;
use crate::strategy::{Cause, Policy, SharedHit, Slot};
use expiry::Expiry;
use index::Index;

/// How many expired entries an insertion gives back beside its own work: more than it adds, so that
/// they cannot pile up.
const SWEEP: usize = 2;

/// A key and its value, with the key's hash and the moment from which it is expired.
#[derive(Debug)]
pub struct Entry<K, V> {
    /// The key's hash, well mixed in all bits.
    pub hash: u64,
    /// When it expires; `Time::NEVER` if it does not.
    pub deadline: Time,
    /// The key.
    pub key: K,
    /// The value.
    pub value: V,
}

/// The bound that a store keeps to: its own, or one that several stores share.
pub trait Room {
    /// Takes the place of one more entry in a store that has `len`; false if there is none.
    fn take(&self, len: usize) -> bool;
    /// Gives the places of `count` entries back.
    fn give_back(&self, count: usize);
}

/// A store's own bound.
#[derive(Clone, Copy, Debug)]
pub struct OwnRoom(pub usize);

impl Room for OwnRoom {
    fn take(&self, len: usize) -> bool {
        len < self.0
    }
    fn give_back(&self, _count: usize) {}
}

/// What an insertion did with the new entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// It is kept.
    Kept,
    /// It is not kept: the policy holds what is there for worth more, or nothing may be kept.
    Refused,
    /// It is not kept: there is no room, and nothing here to evict for it.
    NoRoom,
}

/// What is there for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<T> {
    /// A live entry: its slot, or what was read of it.
    Live(T),
    /// An entry that has expired.
    Expired(Slot),
    /// Nothing.
    Absent,
}

/// A store with the policy `P`.
#[derive(Debug)]
pub struct Store<P, K, V> {
    policy: P,
    index: Index,
    slots: Vec<Option<Entry<K, V>>>,
    vacant: Vec<Slot>,
    expiry: Expiry,
    max_size: usize,
    insertions: NonZeroU64,
    /// What was counted; callers add what the store cannot see.
    pub stats: Stats,
}

impl<P: Policy, K, V> Store<P, K, V> {
    /// An empty store that will hold at most `max_size` entries (never more than 2^32 - 1).
    /// Nothing is allocated yet.
    pub fn new(max_size: usize, policy: P) -> Self {
        Store {
            policy,
            index: Index::default(),
            slots: Vec::new(),
            vacant: Vec::new(),
            expiry: Expiry::default(),
            max_size: max_size.min(Slot::MAX as usize),
            insertions: NonZeroU64::MIN,
            stats: Stats::default(),
        }
    }

    /// A number that each insertion of an entry raises.
    #[inline]
    pub fn insertions(&self) -> NonZeroU64 {
        self.insertions
    }

    /// How many entries there are, expired ones included.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.index.len() == 0
    }

    /// The bound of `insert_local`.
    pub fn max_size(&self) -> usize {
        self.max_size
    }

    fn entry(&self, slot: Slot) -> &Entry<K, V> {
        self.slots[slot as usize].as_ref().expect("a slot in the index is filled")
    }

    /// The entry of the key with this hash, be it expired or not, and where it stands.
    #[inline(always)]
    fn find(&self, hash: u64, mut eq: impl FnMut(&K) -> bool) -> Option<(Slot, &Entry<K, V>)> {
        self.index.find(hash, |slot| match self.slots.get(slot as usize) {
            Some(Some(entry)) if entry.hash == hash && eq(&entry.key) => Some((slot, entry)),
            _ => None,
        })
    }

    /// What is there for a key at a time; changes and counts nothing.
    pub fn lookup(&self, hash: u64, now: Time, eq: impl FnMut(&K) -> bool) -> Lookup<Slot> {
        match self.find(hash, eq) {
            Some((slot, entry)) if now < entry.deadline => Lookup::Live(slot),
            Some((slot, _)) => Lookup::Expired(slot),
            None => Lookup::Absent,
        }
    }

    /// Looks a key up and reads its value, if it is live, as a use of it; counts a hit and no miss.
    /// An expired entry stays, for the caller to take out.
    #[inline(always)]
    pub fn hit<T>(
        &mut self,
        hash: u64,
        now: Time,
        eq: impl FnMut(&K) -> bool,
        read: impl FnOnce(&V) -> T,
    ) -> Lookup<T> {
        let Some((slot, entry)) = self.find(hash, eq) else { return Lookup::Absent };
        if entry.deadline <= now {
            return Lookup::Expired(slot);
        }
        let value = read(&entry.value);
        self.stats.hits += 1;
        self.policy.hit(slot);
        Lookup::Live(value)
    }

    /// As `hit`, by the shortest way: it looks at the first entry with the hash and no other, and
    /// asks for the time only if that one expires. None if it needs a closer look.
    #[inline(always)]
    pub fn hit_at_once<T>(
        &mut self,
        hash: u64,
        now: impl FnOnce() -> Time,
        eq: impl FnOnce(&K) -> bool,
        read: impl FnOnce(&V) -> T,
    ) -> Option<Lookup<T>> {
        // Comparing inside of the search would make the loop hold everything across a call.
        let Some((slot, entry)) = self.find(hash, |_| true) else { return Some(Lookup::Absent) };
        if !eq(&entry.key) || entry.deadline != Time::NEVER && entry.deadline <= now() {
            return None;
        }
        let value = read(&entry.value);
        self.stats.hits += 1;
        self.policy.hit(slot);
        Some(Lookup::Live(value))
    }

    /// The value for a key as a use of it; counts a hit or a miss. An expired entry is taken out.
    pub fn get(
        &mut self,
        hash: u64,
        now: Time,
        room: &impl Room,
        bag: &mut Bag<K, V>,
        eq: impl FnMut(&K) -> bool,
    ) -> Option<&V> {
        match self.lookup(hash, now, eq) {
            Lookup::Live(slot) => {
                self.stats.hits += 1;
                self.policy.hit(slot);
                return Some(self.value(slot));
            }
            Lookup::Expired(slot) => self.expire(slot, room, bag),
            Lookup::Absent => {}
        }
        self.stats.misses += 1;
        None
    }

    /// As `get`, where the policy's hits need no exclusive access; counts nothing.
    #[inline]
    pub fn get_shared(&self, hash: u64, now: Time, eq: impl FnMut(&K) -> bool) -> Option<&V>
    where
        P: SharedHit,
    {
        let Lookup::Live(slot) = self.lookup(hash, now, eq) else { return None };
        self.policy.hit_shared(slot);
        Some(self.value(slot))
    }

    /// The value for a key, neither used nor counted.
    pub fn peek(&self, hash: u64, now: Time, eq: impl FnMut(&K) -> bool) -> Option<&V> {
        match self.lookup(hash, now, eq) {
            Lookup::Live(slot) => Some(self.value(slot)),
            Lookup::Expired(_) | Lookup::Absent => None,
        }
    }

    /// The value at a slot.
    #[inline]
    pub fn value(&self, slot: Slot) -> &V {
        &self.entry(slot).value
    }

    /// A use of the entry at `slot` that is not counted.
    pub fn touch(&mut self, slot: Slot) {
        self.policy.hit(slot);
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

    /// The slot of a live entry for a key; an expired one is taken out.
    pub fn live_slot(
        &mut self,
        hash: u64,
        now: Time,
        room: &impl Room,
        bag: &mut Bag<K, V>,
        eq: impl FnMut(&K) -> bool,
    ) -> Option<Slot> {
        match self.lookup(hash, now, eq) {
            Lookup::Live(slot) => Some(slot),
            Lookup::Expired(slot) => {
                self.expire(slot, room, bag);
                None
            }
            Lookup::Absent => None,
        }
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

    /// Takes everything out; the statistics start again.
    pub fn clear(&mut self) -> Contents<K, V> {
        self.policy = self.policy.emptied();
        self.index = Index::default();
        self.vacant = Vec::new();
        self.expiry = Expiry::default();
        self.stats = Stats::default();
        Contents(std::mem::take(&mut self.slots))
    }

    /// The entries, in no particular order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry<K, V>> {
        self.slots.iter().flatten()
    }

    /// Keys and values, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries().map(|entry| (&entry.key, &entry.value))
    }

    fn add(&mut self, entry: Entry<K, V>) {
        let Entry { hash, deadline, .. } = entry;
        if self.index.is_full() {
            self.index.grow(&mut filled(&self.slots).map(|(entry, slot)| (entry.hash, slot)));
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

    /// Doubles the slots, but no further than the bound needs.
    fn grow(&mut self) {
        let len = self.slots.len();
        if len == self.slots.capacity() {
            let more = len.max(4).min(self.max_size.saturating_sub(len).max(1));
            self.slots.reserve_exact(more);
        }
    }

    fn tidy_expiry(&mut self) {
        if self.expiry.is_stale(self.index.len()) {
            let mut entries = filled(&self.slots).map(|(entry, slot)| (entry.deadline, slot));
            self.expiry.rebuild(&mut entries);
        }
    }

    /// Checks that index, slots, policy and deadlines agree.
    ///
    /// # Panics
    /// If they do not, which is a bug. For tests; O(n).
    pub fn validate(&self) {
        let mut filled: Vec<Slot> = Vec::new();
        let notes: BTreeSet<_> = self.expiry.notes().collect();
        for (slot, entry) in (0..).zip(&self.slots) {
            let Some(entry) = entry else { continue };
            filled.push(slot);
            let found = self.index.find(entry.hash, |other| (other == slot).then_some(slot));
            assert!(found.is_some(), "slot {slot} is not in the index");
            let expires = entry.deadline != Time::NEVER;
            let noted = notes.contains(&(entry.deadline, slot));
            assert_eq!(noted, expires, "the deadline of slot {slot} is not noted as it is");
        }
        assert_eq!(filled.len(), self.index.len(), "the index has slots that are empty");
        assert_eq!(self.slots.len() - filled.len(), self.vacant.len(), "a vacant slot is lost");
        let mut known = self.policy.validate();
        known.sort_unstable();
        assert_eq!(known, filled, "the policy knows other slots than are filled");
    }
}

impl<P: Policy, K, V> Store<P, K, V> {
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

    /// Takes the entry of a key out.
    pub fn remove(&mut self, hash: u64, eq: impl FnMut(&K) -> bool) -> Option<(K, V)> {
        let (slot, _) = self.find(hash, eq)?;
        let mut bag = Bag::default();
        self.remove_slot(slot, Cause::Removed, &mut bag);
        bag.into_iter().next().map(|removed| (removed.key, removed.value))
    }
}

/// The entries and where they stand.
fn filled<K, V>(slots: &[Option<Entry<K, V>>]) -> impl Iterator<Item = (&Entry<K, V>, Slot)> {
    slots.iter().zip(0..).filter_map(|(entry, slot)| entry.as_ref().map(|entry| (entry, slot)))
}

/// All that a cleared store held, to be dropped outside of its lock.
#[derive(Debug)]
#[must_use = "what left a store is dropped with this, which must not happen under a lock"]
pub struct Contents<K, V>(Vec<Option<Entry<K, V>>>);

impl<K, V> Contents<K, V> {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.iter().flatten().count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().flatten().next().is_none()
    }

    /// The keys and values, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().flatten().map(|entry| (&entry.key, &entry.value))
    }
}
