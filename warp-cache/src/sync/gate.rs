//! A gate that many pass at once, each at a stripe of its own, or that one keeps shut.
//!
//! A lock that readers share by a count is written to by all of them. Here a reader writes to one
//! stripe, which no other thread does as long as there are no more threads than stripes; who wants
//! to be alone pays for it and shuts every stripe. Nobody waits long to get in: who finds a stripe
//! taken, or the gate shut for longer than it usually is, has another way to go, by the lock that the
//! gate belongs to.

use super::{AtomicU64, AtomicUsize, Ordering, pause};

/// How many threads pass without meeting.
pub const STRIPES: usize = if cfg!(loom) { 2 } else { 8 };

const FREE: usize = 0;
const TAKEN: usize = 1;
const SHUT: usize = 2;

/// On cache lines of its own, with the one that processors fetch beside it.
#[derive(Debug)]
#[repr(align(128))]
struct Stripe {
    state: AtomicUsize,
    /// What those who went in counted here; written by who is in, or by who shut the gate.
    count: AtomicU64,
}

/// A gate, shut or open.
#[derive(Debug)]
pub struct Gate([Stripe; STRIPES]);

impl Gate {
    /// A gate that is shut.
    pub fn shut() -> Self {
        let stripe = || Stripe { state: AtomicUsize::new(SHUT), count: AtomicU64::new(0) };
        Gate([(); STRIPES].map(|()| stripe()))
    }

    /// Goes in at a stripe; false if the gate is shut, or someone is in there.
    #[inline]
    pub fn try_enter(&self, stripe: usize) -> bool {
        let state = &self.0[stripe].state;
        state.compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Goes in at a stripe once the gate is open again, if that is within so many tries; false also if
    /// someone is in there.
    #[cold]
    #[inline(never)]
    pub fn enter_soon(&self, stripe: usize, tries: u32) -> bool {
        let state = &self.0[stripe].state;
        for _ in 0..tries {
            match state.load(Ordering::Relaxed) {
                SHUT => std::hint::spin_loop(),
                TAKEN => return false,
                _ if self.try_enter(stripe) => return true,
                _ => {}
            }
        }
        false
    }

    /// Counts one; only for who went in at the stripe.
    #[inline]
    pub fn count(&self, stripe: usize) {
        let count = &self.0[stripe].count;
        count.store(count.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Takes out what was counted since the last time; only for who shut the gate.
    pub fn take_counts(&self) -> u64 {
        let take = |Stripe { count, .. }: &Stripe| {
            let taken = count.load(Ordering::Relaxed);
            count.store(0, Ordering::Relaxed);
            taken
        };
        self.0.iter().map(take).sum()
    }

    /// Comes out again; only for who went in at the stripe.
    #[inline]
    pub fn leave(&self, stripe: usize) {
        self.0[stripe].state.store(FREE, Ordering::Release);
    }

    /// Shuts an open gate, and waits for those inside. One at a time.
    #[inline(never)]
    pub fn close(&self) {
        for Stripe { state, .. } in &self.0 {
            let mut tries = 0;
            while state.compare_exchange(FREE, SHUT, Ordering::Acquire, Ordering::Relaxed).is_err()
            {
                pause(&mut tries);
            }
        }
    }

    /// Opens the gate; only for who shut it.
    #[inline(never)]
    pub fn open(&self) {
        for Stripe { state, .. } in &self.0 {
            state.store(FREE, Ordering::Release);
        }
    }
}
