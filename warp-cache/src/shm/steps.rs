//! Lets a thread of a test die after any store to a region, as a killed process would, and count what
//! it does.
//!
//! Only with the feature `region-steps`, which nothing but the engine's tests turn on.

#[cfg(feature = "region-steps")]
mod counted {
    use std::cell::Cell;

    /// What a thread that has died at a step panics with.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Died;

    use crate::sync::thread_local;

    /// What a thread did: what tells how long it takes, however busy the machine is.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Effort {
        /// Stores to a region, and attempts at one.
        pub stores: u64,
        /// Waits for a lock, of twenty milliseconds at most.
        pub waits: u64,
    }

    thread_local! {
        /// What the thread has done so far.
        static EFFORT: Cell<Effort> = const { Cell::new(Effort { stores: 0, waits: 0 }) };
        /// How many more stores the thread lives, if it has to die.
        static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
        /// Whether it has died.
        static DEAD: Cell<bool> = const { Cell::new(false) };
    }

    fn set_left(left: Option<u64>) {
        LEFT.with(|cell| cell.set(left));
    }

    /// Runs `work`, and abandons it after its `steps`th store: nothing of it is tidied up. Returns
    /// what it returns, or else [`Died`].
    ///
    /// # Errors
    /// If it died.
    pub fn die_after<T>(steps: u64, work: impl FnOnce() -> T) -> Result<T, Died> {
        set_left(Some(steps));
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        set_left(None);
        match result {
            Ok(value) => Ok(value),
            Err(_) if DEAD.with(|dead| dead.replace(false)) => Err(Died),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// What the thread has done with regions since it started.
    pub fn effort() -> Effort {
        EFFORT.with(Cell::get)
    }

    /// A wait for a lock begins.
    pub(crate) fn wait() {
        EFFORT.with(|effort| effort.set(Effort { waits: effort.get().waits + 1, ..effort.get() }));
    }

    #[inline]
    pub(crate) fn step() {
        EFFORT
            .with(|effort| effort.set(Effort { stores: effort.get().stores + 1, ..effort.get() }));
        if let Some(left) = LEFT.with(Cell::get) {
            set_left(Some(left.saturating_sub(1)));
            if left <= 1 && !DEAD.with(|dead| dead.replace(true)) {
                set_left(None);
                std::panic::resume_unwind(Box::new(Died));
            }
        }
    }

    /// Whether this thread is on its way out after its last step.
    pub(crate) fn is_dead() -> bool {
        DEAD.with(Cell::get)
    }
}
#[cfg(feature = "region-steps")]
pub use counted::{Died, Effort, die_after, effort};
#[cfg(feature = "region-steps")]
pub(super) use counted::{is_dead, step, wait};

#[cfg(not(feature = "region-steps"))]
#[inline(always)]
pub(super) fn step() {}

#[cfg(not(feature = "region-steps"))]
#[inline(always)]
pub(super) fn wait() {}

#[cfg(not(feature = "region-steps"))]
#[inline(always)]
pub(super) fn is_dead() -> bool {
    false
}
