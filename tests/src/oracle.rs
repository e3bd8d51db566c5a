//! What each strategy should evict, in the most obvious code that says so: every operation may look
//! at every entry.
//!
//! An oracle has its strategy's name: `with_strategy!` pairs them, and a strategy without an oracle
//! does not compile.

mod ghostly;
mod lirs;
mod plain;

use std::fmt::Debug;

pub use ghostly::{Arc, S3Fifo, TwoQ};
pub use lirs::Lirs;
pub use plain::{Adaptive, Clock, Fifo, Lfu, Lru, Mru, Random, Sieve};

/// A strategy, told of keys instead of slots.
pub trait Oracle: Debug {
    /// Whether what has to go depends on when an expired entry is given back: it counts until then.
    const COUNTS_EXPIRED: bool = false;
    /// Knows no keys yet.
    fn new(max_size: usize) -> Self;
    /// A new entry.
    fn inserted(&mut self, key: u32);
    /// A use of an entry.
    fn used(&mut self, key: u32);
    /// An entry went, by an eviction or for another reason.
    fn removed(&mut self, key: u32, evicted: bool);
    /// What has to go for a new key when the store is full.
    fn victim(&mut self, incoming: u32) -> Victim;
}

/// What an oracle knows of a victim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// It is this key.
    Key(u32),
    /// It may be any one.
    Any,
}

/// Takes a key out of a list; whether it was there.
fn take(list: &mut Vec<u32>, key: u32) -> bool {
    let len = list.len();
    list.retain(|&other| other != key);
    list.len() < len
}
