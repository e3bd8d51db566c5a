//! The lock of a cache's shards.
//!
//! With a GIL, threads that are attached exclude each other already: the lock is a flag that costs
//! a load and a store, where a mutex's two atomic instructions were a fifth of a hit. The flag stays
//! to be seen by the garbage collector and to catch a section that, against the rules, came back to
//! its own cache. Without a GIL it is a real mutex; once threads have met at it, those that only
//! look go by a gate, where they write to nothing in common.
#![allow(unsafe_code)]

#[cfg(Py_GIL_DISABLED)]
pub(crate) use parallel::{PyLock, share};

#[cfg(Py_GIL_DISABLED)]
mod parallel {
    use std::cell::Cell;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use lock_api::{Mutex, RawMutex};
    use warp_cache::sync::gate::{Gate, STRIPES};
    use warp_cache::sync::{DefaultLock, ShardMutex};

    const SPINS: u32 = 1000;

    /// A mutex, whose holder keeps the gate shut, if there is one.
    pub(crate) struct PyLock {
        mutex: DefaultLock,
        /// Made when a thread finds the mutex taken.
        gate: OnceLock<Box<Gate>>,
    }

    impl ShardMutex for PyLock {
        const SHARES: bool = true;
    }

    impl PyLock {
        /// Waits for the mutex, and shuts the gate, which there is from now on.
        #[cold]
        #[inline(never)]
        fn wait(&self) {
            if !self.spin() {
                self.mutex.lock();
            }
            match self.gate.get() {
                Some(gate) => gate.close(),
                // A new one is shut.
                None => drop(self.gate.set(Box::new(Gate::shut()))),
            }
        }

        /// Tries for about as long as a section takes, where to sleep and to wake takes much longer.
        fn spin(&self) -> bool {
            (0..SPINS).any(|_| {
                std::hint::spin_loop();
                !self.mutex.is_locked() && self.mutex.try_lock()
            })
        }

        /// Shuts the gate, if there is one; the caller holds the mutex.
        #[inline(always)]
        fn close(&self) {
            if let Some(gate) = self.gate.get() {
                gate.close();
            }
        }
    }

    // SAFETY: between `lock` and `unlock` the mutex is held, which lets one thread in.
    unsafe impl RawMutex for PyLock {
        #[allow(clippy::declare_interior_mutable_const)]
        const INIT: PyLock = PyLock { mutex: DefaultLock::INIT, gate: OnceLock::new() };
        type GuardMarker = lock_api::GuardNoSend;

        #[inline(always)]
        fn lock(&self) {
            if !self.try_lock() {
                self.wait();
            }
        }

        #[inline(always)]
        fn try_lock(&self) -> bool {
            let locked = self.mutex.try_lock();
            if locked {
                self.close();
            }
            locked
        }

        /// # Safety
        /// This thread has locked.
        #[inline]
        unsafe fn unlock(&self) {
            if let Some(gate) = self.gate.get() {
                gate.open();
            }
            // SAFETY: the caller holds the mutex.
            unsafe { self.mutex.unlock() }
        }
    }

    /// The stripe of the gates that this thread passes by.
    #[inline]
    fn own_stripe() -> usize {
        thread_local! {
            static STRIPE: Cell<usize> = const { Cell::new(STRIPES) };
        }
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        STRIPE.with(|stripe| {
            if stripe.get() == STRIPES {
                stripe.set(NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES);
            }
            stripe.get()
        })
    }

    /// Comes out of a gate again, also where what looked panics.
    struct Inside<'a>(&'a Gate, usize);

    impl Drop for Inside<'_> {
        #[inline]
        fn drop(&mut self) {
            self.0.leave(self.1);
        }
    }

    /// Looks at what is locked beside other threads that do so, each at a stripe of its own; none
    /// if the caller has to lock. Where threads have never met there is no gate to go by.
    #[inline(always)]
    pub(crate) fn share<T: Sync, U>(
        lock: &Mutex<PyLock, T>,
        look: impl FnOnce(usize, &T) -> Option<U>,
    ) -> Option<U> {
        // SAFETY: the lock is not unlocked by this.
        let gate = unsafe { lock.raw() }.gate.get()?;
        let stripe = own_stripe();
        // Who finds the gate shut waits until it is open, as it soon is. Were it to lock, it would
        // shut the gate to the next one, and so on: one after the other from then on.
        if !gate.try_enter(stripe) && !gate.enter_soon(stripe, SPINS) {
            return None;
        }
        let _inside = Inside(gate, stripe);
        // SAFETY: who locks has shut the gate before it goes on, for which this thread has to come
        // out. So there is no mutable reference meanwhile.
        look(stripe, unsafe { &*lock.data_ptr() })
    }
}

#[cfg(not(Py_GIL_DISABLED))]
pub(crate) use gil::{PyLock, share};

#[cfg(not(Py_GIL_DISABLED))]
mod gil {
    use std::sync::atomic::{AtomicBool, Ordering};

    use lock_api::Mutex;

    impl warp_cache::sync::ShardMutex for PyLock {}

    /// With a GIL nothing is gained by sharing.
    #[inline(always)]
    pub(crate) fn share<T, U>(
        _lock: &Mutex<PyLock, T>,
        _look: impl FnOnce(usize, &T) -> Option<U>,
    ) -> Option<U> {
        None
    }

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
