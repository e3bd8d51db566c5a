//! A function's results, kept: one cache engine for Rust and Python.
//!
//! [`Cache`] is a bounded map for many threads that evicts by a [`Strategy`] and forgets after a
//! time to live. [`LruStore`] and its siblings are the same stores for one thread, without a lock.
//!
//! ```
//! use warp_cache::{Cache, Strategy};
//!
//! let squares = Cache::builder().max_size(1000).strategy(Strategy::Lfu).build()?;
//! assert_eq!(squares.get_or_insert_with(12, || 12 * 12), 144);
//! assert_eq!(squares.get(&12), Some(144));
//! assert_eq!(squares.info().hits, 1);
//! # Ok::<(), warp_cache::Error>(())
//! ```
//!
//! The layers, from the outside in: [`cache`] over [`shard`] and [`flight`], these over [`store`],
//! that over [`strategy`]. The inner ones are public for other faces of the engine, such as
//! Python's.

pub mod cache;
pub mod clock;
pub mod error;
pub mod flight;
pub mod key;
mod memoize;
pub mod shard;
pub mod stats;
pub mod store;
pub mod strategy;
pub mod sync;

pub use cache::{Builder, Cache};
pub use error::Error;
pub use key::Equivalent;
pub use memoize::{clear_all, functions};
pub use stats::Info;
pub use strategy::{Cause, FifoStore, LfuStore, LruStore, MruStore, Strategy};
pub use warp_macros::{methods, warp_cache};

/// What generated code names; no part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::memoize::*;
    pub use crate::stats::Info;
    pub use crate::strategy::Strategy;
    pub use crate::sync::{LocalKey, thread_local_static};
}
