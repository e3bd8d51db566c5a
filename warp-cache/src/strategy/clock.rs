//! CLOCK: first in, first out, with a second chance.
//!
//! F. J. Corbató, "A Paging Experiment with the Multics System", 1968.
//!
//! ```text
//!  newest  e   d   c   b   a*  oldest        * used since it came, or since its last chance
//!    ^-------------------- +                 a goes to the front, without its mark; then b goes
//! ```
//!
//! A use marks the entry. To evict, the oldest is taken; if it is marked it loses the mark and
//! becomes the newest instead. Around a ring, the hand would be between the newest and the oldest.
//!
//! * Hit: a mark, from any number of threads; nothing is written when it is set already.
//! * Miss: O(1).
//! * Eviction: O(1) amortized: each entry that gets a second chance loses a mark that a hit has set.
//! * 9 bytes per entry.
//! * Weakness: as of LRU, which it approximates: scans and loops longer than the cache.
//! * Deviations: none. The bit is 0 at the insertion.

use super::links::{Links, List};
use super::marks::Marks;
use super::memory::{Heap, Memory};
use super::{Cause, Hits, Policy, SharedHit, Slot};
#[cfg(feature = "region")]
use crate::shm::{Drive, Driven, Fields, InRegion, Kept, SharedOrder};

/// See the file's head: a queue with second chances.
#[derive(Debug, Default)]
pub struct Clock<M: Memory = Heap> {
    links: Links<(), M>,
    /// From the oldest to the newest.
    order: List,
    used: Marks<M>,
}

impl<M: Memory> Policy for Clock<M>
where
    Self: Hits,
{
    #[cfg(feature = "region")]
    const SHARED: Option<SharedOrder> = Some(SharedOrder::Marked { most: 1 });

    #[cfg(feature = "region")]
    fn in_region(drive: Drive<'_>) -> Driven {
        drive.run::<Clock<InRegion<'_>>>()
    }

    fn inserted(&mut self, slot: Slot, _hash: u64) {
        self.used.reset(slot);
        self.order.push_back(&mut self.links, slot);
    }

    #[inline]
    fn hit(&mut self, slot: Slot) {
        self.hit_shared(slot);
    }

    fn removed(&mut self, slot: Slot, _hash: u64, _cause: Cause) {
        self.order.remove(&mut self.links, slot);
    }

    #[inline]
    fn evicted_for(&mut self, slot: Slot, _old_hash: u64, _new_hash: u64) {
        self.used.reset(slot);
        self.order.move_to_back(&mut self.links, slot);
    }

    fn victim(&mut self, _incoming: u64) -> Option<Slot> {
        loop {
            let oldest = self.order.front()?;
            if !self.used.lower(oldest) {
                return Some(oldest);
            }
            self.order.move_to_back(&mut self.links, oldest);
        }
    }

    fn validate(&self) -> Vec<Slot> {
        self.order.validate(&self.links)
    }
}

impl<M: Memory> SharedHit for Clock<M>
where
    Self: Hits,
{
    #[inline]
    fn hit_shared(&self, slot: Slot) {
        self.used.raise(slot, 1);
    }
}

#[cfg(feature = "region")]
impl Hits for Clock<InRegion<'_>> {
    type Access = super::Exclusive;
}

#[cfg(feature = "region")]
impl<'a> Kept<'a> for Clock<InRegion<'a>> {
    fn fields(&mut self, fields: &mut Fields<'a>) {
        let entries = fields.entries;
        self.links.fields(fields, entries);
        self.order.fields(fields);
        self.used.fields(fields);
    }
}
