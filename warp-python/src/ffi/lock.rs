//! The lock of a cache's shards.
//!
//! With a GIL, threads that are attached exclude each other already: the lock is a flag that costs
//! a load and a store, where a mutex's two atomic instructions were a fifth of a hit. The flag stays
//! to be seen by the garbage collector and to catch a section that, against the rules, came back to
//! its own cache. Without a GIL it is a real mutex.
#![allow(unsafe_code)]

#[cfg(Py_GIL_DISABLED)]
pub(crate) use warp_cache::sync::DefaultLock as PyLock;

#[cfg(not(Py_GIL_DISABLED))]
pub(crate) use gil::PyLock;

#[cfg(not(Py_GIL_DISABLED))]
mod gil {
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Held by the thread that holds the GIL.
    #[derive(Debug)]
    pub(crate) struct PyLock(AtomicBool);

    // SAFETY: `lock` is called attached, and nothing in a section lets go of the GIL: so no other
    // thread runs between `lock` and `unlock`, and a second `lock` by the same one panics.
    unsafe impl lock_api::RawMutex for PyLock {
        #[allow(clippy::declare_interior_mutable_const)]
        const INIT: PyLock = PyLock(AtomicBool::new(false));
        type GuardMarker = lock_api::GuardNoSend;

        #[inline]
        fn lock(&self) {
            if !self.try_lock() {
                reentered();
            }
        }

        #[inline]
        fn try_lock(&self) -> bool {
            let held = self.0.load(Ordering::Relaxed);
            self.0.store(true, Ordering::Relaxed);
            !held
        }

        #[inline]
        unsafe fn unlock(&self) {
            self.0.store(false, Ordering::Relaxed);
        }
    }

    #[cold]
    fn reentered() -> ! {
        panic!("a cache was used from within one of its own sections");
    }
}
