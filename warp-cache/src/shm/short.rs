//! Look-ups of what an entry holds itself, without a block: key and value in two words.
//!
//! They are read as `read.rs` reads all others, but into a register, where a vector and slices of any
//! length take several times as long. What is not as it should be is left to the longer way.

use super::entry::INLINE_BYTES;
use super::layout::EPOCH;
use super::{Region, Stamp};
use crate::sync::{AtomicU64, Ordering};

/// Some bytes of a key or a value that an entry may hold itself: 1 to 15.
#[derive(Clone, Copy, Debug)]
pub struct Short {
    /// The first one lowest; behind the last may be anything.
    bytes: u128,
    length: usize,
}

impl Short {
    /// The first `length` of some bytes, of which the first stands lowest; none unless there are 1 to
    /// 15 of them.
    #[inline]
    pub fn new(bytes: u128, length: usize) -> Option<Short> {
        (1..INLINE_BYTES).contains(&length).then_some(Short { bytes, length })
    }

    /// The bytes, the first one lowest, and behind them anything.
    #[inline]
    pub fn bytes(self) -> u128 {
        self.bytes
    }

    /// How many there are.
    #[inline]
    pub fn length(self) -> usize {
        self.length
    }

    #[inline]
    fn bits(self) -> u32 {
        self.length as u32 * 8
    }
}

impl Region {
    /// As [`Self::peek`] of a key and a value that an entry holds itself; none also where it takes
    /// the longer way to find out. Some 20 ns.
    #[inline]
    pub fn peek_short(&self, key: Short, now: u64) -> Option<(Stamp, Short)> {
        let hash = self.hash(key.bytes.to_le_bytes().get(..key.length)?);
        let (words, shard) = (&*self.words, self.geometry.shard_of(hash));
        let epoch = words[EPOCH].load(Ordering::Acquire);
        if words[self.geometry.swept + shard].load(Ordering::Acquire) != epoch {
            return None;
        }
        let first = shard * self.geometry.entries;
        let look = |own| {
            let (version, deadline, value) = self.look_short(words, first + own, hash, key, now)?;
            let (entry, shard) = ((first + own) as u32, shard as u32);
            Some((Stamp { entry, shard, version, epoch, deadline }, value))
        };
        let found = self.find_candidate(shard, hash, look)?;
        // A clear may have come between; what was cleared before it began is gone.
        (words[EPOCH].load(Ordering::Acquire) == epoch).then_some(found)
    }

    /// Reads an entry, by its number in the region, in the hope that it is the key's: its version,
    /// its deadline and its value.
    #[inline]
    fn look_short(
        &self,
        words: &[AtomicU64],
        entry: usize,
        hash: u64,
        key: Short,
        now: u64,
    ) -> Option<(u64, u64, Short)> {
        let line = self.line(words, entry, hash)?;
        let (lengths, deadline) = (line.lengths, line.deadline);
        if lengths.key != key.length || lengths.value > INLINE_BYTES - key.length {
            return None;
        }
        let content = line.inline();
        // The bytes of the key, and nothing else.
        let difference = (content ^ key.bytes) << (u128::BITS - key.bits());
        if difference != 0 || !line.stood_still() || deadline <= now {
            return None;
        }
        let value = Short::new(content >> key.bits(), lengths.value)?;
        let bytes = value.bytes.to_le_bytes();
        let digest = self.digest(hash, lengths, deadline, bytes.get(..value.length)?);
        line.has_digest(digest).then_some((line.version.0, deadline, value))
    }
}
