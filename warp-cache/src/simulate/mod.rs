//! Which strategy and which `max_size` would suit a program: its calls, recorded, and replayed
//! through the engine's own strategies. With the feature `simulate`.
//!
//! 1. A [`Recorder`] writes the hashes of the keys of cached functions' calls to a file as the
//!    program runs; [`Recording::open`] reads it whole, or says why not. What is in memory already
//!    needs no file: a [`Trace`] is a function and the hashes of its calls.
//! 2. [`curves`] replays a trace for each strategy and several sizes, by [`replay`], or for a very
//!    long one by samples of it.
//! 3. [`advise`] says what of that to take: as data, and printed as sentences.
//!
//! ```
//! use std::ops::ControlFlow;
//! use warp_cache::Strategy;
//! use warp_cache::simulate::{Function, Options, Trace, advise, curves};
//!
//! // A loop over 300 keys, in a cache of 200: LRU never hits.
//! let hashes = (0..6000_u64).map(|call| (call % 300).wrapping_mul(0x9E37_79B9_7F4A_7C15));
//! let function =
//!     Function { name: "thumbnail".into(), strategy: Strategy::Lru, max_size: Some(200) };
//! let trace = Trace { function, hashes: hashes.collect() };
//! let curves = curves(&trace, &Options::default(), &mut |_progress| ControlFlow::Continue(()))
//!     .expect("nobody cancels");
//! let advice = advise(&curves);
//! assert_eq!(advice.today.hit_ratio, 0.0);
//! assert!(advice.recommended.hit_ratio > 0.6);
//! println!("{advice}");
//! ```
//!
//! What is simulated is one store for one thread in which every call that misses is kept: no ttl,
//! no `cache_if`, no shards. A hash stands for its key; two keys of one 64-bit hash, which do not
//! occur in practice, are one. Hashes have to be well mixed in all bits, as those that a cache
//! computes for itself are: a place in the store is chosen by the lowest ones. ADAPTIVE counts keys by
//! their hashes, so that with other hashes of the same keys it hits a little more or less.

mod advise;
mod curves;
mod format;
mod recent;
mod recorder;
mod recording;
mod replay;
mod sample;

pub use advise::{Advice, Choice, ENOUGH, LEAST_CALLS, Verdict, WORTH, advise};
pub use curves::{Curves, EXACT_CALLS, Options, Point, Progress, SEEDS, curves};
pub use recorder::{Calls, Recorder};
pub use recording::{Function, Recording, Trace};
pub use replay::replay;
