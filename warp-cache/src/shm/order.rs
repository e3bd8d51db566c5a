//! Whose turn it is to go.
//!
//! Where a strategy goes by a rank that each entry has, a heap of each shard's entries by their
//! recorded ranks. Uses raise an entry's rank without a lock; the heap has the rank that the entry
//! had when the heap last saw it. Ranks only rise, so the recorded one is never too high, and it is
//! enough to compare the two when an entry comes to the top: it is sent down again if it was used
//! since. So the order is exact though a hit writes nothing but its own entry. Where processes use
//! the region at the same time, hits of LRU write even less: see `crowd.rs`.
//!
//! One array holds it: numbers of entries, the first `len` of them the heap, those up to `fresh`
//! the free entries; entries from `fresh` on have never been used. Beside it stand the recorded
//! ranks, and a third array tells where in it each entry stands. Whatever is read from the one is
//! checked against the other. Each place has four below it, whose ranks are next to each other: few
//! cache lines are met on the way down.
//!
//! Strategies that go by no rank have the array too, in no order. What they keep instead stands in
//! the place of the recorded ranks: see `linked.rs`. The four that go by a rank could be kept there
//! as well; but in a heap a use by any process counts at once and is told to nobody.
//!
//! ADAPTIVE has no order here. Beside its lists it is a sketch and five caches in small, in each of
//! up to 64 shards: some eighty numbers to read and check at each step, more than all else that a
//! write does, and 32 kB at least. What one shard finds out about the window no other would know.

use super::entry::{HASH, State, USED, VERSION, Version};
use super::linked::Step;
use super::lock::{Damaged, Locked};
use crate::strategy::{Cause, Slot, Strategy};

/// The order in which a strategy evicts, as processes can keep it together, and what a use leaves
/// for it without a lock.
///
/// Which one a strategy has it says itself, in [`Policy::SHARED`](crate::strategy::Policy::SHARED).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedOrder {
    /// The longest unused goes first: a use leaves a tick.
    LeastRecent,
    /// The last used goes first.
    MostRecent,
    /// The first inserted goes first.
    Oldest,
    /// The least often used goes first, of equals the longest unused.
    LeastFrequent,
    /// The strategy's own lists say it, and marks: a use adds 1 to its entry's, up to `most`.
    Marked {
        /// At most 3.
        most: u8,
    },
    /// The strategy's own lists say it, which every use changes: a process notes its uses, and tells
    /// the strategy of them when it has the lock.
    Told,
}

impl SharedOrder {
    /// The strategy's order; none if it has none that processes can share.
    pub fn of(strategy: Strategy) -> Option<SharedOrder> {
        strategy.shared_order()
    }

    /// The strategies that have one.
    pub fn strategies() -> impl Iterator<Item = Strategy> {
        Strategy::ALL.iter().copied().filter(|&strategy| SharedOrder::of(strategy).is_some())
    }

    /// Whether the strategy's own code drives it, over lists in the region's words.
    pub fn is_linked(self) -> bool {
        matches!(self, SharedOrder::Marked { .. } | SharedOrder::Told)
    }
}

/// How many places are below each in the heap.
const BELOW: usize = 4;
/// How many entries are sent down again at most for one that goes: in a shard with more than that,
/// most of them used since their last turn, the one that goes is nearly the right one.
const RESENT: usize = 4096;

impl Locked<'_> {
    /// The entry that has to go first for one with the hash `incoming`; none if there is none.
    pub(super) fn first(&self, incoming: u64) -> Result<Option<usize>, Damaged> {
        if self.len() == 0 {
            return Ok(None);
        }
        match self.order() {
            SharedOrder::MostRecent => return self.last_used().map(Some),
            SharedOrder::Marked { .. } | SharedOrder::Told => {
                let entry = self.victim(incoming)?;
                return if self.is_member(entry) { Ok(Some(entry)) } else { Err(Damaged) };
            }
            SharedOrder::LeastRecent | SharedOrder::Oldest | SharedOrder::LeastFrequent => {}
        }
        for _ in 0..RESENT {
            let entry = self.member(0)?;
            let at = self.entry_at(entry);
            let (rank, used) = (self.rank(0), self.load(at + USED));
            if used <= rank || Version(self.load(at + VERSION)).state() != State::Live {
                break;
            }
            self.sink(0, entry, used)?;
        }
        self.member(0).map(Some)
    }

    fn order(&self) -> SharedOrder {
        self.region.geometry.order()
    }

    /// The entry used last: most often the one that says so itself.
    fn last_used(&self) -> Result<usize, Damaged> {
        let touched = (self.load(self.touched_at()) as usize).wrapping_sub(1);
        if touched < self.region.geometry.entries && self.is_member(touched) {
            return Ok(touched);
        }
        let (mut last, mut latest) = (self.member(0)?, 0);
        for place in 0..self.len() {
            let entry = self.member(place)?;
            let used = self.load(self.entry_at(entry) + USED);
            if used >= latest {
                (last, latest) = (entry, used);
            }
        }
        Ok(last)
    }

    /// An entry that is free; none if all are taken.
    pub(super) fn free_entry(&self) -> Result<Option<usize>, Damaged> {
        let (len, fresh) = (self.len(), self.fresh());
        if len < fresh {
            let entry = self.at(len)?;
            let state = Version(self.load(self.entry_at(entry) + VERSION)).state();
            let is_free = self.position(entry) == len && state == State::Empty;
            return if is_free { Ok(Some(entry)) } else { Err(Damaged) };
        }
        if fresh >= self.region.geometry.entries {
            return Ok(None);
        }
        if Version(self.load(self.entry_at(fresh) + VERSION)).state() != State::Empty {
            return Err(Damaged);
        }
        self.put(fresh, fresh);
        self.set_fresh(fresh + 1);
        Ok(Some(fresh))
    }

    /// Adds a free entry with a rank.
    pub(super) fn push(&self, entry: usize, rank: u64) -> Result<(), Damaged> {
        let (len, place) = (self.len(), self.position(entry));
        if place < len || place >= self.fresh() || self.at(place)? != entry {
            return Err(Damaged);
        }
        let other = self.at(len)?;
        self.put(place, other);
        self.set_len(len + 1);
        if self.order().is_linked() {
            self.put(len, entry);
            let hash = self.load(self.entry_at(entry) + HASH);
            return self.tell(Step::Inserted(entry as Slot, hash));
        }
        self.rise(len, entry, rank).map(drop)
    }

    /// Takes an entry out, whose hash still stands in it; it is free then.
    pub(super) fn pull(&self, entry: usize, cause: Cause) -> Result<(), Damaged> {
        if !self.is_member(entry) {
            return Err(Damaged);
        }
        let (place, last) = (self.position(entry), self.len() - 1);
        let moved = self.at(last)?;
        if self.order().is_linked() {
            self.put(place, moved);
            self.put(last, entry);
            self.set_len(last);
            let hash = self.load(self.entry_at(entry) + HASH);
            return self.tell(Step::Removed(entry as Slot, hash, cause));
        }
        let rank = self.rank(last);
        self.put(last, entry);
        self.set_len(last);
        if moved != entry {
            let place = self.rise(place, moved, rank)?;
            self.sink(place, moved, rank)?;
        }
        Ok(())
    }

    /// Whether the entry is among those that have their turn.
    pub(super) fn is_member(&self, entry: usize) -> bool {
        let place = self.position(entry);
        place < self.len() && self.at(place) == Ok(entry)
    }

    /// The entry at a place of the heap.
    pub(super) fn member(&self, place: usize) -> Result<usize, Damaged> {
        let entry = self.at(place)?;
        if self.position(entry) == place { Ok(entry) } else { Err(Damaged) }
    }

    /// Puts the entry at `place`, or as far up as its rank takes it, and returns where that is.
    fn rise(&self, mut place: usize, entry: usize, rank: u64) -> Result<usize, Damaged> {
        while place > 0 {
            let above = (place - 1) / BELOW;
            let its = self.rank(above);
            if its <= rank {
                break;
            }
            self.put_ranked(place, self.at(above)?, its);
            place = above;
        }
        self.put_ranked(place, entry, rank);
        Ok(place)
    }

    /// Puts the entry at `place`, or as far down as its rank takes it.
    fn sink(&self, mut place: usize, entry: usize, rank: u64) -> Result<(), Damaged> {
        let len = self.len();
        loop {
            let first = BELOW * place + 1;
            let below = first..len.min(first + BELOW);
            let lowest = below.map(|place| (self.rank(place), place)).min();
            let Some((its, below)) = lowest.filter(|&(its, _)| its < rank) else { break };
            self.put_ranked(place, self.at(below)?, its);
            place = below;
        }
        self.put_ranked(place, entry, rank);
        Ok(())
    }

    /// Checks that no rank is below the one above it, or that the strategy knows the same entries.
    pub(super) fn validate_order(&self) {
        if self.order().is_linked() {
            let mut slots = self.validate_linked();
            slots.sort_unstable();
            slots.dedup();
            assert_eq!(slots.len(), self.len(), "the strategy knows other entries");
            assert!(slots.iter().all(|&slot| self.is_member(slot as usize)));
            return;
        }
        for place in 1..self.len() {
            let above = (place - 1) / BELOW;
            assert!(self.rank(above) <= self.rank(place), "the heap is out of order at {place}");
        }
    }

    /// The recorded rank of the entry at a place.
    fn rank(&self, place: usize) -> u64 {
        self.load(self.region.geometry.order_at + self.number(place))
    }

    fn put_ranked(&self, place: usize, entry: usize, rank: u64) {
        self.put(place, entry);
        self.store(self.region.geometry.order_at + self.number(place), rank);
    }

    /// The entry at a place of the array.
    fn at(&self, place: usize) -> Result<usize, Damaged> {
        let entry = self.half(self.region.geometry.heap, place);
        if entry < self.region.geometry.entries { Ok(entry) } else { Err(Damaged) }
    }

    /// Where the entry stands.
    fn position(&self, entry: usize) -> usize {
        self.half(self.region.geometry.positions, entry)
    }

    fn put(&self, place: usize, entry: usize) {
        self.set_half(self.region.geometry.heap, place, entry);
        self.set_half(self.region.geometry.positions, entry, place);
    }

    /// A number of an array that packs two of the shard's into a word.
    fn half(&self, array: usize, index: usize) -> usize {
        let index = self.number(index);
        (self.load(array + index / 2) >> (index % 2 * 32)) as u32 as usize
    }

    fn set_half(&self, array: usize, index: usize, number: usize) {
        let index = self.number(index);
        let (place, shift) = (array + index / 2, index % 2 * 32);
        let others = self.load(place) & !(u64::from(u32::MAX) << shift);
        self.store(place, others | (number as u64) << shift);
    }
}
