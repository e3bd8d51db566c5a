//! Whether a region is whole: for tests.

use std::collections::BTreeSet;

use super::Region;
use super::entry::{DEADLINE, HASH, LENGTHS, Lengths, PLACE, State, VERSION, Version};
use super::lock::Locked;
use crate::sync::Ordering;

impl Region {
    /// Checks every structure of the region against every other. O(region).
    ///
    /// # Panics
    /// If one is damaged, which is a bug unless a writer died or bits flipped, or if a shard's lock
    /// is not to be had.
    #[doc(hidden)]
    pub fn validate(&self) {
        let mut blocks = BTreeSet::new();
        for shard in 0..self.geometry.shards {
            let locked = self.lock(shard).expect("nobody holds the lock");
            locked.validate(&mut blocks);
        }
        let links = self.geometry.links..self.geometry.links + self.geometry.blocks;
        let taken = links.filter(|&link| self.words.load(link, Ordering::Relaxed) != 0);
        assert_eq!(taken.count(), blocks.len(), "blocks that no entry has");
    }
}

impl Locked<'_> {
    fn validate(&self, blocks: &mut BTreeSet<u32>) {
        let members: BTreeSet<usize> =
            (0..self.len()).map(|place| self.member(place).expect("a sound heap")).collect();
        assert_eq!(members.len(), self.len(), "an entry twice in the heap");
        self.validate_order();
        for entry in 0..self.region.geometry.entries {
            let at = self.entry_at(entry);
            let state = Version(self.load(at + VERSION)).state();
            let is_member = members.contains(&entry);
            assert_eq!(is_member, state == State::Live, "entry {entry} is {state:?}");
            if is_member {
                assert!(self.load(at + DEADLINE) >= self.earliest(), "an earlier deadline");
                let hash = self.load(at + HASH);
                let is_it = |other| (other == entry).then_some(());
                let found = self.region.find_candidate(self.shard, hash, is_it);
                assert!(found.is_some(), "entry {entry} is not in the index");
                self.validate_chain(entry, blocks);
            }
        }
    }

    fn validate_chain(&self, entry: usize, blocks: &mut BTreeSet<u32>) {
        let at = self.entry_at(entry);
        let mut block = self.load(at + PLACE) as u32;
        for _ in 0..Lengths::from_word(self.load(at + LENGTHS)).blocks() {
            let next = self.region.follow(self.number(entry), block);
            let (next, _) = next.unwrap_or_else(|| panic!("entry {entry} does not own {block}"));
            assert!(blocks.insert(block), "block {block} is in two chains");
            block = next;
        }
        assert_eq!(block, super::blocks::END, "the chain of {entry} goes on");
    }
}
