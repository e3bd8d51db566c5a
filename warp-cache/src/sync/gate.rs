//! A gate that many pass at once, each at a stripe of its own, or that one keeps shut.
//!
//! A lock that readers share by a count is written to by all of them. Here a reader writes to one
//! stripe, which no other thread does as long as there are no more threads than stripes; who wants
//! to be alone pays for it and shuts every stripe. Nobody waits to get in: who finds a stripe taken
//! has another way to go, by the lock that the gate belongs to.

use super::{AtomicUsize, Ordering, pause};

/// How many threads pass without meeting.
pub const STRIPES: usize = 8;

const FREE: usize = 0;
const TAKEN: usize = 1;
const SHUT: usize = 2;

/// On cache lines of its own, with the one that processors fetch beside it.
#[derive(Debug)]
#[repr(align(128))]
struct Stripe(AtomicUsize);

/// A gate, shut or open.
#[derive(Debug)]
pub struct Gate([Stripe; STRIPES]);

impl Gate {
    /// A gate that is shut.
    pub fn shut() -> Self {
        Gate([(); STRIPES].map(|()| Stripe(AtomicUsize::new(SHUT))))
    }

    /// Goes in at a stripe; false if the gate is shut, or someone is in there.
    #[inline]
    pub fn try_enter(&self, stripe: usize) -> bool {
        self.0[stripe].0.compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Comes out again; only for who went in at the stripe.
    #[inline]
    pub fn leave(&self, stripe: usize) {
        self.0[stripe].0.store(FREE, Ordering::Release);
    }

    /// Shuts an open gate, and waits for those inside. One at a time.
    pub fn close(&self) {
        for Stripe(stripe) in &self.0 {
            let mut tries = 0;
            while stripe.compare_exchange(FREE, SHUT, Ordering::Acquire, Ordering::Relaxed).is_err()
            {
                pause(&mut tries);
            }
        }
    }

    /// Opens the gate; only for who shut it.
    pub fn open(&self) {
        for Stripe(stripe) in &self.0 {
            stripe.store(FREE, Ordering::Release);
        }
    }
}
