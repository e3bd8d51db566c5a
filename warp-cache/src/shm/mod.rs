//! A cache in memory that processes share.
//!
//! A [`Region`] keeps keys and values as bytes, in words that every process of a user may have
//! mapped. Readers take no lock and never wait. Writers hold the lock of one shard for microseconds,
//! and give up after twenty milliseconds. A process may be killed or stopped at any instruction, and
//! bits may flip anywhere in the region: the worst that comes of it is a miss and the loss of one
//! shard's entries. FORMAT.md beside this file draws every word.
//!
//! Everything here works on [`Words`] in safe code, wherever these come from.
//!
//! | file | its idea |
//! |---|---|
//! | `layout`, `words` | where everything stands, and the only way to touch it |
//! | `read`, `short` | look-ups: copy, and look whether it was whole; the shortest by itself |
//! | `write` | insertion, invalidation, clear |
//! | `changes` | what was changed lately, so that nothing older is kept |
//! | `lock`, `shard` | the lock that outlives its owner, and what is done under it |
//! | `entry`, `index`, `order`, `blocks` | records, finding them, whose turn it is, their bytes |
//! | `linked`, `touches` | whose turn it is where that is no rank; uses that are told in bulk |
//! | `crowd` | whether others use it at the same time, so that uses need not all be told |
//! | `flights`, `counters` | computations that others wait for; statistics |
//! | `open`, `file`, `create` | a configuration's file: found, made whole in one step, or replaced |
//! | `directory`, `header`, `origin` | where files lie; what they say of themselves, and of which boot |
//! | `map` | a file as words: the only unsafe code |
//! | `process` | the word that stands for a process |
//! | `list`, `stale` | the regions that are there, for a command line; those that nobody needs |

mod blocks;
mod changes;
mod counters;
#[cfg(all(unix, not(loom)))]
mod create;
mod crowd;
#[cfg(all(unix, not(loom)))]
mod directory;
mod entry;
#[cfg(all(unix, not(loom)))]
mod file;
mod flights;
#[cfg(all(unix, not(loom)))]
mod header;
mod index;
mod layout;
mod linked;
#[cfg(all(unix, not(loom)))]
mod list;
mod lock;
#[cfg(all(unix, not(loom)))]
mod map;
#[cfg(all(unix, not(loom)))]
mod open;
mod order;
#[cfg(all(unix, not(loom)))]
mod origin;
#[cfg(unix)]
pub mod process;
mod read;
mod shard;
mod short;
#[cfg(all(unix, not(loom)))]
mod stale;
mod steps;
mod touches;
mod validate;
mod words;
mod write;

use std::fmt;

pub use layout::{Geometry, HEADER, LEAST_BYTES, VERSION};
#[doc(hidden)]
pub use linked::{Drive, Driven, Fields, InRegion, Kept};
#[cfg(all(unix, not(loom)))]
pub use list::{Listed, Listing, attach, list, remove};
#[cfg(all(unix, not(loom)))]
pub use open::{Config, Identity};
pub use order::SharedOrder;
pub use short::Short;
#[cfg(all(unix, not(loom)))]
pub use stale::remove_stale;
#[cfg(feature = "region-steps")]
pub use steps::{Died, Effort, die_after, effort};
pub use words::Words;

use crowd::Uses;
use entry::Version;
use touches::Touches;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::stats::Info;
use crate::sync::{AtomicU32, AtomicU64};

/// How a region knows processes: by words that stand for them.
#[derive(Clone, Copy, Debug)]
pub struct Processes {
    /// This process's word, never 0; asked again each time, as a forked child has another.
    pub current: fn() -> u64,
    /// Whether the process that a word stands for can still act. In doubt, true; false for words
    /// that cannot be any process's.
    pub is_alive: fn(u64) -> bool,
}

/// One cache, shared by all processes that have it open. `Send` and `Sync`; dropping it closes it.
#[derive(Debug)]
pub struct Region {
    words: Words,
    geometry: Geometry,
    seeds: [u64; 2],
    processes: Processes,
    /// The most bytes of a key and its value.
    limit: usize,
    /// For each shard, whether waiting for its lock made sense the last time.
    patient: Box<[AtomicU32]>,
    /// For each shard, uses that its strategy has to be told of; of none where it has not.
    touches: Box<[Touches]>,
    /// The word that this process has joined by, and its place in the table of processes.
    joined_as: AtomicU64,
    joined_at: AtomicU64,
    /// Where its stripes of the statistics begin.
    stripe: u64,
    /// What it knows of its uses.
    uses: Uses,
    /// Where it last found a free block.
    cursor: Padded,
}

/// A number on lines of its own, as threads write it often.
#[derive(Debug)]
#[repr(align(128))]
struct Padded(AtomicU64);

impl std::ops::Deref for Padded {
    type Target = AtomicU64;
    #[inline]
    fn deref(&self) -> &AtomicU64 {
        &self.0
    }
}

/// The seed of regions on the heap, whose bytes are the same in every run.
const SEED_OF_TESTS: u128 = 0x0123_4567_89AB_CDEF_0011_2233_4455_6677;

/// What an entry was when it was looked up: good as long as [`Region::is_current`] says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    entry: u32,
    shard: u32,
    version: u64,
    epoch: u64,
    deadline: u64,
}

impl Stamp {
    /// When the entry expires, in [`Region::now`]'s nanoseconds; `u64::MAX`: never.
    #[inline]
    pub fn deadline(&self) -> u64 {
        self.deadline
    }

    /// The entry's number in the region, below [`Geometry::capacity`].
    #[inline]
    pub fn entry(&self) -> usize {
        self.entry as usize
    }

    /// The low half of the number that each change of the entry raises.
    #[inline]
    pub fn change(&self) -> u32 {
        Version(self.version).counted()
    }
}

/// The moment at which a computation began: what it gives is not kept if its key was invalidated,
/// set or cleared since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    epoch: u64,
    changes: u64,
}

/// What an insertion does where the key is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfPresent {
    /// The new value takes the place of the old one; without a ticket as a use of the entry.
    Replace,
    /// The old value stays; the insertion returns [`NotKept::Present`].
    Keep,
}

/// Why an insertion kept nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotKept {
    /// Key and value have more bytes than an entry may have.
    TooLarge {
        /// What they have.
        bytes: usize,
        /// What an entry may have: [`Geometry::limit`].
        limit: usize,
    },
    /// Another process held the shard for too long; counted as dropped.
    Busy,
    /// The key was invalidated or set, or the cache cleared, since the ticket was drawn.
    Changed,
    /// There is an entry, and it was to stay.
    Present(Stamp),
    /// The cache is one of no entries, or what fills it could not be evicted.
    NoRoom,
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotKept::TooLarge { bytes, limit } => {
                write!(f, "key and value have {bytes} bytes; the shared cache takes up to {limit}")
            }
            NotKept::Busy => f.write_str("another process held the shared cache for too long"),
            NotKept::Changed => f.write_str("the entry was changed while its value was computed"),
            NotKept::Present(_) => f.write_str("there is an entry already"),
            NotKept::NoRoom => f.write_str("the shared cache has no room for it"),
        }
    }
}

impl std::error::Error for NotKept {}

/// What a region counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Counter {
    /// Look-ups answered without a computation of their own.
    Hits,
    /// Look-ups that found nothing.
    Misses,
    /// Entries evicted to make room.
    Evictions,
    /// Entries given back because their time had passed.
    Expirations,
    /// Computations that failed.
    Errors,
    /// Calls that waited for another's computation.
    Waits,
    /// Shards, and single entries, that were given up because their writer had died in them or
    /// their words had been damaged.
    Recoveries,
    /// Insertions that were given up because another process held the shard.
    Dropped,
}

/// A region's statistics, over all processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionInfo {
    /// What every cache counts.
    pub info: Info,
    /// The region's length.
    pub bytes: u64,
    /// See [`Counter::Recoveries`].
    pub recoveries: u64,
    /// See [`Counter::Dropped`].
    pub dropped: u64,
    /// How many processes have the region open. It knows 256 of them by their words; of those for
    /// which there was no place, one that was killed still counts.
    pub processes: usize,
}

/// Who computes a value.
#[derive(Debug)]
pub enum Claim<'a> {
    /// This process does, and tells the others by dropping the guard when it is done.
    Leads(Lead<'a>),
    /// Another does: look the key up again in a while, then claim again.
    Follows,
    /// Nobody can be told, as too many computations are under way; just compute.
    Full,
}

/// The right to compute a value while others wait for it; dropping it ends their waiting.
#[derive(Debug)]
pub struct Lead<'a> {
    region: &'a Region,
    held: Held,
}

impl Lead<'_> {
    /// The same without a borrow, for who has to keep it: [`Region::release`] ends it.
    pub fn keep(self) -> Held {
        let held = self.held;
        std::mem::forget(self);
        held
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        self.region.release(self.held);
    }
}

/// A [`Lead`] that its holder has to give back by [`Region::release`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    claim: usize,
    hash: u64,
    owner: u64,
}

impl Region {
    /// The region over `words`, which are zeros after the header page where it is new. This is
    /// where a mapped file comes in, with what its header says.
    ///
    /// # Panics
    /// If there are fewer words than the geometry has.
    pub fn from_words(
        words: Words,
        geometry: Geometry,
        seed: u128,
        processes: Processes,
    ) -> Region {
        let region = Region::unjoined(words, geometry, seed, processes);
        region.member();
        region
    }

    /// The same, of which the process is none until it writes.
    fn unjoined(words: Words, geometry: Geometry, seed: u128, processes: Processes) -> Region {
        assert!(words.len() >= geometry.words(), "a region has all of its words");
        let is_told = geometry.order() == SharedOrder::Told;
        let noted = if is_told { geometry.shards() } else { 0 };
        Region {
            words,
            geometry,
            limit: geometry.limit(),
            seeds: [seed as u64, (seed >> 64) as u64],
            processes,
            touches: (0..noted).map(|_| Touches::default()).collect(),
            patient: (0..geometry.shards()).map(|_| AtomicU32::new(1)).collect(),
            joined_as: AtomicU64::new(0),
            joined_at: AtomicU64::new(0),
            stripe: (processes.current)().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32,
            uses: Uses::new(geometry.max_size().unwrap_or(usize::MAX).min(geometry.capacity())),
            cursor: Padded(AtomicU64::new(0)),
        }
    }

    /// A region in this process's own memory: for tests.
    #[doc(hidden)]
    pub fn on_heap(geometry: Geometry, processes: Processes) -> Region {
        Region::from_words(Words::heap(geometry.words()), geometry, SEED_OF_TESTS, processes)
    }

    /// Another process's view of a region on the heap: for tests.
    ///
    /// # Panics
    /// If the region is mapped.
    #[doc(hidden)]
    pub fn again(&self, processes: Processes) -> Region {
        let words = self.words.share().expect("a region on the heap");
        let seed = u128::from(self.seeds[1]) << 64 | u128::from(self.seeds[0]);
        Region::from_words(words, self.geometry, seed, processes)
    }

    /// Its words.
    #[doc(hidden)]
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// Its geometry.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// A key's hash, which the other methods take. Some nanoseconds for a short key.
    #[inline]
    pub fn hash(&self, key: &[u8]) -> u64 {
        xxh3_64_with_seed(key, self.seeds[0])
    }

    /// The present moment, in nanoseconds since the machine started, sleep included: what
    /// deadlines are measured by. Some 30 ns; regions without deadlines take 0 instead.
    #[inline]
    pub fn now(&self) -> u64 {
        crate::clock::since_boot()
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        self.leave();
    }
}
