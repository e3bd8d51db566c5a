//! 2Q: a queue for what is new, LRU for what comes again, and ghosts between them.
//!
//! T. Johnson, D. Shasha, "2Q: A Low Overhead High Performance Buffer Management Replacement
//! Algorithm", VLDB 1994, the full version.
//!
//! ```text
//!  new ---> in (1/4, first in first out) ---> out (ghosts, 1/2) ---> forgotten
//!                                              |
//!                                              | asked again
//!                                              v
//!                                             main (LRU) ---> gone
//! ```
//!
//! A key gets into the main part when it is asked for again after it has left the first queue: uses
//! that follow each other closely are one. So a scan passes through a quarter of the room.
//!
//! * Hit: in the main part as LRU; in the first queue nothing.
//! * Miss: O(1), with one look-up among the ghosts.
//! * Eviction: O(1).
//! * 12 bytes per entry, and 28 for each of at most half as many ghosts.
//! * Weakness: what is asked for twice misses twice if the cache is small against the time between;
//!   the shares are fixed.
//! * Deviations: none. Kin = max(1, size / 4), Kout = max(1, size / 2).

use super::ghosts::Ghosts;
use super::memory::{Heap, Memory};
use super::segments::Segments;
use super::{Cause, Hits, Policy, Slot};
#[cfg(feature = "region")]
use crate::shm::{Drive, Driven, Fields, InRegion, Kept, SharedOrder};

const IN: usize = 0;
const MAIN: usize = 1;

/// See the file's head: a queue, an LRU list and ghosts.
#[derive(Debug, Default)]
pub struct TwoQ<M: Memory = Heap> {
    queues: Segments<2, M>,
    out: Ghosts<M>,
    max_size: usize,
    /// The new entry that a victim was chosen for, if it was a ghost.
    returning: Option<u64>,
}

impl<M: Memory> Policy for TwoQ<M>
where
    Self: Hits,
{
    #[cfg(feature = "region")]
    const SHARED: Option<SharedOrder> = Some(SharedOrder::Told);

    #[cfg(feature = "region")]
    fn in_region(drive: Drive<'_>) -> Driven {
        drive.run::<TwoQ<InRegion<'_>>>()
    }

    fn bound(&mut self, max_size: Option<usize>) {
        self.max_size = max_size.unwrap_or(usize::MAX);
    }

    fn inserted(&mut self, slot: Slot, hash: u64) {
        let is_returning = self.returning.take() == Some(hash) || self.out.take(hash);
        let queue = if is_returning { MAIN } else { IN };
        self.queues.push_back(queue, slot, 0);
    }

    #[inline]
    fn hit(&mut self, slot: Slot) {
        if self.queues.of(slot) == MAIN {
            self.queues.move_to_back(MAIN, slot);
        }
    }

    fn removed(&mut self, slot: Slot, hash: u64, cause: Cause) {
        if cause == Cause::Evicted && self.queues.of(slot) == IN {
            self.out.push(hash);
            self.out.shrink_to((self.max_size / 2).max(1));
        }
        self.queues.remove(slot);
    }

    fn victim(&mut self, incoming: u64) -> Option<Slot> {
        // Now, before the victim's ghost could drive it out.
        self.returning = self.out.take(incoming).then_some(incoming);
        let is_long = self.queues.len(IN) > (self.max_size / 4).max(1);
        let (first, second) = if is_long { (IN, MAIN) } else { (MAIN, IN) };
        self.queues.front(first).or_else(|| self.queues.front(second))
    }

    fn validate(&self) -> Vec<Slot> {
        self.out.validate();
        assert!(self.out.len() <= (self.max_size / 2).max(1), "too many ghosts");
        self.queues.validate()
    }
}

#[cfg(feature = "region")]
impl Hits for TwoQ<InRegion<'_>> {
    type Access = super::Exclusive;
}

#[cfg(feature = "region")]
impl<'a> Kept<'a> for TwoQ<InRegion<'a>> {
    fn fields(&mut self, fields: &mut Fields<'a>) {
        let ghosts = (fields.bound / 2).max(1);
        self.queues.fields(fields);
        self.out.fields(fields, ghosts);
        fields.hash(&mut self.returning);
    }
}
