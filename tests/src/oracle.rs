//! What each strategy should evict, in the most obvious code that says so: every operation may look
//! at every entry.
//!
//! An oracle has its strategy's name: `with_strategy!` pairs them, and a strategy without an oracle
//! does not compile.

use std::fmt::Debug;

/// A strategy, told of keys instead of slots.
pub trait Oracle: Debug + Default {
    /// A new entry.
    fn inserted(&mut self, key: u32);
    /// A use of an entry.
    fn used(&mut self, key: u32);
    /// An entry went, whatever for.
    fn removed(&mut self, key: u32);
    /// What has to go when the store is full.
    fn victim(&self) -> Option<u32>;
}

/// The least recently used key stands first.
#[derive(Debug, Default)]
pub struct Lru(Vec<u32>);

impl Oracle for Lru {
    fn inserted(&mut self, key: u32) {
        self.0.push(key);
    }
    fn used(&mut self, key: u32) {
        self.removed(key);
        self.inserted(key);
    }
    fn removed(&mut self, key: u32) {
        self.0.retain(|&other| other != key);
    }
    fn victim(&self) -> Option<u32> {
        self.0.first().copied()
    }
}

/// The least recently used key stands first.
#[derive(Debug, Default)]
pub struct Mru(Vec<u32>);

impl Oracle for Mru {
    fn inserted(&mut self, key: u32) {
        self.0.push(key);
    }
    fn used(&mut self, key: u32) {
        self.removed(key);
        self.inserted(key);
    }
    fn removed(&mut self, key: u32) {
        self.0.retain(|&other| other != key);
    }
    fn victim(&self) -> Option<u32> {
        self.0.last().copied()
    }
}

/// The oldest key stands first.
#[derive(Debug, Default)]
pub struct Fifo(Vec<u32>);

impl Oracle for Fifo {
    fn inserted(&mut self, key: u32) {
        self.0.push(key);
    }
    fn used(&mut self, _key: u32) {}
    fn removed(&mut self, key: u32) {
        self.0.retain(|&other| other != key);
    }
    fn victim(&self) -> Option<u32> {
        self.0.first().copied()
    }
}

/// Each key with its count and the moment of its last use.
#[derive(Debug, Default)]
pub struct Lfu {
    uses: Vec<(u64, u64, u32)>,
    moment: u64,
}

impl Oracle for Lfu {
    fn inserted(&mut self, key: u32) {
        self.moment += 1;
        self.uses.push((1, self.moment, key));
    }
    fn used(&mut self, key: u32) {
        self.moment += 1;
        for (count, moment, other) in &mut self.uses {
            if *other == key {
                *count += 1;
                *moment = self.moment;
            }
        }
    }
    fn removed(&mut self, key: u32) {
        self.uses.retain(|&(.., other)| other != key);
    }
    fn victim(&self) -> Option<u32> {
        self.uses.iter().min().map(|&(.., key)| key)
    }
}
