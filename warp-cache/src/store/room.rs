//! The bound of a store, and what an insertion comes to by it.

/// The bound that a store keeps to: its own, or one that several stores share.
pub trait Room {
    /// Takes the place of one more entry in a store that has `len`; false if there is none.
    fn take(&self, len: usize) -> bool;
    /// Gives the places of `count` entries back.
    fn give_back(&self, count: usize);
}

/// A store's own bound.
#[derive(Clone, Copy, Debug)]
pub struct OwnRoom(pub usize);

impl Room for OwnRoom {
    fn take(&self, len: usize) -> bool {
        len < self.0
    }
    fn give_back(&self, _count: usize) {}
}

/// What an insertion did with the new entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// It is kept.
    Kept,
    /// It is not kept: the policy holds what is there for worth more, or nothing may be kept.
    Refused,
    /// It is not kept: there is no room, and nothing here to evict for it.
    NoRoom,
}
