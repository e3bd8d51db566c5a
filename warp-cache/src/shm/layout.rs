//! Where everything in a region stands: the only holder of offsets. FORMAT.md draws it.
//!
//! A region is a run of 64-bit words. From its length, its `max_size` and its strategy follow all
//! the lengths in it, the *geometry*, which each process works out or checks once, keeps in private
//! memory, and never reads from the region again. Every number that is read from the region is
//! compared with it before use.

use std::ops::Range;

use super::linked::Drive;
use super::order::SharedOrder;
use crate::error::Error;
use crate::strategy::Strategy;

/// Of the format as FORMAT.md describes it; a file with another one is not read.
pub const VERSION: u64 = 3;

/// Words of the header page, which is not this module's affair.
pub const HEADER: usize = if cfg!(loom) { LINE } else { 512 };
/// Words of a cache line, to whose multiples everything is aligned.
pub(super) const LINE: usize = 8;
/// The word that a clear changes. It and the next have two lines each, as processors fetch pairs.
pub(super) const EPOCH: usize = HEADER;
/// The highest tick that a process has published.
pub(super) const TICK: usize = EPOCH + 2 * LINE;
/// When a process opened or closed the region last.
pub(super) const USED_LAST: usize = TICK + 1;
/// How many processes have the region open for which there was no place in the table.
pub(super) const BEYOND: usize = TICK + 2;
/// The process that looked around last; see `crowd.rs`. On a line of its own.
pub(super) const LAST_USER: usize = TICK + LINE;
/// The processes that have the region open: the table of them.
pub(super) const PROCESSES: Range<usize> =
    TICK + 2 * LINE..TICK + 2 * LINE + if cfg!(loom) { LINE } else { 256 };
/// Counters: a line of eight for each stripe.
pub(super) const STATISTICS: usize = PROCESSES.end;
pub(super) const STRIPES: usize = if cfg!(loom) { 1 } else { 64 };
const AFTER_STATISTICS: usize = STATISTICS + STRIPES * LINE;

/// Words of a shard's control lines: what its lock holder writes, and what readers write.
pub(super) const CONTROL: usize = 2 * LINE;
/// Logs of the changes of a shard's keys.
pub(super) const LOGS: usize = if cfg!(loom) { 1 } else { 16 };
/// How many records a log has at least and at most.
const FEWEST_RECORDS: usize = 2;
const MOST_RECORDS: usize = 512;
/// Which part of the region they are in between.
const LOGS_PART: usize = 64;
/// Claims of computations of a shard's keys, and their words.
pub(super) const CLAIMS: usize = if cfg!(loom) { 2 } else { 16 };
pub(super) const CLAIM: usize = 4;
/// Words of an index bucket, and how many of them are slots; the last one is a checksum.
pub(super) const BUCKET: usize = LINE;
pub(super) const SLOTS: usize = BUCKET - 1;
/// Words of an entry.
pub(super) const ENTRY: usize = LINE;
/// Words of a block, and its bytes.
pub(super) const BLOCK: usize = LINE;
pub(super) const BLOCK_BYTES: usize = BLOCK * 8;
/// How many blocks one bit of the hints stands for.
pub(super) const GROUP: usize = 64;

// A model checker, which explores every order of every access, gets as little as can be.

/// The fewest bytes that a region takes.
pub const LEAST_BYTES: u64 = if cfg!(loom) { 2048 } else { 64 << 10 };
/// What a region's bytes are a multiple of.
const PAGE: u64 = if cfg!(loom) { 64 } else { 4096 };
/// The most: entries and blocks are numbered in 32 bits.
const MOST_BYTES: u64 = 64 << 30;
/// Up to here a region has one shard, whose order is exact.
const SINGLE_SHARD: usize = if cfg!(loom) { 2 } else { 4096 };
/// How many shards it has beyond that, and from when on it has more.
const SOME_SHARDS: usize = if cfg!(loom) { 2 } else { 16 };
const MANY_ENTRIES: usize = 4 << 20;
const MANY_SHARDS: usize = 64;
/// Bytes for each entry of a region that is not bound by `max_size`.
const BYTES_PER_ENTRY: usize = 192;
/// What a region takes for each entry that `max_size` asks for, where nobody says how many bytes,
/// and how much at least and at most.
const USUAL_BYTES_PER_ENTRY: u64 = 512;
const USUAL_LEAST: u64 = 4 << 20;
const USUAL_MOST: u64 = 256 << 20;
/// More than an entry takes of no more than 16 bytes.
const BYTES_PER_SMALL_ENTRY: u64 = 100;
/// Entries by which the words of an order are estimated.
const SAMPLE: usize = 1024;

/// The lengths of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    bytes: u64,
    max_size: Option<usize>,
    strategy: Strategy,
    order: SharedOrder,
    /// How many, and in each of them: entries and index buckets. Blocks are common to all.
    pub(super) shards: usize,
    pub(super) entries: usize,
    pub(super) buckets: usize,
    pub(super) blocks: usize,
    /// How many changes each log remembers, a power of two.
    pub(super) records: usize,
    /// How many words the order of each shard takes, beside the places of its entries.
    pub(super) order_words: usize,
    /// First words of the arrays.
    pub(super) lens: usize,
    pub(super) swept: usize,
    pub(super) controls: usize,
    pub(super) changes: usize,
    pub(super) claims: usize,
    pub(super) hints: usize,
    pub(super) index: usize,
    pub(super) heap: usize,
    pub(super) positions: usize,
    pub(super) order_at: usize,
    pub(super) table: usize,
    pub(super) links: usize,
    pub(super) payload: usize,
    pub(super) end: usize,
}

impl Geometry {
    /// How many words [`Self::to_words`] gives.
    pub const WORDS: usize = 7;

    /// The geometry of a region of `bytes` bytes, rounded down to whole pages.
    ///
    /// # Errors
    /// If the bytes are too few or too many, or the strategy has no order for shared memory.
    pub fn new(bytes: u64, max_size: Option<usize>, strategy: Strategy) -> Result<Geometry, Error> {
        let Some(order) = SharedOrder::of(strategy) else {
            let able: Vec<_> = SharedOrder::strategies().map(Strategy::name).collect();
            let takes = format!(
                "has no order that processes can share; it takes one of {}",
                able.join(", ")
            );
            return Err(Error::new("strategy", strategy.name(), takes));
        };
        if !(LEAST_BYTES..=MOST_BYTES).contains(&bytes) {
            let takes = format!("bytes cannot be shared; it takes {LEAST_BYTES} to {MOST_BYTES}");
            return Err(Error::new("size", bytes.to_string(), takes));
        }
        let bytes = bytes - bytes % PAGE;
        let words = (bytes / 8) as usize;
        let asked = wanted_entries(words, max_size, strategy);
        let shards = if asked <= SINGLE_SHARD {
            1
        } else if asked < MANY_ENTRIES {
            SOME_SHARDS
        } else {
            MANY_SHARDS
        };
        let mut entries = asked.div_ceil(shards);
        if shards > 1 {
            // Keys do not fall equally into the shards: six standard deviations are enough for
            // each to find room while there is room at all.
            entries += 6 * entries.isqrt();
        }
        let mut geometry = Geometry::plan(bytes, max_size, strategy, order, shards, entries, 0);
        while geometry.end > words {
            entries -= (entries / 64).max(1);
            geometry = Geometry::plan(bytes, max_size, strategy, order, shards, entries, 0);
        }
        let rest = words - geometry.end;
        // A block with its link, and its part of the hints; what rounding takes is given back.
        let mut blocks = rest / (BLOCK + 1);
        loop {
            geometry = Geometry::plan(bytes, max_size, strategy, order, shards, entries, blocks);
            if geometry.end <= words {
                return Ok(geometry);
            }
            blocks -= 1;
        }
    }

    fn plan(
        bytes: u64,
        max_size: Option<usize>,
        strategy: Strategy,
        order: SharedOrder,
        shards: usize,
        entries: usize,
        blocks: usize,
    ) -> Geometry {
        // Even, as two numbers share a word, and no two shards may.
        let entries = entries.next_multiple_of(2);
        let buckets = entries * 3 / (2 * SLOTS) + if cfg!(loom) { 1 } else { 4 };
        let part = (bytes / 8) as usize / LOGS_PART / (shards * LOGS);
        let records = 1 << part.clamp(FEWEST_RECORDS, MOST_RECORDS).ilog2();
        let bound = bound_of_shard(max_size, shards, entries);
        let order_words = order_words(strategy, entries, bound);
        let mut end = AFTER_STATISTICS;
        let mut take = |words: usize| {
            let start = end;
            end += words.next_multiple_of(LINE);
            start
        };
        Geometry {
            bytes,
            max_size,
            strategy,
            order,
            shards,
            entries,
            buckets,
            blocks,
            records,
            order_words,
            lens: take(shards),
            swept: take(shards),
            controls: take(shards * CONTROL),
            changes: take(shards * LOGS * (records + 1)),
            claims: take(shards * CLAIMS * CLAIM),
            hints: take(blocks.div_ceil(GROUP * 64)),
            index: take(shards * buckets * BUCKET),
            heap: take((shards * entries).div_ceil(2)),
            positions: take((shards * entries).div_ceil(2)),
            order_at: take(shards * order_words),
            table: take(shards * entries * ENTRY),
            links: take(blocks),
            payload: take(blocks * BLOCK),
            end,
        }
    }

    /// The bytes of a region whose size nobody gave: 512 for each entry, but 4 to 256 MiB, and as
    /// many as it takes for that many entries whose key and value have 16 bytes at most, 100 each and
    /// what the strategy's order takes more than a rank.
    /// So from half a million entries on larger values have less room than 512 bytes each, and the
    /// region may be full before it has `max_size` of them. Without a bound, or with one for which
    /// no region is large enough, 256 MiB.
    pub fn usual_bytes(max_size: Option<usize>, strategy: Strategy) -> u64 {
        let entries = max_size.map_or(u64::MAX, |max_size| max_size as u64);
        let fewest = entries.saturating_mul(BYTES_PER_SMALL_ENTRY + order_bytes(strategy) as u64);
        let usual = entries.saturating_mul(USUAL_BYTES_PER_ENTRY).clamp(USUAL_LEAST, USUAL_MOST);
        let bytes = if fewest > MOST_BYTES { usual } else { usual.max(fewest) };
        bytes.next_multiple_of(PAGE)
    }

    /// The region's length, in whole pages.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The region's length in words.
    pub fn words(&self) -> usize {
        (self.bytes / 8) as usize
    }

    /// The most entries that it will hold, none without a bound but the bytes.
    pub fn max_size(&self) -> Option<usize> {
        self.max_size
    }

    /// The strategy by which it evicts.
    pub fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// The order in which it evicts.
    pub fn order(&self) -> SharedOrder {
        self.order
    }

    /// How many entries each shard will have, where they fall equally into the shards.
    pub(super) fn bound_of_shard(&self) -> usize {
        bound_of_shard(self.max_size, self.shards, self.entries)
    }

    /// How many shards there are, each with a lock of its own.
    pub fn shards(&self) -> usize {
        self.shards
    }

    /// How many 64-byte blocks there are for keys and values that do not fit into 16 bytes.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// How many entries there is room for in all shards.
    pub fn capacity(&self) -> usize {
        self.shards * self.entries
    }

    /// The most bytes that a key and its value may have together: an eighth of the region, or all
    /// that its tables have left for values.
    pub fn limit(&self) -> usize {
        let eighth = usize::try_from(self.bytes / 8).unwrap_or(usize::MAX);
        eighth.min(self.blocks * BLOCK_BYTES).min(u32::MAX as usize)
    }

    /// As the header keeps it.
    pub fn to_words(&self) -> [u64; Self::WORDS] {
        let numbers = [self.shards, self.entries, self.buckets, self.blocks];
        let [shards, entries, buckets, blocks] = numbers.map(|number| number as u64);
        let max_size = self.max_size.map_or(u64::MAX, |max_size| max_size as u64);
        [self.bytes, max_size, self.strategy as u64, shards, entries, buckets, blocks]
    }

    /// The geometry that a header keeps, if it is one that [`Self::new`] gives.
    pub fn from_words(words: [u64; Self::WORDS]) -> Option<Geometry> {
        let [bytes, max_size, strategy, ..] = words;
        let max_size = match max_size {
            u64::MAX => None,
            max_size => Some(usize::try_from(max_size).ok()?),
        };
        let strategy = *Strategy::ALL.get(usize::try_from(strategy).ok()?)?;
        let geometry = Geometry::new(bytes, max_size, strategy).ok()?;
        (geometry.to_words() == words).then_some(geometry)
    }
}

/// How many entries are asked for of each shard at most.
fn bound_of_shard(max_size: Option<usize>, shards: usize, entries: usize) -> usize {
    max_size.map_or(entries, |max_size| max_size.div_ceil(shards).min(entries))
}

/// The words of a shard's order.
fn order_words(strategy: Strategy, entries: usize, bound: usize) -> usize {
    match SharedOrder::of(strategy) {
        Some(order) if order.is_linked() => {
            Drive::words(strategy, entries, bound).next_multiple_of(LINE)
        }
        _ => entries,
    }
}

/// How many bytes the order takes for each entry, beyond the rank that an entry has in most.
fn order_bytes(strategy: Strategy) -> usize {
    (order_words(strategy, SAMPLE, SAMPLE) * 8 / SAMPLE).saturating_sub(8)
}

/// How many entries a region should have room for, before shards are taken into account.
fn wanted_entries(words: usize, max_size: Option<usize>, strategy: Strategy) -> usize {
    let room = words - AFTER_STATISTICS;
    let more = order_bytes(strategy);
    let moderate = room * 8 / (BYTES_PER_ENTRY + more);
    let Some(max_size) = max_size else { return moderate };
    // An entry takes 94 bytes with all that belongs to it. If there is room for all that are asked
    // for, they get it; else values have their part.
    let most = room * 8 / (97 + more);
    if max_size <= most { max_size.max(1) } else { moderate }
}
