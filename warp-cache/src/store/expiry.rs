//! Which entry expires next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::clock::Time;
use crate::strategy::Slot;

/// Deadlines in order. An entry that goes leaves its deadline behind; the store tells stale ones by
/// comparing with the slot's own, and starts again once they are the larger part.
///
/// A fixed ttl makes deadlines that only rise, for which a push into the heap is O(1).
#[derive(Debug, Default)]
pub(super) struct Expiry {
    heap: BinaryHeap<Reverse<(Time, Slot)>>,
}

impl Expiry {
    /// Notes that the entry at `slot` expires at `deadline`; `NEVER` needs no note.
    pub(super) fn insert(&mut self, slot: Slot, deadline: Time) {
        if deadline != Time::NEVER {
            self.heap.push(Reverse((deadline, slot)));
        }
    }

    /// The earliest deadline noted, which may be stale.
    pub(super) fn first(&self) -> Option<(Time, Slot)> {
        self.heap.peek().map(|&Reverse(first)| first)
    }

    pub(super) fn remove_first(&mut self) {
        self.heap.pop();
    }

    /// Everything that is noted, in no particular order. For tests.
    pub(super) fn notes(&self) -> impl Iterator<Item = (Time, Slot)> {
        self.heap.iter().map(|&Reverse(note)| note)
    }

    /// Whether most of what is noted must be stale when `live` entries are there.
    pub(super) fn is_stale(&self, live: usize) -> bool {
        self.heap.len() > 2 * live + 64
    }

    /// Drops all notes: what expires has to be inserted again.
    pub(super) fn clear(&mut self) {
        self.heap = BinaryHeap::new();
    }
}
