//! Places by hash: which number a hash was given, for what a strategy knows of keys that have no
//! slot.
//!
//! A table of chains, as the store's index is. A place is reused after its hash is gone, so that a
//! bounded number of hashes takes no allocation per request. Two keys of one hash, which do not
//! occur in practice, are one key.

use super::memory::{Array, Element, Heap, Memory};

/// The number of a hash.
pub(super) type Place = u32;

/// No place: the end of a chain.
const NONE: Place = Place::MAX;
/// How many chains there are at least.
const FEWEST: usize = 16;

/// Hashes with their places. 8 to 12 bytes each beside the hash.
#[derive(Debug)]
pub(super) struct Hashes<H: Element, M: Memory = Heap> {
    pub(super) hashes: M::Array<H>,
    /// The first place of each chain: a power of two of them, or none.
    pub(super) first: M::Array<Place>,
    /// The place after each one in its chain, or of those that are free.
    pub(super) next: M::Array<Place>,
    /// The first place that is free.
    pub(super) free: Place,
    /// How many places have ever been given.
    pub(super) given: usize,
    pub(super) len: usize,
}

impl<H: Element, M: Memory> Default for Hashes<H, M> {
    fn default() -> Self {
        let (hashes, first, next) = Default::default();
        Hashes { hashes, first, next, free: NONE, given: 0, len: 0 }
    }
}

impl<H: Element + PartialEq + Into<u64>, M: Memory> Hashes<H, M> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The hash at a place.
    pub(super) fn hash(&self, place: Place) -> H {
        self.hashes.get(place as usize)
    }

    fn chain(&self, hash: H) -> usize {
        hash.into() as usize & self.first.len().wrapping_sub(1)
    }

    /// The place of a hash.
    pub(super) fn find(&self, hash: H) -> Option<Place> {
        // Without any chains, none is found.
        if self.first.len() == 0 {
            return None;
        }
        let mut place = self.first.get(self.chain(hash));
        while place != NONE {
            if self.hash(place) == hash {
                return Some(place);
            }
            place = self.next.get(place as usize);
        }
        None
    }

    /// Gives a hash that has none a place.
    pub(super) fn insert(&mut self, hash: H) -> Place {
        if self.len == self.first.len() {
            self.grow();
        }
        let place = self.free;
        let place = if place == NONE {
            self.given += 1;
            self.hashes.reach(self.given);
            self.next.reach(self.given);
            (self.given - 1) as Place
        } else {
            self.free = self.next.get(place as usize);
            place
        };
        self.hashes.set(place as usize, hash);
        self.link(place);
        self.len += 1;
        place
    }

    /// Takes the hash at a place out.
    pub(super) fn remove(&mut self, place: Place) {
        let chain = self.chain(self.hash(place));
        let after = self.next.get(place as usize);
        let mut at = self.first.get(chain);
        if at == place {
            self.first.set(chain, after);
        } else {
            // It is in its chain, unless that is damaged.
            while at != NONE && self.next.get(at as usize) != place {
                at = self.next.get(at as usize);
            }
            self.first.expect(at != NONE);
            self.next.set(at as usize, after);
        }
        self.next.set(place as usize, self.free);
        self.free = place;
        self.len = self.len.saturating_sub(1);
    }

    fn link(&mut self, place: Place) {
        let chain = self.chain(self.hash(place));
        self.next.set(place as usize, self.first.get(chain));
        self.first.set(chain, place);
    }

    #[cold]
    fn grow(&mut self) {
        self.first.renew((self.first.len() * 2).max(FEWEST));
        // There are as many as there were chains: no place is free.
        for place in 0..self.len as Place {
            self.link(place);
        }
    }

    /// Checks that each of these places, which are all, is found, and that none is lost.
    pub(super) fn validate(&self, places: &[Place]) {
        assert_eq!(places.len(), self.len, "the hashes are miscounted");
        for &place in places {
            assert!(self.find(self.hash(place)).is_some(), "place {place} is in no chain");
        }
        let mut free = 0;
        let mut place = self.free;
        while place != NONE {
            free += 1;
            place = self.next.get(place as usize);
        }
        assert_eq!(self.len + free, self.given, "a place is lost");
    }
}
