//! ARC: recency and frequency, with a border that the misses move.
//!
//! N. Megiddo, D. S. Modha, "ARC: A Self-Tuning, Low Overhead Replacement Cache", FAST 2003, figure
//! 4.
//!
//! ```text
//!   ghosts B1 <--- T1: asked for once      |   T2: asked for again ---> ghosts B2
//!   asked for again: p rises, T1 grows     p     asked for again: p falls, T2 grows
//! ```
//!
//! Both lists are LRU, and so are their ghosts. A miss that is a ghost says which of the lists is
//! too short, and moves the border `p` between them.
//!
//! * Hit: O(1), as LRU.
//! * Miss: O(1), with a look-up in two tables of ghosts.
//! * Eviction: O(1).
//! * 12 bytes per entry, and 28 for each of at most as many ghosts as there are entries.
//! * Weakness: loops longer than the cache, as `p` follows recency; one use more is all that tells
//!   T2 from T1.
//! * Deviations: none; `p` is real-valued.

use super::ghosts::Ghosts;
use super::memory::{Heap, Memory};
use super::segments::Segments;
use super::{Cause, Hits, Policy, Slot};
#[cfg(feature = "region")]
use crate::shm::{Drive, Driven, Fields, InRegion, Kept, SharedOrder};

/// T1 and B1: what was asked for once lately.
const ONCE: usize = 0;
/// T2 and B2: what was asked for twice and more.
const AGAIN: usize = 1;

/// See the file's head: two LRU lists, each with its ghosts.
#[derive(Debug, Default)]
pub struct Arc<M: Memory = Heap> {
    lists: Segments<2, M>,
    ghosts: [Ghosts<M>; 2],
    /// How long T1 should be: p.
    target: f64,
    max_size: usize,
    /// The new entry that a victim was chosen for, if it was a ghost.
    returning: Option<u64>,
    /// Whether the victim that was chosen leaves no ghost.
    is_forgotten: bool,
}

impl<M: Memory> Arc<M> {
    /// Cases II and III: moves the border if the key is a ghost, and says of which list.
    fn adapt(&mut self, hash: u64) -> Option<usize> {
        let [once, again] = [self.ghosts[ONCE].len() as f64, self.ghosts[AGAIN].len() as f64];
        if self.ghosts[ONCE].take(hash) {
            self.target = (self.target + (again / once).max(1.0)).min(self.max_size as f64);
            Some(ONCE)
        } else if self.ghosts[AGAIN].take(hash) {
            self.target = (self.target - (once / again).max(1.0)).max(0.0);
            Some(AGAIN)
        } else {
            None
        }
    }

    /// Case IV: a key of which nothing is known. Forgets ghosts to bound their number; true if the
    /// oldest of T1 has to go instead.
    fn forget(&mut self) -> bool {
        let [once, again] = [self.lists.len(ONCE), self.lists.len(AGAIN)];
        let room = self.max_size.saturating_sub(once + 1);
        if once + self.ghosts[ONCE].len() >= self.max_size {
            self.ghosts[ONCE].shrink_to(room);
            return once >= self.max_size;
        }
        let others = once + again + self.ghosts[ONCE].len() + 1;
        self.ghosts[AGAIN].shrink_to(self.max_size.saturating_mul(2).saturating_sub(others));
        false
    }
}

impl<M: Memory> Policy for Arc<M>
where
    Self: Hits,
{
    #[cfg(feature = "region")]
    const SHARED: Option<SharedOrder> = Some(SharedOrder::Told);

    #[cfg(feature = "region")]
    fn in_region(drive: Drive<'_>) -> Driven {
        drive.run::<Arc<InRegion<'_>>>()
    }

    fn bound(&mut self, max_size: Option<usize>) {
        self.max_size = max_size.unwrap_or(usize::MAX);
    }

    fn inserted(&mut self, slot: Slot, hash: u64) {
        let is_returning = self.returning.take() == Some(hash) || self.adapt(hash).is_some();
        self.lists.push_back(if is_returning { AGAIN } else { ONCE }, slot, 0);
    }

    #[inline]
    fn hit(&mut self, slot: Slot) {
        self.lists.move_to_back(AGAIN, slot);
    }

    fn removed(&mut self, slot: Slot, hash: u64, cause: Cause) {
        if cause == Cause::Evicted && !self.is_forgotten {
            self.ghosts[self.lists.of(slot)].push(hash);
        }
        self.lists.remove(slot);
    }

    fn victim(&mut self, incoming: u64) -> Option<Slot> {
        let ghost = self.adapt(incoming);
        self.returning = ghost.map(|_| incoming);
        self.is_forgotten = ghost.is_none() && self.forget();
        // REPLACE.
        let once = self.lists.len(ONCE) as f64;
        let is_long = once > self.target || ghost == Some(AGAIN) && once == self.target;
        let (first, second) =
            if is_long || self.is_forgotten { (ONCE, AGAIN) } else { (AGAIN, ONCE) };
        self.lists.front(first).or_else(|| self.lists.front(second))
    }

    fn validate(&self) -> Vec<Slot> {
        self.ghosts.iter().for_each(Ghosts::validate);
        assert!((0.0..=self.max_size as f64).contains(&self.target), "the border is outside");
        self.lists.validate()
    }
}

#[cfg(feature = "region")]
impl Hits for Arc<InRegion<'_>> {
    type Access = super::Exclusive;
}

#[cfg(feature = "region")]
impl<'a> Kept<'a> for Arc<InRegion<'a>> {
    fn fields(&mut self, fields: &mut Fields<'a>) {
        self.lists.fields(fields);
        // T1 and B1 are no more than the bound together, all four no more than twice that.
        let bound = fields.bound;
        for (ghosts, most) in self.ghosts.iter_mut().zip([bound, 2 * bound]) {
            ghosts.fields(fields, most);
        }
        let mut target = self.target.to_bits();
        fields.word(&mut target);
        self.target = f64::from_bits(target);
        fields.expect((0.0..=self.max_size as f64).contains(&self.target));
        fields.hash(&mut self.returning);
        fields.flag(&mut self.is_forgotten);
    }
}
