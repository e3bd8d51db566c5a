//! Slots from the oldest to the newest: the order that LRU, MRU and FIFO keep.

use super::Slot;
use super::links::{Links, List};

/// Slots in one order.
#[derive(Debug, Default)]
pub(super) struct Order {
    links: Links,
    /// From the oldest to the newest.
    list: List,
}

impl Order {
    /// Adds a slot as the newest.
    pub(super) fn add(&mut self, slot: Slot) {
        self.list.push_back(&mut self.links, slot);
    }

    /// Makes a slot that is there the newest.
    #[inline(always)]
    pub(super) fn renew(&mut self, slot: Slot) {
        self.list.move_to_back(&mut self.links, slot);
    }

    pub(super) fn remove(&mut self, slot: Slot) {
        self.list.remove(&mut self.links, slot);
    }

    pub(super) fn oldest(&self) -> Option<Slot> {
        self.list.front()
    }

    pub(super) fn newest(&self) -> Option<Slot> {
        self.list.back()
    }

    /// The slots from the oldest to the newest, after checking each link.
    pub(super) fn validate(&self) -> Vec<Slot> {
        self.list.validate(&self.links)
    }
}
