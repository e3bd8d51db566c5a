//! Slots ordered by how often, then by how recently, they were used: what LFU needs, in O(1).
//!
//! After K. Shah, A. Mitra, D. Matani, "An O(1) algorithm for implementing the LFU cache eviction
//! scheme", 2010: a ladder of buckets, one per count that occurs, each with its slots in the order
//! of their last use. A use moves a slot one bucket up.

use super::Slot;
use super::links::{Links, List};

#[derive(Debug, Default)]
struct Bucket {
    count: u64,
    slots: List,
}

/// Counts the uses of slots and knows the one with the fewest.
#[derive(Debug, Default)]
pub(super) struct Frequencies {
    /// Each slot, with its bucket.
    links: Links<u32>,
    buckets: Vec<Bucket>,
    /// Buckets in the order of their counts.
    ladder: List,
    ladder_links: Links,
    unused: Vec<u32>,
}

impl Frequencies {
    /// Starts to count a slot, at 1.
    pub(super) fn insert(&mut self, slot: Slot) {
        let bucket = match self.ladder.front() {
            Some(lowest) if self.buckets[lowest as usize].count == 1 => lowest,
            _ => self.add_bucket(None, 1),
        };
        self.buckets[bucket as usize].slots.push_back(&mut self.links, slot);
        self.links.set_note(slot, bucket);
    }

    /// Counts one use.
    #[inline]
    pub(super) fn increment(&mut self, slot: Slot) {
        let bucket = self.links.note(slot);
        let count = self.buckets[bucket as usize].count + 1;
        match self.ladder_links.next(bucket) {
            Some(next) if self.buckets[next as usize].count == count => {
                self.move_up(slot, bucket, next);
            }
            _ => self.increment_alone(slot, bucket, count),
        }
    }

    /// The same, where no other slot has the new count.
    #[inline(never)]
    fn increment_alone(&mut self, slot: Slot, bucket: u32, count: u64) {
        if self.buckets[bucket as usize].slots.is_single() {
            self.buckets[bucket as usize].count = count;
            return;
        }
        let next = self.add_bucket(Some(bucket), count);
        self.move_up(slot, bucket, next);
    }

    #[inline(always)]
    fn move_up(&mut self, slot: Slot, bucket: u32, next: u32) {
        let slots = &mut self.buckets[bucket as usize].slots;
        slots.remove(&mut self.links, slot);
        let is_empty = slots.is_empty();
        self.buckets[next as usize].slots.append(&mut self.links, slot);
        self.links.set_note(slot, next);
        if is_empty {
            self.remove_bucket(bucket);
        }
    }

    /// Forgets a slot and its count.
    pub(super) fn remove(&mut self, slot: Slot) {
        let bucket = self.links.note(slot);
        let slots = &mut self.buckets[bucket as usize].slots;
        slots.remove(&mut self.links, slot);
        if slots.is_empty() {
            self.remove_bucket(bucket);
        }
    }

    /// Of the slots with the smallest count, the one used longest ago.
    pub(super) fn least(&self) -> Option<Slot> {
        self.buckets[self.ladder.front()? as usize].slots.front()
    }

    fn add_bucket(&mut self, below: Option<u32>, count: u64) -> u32 {
        let bucket = self.unused.pop().unwrap_or_else(|| {
            self.buckets.push(Bucket::default());
            (self.buckets.len() - 1) as u32
        });
        self.buckets[bucket as usize] = Bucket { count, slots: List::default() };
        self.ladder.insert_after(&mut self.ladder_links, below, bucket);
        bucket
    }

    #[inline(never)]
    fn remove_bucket(&mut self, bucket: u32) {
        self.ladder.remove(&mut self.ladder_links, bucket);
        self.unused.push(bucket);
    }

    /// The slots in eviction order, after checking every link and count.
    pub(super) fn validate(&self) -> Vec<Slot> {
        let mut slots = Vec::new();
        let mut count = 0;
        for bucket in self.ladder.validate(&self.ladder_links) {
            let entry = &self.buckets[bucket as usize];
            assert!(entry.count > count, "the ladder's counts do not rise at {}", entry.count);
            assert!(!entry.slots.is_empty(), "the bucket of {} is empty", entry.count);
            count = entry.count;
            for slot in entry.slots.validate(&self.links) {
                assert_eq!(self.links.note(slot), bucket, "slot {slot} is elsewhere");
                slots.push(slot);
            }
        }
        slots
    }
}
