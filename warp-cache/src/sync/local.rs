//! A lock for one thread: a flag, without the atomic operations that make a lock costly.
//!
//! Unsafe because `RawMutex` is an unsafe trait: who implements it promises that a guard is given
//! to one at a time. The flag keeps that promise within a thread, and as a `Cell` it is not `Sync`,
//! so that a mutex made of it stays within one. A local hit takes about half of a locked one.
#![allow(unsafe_code)]

use std::cell::Cell;

use lock_api::{GuardNoSend, RawMutex};

/// A lock that never waits, as nobody else can hold it.
#[derive(Debug)]
pub struct LocalLock(Cell<bool>);

// SAFETY: `lock` and `try_lock` return a hold only while the flag is down and raise it, `unlock` is
// called by the holder alone; without `Sync` no other thread can come between.
unsafe impl RawMutex for LocalLock {
    #[allow(clippy::declare_interior_mutable_const, reason = "what lock_api makes a lock from")]
    const INIT: LocalLock = LocalLock(Cell::new(false));
    type GuardMarker = GuardNoSend;

    #[inline]
    fn lock(&self) {
        assert!(self.try_lock(), "Eq and Clone of a key or value must not use their own cache");
    }

    #[inline]
    fn try_lock(&self) -> bool {
        !self.0.replace(true)
    }

    #[inline]
    unsafe fn unlock(&self) {
        self.0.set(false);
    }
}
