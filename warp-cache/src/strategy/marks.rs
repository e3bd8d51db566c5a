//! A byte for each slot that threads may set beside each other: what a shared hit leaves.
//!
//! No order is needed, as a mark guards nothing, and one that is lost to a race is a use that was
//! not seen. It is written only to change it: a cache line that everyone reads stays with everyone.

use std::fmt::Debug;

use super::Slot;
use super::memory::{Heap, Memory};
use crate::sync::{AtomicU8, Ordering};

/// A small count for each slot, which hits raise without having anything else for themselves.
pub trait Counts: Default + Debug {
    /// Sees to it that there are at least `len`.
    fn reach(&mut self, len: usize);

    /// The count of a slot.
    fn get(&self, index: usize) -> u8;

    /// Sets it.
    fn set(&self, index: usize, count: u8);
}

/// Counts on the heap.
pub(super) type Bytes = Vec<AtomicU8>;

impl Counts for Bytes {
    fn reach(&mut self, len: usize) {
        if self.len() < len {
            self.resize_with(len, AtomicU8::default);
        }
    }

    #[inline(always)]
    fn get(&self, index: usize) -> u8 {
        self[index].load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn set(&self, index: usize, count: u8) {
        self[index].store(count, Ordering::Relaxed);
    }
}

/// Small counts by slot.
#[derive(Debug, Default)]
pub(super) struct Marks<M: Memory = Heap>(pub(super) M::Counts);

impl<M: Memory> Marks<M> {
    /// Starts the count of a slot at 0.
    pub(super) fn reset(&mut self, slot: Slot) {
        self.0.reach(slot as usize + 1);
        self.set(slot, 0);
    }

    #[inline]
    pub(super) fn get(&self, slot: Slot) -> u8 {
        self.0.get(slot as usize)
    }

    #[inline]
    pub(super) fn set(&self, slot: Slot, count: u8) {
        self.0.set(slot as usize, count);
    }

    /// Adds 1 to the count of a slot, up to `most`.
    #[inline]
    pub(super) fn raise(&self, slot: Slot, most: u8) {
        let count = self.get(slot);
        if count < most {
            self.set(slot, count + 1);
        }
    }

    /// Takes 1 from the count of a slot; false if it is 0.
    pub(super) fn lower(&mut self, slot: Slot) -> bool {
        let count = self.get(slot);
        if count > 0 {
            self.set(slot, count - 1);
        }
        count > 0
    }
}
