//! The core that every store is made of: an index of slots by hash, the entries in their slots, a
//! policy that orders the slots and the deadlines of those that expire.
//!
//! Nothing here locks, reads a clock or drops a key or value: what leaves goes into a [`Bag`]. A
//! hash comes with each call, computed once, and equality as a closure, so that a caller decides
//! how keys compare. No closure is called between two changes: one that panics leaves the store as
//! it was.

mod arrive;
mod bag;
mod expiry;
mod index;
mod leave;
mod look_up;
mod room;
mod validate;

use std::num::NonZeroU64;

pub use bag::{Bag, Removed};
pub use leave::Contents;
pub use look_up::Lookup;
pub use room::{Insertion, OwnRoom, Room};

use crate::clock::Time;
use crate::stats::Stats;
use crate::strategy::{Policy, Slot};
use expiry::Expiry;
use index::Index;

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

/// A store with the policy `P`.
#[derive(Debug)]
pub struct Store<P, K, V> {
    policy: P,
    index: Index,
    slots: Vec<Option<Entry<K, V>>>,
    vacant: Vec<Slot>,
    expiry: Expiry,
    max_size: usize,
    /// What the policy is told of the bound.
    share: Option<usize>,
    insertions: NonZeroU64,
    /// What was counted; callers add what the store cannot see.
    pub stats: Stats,
}

impl<P: Policy, K, V> Store<P, K, V> {
    /// An empty store that will hold at most `max_size` entries (never more than 2^32 - 1).
    /// Nothing is allocated yet.
    pub fn new(max_size: usize, policy: P) -> Self {
        Self::with_share(max_size, Some(max_size), policy)
    }

    /// As `new`, for one of several stores that keep to a bound together, or to none: the policy is
    /// told of its share, how many of the entries are likely to be here.
    pub fn with_share(max_size: usize, share: Option<usize>, mut policy: P) -> Self {
        policy.bound(share);
        Store {
            policy,
            index: Index::default(),
            slots: Vec::new(),
            vacant: Vec::new(),
            expiry: Expiry::default(),
            max_size: max_size.min(Slot::MAX as usize),
            share,
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

    /// The value at a slot.
    #[inline]
    pub fn value(&self, slot: Slot) -> &V {
        &self.entry(slot).value
    }

    /// A use of the entry at `slot` that is not counted.
    pub fn touch(&mut self, slot: Slot) {
        self.policy.hit(slot);
    }

    /// The entries, in no particular order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry<K, V>> {
        self.slots.iter().flatten()
    }

    /// Keys and values, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries().map(|entry| (&entry.key, &entry.value))
    }
}
