//! Uses of entries that threads note while they share a shard.
//!
//! A strategy's order is written to by every hit, and threads that do so wait for each other's cache
//! lines longer than for anything else. So each notes its hits in a stripe of its own. Whoever has
//! the shard alone next, before anything else, tells the strategy: no entry comes, goes or is
//! counted in between. A thread's hits stay in their order. Between hits of several threads since
//! then no order is kept.

use crate::strategy::Slot;
use crate::sync::gate::STRIPES;
use crate::sync::{AtomicU32, AtomicUsize, OnceLock, Ordering};

/// How many uses a thread notes until it has to have the shard alone, for which the others wait: the
/// more, the less often. 8 kB a stripe, 64 kB for a shard at which threads have met.
const MOST: usize = if cfg!(loom) { 2 } else { 2046 };

/// Nobody but the thread that is at this stripe of the shard's gate writes here.
#[derive(Debug)]
#[repr(align(128))]
struct Stripe {
    len: AtomicUsize,
    slots: [AtomicU32; MOST],
}

/// The uses that are noted; without room for any before the first.
#[derive(Debug, Default)]
pub(super) struct Uses(OnceLock<Box<[Stripe]>>);

impl Uses {
    /// Notes a use at a stripe that the caller is at; false if there is no more room.
    #[inline]
    pub(super) fn note(&self, stripe: usize, slot: Slot) -> bool {
        let Stripe { len, slots } = &self.0.get_or_init(stripes)[stripe];
        let count = len.load(Ordering::Relaxed);
        let Some(place) = slots.get(count) else { return false };
        place.store(slot, Ordering::Relaxed);
        len.store(count + 1, Ordering::Relaxed);
        true
    }

    /// Whether there may be notes.
    #[inline(always)]
    pub(super) fn are_there(&self) -> bool {
        self.0.get().is_some()
    }

    /// Takes all notes out.
    pub(super) fn take(&mut self, mut each: impl FnMut(Slot)) {
        for Stripe { len, slots } in self.0.get().into_iter().flat_map(|stripes| stripes.iter()) {
            let count = len.load(Ordering::Relaxed);
            for slot in &slots[..count] {
                each(slot.load(Ordering::Relaxed));
            }
            if count > 0 {
                len.store(0, Ordering::Relaxed);
            }
        }
    }
}

#[cold]
fn stripes() -> Box<[Stripe]> {
    let slots = || [(); MOST].map(|()| AtomicU32::new(0));
    let stripe = |_| Stripe { len: AtomicUsize::new(0), slots: slots() };
    (0..STRIPES).map(stripe).collect()
}
