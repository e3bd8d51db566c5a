//! Ghosts: keys that a store has lost lately, known by their hashes, from which a strategy learns
//! that it lost them too early. 24 to 28 bytes each.

use super::hashes::{Hashes, Place};
use super::links::{Links, List};
use super::memory::{Heap, Memory};

/// The place of a ghost, reused after it is gone.
pub(super) type Ghost = Place;

/// Hashes, from the oldest to the newest.
#[derive(Debug, Default)]
pub(super) struct Ghosts<M: Memory = Heap> {
    pub(super) hashes: Hashes<u64, M>,
    pub(super) links: Links<(), M>,
    pub(super) order: List,
}

impl<M: Memory> Ghosts<M> {
    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// The ghost that came first.
    pub(super) fn oldest(&self) -> Option<Ghost> {
        self.order.front()
    }

    /// The ghost with this hash.
    pub(super) fn find(&self, hash: u64) -> Option<Ghost> {
        self.hashes.find(hash)
    }

    /// Adds the newest.
    pub(super) fn push(&mut self, hash: u64) -> Ghost {
        let ghost = self.hashes.insert(hash);
        self.order.push_back(&mut self.links, ghost);
        ghost
    }

    /// Forgets a ghost.
    pub(super) fn remove(&mut self, ghost: Ghost) {
        self.order.remove(&mut self.links, ghost);
        self.hashes.remove(ghost);
    }

    /// Forgets the ghost with this hash; whether there was one.
    pub(super) fn take(&mut self, hash: u64) -> bool {
        let found = self.find(hash);
        if let Some(ghost) = found {
            self.remove(ghost);
        }
        found.is_some()
    }

    /// Forgets the oldest as long as there are more than `most`.
    pub(super) fn shrink_to(&mut self, most: usize) {
        while self.len() > most {
            let Some(ghost) = self.oldest() else { return };
            self.remove(ghost);
        }
    }

    /// Checks order and places.
    pub(super) fn validate(&self) {
        self.hashes.validate(&self.order.validate(&self.links));
    }
}
