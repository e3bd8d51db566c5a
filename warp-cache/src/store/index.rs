//! Where the entries of a store stand, by the hashes of their keys.
//!
//! A table of chains: each place has the newest slot whose hash belongs there, and each slot the one
//! before it. A look-up reads one line of the table and then the entry that it is for; a slot comes
//! and goes without a search for a free place. Open addressing, which was here before, was as quick
//! for a hit, but its runs are of random lengths, and a miss with an eviction goes through four of
//! them: what the processor guessed wrong there took a fifth of the whole call.

use crate::strategy::Slot;

/// No slot: the end of a chain.
const NONE: Slot = Slot::MAX;
/// How many places there are at least.
const FEWEST: usize = 16;
/// How many places there are at least for each slot: most chains then have one, and a hit in a large
/// store seldom reads an entry that it is not for.
const SPARE: usize = 4;

/// The slots of a store by the hashes of their keys.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The first slot of each chain: a power of two of them, or none.
    first: Vec<Slot>,
    /// The slot after each one in its chain.
    next: Vec<Slot>,
    len: usize,
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn place(&self, hash: u64) -> usize {
        hash as usize & self.first.len().wrapping_sub(1)
    }

    /// What `read` makes of the first slot with this hash for which it makes something. Not every
    /// slot that it is given has the hash.
    #[inline(always)]
    pub(super) fn find<T>(&self, hash: u64, mut read: impl FnMut(Slot) -> Option<T>) -> Option<T> {
        // Without any places, none is found.
        let mut slot = *self.first.get(self.place(hash))?;
        while slot != NONE {
            let found = read(slot);
            if found.is_some() {
                return found;
            }
            slot = self.next[slot as usize];
        }
        None
    }

    /// Whether `grow` has to come before the next `insert`.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.len == self.next.len()
    }

    /// Adds a slot that is not there yet: one that was, or the lowest that was not.
    pub(super) fn insert(&mut self, hash: u64, slot: Slot) {
        let place = self.place(hash);
        let second = std::mem::replace(&mut self.first[place], slot);
        self.next[slot as usize] = second;
        self.len += 1;
    }

    /// Takes out a slot that is there.
    pub(super) fn remove(&mut self, hash: u64, slot: Slot) {
        let place = self.place(hash);
        let next = self.next[slot as usize];
        let mut at = self.first[place];
        if at == slot {
            self.first[place] = next;
        } else {
            while self.next[at as usize] != slot {
                at = self.next[at as usize];
            }
            self.next[at as usize] = next;
        }
        self.len -= 1;
    }

    /// Doubles the places, which are all free then: what was there has to be inserted again.
    #[cold]
    pub(super) fn grow(&mut self) {
        let count = (self.first.len() * 2).max(FEWEST);
        // The old places go before the new ones come.
        *self = Index::default();
        *self = Index { first: vec![NONE; count], next: vec![NONE; count / SPARE], len: 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every slot that the index shows for a hash.
    fn all(index: &Index, hash: u64) -> Vec<Slot> {
        let mut slots = Vec::new();
        index.find(hash, |slot| {
            slots.push(slot);
            None::<()>
        });
        slots.sort_unstable();
        slots
    }

    #[test]
    fn an_empty_index_finds_nothing() {
        assert!(all(&Index::default(), 7).is_empty());
    }

    /// Few different places, so that chains grow and lose members everywhere.
    #[test]
    fn it_finds_what_a_plain_list_does() {
        let mut index = Index::default();
        let mut hashes: Vec<Option<u64>> = vec![None; 40];
        let mut random = 1_u64;
        for _ in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let hash = (random >> 60) * 0x1000_0001 + 60;
            let vacant = hashes.iter().position(Option::is_none);
            match vacant.filter(|_| random & 0x8000 == 0) {
                Some(slot) => {
                    if index.is_full() {
                        index.grow();
                        known(&hashes).for_each(|(hash, slot)| index.insert(hash, slot));
                    }
                    index.insert(hash, slot as Slot);
                    hashes[slot] = Some(hash);
                }
                None => {
                    let slot = (random >> 32) as usize % hashes.len();
                    if let Some(hash) = hashes[slot].take() {
                        index.remove(hash, slot as Slot);
                    }
                }
            }
            assert_eq!(index.len(), known(&hashes).count());
            let expected: Vec<_> =
                known(&hashes).filter(|known| known.0 == hash).map(|known| known.1).collect();
            let mut found = all(&index, hash);
            found.retain(|&slot| hashes[slot as usize] == Some(hash));
            assert_eq!(found, expected);
        }
    }

    fn known(hashes: &[Option<u64>]) -> impl Iterator<Item = (u64, Slot)> {
        hashes.iter().zip(0..).filter_map(|(hash, slot)| hash.map(|hash| (hash, slot)))
    }
}
