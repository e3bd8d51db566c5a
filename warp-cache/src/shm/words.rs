//! The memory of a region: words that other threads and processes may change at any time.
//!
//! Everything in a region goes through the few operations here, so that the tests can let a writer
//! die after each single store (see [`steps`](super::steps)).

use std::ops::Deref;

#[cfg(all(unix, not(loom)))]
use super::map::Map;
use crate::sync::{Arc, AtomicU64, Ordering};

/// A region's words, in this process's memory or mapped from a file.
#[derive(Debug)]
pub enum Words {
    /// On the heap: for tests, Miri and the model checker. Clones of the `Arc` stand for processes.
    Heap(Arc<Box<[AtomicU64]>>),
    /// A file's. Words of another mapping of it are the same ones.
    #[cfg(all(unix, not(loom)))]
    Mapped(Map),
}

impl Words {
    /// Zeros on the heap.
    pub fn heap(count: usize) -> Words {
        Words::Heap(Arc::new((0..count).map(|_| AtomicU64::new(0)).collect()))
    }

    /// The same words for another region over them; none of mapped ones, which are mapped again.
    pub fn share(&self) -> Option<Words> {
        match self {
            Words::Heap(words) => Some(Words::Heap(words.clone())),
            #[cfg(all(unix, not(loom)))]
            Words::Mapped(_) => None,
        }
    }
}

impl Deref for Words {
    type Target = [AtomicU64];

    #[inline]
    fn deref(&self) -> &[AtomicU64] {
        match self {
            Words::Heap(words) => words,
            #[cfg(all(unix, not(loom)))]
            Words::Mapped(map) => map.words(),
        }
    }
}

impl Words {
    #[inline]
    pub(super) fn load(&self, at: usize, order: Ordering) -> u64 {
        self[at].load(order)
    }

    #[inline]
    pub(super) fn store(&self, at: usize, word: u64, order: Ordering) {
        self[at].store(word, order);
        super::steps::step();
    }

    /// Puts `new` there if `old` is there; whether it did.
    #[inline]
    pub(super) fn exchange(&self, at: usize, old: u64, new: u64, order: Ordering) -> bool {
        let failed = match order {
            Ordering::SeqCst => Ordering::SeqCst,
            Ordering::AcqRel | Ordering::Acquire => Ordering::Acquire,
            _ => Ordering::Relaxed,
        };
        let done = self[at].compare_exchange(old, new, order, failed).is_ok();
        super::steps::step();
        done
    }

    #[inline]
    pub(super) fn add(&self, at: usize, number: u64, order: Ordering) -> u64 {
        let before = self[at].fetch_add(number, order);
        super::steps::step();
        before
    }

    #[inline]
    pub(super) fn set_bits(&self, at: usize, bits: u64) {
        self[at].fetch_or(bits, Ordering::SeqCst);
        super::steps::step();
    }

    #[inline]
    pub(super) fn clear_bits(&self, at: usize, bits: u64) {
        self[at].fetch_and(!bits, Ordering::SeqCst);
        super::steps::step();
    }
}
