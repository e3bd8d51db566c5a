//! What is done to a shard by the holder of its lock: entries go, one by one or all of them.

use super::entry::{DEADLINE, HASH, LENGTHS, Lengths, PLACE, State, VERSION, Version};
use super::layout::{CLAIM, CLAIMS, EPOCH};
use super::lock::{Damaged, Locked};
use super::read::Look;
use super::{Counter, Region};
use crate::strategy::Cause;
use crate::sync::{Ordering, fence};

/// How many entries each insertion looks at, so that expired ones go before anyone asks.
const TENDED: usize = 2;
/// How many it looks at for an expired one, before a live one is evicted.
const SEARCHED: usize = 4096;

/// What made room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone {
    /// The blocks that are free now.
    pub(super) blocks: usize,
}

impl Locked<'_> {
    /// Whether every clear until now has been carried out here.
    pub(super) fn is_swept(&self) -> bool {
        self.load(self.region.geometry.swept + self.shard) == self.region.epoch()
    }

    /// Carries a clear out. Takes time with the number of entries.
    #[cold]
    pub(super) fn sweep(&self) {
        let epoch = self.region.epoch();
        if self.forget_entries(self.fresh()).is_err() {
            return self.recover();
        }
        self.set_len(0);
        self.finish(epoch);
    }

    /// Gives the shard up, since what is in it cannot be relied on.
    #[cold]
    pub(super) fn recover(&self) {
        let epoch = self.region.epoch();
        // Blocks are freed by their owners' numbers further down, not by chains.
        let _ = self.forget_entries(self.region.geometry.entries);
        self.free_all_blocks();
        self.set_len(0);
        self.set_fresh(0);
        let claims = self.region.claims_at(self.shard);
        for at in claims..claims + CLAIMS * CLAIM {
            self.store(at, 0);
        }
        self.finish(epoch);
        self.region.count(Counter::Recoveries);
    }

    /// Empties the first entries. Goes on after a damaged one, and tells of it.
    fn forget_entries(&self, count: usize) -> Result<(), Damaged> {
        let mut result = Ok(());
        for entry in 0..count {
            let at = self.entry_at(entry);
            let version = Version(self.load(at + VERSION));
            if version.state() != State::Empty {
                self.empty(at, version);
                if result.is_ok() {
                    result = self.free_chain(entry).map(drop);
                }
            }
        }
        result
    }

    fn finish(&self, epoch: u64) {
        self.clear_index();
        self.clear_order();
        self.set_hand(0);
        self.set_earliest(u64::MAX);
        self.store(self.touched_at(), 0);
        self.publish(0);
        let swept = self.region.geometry.swept + self.shard;
        self.region.words.store(swept, epoch, Ordering::Release);
    }

    /// From here on nobody reads the entry.
    fn empty(&self, at: usize, version: Version) {
        let version = version.next(State::Empty, 0);
        self.region.words.store(at + VERSION, version.0, Ordering::Release);
        // Whoever reads what is written into its blocks later sees that it is gone.
        fence(Ordering::Release);
    }

    fn free_chain(&self, entry: usize) -> Result<usize, Damaged> {
        let at = self.entry_at(entry);
        let lengths = Lengths::from_word(self.load(at + LENGTHS));
        if lengths.total() > self.region.limit {
            return Err(Damaged);
        }
        let blocks = lengths.blocks();
        if blocks > 0 {
            self.free_blocks(entry, self.load(at + PLACE) as u32, blocks)?;
        }
        Ok(blocks)
    }

    /// Drops an entry.
    pub(super) fn kill(&self, entry: usize, cause: Cause) -> Result<Gone, Damaged> {
        let at = self.entry_at(entry);
        self.empty(at, Version(self.load(at + VERSION)));
        self.unpoint(self.load(at + HASH), entry);
        self.pull(entry, cause)?;
        Ok(Gone { blocks: self.free_chain(entry)? })
    }

    /// Drops the content of an entry that keeps its turn, for another one.
    pub(super) fn vacate(&self, entry: usize) -> Result<(), Damaged> {
        let at = self.entry_at(entry);
        self.empty(at, Version(self.load(at + VERSION)));
        self.unpoint(self.load(at + HASH), entry);
        self.free_chain(entry)?;
        // It has no chain to be freed any more, should it have to go.
        self.store(at + LENGTHS, 0);
        Ok(())
    }

    /// Drops an entry to make room, and counts it as what it was.
    pub(super) fn kill_counted(&self, entry: usize, now: u64) -> Result<Gone, Damaged> {
        let at = self.entry_at(entry);
        // What was dropped before has been counted by nobody, and is no eviction.
        if Version(self.load(at + VERSION)).state() != State::Live {
            return self.kill(entry, Cause::Removed);
        }
        let is_expired = self.load(at + DEADLINE) <= now;
        let (counter, cause) = if is_expired {
            (Counter::Expirations, Cause::Expired)
        } else {
            (Counter::Evictions, Cause::Evicted)
        };
        self.region.count(counter);
        self.kill(entry, cause)
    }

    /// Makes room by one entry, for one with the hash `incoming`: an expired one, or else the one
    /// whose turn it is; none if the shard is empty.
    pub(super) fn evict(&self, incoming: u64, now: u64) -> Result<Option<Gone>, Damaged> {
        if self.earliest() <= now {
            if let Some(gone) = self.evict_expired(now)? {
                return Ok(Some(gone));
            }
        }
        self.first(incoming)?.map(|entry| self.kill_counted(entry, now)).transpose()
    }

    /// Looks for an expired entry, from where the last search ended.
    #[cold]
    fn evict_expired(&self, now: u64) -> Result<Option<Gone>, Damaged> {
        let fresh = self.fresh();
        let (mut hand, mut earliest) = (self.hand(), u64::MAX);
        for _ in 0..fresh.min(SEARCHED) {
            hand = if hand + 1 < fresh { hand + 1 } else { 0 };
            if let Some(deadline) = self.deadline(hand) {
                if deadline <= now {
                    self.set_hand(hand);
                    return self.kill_counted(hand, now).map(Some);
                }
                earliest = earliest.min(deadline);
            }
        }
        self.set_hand(hand);
        if fresh <= SEARCHED {
            // All have been seen: no need to look again before then.
            self.set_earliest(earliest);
        }
        Ok(None)
    }

    /// The deadline of a live entry.
    fn deadline(&self, entry: usize) -> Option<u64> {
        let at = self.entry_at(entry);
        let is_live = Version(self.load(at + VERSION)).state() == State::Live;
        is_live.then(|| self.load(at + DEADLINE))
    }

    /// Tidies the next few entries up: the expired, and what was dropped without the lock.
    pub(super) fn tend(&self, now: u64) -> Result<(), Damaged> {
        let fresh = self.fresh();
        for _ in 0..TENDED.min(fresh) {
            let hand = self.hand();
            let entry = if hand < fresh { hand } else { 0 };
            self.set_hand(entry + 1);
            let is_live = match self.deadline(entry) {
                Some(deadline) => deadline > now,
                None => false,
            };
            // One that is neither free nor live is left over, from a drop or a flipped bit.
            if self.is_member(entry) != is_live {
                self.kill_counted(entry, now)?;
            }
        }
        Ok(())
    }

    /// The key's entry, and whether it has expired. Who is told that there is none may rely on it.
    pub(super) fn find(
        &self,
        hash: u64,
        key: &[u8],
        now: u64,
    ) -> Result<Option<(usize, bool)>, Damaged> {
        self.check_window(hash)?;
        let look = |entry| match self.region.look_at(self.number(entry), hash, key, now, None) {
            Look::Found { .. } => Some(Ok((entry, false))),
            Look::Expired(_) => Some(Ok((entry, true))),
            Look::Damaged(_) => Some(Err(Damaged)),
            Look::Other => self.check_other(entry, hash).err().map(Err),
            // Dropped just now, by one that did not get the lock.
            Look::Changed => None,
        };
        self.region.find_candidate(self.shard, hash, look).transpose()
    }

    /// Checks an entry that has the tag of a hash, but not the hash: chance, or damage.
    #[cold]
    fn check_other(&self, entry: usize, hash: u64) -> Result<(), Damaged> {
        let at = self.entry_at(entry);
        let is_live = Version(self.load(at + VERSION)).state() == State::Live;
        if is_live && (self.load(at + HASH) ^ hash) >> 32 != 0 {
            return Err(Damaged);
        }
        if is_live { self.region.verify(self.number(entry)) } else { Ok(()) }
    }
}

impl Region {
    /// What a clear changes.
    #[inline]
    pub(super) fn epoch(&self) -> u64 {
        self.words.load(EPOCH, Ordering::Acquire)
    }

    /// Drops an entry that a reader has found expired or damaged, if that is quick to be had.
    #[cold]
    pub(super) fn give_back(&self, shard: usize, entry: usize, version: Version, counter: Counter) {
        let Some(locked) = self.try_lock(shard) else { return };
        if Version(locked.load(locked.entry_at(entry) + VERSION)) != version {
            return;
        }
        self.count(counter);
        let is_expired = counter == Counter::Expirations;
        let cause = if is_expired { Cause::Expired } else { Cause::Removed };
        if locked.kill(entry, cause).is_err() {
            locked.recover();
        }
    }
}
