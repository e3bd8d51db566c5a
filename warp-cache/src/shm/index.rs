//! Where the entry of a hash is.
//!
//! Each shard has buckets of one cache line: seven slots of a tag and an entry number each, and
//! their sum without carry. A hash has two homes, and its slot is in one of four buckets: the first
//! home, the next to it, the second home, or the next to that. Two homes fill buckets evenly, and a
//! full window first moves a slot that may stand elsewhere, so that entries are lost to it only in
//! theory. Readers look through a window as it is: what moves meanwhile they miss, and what a
//! slot says they verify. Who holds the lock checks the sums before it believes that a key is not
//! there, since an entry that cannot be found could not be invalidated either.

use super::entry::{HASH, State, VERSION, Version};
use super::layout::{BUCKET, SLOTS};
use super::lock::{Damaged, Locked};
use super::{Geometry, Region};
use crate::sync::Ordering;

/// Makes the second home of a hash independent of the first: the golden ratio.
const SECOND: u64 = 0x9E37_79B9_7F4A_7C15;
/// How many buckets a slot may be in.
const WINDOW: usize = if cfg!(loom) { 1 } else { 4 };

impl Geometry {
    /// The shard of a hash. Its bits are of the tag, not of those that choose the home bucket.
    #[inline]
    pub(super) fn shard_of(&self, hash: u64) -> usize {
        (hash >> 32) as usize & (self.shards - 1)
    }

    /// The first word of a bucket of a hash's window.
    #[inline]
    fn bucket(&self, shard: usize, hash: u64, step: usize) -> usize {
        let half = if step < 2 { hash as u32 } else { (hash.wrapping_mul(SECOND) >> 32) as u32 };
        let home = (u64::from(half) * self.buckets as u64) >> 32;
        let mut bucket = home as usize + step % 2;
        if bucket >= self.buckets {
            bucket -= self.buckets;
        }
        self.index + (shard * self.buckets + bucket) * BUCKET
    }
}

#[inline]
fn slot(hash: u64, entry: usize) -> u64 {
    hash >> 32 << 32 | (entry as u64 + 1)
}

impl Region {
    /// Goes through the entries, by their numbers in the shard, that a look-up of the hash has to
    /// verify, until one gives something.
    #[inline]
    pub(super) fn find_candidate<T>(
        &self,
        shard: usize,
        hash: u64,
        mut verify: impl FnMut(usize) -> Option<T>,
    ) -> Option<T> {
        for step in 0..WINDOW {
            let bucket = self.geometry.bucket(shard, hash, step);
            for word in &self.words[bucket..bucket + SLOTS] {
                let word = word.load(Ordering::Acquire);
                let entry = (word as u32 as usize).wrapping_sub(1);
                if word >> 32 == hash >> 32 && entry < self.geometry.entries {
                    let verified = verify(entry);
                    if verified.is_some() {
                        return verified;
                    }
                }
            }
        }
        None
    }
}

impl Locked<'_> {
    /// The places of a hash's window.
    fn window(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        let (geometry, shard) = (self.region.geometry, self.shard);
        (0..WINDOW).flat_map(move |step| {
            let bucket = geometry.bucket(shard, hash, step);
            bucket..bucket + SLOTS
        })
    }

    fn empty_place(&self, hash: u64) -> Option<usize> {
        self.window(hash).find(|&place| self.load(place) == 0)
    }

    /// A free place for the hash's slot; none if its whole window is taken for good.
    pub(super) fn place_for(&self, hash: u64) -> Option<usize> {
        self.empty_place(hash).or_else(|| self.forget_stale(hash)).or_else(|| self.move_one(hash))
    }

    /// Empties a slot in a hash's window whose entry has been lost.
    #[cold]
    fn forget_stale(&self, hash: u64) -> Option<usize> {
        let place = self.window(hash).find(|&place| self.hash_in(place).is_none())?;
        self.set_slot(place, 0);
        Some(place)
    }

    /// Moves a slot of the hash's window to elsewhere in its own window.
    #[cold]
    fn move_one(&self, hash: u64) -> Option<usize> {
        let mut moves = self.window(hash).filter_map(|place| {
            let to = self.empty_place(self.hash_in(place)?)?;
            Some((place, to))
        });
        let (place, to) = moves.next()?;
        self.set_slot(to, self.load(place));
        self.set_slot(place, 0);
        Some(place)
    }

    /// The hash of the live entry that a slot stands for, if that is where it belongs.
    fn hash_in(&self, place: usize) -> Option<u64> {
        let word = self.load(place);
        let entry = (word as u32 as usize).wrapping_sub(1);
        if entry >= self.region.geometry.entries {
            return None;
        }
        let at = self.entry_at(entry);
        let hash = self.load(at + HASH);
        let is_live = Version(self.load(at + VERSION)).state() != State::Empty;
        let belongs = slot(hash, entry) == word && self.window(hash).any(|own| own == place);
        (is_live && belongs).then_some(hash)
    }

    /// The entry of some slot in a hash's window: what has to go if there is no place at all.
    pub(super) fn first_in_window(&self, hash: u64) -> Option<usize> {
        let word = self.load(self.window(hash).next()?);
        let entry = (word as u32 as usize).wrapping_sub(1);
        (entry < self.region.geometry.entries).then_some(entry)
    }

    /// Lets look-ups of the hash find the entry.
    pub(super) fn point_to(&self, place: usize, hash: u64, entry: usize) {
        self.set_slot(place, slot(hash, entry));
    }

    /// Lets them find it no more.
    pub(super) fn unpoint(&self, hash: u64, entry: usize) {
        let word = slot(hash, entry);
        if let Some(place) = self.window(hash).find(|&place| self.load(place) == word) {
            self.set_slot(place, 0);
        }
    }

    fn set_slot(&self, place: usize, word: u64) {
        // Buckets are aligned to their length, as the index is to a line.
        let sum = place | (BUCKET - 1);
        self.store(sum, self.load(sum) ^ self.load(place) ^ word);
        self.region.words.store(place, word, Ordering::Release);
    }

    /// Checks that a hash's window is as it was written.
    pub(super) fn check_window(&self, hash: u64) -> Result<(), Damaged> {
        for step in 0..WINDOW {
            let bucket = self.region.geometry.bucket(self.shard, hash, step);
            let sum = (bucket..bucket + BUCKET).fold(0, |sum, place| sum ^ self.load(place));
            if sum != 0 {
                return Err(Damaged);
            }
        }
        Ok(())
    }

    /// Forgets every slot of the shard.
    pub(super) fn clear_index(&self) {
        let geometry = &self.region.geometry;
        let words = geometry.buckets * BUCKET;
        let start = geometry.index + self.shard * words;
        for place in start..start + words {
            if self.load(place) != 0 {
                self.store(place, 0);
            }
        }
    }
}
