//! Where the entries of a store stand, by the hashes of their keys.
//!
//! A table with open addressing: a key's place is the first free one from its home on. Beside each
//! slot stands the lower half of the hash, so that a look-up reads one line of the table and then
//! the entry that it is for, and moving places about reads no entries at all. hashbrown's table,
//! which was here before, needs a line of control bytes and one of slots, and twice as many
//! instructions.

use crate::strategy::Slot;

/// No slot: the place is free.
const NONE: Slot = Slot::MAX;
const FREE: Place = Place { tag: 0, slot: NONE };
/// How many places there are at least.
const FEWEST: usize = 8;

#[derive(Clone, Copy, Debug)]
struct Place {
    /// The lower half of the key's hash.
    tag: u32,
    slot: Slot,
}

/// The slots of a store by the hashes of their keys.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// A power of two of them, or none; no more than two of three are taken.
    places: Vec<Place>,
    len: usize,
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn mask(&self) -> usize {
        self.places.len().wrapping_sub(1)
    }

    /// What `read` makes of the first slot with this hash for which it makes something. The lower
    /// half of the hash is equal for the slots that it is given, no more.
    #[inline(always)]
    pub(super) fn find<T>(&self, hash: u64, mut read: impl FnMut(Slot) -> Option<T>) -> Option<T> {
        let tag = hash as u32;
        let mut at = tag as usize & self.mask();
        // Without any places, none is found.
        while let Some(&place) = self.places.get(at) {
            if place.slot == NONE {
                break;
            }
            if place.tag == tag {
                let found = read(place.slot);
                if found.is_some() {
                    return found;
                }
            }
            at = (at + 1) & self.mask();
        }
        None
    }

    /// Adds a slot that is not there yet.
    pub(super) fn insert(&mut self, hash: u64, slot: Slot) {
        if (self.len + 1) * 3 > self.places.len() * 2 {
            self.grow();
        }
        self.put(Place { tag: hash as u32, slot });
        self.len += 1;
    }

    /// Takes out a slot that is there.
    pub(super) fn remove(&mut self, hash: u64, slot: Slot) {
        let mask = self.mask();
        let mut hole = hash as u32 as usize & mask;
        while self.places[hole].slot != slot {
            hole = (hole + 1) & mask;
        }
        // What stands behind moves up, so that no search ends too early at the hole, but not past
        // its home.
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let place = self.places[at];
            if place.slot == NONE {
                break;
            }
            let home = place.tag as usize & mask;
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                self.places[hole] = place;
                hole = at;
            }
        }
        self.places[hole] = FREE;
        self.len -= 1;
    }

    fn put(&mut self, place: Place) {
        let mask = self.mask();
        let mut at = place.tag as usize & mask;
        while self.places[at].slot != NONE {
            at = (at + 1) & mask;
        }
        self.places[at] = place;
    }

    #[cold]
    fn grow(&mut self) {
        let count = (self.places.len() * 2).max(FEWEST);
        let old = std::mem::replace(&mut self.places, vec![FREE; count]);
        for place in old.into_iter().filter(|place| place.slot != NONE) {
            self.put(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every slot that the index finds for a hash.
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

    /// Few different homes, so that runs grow, wrap around and lose members in their middle.
    #[test]
    fn it_finds_what_a_plain_list_does() {
        let mut index = Index::default();
        let mut list: Vec<(u64, Slot)> = Vec::new();
        let mut random = 1_u64;
        for step in 0..20_000_u32 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let hash = (random >> 60) * 0x1000_0001 + 60;
            if list.len() < 40 && random & 0x8000 == 0 || list.is_empty() {
                index.insert(hash, step);
                list.push((hash, step));
            } else {
                let (hash, slot) = list.swap_remove((random >> 32) as usize % list.len());
                index.remove(hash, slot);
            }
            assert_eq!(index.len(), list.len());
            let mut known: Vec<_> =
                list.iter().filter(|known| known.0 == hash).map(|known| known.1).collect();
            known.sort_unstable();
            assert_eq!(all(&index, hash), known);
        }
    }
}
