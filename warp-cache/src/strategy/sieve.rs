//! SIEVE: one queue, one bit, and a hand that stays where it is.
//!
//! Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, K. V. Rashmi, "SIEVE is Simpler than LRU: an Efficient
//! Turn-Key Eviction Algorithm for Web Caches", NSDI 2024.
//!
//! ```text
//!  newest  e*  d   c*  b   a*  oldest        * used since it came, or since the hand passed
//!              <-- ^ hand
//! ```
//!
//! A use marks the entry. To evict, the hand goes from where it stopped towards the newest entry and
//! around again; it takes the mark off the entries that have one, which stay where they are, and
//! stops at the first that has none. New entries come in front: those that are asked for once go at
//! the hand's next visit, while the old ones behind it are those that proved useful.
//!
//! * Hit: a mark, from any number of threads; nothing is written when it is set already.
//! * Miss: O(1).
//! * Eviction: O(1) amortized: each step of the hand takes a mark off that a hit has set.
//! * 9 bytes per entry.
//! * Weakness: a bit tells once from often, not often from always; loops longer than the cache are
//!   never hit, and without enough one-time keys the hand moves slowly: what was popular long ago
//!   stays long.
//! * Deviations: none.

use super::links::{Links, List};
use super::marks::Marks;
use super::memory::{Heap, Memory};
use super::{Cause, Hits, Policy, SharedHit, Slot};
#[cfg(feature = "region")]
use crate::shm::{Drive, Driven, Fields, InRegion, Kept, SharedOrder};

/// See the file's head: a queue with a resting hand.
#[derive(Debug, Default)]
pub struct Sieve<M: Memory = Heap> {
    links: Links<(), M>,
    /// From the oldest to the newest.
    order: List,
    used: Marks<M>,
    /// The entry that the hand has passed last; none at the start of the queue.
    passed: Option<Slot>,
}

impl<M: Memory> Policy for Sieve<M>
where
    Self: Hits,
{
    #[cfg(feature = "region")]
    const SHARED: Option<SharedOrder> = Some(SharedOrder::Marked { most: 1 });

    #[cfg(feature = "region")]
    fn in_region(drive: Drive<'_>) -> Driven {
        drive.run::<Sieve<InRegion<'_>>>()
    }

    fn inserted(&mut self, slot: Slot, _hash: u64) {
        self.used.reset(slot);
        self.order.push_back(&mut self.links, slot);
    }

    #[inline]
    fn hit(&mut self, slot: Slot) {
        self.hit_shared(slot);
    }

    fn removed(&mut self, slot: Slot, _hash: u64, cause: Cause) {
        if cause == Cause::Evicted && self.order.back() == Some(slot) {
            self.passed = None;
        } else if self.passed == Some(slot) {
            self.passed = self.links.previous(slot);
        }
        self.order.remove(&mut self.links, slot);
    }

    fn victim(&mut self, _incoming: u64) -> Option<Slot> {
        loop {
            let at = match self.passed {
                None => Some(self.order.front()?),
                Some(slot) => self.links.next(slot),
            };
            match at {
                Some(slot) if !self.used.lower(slot) => return at,
                _ => self.passed = at,
            }
        }
    }

    fn validate(&self) -> Vec<Slot> {
        let slots = self.order.validate(&self.links);
        assert!(self.passed.is_none_or(|slot| slots.contains(&slot)), "the hand is lost");
        slots
    }
}

impl<M: Memory> SharedHit for Sieve<M>
where
    Self: Hits,
{
    #[inline]
    fn hit_shared(&self, slot: Slot) {
        self.used.raise(slot, 1);
    }
}

#[cfg(feature = "region")]
impl Hits for Sieve<InRegion<'_>> {
    type Access = super::Exclusive;
}

#[cfg(feature = "region")]
impl<'a> Kept<'a> for Sieve<InRegion<'a>> {
    fn fields(&mut self, fields: &mut Fields<'a>) {
        let entries = fields.entries;
        self.links.fields(fields, entries);
        self.order.fields(fields);
        self.used.fields(fields);
        fields.slot(&mut self.passed);
    }
}
