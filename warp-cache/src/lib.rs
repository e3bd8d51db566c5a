//! A function's results, kept: one cache engine for Rust and Python.
//!
//! [`#[warp_cache]`](macro@warp_cache) on a function is the short way:
//!
//! ```
//! use warp_cache::warp_cache;
//!
//! #[warp_cache(max_size = 1000, strategy = Lfu, ttl = 60s)]
//! fn price(item: &str) -> usize {
//!     item.len() * 3
//! }
//!
//! assert_eq!((price("tea"), price("tea")), (9, 9));
//! assert_eq!(price::info().hits, 1);
//! ```
//!
//! [`Cache`] is what it stands on, for those who want the map itself: bounded, for many threads, it
//! evicts by a [`Strategy`] and forgets after a time to live. [`LruStore`] and its siblings are the
//! same stores for one thread, without a lock.
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
//! The layers, from the outside in: the attribute over [`cache`], that over [`shard`] and
//! [`flight`], these over [`store`], that over [`strategy`]. The inner ones are public for other
//! faces of the engine, such as Python's.

pub mod cache;
pub mod clock;
pub mod error;
pub mod flight;
pub mod key;
mod memoize;
pub mod shard;
#[cfg(all(feature = "shared", not(loom)))]
pub mod shared;
#[cfg(feature = "region")]
pub mod shm;
#[cfg(feature = "simulate")]
pub mod simulate;
pub mod stats;
pub mod store;
pub mod strategy;
pub mod sync;

pub use cache::{Builder, Cache};
pub use error::Error;
pub use key::Equivalent;
pub use memoize::{clear_all, functions};
#[cfg(all(feature = "shared", not(loom)))]
pub use shared::{SharedBuilder, SharedCache};
pub use stats::Info;
pub use strategy::stores::*;
pub use strategy::{Cause, Strategy};
#[doc = include_str!("memoize/methods.md")]
pub use warp_macros::methods;
#[doc = include_str!("memoize/warp_cache.md")]
pub use warp_macros::warp_cache;

/// What generated code names; no part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::memoize::*;
    /// What the option `strategy` takes.
    pub mod strategies {
        pub use crate::strategy::*;
    }
    pub use crate::stats::Info;
    pub use crate::sync::{LocalKey, thread_local_static};
}
