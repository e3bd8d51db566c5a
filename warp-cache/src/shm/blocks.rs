//! The bytes of keys and values that do not fit into their entries: chains of 64-byte blocks.
//!
//! All shards take from the same blocks, so that a value may have an eighth of the region however
//! many shards there are. A block's link says which entry it belongs to and which block follows; 0
//! is a free one. To take a block is one compare-and-swap of its link, which names the owner at
//! once: a writer that dies there loses nothing that the recovery of its shard would not find. One
//! hint bit for each 64 blocks says that none of them is free; it may be wrong for a while.

use super::Region;
use super::layout::{BLOCK, GROUP};
use super::lock::{Damaged, Locked};
use crate::sync::{Ordering, fence};

/// The end of a chain.
pub(super) const END: u32 = u32::MAX;

/// A link of the entry's chain.
#[inline]
fn link(entry: usize, next: u32) -> u64 {
    (entry as u64 + 1) << 32 | u64::from(next)
}

impl Region {
    /// The next block of an entry's chain and the place of this one's words; none if the block is
    /// not the entry's.
    #[inline]
    pub(super) fn follow(&self, entry: usize, block: u32) -> Option<(u32, usize)> {
        let block = block as usize;
        if block >= self.geometry.blocks {
            return None;
        }
        let word = self.words.load(self.geometry.links + block, Ordering::Relaxed);
        let place = self.geometry.payload + block * BLOCK;
        (word >> 32 == entry as u64 + 1).then_some((word as u32, place))
    }

    /// Takes a free block for the entry, to stand before `next`; none if there is none.
    ///
    /// Goes on where it last found one. Of full blocks it sees the hints only: 4096 a word.
    fn take_block(&self, entry: usize, next: u32) -> Option<u32> {
        let groups = self.geometry.blocks.div_ceil(GROUP);
        let cursor = self.cursor.load(Ordering::Relaxed) as usize;
        let mut from = if cursor < self.geometry.blocks { cursor } else { 0 };
        let mut group = from / GROUP;
        // The first group twice: from the cursor on, and at the end from its start.
        let mut left = groups + 1;
        while left > 0 && groups > 0 {
            let hint = self.words.load(self.geometry.hints + group / 64, Ordering::Relaxed);
            let skip = ((!hint >> (group % 64)).trailing_zeros() as usize).min(64 - group % 64);
            let skip = skip.min(groups - group);
            if skip > 0 {
                left = left.saturating_sub(skip);
                group = if group + skip >= groups { 0 } else { group + skip };
                from = group * GROUP;
                continue;
            }
            if let Some(block) = self.take_in(group, from, entry, next) {
                self.cursor.store(u64::from(block) + 1, Ordering::Relaxed);
                return Some(block);
            }
            if from == group * GROUP {
                self.words.set_bits(self.geometry.hints + group / 64, 1 << (group % 64));
                fence(Ordering::SeqCst);
                // Freed just before the hint said that there is none.
                if let Some(block) = self.take_in(group, from, entry, next) {
                    self.unhint(block as usize);
                    return Some(block);
                }
            }
            left -= 1;
            group = if group + 1 >= groups { 0 } else { group + 1 };
            from = group * GROUP;
        }
        None
    }

    fn take_in(&self, group: usize, from: usize, entry: usize, next: u32) -> Option<u32> {
        let end = ((group + 1) * GROUP).min(self.geometry.blocks);
        let links = self.geometry.links;
        (from..end).find_map(|block| {
            let is_free = self.words.load(links + block, Ordering::Relaxed) == 0;
            let word = link(entry, next);
            // Acquire: what its last owner did to its words comes before what is done now.
            let taken = is_free && self.words.exchange(links + block, 0, word, Ordering::Acquire);
            taken.then_some(block as u32)
        })
    }

    fn unhint(&self, block: usize) {
        let (place, bit) = (self.geometry.hints + block / GROUP / 64, 1 << (block / GROUP % 64));
        if self.words.load(place, Ordering::Relaxed) & bit != 0 {
            self.words.clear_bits(place, bit);
        }
    }
}

impl Locked<'_> {
    /// Lengthens the entry's chain at its front by up to `count` blocks; how many there were.
    pub(super) fn take_blocks(&self, entry: usize, head: &mut u32, count: usize) -> usize {
        for taken in 0..count {
            match self.region.take_block(self.number(entry), *head) {
                Some(block) => *head = block,
                None => return taken,
            }
        }
        count
    }

    /// Frees the entry's chain of `count` blocks.
    pub(super) fn free_blocks(&self, entry: usize, head: u32, count: usize) -> Result<(), Damaged> {
        let (region, owner) = (self.region, self.number(entry));
        let mut block = head;
        for _ in 0..count {
            let (next, _) = region.follow(owner, block).ok_or(Damaged)?;
            region.words.store(region.geometry.links + block as usize, 0, Ordering::Release);
            // The hint is read after the link is free for all to see, as its setter looks again.
            fence(Ordering::SeqCst);
            region.unhint(block as usize);
            region.cursor.store(u64::from(block), Ordering::Relaxed);
            block = next;
        }
        if block == END { Ok(()) } else { Err(Damaged) }
    }

    /// Frees every block that an entry of the shard is said to own.
    pub(super) fn free_all_blocks(&self) {
        let geometry = &self.region.geometry;
        let first = self.number(0) as u64 + 1;
        let owners = first..first + geometry.entries as u64;
        let most = geometry.capacity() as u64;
        for link in geometry.links..geometry.links + geometry.blocks {
            let owner = self.load(link) >> 32;
            let is_lost = owner > most || (owner == 0 && self.load(link) != 0);
            if is_lost || owners.contains(&owner) {
                self.region.words.store(link, 0, Ordering::Release);
            }
        }
        for hint in geometry.hints..geometry.hints + geometry.blocks.div_ceil(GROUP * 64) {
            self.store(hint, 0);
        }
    }
}
