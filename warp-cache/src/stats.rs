//! What a cache counts.

use std::ops::AddAssign;

/// Counters since the cache was made or cleared. hits + misses = calls, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Look-ups answered without a computation of their own.
    pub hits: u64,
    /// Look-ups that found nothing.
    pub misses: u64,
    /// Entries evicted to make room.
    pub evictions: u64,
    /// Entries given back because their time had passed.
    pub expirations: u64,
    /// Computations that failed.
    pub errors: u64,
    /// Calls that waited for another's computation.
    pub waits: u64,
}

impl AddAssign for Stats {
    fn add_assign(&mut self, other: Stats) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.evictions += other.evictions;
        self.expirations += other.expirations;
        self.errors += other.errors;
        self.waits += other.waits;
    }
}

/// A cache's statistics, its size and its bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// Look-ups answered without a computation of their own.
    pub hits: u64,
    /// Look-ups that found nothing.
    pub misses: u64,
    /// Entries evicted to make room.
    pub evictions: u64,
    /// Entries given back because their time had passed.
    pub expirations: u64,
    /// Computations that failed.
    pub errors: u64,
    /// Calls that waited for another's computation.
    pub waits: u64,
    /// How many entries there are; an expired one counts until it is met or swept.
    pub len: usize,
    /// The most entries that the cache will hold, none without a bound.
    pub max_size: Option<usize>,
}

impl Info {
    /// The counters by themselves.
    pub(crate) fn stats(&self) -> Stats {
        let Info { hits, misses, evictions, expirations, errors, waits, .. } = *self;
        Stats { hits, misses, evictions, expirations, errors, waits }
    }

    /// Statistics with a size and a bound.
    pub fn new(stats: Stats, len: usize, max_size: Option<usize>) -> Info {
        let Stats { hits, misses, evictions, expirations, errors, waits } = stats;
        Info { hits, misses, evictions, expirations, errors, waits, len, max_size }
    }
}
