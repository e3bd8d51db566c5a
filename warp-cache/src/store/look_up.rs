//! Finding what is there for a key, as a use of it or not.

use super::{Bag, Entry, Room, Store};
use crate::clock::Time;
use crate::strategy::{Access, Policy, SharedHit, Slot};

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

impl<P: Policy, K, V> Store<P, K, V> {
    /// The entry of the key with this hash, be it expired or not, and where it stands.
    #[inline(always)]
    pub(crate) fn find(
        &self,
        hash: u64,
        mut eq: impl FnMut(&K) -> bool,
    ) -> Option<(Slot, &Entry<K, V>)> {
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
        self.count_hit(slot);
        Lookup::Live(value)
    }

    /// The first entry with the hash, be it expired or not, and where it stands: nearly always
    /// the one that is wanted. Comparing inside of the search would make its loop hold everything
    /// across a call.
    #[inline(always)]
    pub fn first(&self, hash: u64) -> Option<(Slot, &Entry<K, V>)> {
        self.find(hash, |_| true)
    }

    /// Counts a hit of the entry at `slot`, as a use of it.
    #[inline(always)]
    pub fn count_hit(&mut self, slot: Slot) {
        self.stats.hits += 1;
        self.policy.hit(slot);
    }

    /// As `hit`, where the policy's hits need no exclusive access; counts nothing.
    #[inline(always)]
    pub(crate) fn hit_shared<T>(
        &self,
        hash: u64,
        now: Time,
        eq: impl FnMut(&K) -> bool,
        read: impl FnOnce(&V) -> T,
    ) -> Option<T> {
        let (slot, entry) = self.find(hash, eq)?;
        if entry.deadline <= now {
            return None;
        }
        let value = read(&entry.value);
        P::Access::hit(&self.policy, slot);
        Some(value)
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
                self.count_hit(slot);
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
}
