//! Look-ups: the content is copied, and then it shows whether it was whole.
//!
//! A reader takes no lock and never waits. What it copies may change under it, be half written by
//! one that died, or be damaged. No number in it is used beyond private bounds, and nothing of it
//! is believed before the entry's version was seen to stand still, the key is the one that is
//! looked for, and the content has the digest that it says.

use super::entry::{
    DEADLINE, HASH, INLINE, INLINE_BYTES, LENGTHS, Lengths, PLACE, State, USED, VERSION, Version,
};
use super::layout::{BLOCK, BLOCK_BYTES, ENTRY, TICK};
use super::lock::Damaged;
use super::{Counter, Region, SharedOrder, Stamp};
use crate::sync::{AtomicU64, Ordering, fence};

/// How often a content is read that changes meanwhile.
const TRIES: u32 = if cfg!(loom) { 2 } else { 3 };
/// A process tells the others of its ticks at each of its writes, and this often.
const PUBLISHED: u64 = 64;

/// What an entry turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The key's, good until then.
    Found { version: Version, deadline: u64 },
    /// The key's, but its time has passed.
    Expired(Version),
    /// Not the key's.
    Other,
    /// It changed while it was read.
    Changed,
    /// It cannot have been written so.
    Damaged(Version),
}

/// The words of an entry as they were loaded: not to be relied on before it has been seen that the
/// version stood still.
pub(super) struct Line<'a> {
    words: &'a [AtomicU64; ENTRY],
    pub(super) version: Version,
    pub(super) deadline: u64,
    pub(super) lengths: Lengths,
    place: u64,
}

impl Line<'_> {
    /// The bytes in the entry itself, the first one lowest.
    #[inline]
    pub(super) fn inline(&self) -> u128 {
        let [low, high] = [INLINE, INLINE + 1].map(|word| self.words[word].load(Ordering::Relaxed));
        u128::from(high) << 64 | u128::from(low)
    }

    /// Whether the entry has been what it was until now: all that was loaded before is whole.
    #[inline]
    pub(super) fn stood_still(&self) -> bool {
        fence(Ordering::Acquire);
        self.words[VERSION].load(Ordering::Relaxed) == self.version.0
    }

    /// Whether the content has that digest.
    #[inline]
    pub(super) fn has_digest(&self, digest: u64) -> bool {
        self.version.matches(digest) && self.place >> 32 == digest & u64::from(u32::MAX)
    }
}

impl Region {
    /// Begins to read an entry in the region's words, by its number in the region, if it is live and
    /// of the hash.
    #[inline]
    pub(super) fn line<'a>(
        &self,
        words: &'a [AtomicU64],
        entry: usize,
        hash: u64,
    ) -> Option<Line<'a>> {
        // One bounds check for the line.
        let words: &[AtomicU64; ENTRY] = words.get(self.entry_at(entry)..)?.first_chunk()?;
        let version = Version(words[VERSION].load(Ordering::Acquire));
        if version.state() != State::Live || words[HASH].load(Ordering::Relaxed) != hash {
            return None;
        }
        let [deadline, lengths, place] =
            [DEADLINE, LENGTHS, PLACE].map(|word| words[word].load(Ordering::Relaxed));
        Some(Line { words, version, deadline, lengths: Lengths::from_word(lengths), place })
    }

    /// Looks a key up, puts its value into `value` and marks the use. Some 50 ns where both are
    /// short. Counts nothing; never waits. Where there is nothing, `value` is left with any content.
    pub fn get(&self, hash: u64, key: &[u8], now: u64, value: &mut Vec<u8>) -> Option<Stamp> {
        let stamp = self.look_up(hash, key, now, value, true)?;
        self.touch(&stamp);
        Some(stamp)
    }

    /// As [`Self::get`] without a use.
    pub fn peek(&self, hash: u64, key: &[u8], now: u64, value: &mut Vec<u8>) -> Option<Stamp> {
        self.look_up(hash, key, now, value, false)
    }

    #[inline]
    fn look_up(
        &self,
        hash: u64,
        key: &[u8],
        now: u64,
        value: &mut Vec<u8>,
        gives_back: bool,
    ) -> Option<Stamp> {
        let (epoch, shard) = (self.epoch(), self.geometry.shard_of(hash));
        if self.words.load(self.geometry.swept + shard, Ordering::Acquire) != epoch {
            return None;
        }
        for _ in 0..TRIES {
            let first = shard * self.geometry.entries;
            let look = |own| match self.look_at(first + own, hash, key, now, Some(value)) {
                Look::Other => None,
                look => Some((own, look)),
            };
            let (own, look) = self.find_candidate(shard, hash, look)?;
            match look {
                Look::Found { version, deadline } => {
                    // A clear may have come between; what was cleared before it began is gone.
                    let (entry, shard) = ((first + own) as u32, shard as u32);
                    let stamp = Stamp { entry, shard, version: version.0, epoch, deadline };
                    return (self.epoch() == epoch).then_some(stamp);
                }
                Look::Expired(version) if gives_back => {
                    self.give_back(shard, own, version, Counter::Expirations);
                    return None;
                }
                Look::Damaged(version) => {
                    self.give_back(shard, own, version, Counter::Recoveries);
                    return None;
                }
                Look::Expired(_) | Look::Other => return None,
                Look::Changed => {}
            }
        }
        None
    }

    /// Reads an entry, by its number in the region, in the hope that it is the key's. Without a
    /// place for the value, its digest is not looked at.
    #[inline]
    pub(super) fn look_at(
        &self,
        entry: usize,
        hash: u64,
        key: &[u8],
        now: u64,
        value: Option<&mut Vec<u8>>,
    ) -> Look {
        let Some(line) = self.line(&self.words, entry, hash) else { return Look::Other };
        let Line { version, deadline, lengths, place, .. } = line;
        let is_possible = lengths.key == key.len() && lengths.total() <= self.limit;
        let is_checked = value.is_some();
        let mut nothing = Vec::new();
        let value = value.unwrap_or(&mut nothing);
        value.clear();
        let key_is_right = if !is_possible {
            None
        } else if lengths.total() <= INLINE_BYTES {
            let bytes = line.inline().to_le_bytes();
            value.extend_from_slice(&bytes[lengths.key..lengths.total()]);
            Some(bytes[..lengths.key] == *key)
        } else {
            let until = if is_checked { lengths.total() } else { lengths.key };
            self.copy_chain(entry, place as u32, key, until, value)
        };
        if !line.stood_still() {
            return Look::Changed;
        }
        match key_is_right {
            None => return Look::Damaged(version),
            // Two keys of one hash, or so it seems: of 64 bits, that is a flipped one.
            Some(false) => return Look::Damaged(version),
            Some(true) => {}
        }
        if is_checked {
            let digest = self.digest(hash, lengths, deadline, value);
            if !line.has_digest(digest) {
                return Look::Damaged(version);
            }
        }
        if deadline <= now { Look::Expired(version) } else { Look::Found { version, deadline } }
    }

    /// Whether a live entry, by its number in the region, has the digest that it says.
    pub(super) fn verify(&self, entry: usize) -> Result<(), Damaged> {
        let at = self.entry_at(entry);
        let lengths = Lengths::from_word(self.words.load(at + LENGTHS, Ordering::Relaxed));
        if lengths.total() > self.limit {
            return Err(Damaged);
        }
        // Its own key, whatever that is.
        let place = self.words.load(at + PLACE, Ordering::Relaxed);
        let mut key = Vec::new();
        if lengths.total() <= INLINE_BYTES {
            let words =
                [INLINE, INLINE + 1].map(|word| self.words.load(at + word, Ordering::Relaxed));
            key.extend(words.iter().flat_map(|word| word.to_le_bytes()).take(lengths.key));
        } else {
            self.copy_chain(entry, place as u32, &[], lengths.key, &mut key).ok_or(Damaged)?;
        }
        let hash = self.words.load(at + HASH, Ordering::Relaxed);
        match self.look_at(entry, hash, &key, 0, Some(&mut Vec::new())) {
            Look::Found { .. } | Look::Expired(_) if self.hash(&key) == hash => Ok(()),
            // Dropped just now, by one that did not get the lock.
            Look::Changed => Ok(()),
            _ => Err(Damaged),
        }
    }

    /// Compares the first bytes of a chain with the key, and copies those from there until `until`;
    /// whether the key is right, none if the chain is broken.
    fn copy_chain(
        &self,
        entry: usize,
        first: u32,
        key: &[u8],
        until: usize,
        value: &mut Vec<u8>,
    ) -> Option<bool> {
        value.reserve(until - key.len());
        let (mut block, mut is_right) = (first, true);
        for start in (0..until).step_by(BLOCK_BYTES) {
            let (next, place) = self.follow(entry, block)?;
            let mut bytes = [0; BLOCK_BYTES];
            for (part, word) in bytes.chunks_exact_mut(8).zip(&self.words[place..place + BLOCK]) {
                part.copy_from_slice(&word.load(Ordering::Relaxed).to_le_bytes());
            }
            let bytes = &bytes[..BLOCK_BYTES.min(until - start)];
            let of_key = key.len().saturating_sub(start).min(bytes.len());
            if of_key > 0 {
                is_right &= bytes[..of_key] == key[start..start + of_key];
            }
            value.extend_from_slice(&bytes[of_key..]);
            block = next;
        }
        Some(is_right)
    }

    /// Whether the entry is still what it was when it was stamped. Two loads.
    #[inline]
    pub fn is_current(&self, stamp: &Stamp, now: u64) -> bool {
        let version =
            self.words.load(self.entry_at(stamp.entry as usize) + VERSION, Ordering::Acquire);
        version == stamp.version && self.epoch() == stamp.epoch && now < stamp.deadline
    }

    /// Marks a use of the entry. A store or two; where the strategy is told of uses, each 64th time
    /// also of those before, if nobody has the lock.
    #[inline(always)]
    pub fn touch(&self, stamp: &Stamp) {
        match self.geometry.order() {
            SharedOrder::LeastRecent => self.touch_recent(stamp),
            SharedOrder::Oldest => {}
            order => self.touch_other(stamp, order),
        }
    }

    #[inline(always)]
    fn touch_recent(&self, stamp: &Stamp) {
        let used_at = self.entry_at(stamp.entry as usize) + USED;
        let used = self.words.load(used_at, Ordering::Relaxed);
        // Else nobody here has used another one since.
        if used != self.uses.tick.load(Ordering::Relaxed) {
            if let Some(tick) = self.tick_since(used) {
                self.words.store(used_at, tick, Ordering::Relaxed);
            }
        }
    }

    #[inline(never)]
    fn touch_other(&self, stamp: &Stamp, order: SharedOrder) {
        let used_at = self.entry_at(stamp.entry as usize) + USED;
        let used = self.words.load(used_at, Ordering::Relaxed);
        match order {
            SharedOrder::Oldest | SharedOrder::LeastRecent | SharedOrder::Marked { most: 0 } => {}
            SharedOrder::Told => self.note(stamp),
            SharedOrder::Marked { most } => {
                if used < most.into() {
                    self.words.store(used_at, used + 1, Ordering::Relaxed);
                }
            }
            SharedOrder::LeastFrequent => {
                // A count that another adds at the same time may win.
                let next = order.next_use(used, self.next_tick());
                self.words.exchange(used_at, used, next, Ordering::Relaxed);
            }
            SharedOrder::MostRecent => {
                if used != self.uses.tick.load(Ordering::Relaxed) {
                    self.words.store(used_at, self.next_tick(), Ordering::Relaxed);
                    let shard = stamp.shard as usize;
                    let own = u64::from(stamp.entry) - (shard * self.geometry.entries) as u64;
                    self.words.store(self.touched_at(shard), own + 1, Ordering::Relaxed);
                }
            }
        }
    }

    /// A number higher than every one that this process has given or seen.
    #[inline]
    pub(super) fn next_tick(&self) -> u64 {
        let shared = self.words.load(TICK, Ordering::Relaxed);
        let tick = shared.max(self.uses.tick.load(Ordering::Relaxed)).wrapping_add(1);
        self.uses.tick.store(tick, Ordering::Relaxed);
        if tick % PUBLISHED == 0 {
            self.words.store(TICK, tick, Ordering::Relaxed);
        }
        tick
    }
}
