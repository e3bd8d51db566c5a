//! A lock that those who only look can do without, for as long as nobody changes anything.
//!
//! A mutex, and beside it a [`Gate`], as in BRAVO (D. Dice, A. Kogan, "BRAVO: Biased Locking for
//! Reader-Writer Locks", 2019). After enough hits in a row the gate is opened: threads that look go
//! in at a stripe of their own then, and write to no cache line that another one uses. Whoever locks
//! shuts the gate first. So all that holds the lock is alone, as it always was, and a cache that
//! changes all the time is a mutex and no more.
//!
//! Why unsafe: what a mutex locks cannot be reached beside it. To lend it out as an `Arc` can be
//! written without, and was: a hit took 20 ns then, 9 by the mutex, and takes 8 by this; two threads
//! have 1.96 times as many as one, where it was 0.56 by the mutex. The invariant is that nobody holds
//! a mutable reference while the gate is open: `lock` and `try_lock`, the only ways to one, shut it,
//! and `open` gives up the guard.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use crate::strategy::{Access, Hits};
use crate::sync::gate::{Gate, STRIPES};
use crate::sync::{
    AtomicBool, AtomicUsize, LazyLock, OnceLock, Ordering, ShardGuard, ShardLock, ShardMutex,
    thread_local,
};

/// A `T` behind a lock by `R`, which threads look at side by side if hits reach the policy `P` so.
/// It is `Sync` only if `T` is, then.
pub(super) struct BiasedLock<R, P: Hits, T> {
    /// Whether the gate is open; written by who has the lock. To others a hint.
    is_open: AtomicBool,
    gate: OnceLock<Box<Gate>>,
    lock: ShardLock<R, T>,
    read: PhantomData<<P::Access as Access<P>>::Read<T>>,
}

impl<R: ShardMutex, P: Hits, T> BiasedLock<R, P, T> {
    /// Whether the gate is ever open.
    pub(super) const IS_BIASED: bool = R::IS_BIASED && <P::Access as Access<P>>::SHARED;

    pub(super) fn new(value: T) -> Self {
        let (is_open, gate) = (AtomicBool::new(false), OnceLock::new());
        BiasedLock { is_open, gate, lock: ShardLock::new(value), read: PhantomData }
    }

    /// Locks. `settle` is told how many were counted by those who looked since the last time.
    #[inline]
    pub(super) fn lock(&self, settle: impl FnOnce(&mut T, u64)) -> ShardGuard<'_, R, T> {
        self.settled(self.lock.lock(), settle)
    }

    /// As `lock`, without waiting for more than those who look just now.
    pub(super) fn try_lock(
        &self,
        settle: impl FnOnce(&mut T, u64),
    ) -> Option<ShardGuard<'_, R, T>> {
        self.lock.try_lock().map(|guard| self.settled(guard, settle))
    }

    #[inline]
    fn settled<'a>(
        &self,
        mut guard: ShardGuard<'a, R, T>,
        settle: impl FnOnce(&mut T, u64),
    ) -> ShardGuard<'a, R, T> {
        if Self::IS_BIASED && self.is_open.load(Ordering::Relaxed) {
            let counted = self.shut();
            settle(&mut guard, counted);
        }
        guard
    }

    /// Shuts the gate, for who has the lock.
    #[cold]
    fn shut(&self) -> u64 {
        self.is_open.store(false, Ordering::Relaxed);
        self.gate.get().map_or(0, |gate| {
            gate.close();
            gate.take_counts()
        })
    }

    /// Unlocks and lets everybody look.
    #[cold]
    #[inline(never)]
    pub(super) fn open(&self, guard: ShardGuard<'_, R, T>) {
        if Self::IS_BIASED {
            self.gate.get_or_init(|| Box::new(Gate::shut())).open();
            self.is_open.store(true, Ordering::Relaxed);
        }
        drop(guard);
    }

    /// Looks at the value beside other threads that do so, and counts it if something is found. None
    /// also if the gate is shut.
    #[inline(always)]
    pub(super) fn look<U>(&self, look: impl FnOnce(&T) -> Option<U>) -> Option<U> {
        if !Self::IS_BIASED || !self.is_open.load(Ordering::Relaxed) {
            return None;
        }
        let inside = Inside::enter(self.gate.get()?)?;
        // SAFETY: the gate is not shut as long as this thread is in there, and whoever can have a
        // mutable reference has shut it. That several threads may have a shared one says the type:
        // this one is `Sync` only if `T` is, as hits are shared.
        let found = look(unsafe { &*self.lock.data_ptr() })?;
        inside.0.count(inside.1);
        Some(found)
    }

    /// The lock itself, where there is no bias: who locks it does not shut a gate.
    #[inline]
    pub(super) fn unbiased(&self) -> &ShardLock<R, T> {
        const { assert!(!R::IS_BIASED, "this lock has a gate") };
        &self.lock
    }
}

impl<R, P: Hits, T> fmt::Debug for BiasedLock<R, P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BiasedLock").field("is_open", &self.is_open).finish_non_exhaustive()
    }
}

/// A thread in a gate, which comes out again also where what looked panics.
struct Inside<'a>(&'a Gate, usize);

impl<'a> Inside<'a> {
    /// Goes in at the thread's own stripe, or at another if there are more threads than stripes.
    #[inline(always)]
    fn enter(gate: &'a Gate) -> Option<Self> {
        let own = own_stripe();
        if gate.try_enter(own) { Some(Inside(gate, own)) } else { Self::enter_elsewhere(gate, own) }
    }

    #[cold]
    fn enter_elsewhere(gate: &'a Gate, own: usize) -> Option<Self> {
        for step in 1..STRIPES {
            let stripe = (own + step) % STRIPES;
            if gate.try_enter(stripe) {
                return Some(Inside(gate, stripe));
            }
        }
        None
    }
}

impl Drop for Inside<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.leave(self.1);
    }
}

/// The stripe that this thread goes in at.
#[inline(always)]
fn own_stripe() -> usize {
    thread_local! {
        static STRIPE: Cell<usize> = const { Cell::new(STRIPES) };
    }
    #[cold]
    fn draw() -> usize {
        static NEXT: LazyLock<AtomicUsize> = LazyLock::new(|| AtomicUsize::new(0));
        LazyLock::force(&NEXT).fetch_add(1, Ordering::Relaxed) % STRIPES
    }
    STRIPE.with(|stripe| {
        if stripe.get() == STRIPES {
            stripe.set(draw());
        }
        stripe.get()
    })
}
