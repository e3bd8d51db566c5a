//! An entry: one cache line that says everything about a key and its value, and often holds both.
//!
//! Its first word is its version: a count that each change of the entry raises, some bits of the
//! content's digest, and the state. A version never comes back for the same entry, and a flipped
//! bit in the count does not make it that of an older content. So who finds the same version before
//! and after copying the content has a whole copy, and who kept the version knows by it alone
//! whether the content is still what it was.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::layout::{BLOCK_BYTES, ENTRY};
use super::{Region, SharedOrder};

/// The words of an entry.
pub(super) const VERSION: usize = 0;
pub(super) const HASH: usize = 1;
/// What a use writes: the rank by which the strategy orders it, or a mark.
pub(super) const USED: usize = 2;
pub(super) const DEADLINE: usize = 3;
/// Lengths of key and value.
pub(super) const LENGTHS: usize = 4;
/// The digest's lower half, and the first block.
pub(super) const PLACE: usize = 5;
/// Two words that hold what needs no block.
pub(super) const INLINE: usize = 6;
pub(super) const INLINE_BYTES: usize = 16;

const STATE_BITS: u32 = 2;
const DIGEST_BITS: u32 = 22;
const TICK_BITS: u32 = 44;

/// What an entry is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing.
    Empty,
    /// Something whose writer is not done with it.
    Written,
    /// A key and its value.
    Live,
    /// What was invalidated while another held the shard's lock, who will tidy it up.
    Dropped,
}

/// The first word of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version(pub(super) u64);

impl Version {
    #[inline]
    pub(super) fn state(self) -> State {
        match self.0 & 3 {
            0 => State::Empty,
            1 => State::Written,
            2 => State::Live,
            _ => State::Dropped,
        }
    }

    /// The version after this one; only a live one has a digest.
    pub(super) fn next(self, state: State, digest: u64) -> Version {
        let count = (self.0 >> (STATE_BITS + DIGEST_BITS)).wrapping_add(1);
        let digest = if state == State::Live { digest >> (64 - DIGEST_BITS) } else { 0 };
        let state = match state {
            State::Empty => 0,
            State::Written => 1,
            State::Live => 2,
            State::Dropped => 3,
        };
        Version((count << DIGEST_BITS | digest) << STATE_BITS | state)
    }

    /// Some bits of the count.
    #[inline]
    pub(super) fn counted(self) -> u32 {
        (self.0 >> (STATE_BITS + DIGEST_BITS)) as u32
    }

    /// Whether it has the bits of that digest.
    #[inline]
    pub(super) fn matches(self, digest: u64) -> bool {
        (self.0 >> STATE_BITS) & ((1 << DIGEST_BITS) - 1) == digest >> (64 - DIGEST_BITS)
    }
}

/// How long key and value are: believed only within the private limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lengths {
    pub(super) key: usize,
    pub(super) value: usize,
}

impl Lengths {
    #[inline]
    pub(super) fn from_word(word: u64) -> Lengths {
        Lengths { key: (word >> 32) as usize, value: word as u32 as usize }
    }

    #[inline]
    pub(super) fn to_word(self) -> u64 {
        (self.key as u64) << 32 | self.value as u64
    }

    #[inline]
    pub(super) fn total(self) -> usize {
        self.key.saturating_add(self.value)
    }

    /// How many blocks they take beside the entry itself.
    #[inline]
    pub(super) fn blocks(self) -> usize {
        if self.total() <= INLINE_BYTES { 0 } else { self.total().div_ceil(BLOCK_BYTES) }
    }
}

impl SharedOrder {
    /// The rank of a new entry, or its mark.
    pub(super) fn first_use(self, tick: u64) -> u64 {
        match self {
            SharedOrder::LeastFrequent => 1 << TICK_BITS | tick_bits(tick),
            SharedOrder::LeastRecent | SharedOrder::MostRecent | SharedOrder::Oldest => tick,
            SharedOrder::Marked { .. } | SharedOrder::Told => 0,
        }
    }

    /// The rank or mark of an entry that has `used`, after one more use.
    #[inline]
    pub(super) fn next_use(self, used: u64, tick: u64) -> u64 {
        match self {
            SharedOrder::LeastFrequent => {
                let count = (used >> TICK_BITS) + 1;
                count.min(u64::MAX >> TICK_BITS) << TICK_BITS | tick_bits(tick)
            }
            SharedOrder::Marked { most } => used.saturating_add(1).min(most.into()),
            SharedOrder::Oldest | SharedOrder::Told => used,
            SharedOrder::LeastRecent | SharedOrder::MostRecent => tick,
        }
    }
}

#[inline]
fn tick_bits(tick: u64) -> u64 {
    tick & ((1 << TICK_BITS) - 1)
}

impl Region {
    /// The place of an entry's words, by its number in the region.
    #[inline]
    pub(super) fn entry_at(&self, entry: usize) -> usize {
        self.geometry.table + entry * ENTRY
    }

    /// What tells a content that was damaged: over all of an entry but its key, which is compared
    /// with the one that is looked for, and its use.
    #[inline]
    pub(super) fn digest(&self, hash: u64, lengths: Lengths, deadline: u64, value: &[u8]) -> u64 {
        let seed = self.seeds[1]
            ^ hash.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ lengths.to_word().wrapping_mul(0xC2B2_AE3D_27D4_EB4F).rotate_left(23)
            ^ deadline.wrapping_mul(0xD6E8_FEB8_6659_FD93).rotate_left(41);
        xxh3_64_with_seed(value, seed)
    }
}
