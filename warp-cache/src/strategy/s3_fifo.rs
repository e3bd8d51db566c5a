//! S3-FIFO: a small queue on probation, a main queue, and ghosts.
//!
//! J. Yang, Y. Zhang, Z. Qiu, Y. Yue, K. V. Rashmi, "FIFO queues are all you need for cache
//! eviction", SOSP 2023, algorithm 1.
//!
//! ```text
//!  new ---> small (1/10) --- used twice ---> main (9/10) ---+ used: once more around, count - 1
//!              |                              ^     ^-------+
//!              | else                         |     |
//!              v                              |     v
//!           ghosts (9/10) --- asked again ----+    gone
//! ```
//!
//! Most keys are asked for once in a cache's lifetime. They go after a tenth of the room has passed,
//! and only what is asked for twice there, or again soon after it went, gets into the main queue.
//!
//! * Hit: a count up to 3, from any number of threads; nothing is written when it is 3 already.
//! * Miss: O(1), with one look-up among the ghosts.
//! * Eviction: O(1) amortized: each step beyond the first takes a use off that a hit has counted.
//! * 13 bytes per entry, and 28 for each of at most 9/10 as many ghosts.
//! * Weakness: what is asked for the second time later than the small queue is long misses twice;
//!   loops longer than the cache.
//! * Deviations: where the algorithm evicts twice in one go, for moving to a full main queue and
//!   then from the small one, one entry goes; there is room then.

use super::ghosts::Ghosts;
use super::marks::Marks;
use super::memory::{Heap, Memory};
use super::segments::Segments;
use super::{Cause, Hits, Policy, SharedHit, Slot};
#[cfg(feature = "region")]
use crate::shm::{Drive, Driven, Fields, InRegion, Kept, SharedOrder};

const SMALL: usize = 0;
const MAIN: usize = 1;

/// How far uses are counted.
const MOST: u8 = 3;

/// See the file's head: two queues and ghosts.
#[derive(Debug, Default)]
pub struct S3Fifo<M: Memory = Heap> {
    queues: Segments<2, M>,
    uses: Marks<M>,
    ghosts: Ghosts<M>,
    max_size: usize,
}

impl<M: Memory> S3Fifo<M> {
    fn small_size(&self) -> usize {
        (self.max_size / 10).max(1)
    }

    fn main_size(&self) -> usize {
        self.max_size - self.max_size / 10
    }

    /// The first of the main queue that was not used since it came or was looked at last.
    fn main_victim(&mut self) -> Option<Slot> {
        loop {
            let oldest = self.queues.front(MAIN)?;
            if !self.uses.lower(oldest) {
                return Some(oldest);
            }
            self.queues.move_to_back(MAIN, oldest);
        }
    }

    /// The first of the small queue that was not used twice; those before it go over to the main
    /// queue. If that gets too full, one from there.
    fn small_victim(&mut self) -> Option<Slot> {
        loop {
            let oldest = self.queues.front(SMALL)?;
            if self.uses.get(oldest) <= 1 {
                return Some(oldest);
            }
            let is_full = self.queues.len(MAIN) >= self.main_size();
            let victim = if is_full { self.main_victim() } else { None };
            self.uses.set(oldest, 0);
            self.queues.move_to_back(MAIN, oldest);
            if victim.is_some() {
                return victim;
            }
        }
    }
}

impl<M: Memory> Policy for S3Fifo<M>
where
    Self: Hits,
{
    #[cfg(feature = "region")]
    const SHARED: Option<SharedOrder> = Some(SharedOrder::Marked { most: MOST });

    #[cfg(feature = "region")]
    fn in_region(drive: Drive<'_>) -> Driven {
        drive.run::<S3Fifo<InRegion<'_>>>()
    }

    fn bound(&mut self, max_size: Option<usize>) {
        self.max_size = max_size.unwrap_or(usize::MAX);
    }

    fn inserted(&mut self, slot: Slot, hash: u64) {
        self.uses.reset(slot);
        let queue = if self.ghosts.take(hash) { MAIN } else { SMALL };
        self.queues.push_back(queue, slot, 0);
    }

    #[inline]
    fn hit(&mut self, slot: Slot) {
        self.hit_shared(slot);
    }

    fn removed(&mut self, slot: Slot, hash: u64, cause: Cause) {
        if cause == Cause::Evicted && self.queues.of(slot) == SMALL {
            self.ghosts.push(hash);
            self.ghosts.shrink_to(self.main_size());
        }
        self.queues.remove(slot);
    }

    fn victim(&mut self, _incoming: u64) -> Option<Slot> {
        let small = self.queues.len(SMALL) >= self.small_size();
        let first = if small { self.small_victim() } else { self.main_victim() };
        // A queue may be empty, or have become so.
        first.or_else(|| self.main_victim()).or_else(|| self.small_victim())
    }

    fn validate(&self) -> Vec<Slot> {
        self.ghosts.validate();
        assert!(self.ghosts.len() <= self.main_size(), "too many ghosts");
        self.queues.validate()
    }
}

impl<M: Memory> SharedHit for S3Fifo<M>
where
    Self: Hits,
{
    #[inline]
    fn hit_shared(&self, slot: Slot) {
        self.uses.raise(slot, MOST);
    }
}

#[cfg(feature = "region")]
impl Hits for S3Fifo<InRegion<'_>> {
    type Access = super::Exclusive;
}

#[cfg(feature = "region")]
impl<'a> Kept<'a> for S3Fifo<InRegion<'a>> {
    fn fields(&mut self, fields: &mut Fields<'a>) {
        let ghosts = self.main_size();
        self.queues.fields(fields);
        self.uses.fields(fields);
        self.ghosts.fields(fields, ghosts);
    }
}
