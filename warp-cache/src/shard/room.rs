//! One bound for all shards, exact at every instant.

use crate::store::Room;
use crate::sync::{AtomicUsize, Ordering};

/// Counts the entries of all shards; a place is taken before its entry is added and given back
/// after its entry is gone.
#[derive(Debug)]
pub(super) struct SharedRoom {
    max_size: usize,
    taken: AtomicUsize,
}

impl SharedRoom {
    pub(super) fn new(max_size: usize) -> Self {
        SharedRoom { max_size, taken: AtomicUsize::new(0) }
    }

    pub(super) fn max_size(&self) -> usize {
        self.max_size
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Room for SharedRoom {
    fn take(&self, _len: usize) -> bool {
        // No order is needed: the count guards nothing but itself.
        self.taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
                (taken < self.max_size).then_some(taken + 1)
            })
            .is_ok()
    }

    fn give_back(&self, count: usize) {
        self.taken.fetch_sub(count, Ordering::Relaxed);
    }
}
