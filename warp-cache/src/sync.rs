//! The only file that names lock and atomic primitives, so that a model checker can stand in for
//! them (`--cfg loom`).

mod local;

pub use local::LocalLock;
pub use lock_api::RawMutex;
/// The lock that shards use unless a caller brings its own.
pub use parking_lot::RawMutex as DefaultLock;

/// What generated code declares a function's static with where each thread has its own.
pub use std::{thread::LocalKey, thread_local as thread_local_static};

/// As `Counter`.
pub(crate) use std::sync::Mutex as StaticMutex;
pub(crate) use std::sync::OnceLock;
/// For statics, which the model checker cannot reset between two runs: what they count orders
/// nothing.
pub(crate) use std::sync::atomic::{AtomicU64 as Counter, Ordering};

/// A lock of shards, and whether several threads may share what it locks for a while: then they
/// note what they use there (see [`gate`]).
pub trait ShardMutex: RawMutex {
    /// Whether there are notes to look for.
    const SHARES: bool = false;
    /// Whether threads may look at what it locks without it, while nobody changes anything.
    const IS_BIASED: bool = false;
}

impl ShardMutex for DefaultLock {
    const IS_BIASED: bool = true;
}
impl ShardMutex for LocalLock {}

pub mod gate;
#[cfg(loom)]
mod model;
#[cfg(loom)]
pub(crate) use model::*;

#[cfg(not(loom))]
mod real {
    /// Locks of shards: short critical sections that never block, where a small fast lock is best.
    pub(crate) use lock_api::{Mutex as ShardLock, MutexGuard as ShardGuard};
    #[cfg(feature = "region")]
    pub(crate) use std::sync::atomic::fence;
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize};
    /// Locks and condition variables of flights. std's keep no state of their own outside of the
    /// lock, so that a forked child meets none that a lost thread left behind.
    pub(crate) use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard};
    pub(crate) use std::thread_local;

    /// Waits a little, and longer after some tries.
    pub(crate) fn pause(tries: &mut u32) {
        *tries += 1;
        if *tries % 64 == 0 { std::thread::yield_now() } else { std::hint::spin_loop() }
    }
}
#[cfg(not(loom))]
pub(crate) use real::*;
