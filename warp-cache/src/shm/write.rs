//! Insertion, invalidation and clear.

use super::blocks::END;
use super::entry::{
    DEADLINE, HASH, INLINE, INLINE_BYTES, LENGTHS, Lengths, PLACE, State, USED, VERSION, Version,
};
use super::layout::{BLOCK, BLOCK_BYTES, EPOCH, TICK};
use super::linked::Step;
use super::lock::{Damaged, Locked};
use super::read::Look;
use super::{Counter, IfPresent, NotKept, Region, SharedOrder, Stamp, Ticket};
use crate::strategy::{Cause, Slot};
use crate::sync::{Ordering, fence};

/// What is to be kept.
#[derive(Clone, Copy, Debug)]
struct New<'a> {
    hash: u64,
    key: &'a [u8],
    value: &'a [u8],
    deadline: u64,
    ticket: Option<Ticket>,
    if_present: IfPresent,
}

/// The entry that a new one of the same key takes the place of.
#[derive(Clone, Copy, Debug)]
struct Replaced {
    entry: usize,
    used: u64,
}

impl New<'_> {
    fn lengths(&self) -> Lengths {
        Lengths { key: self.key.len(), value: self.value.len() }
    }
}

impl Region {
    /// Keeps a value until `deadline` (`u64::MAX`: for good). With a ticket, only if the key has
    /// not changed since. Without one it is itself such a change, for computations under way.
    ///
    /// # Errors
    /// If nothing was kept; says why. A value of the key that was there before is gone then, unless
    /// it was to stay or the lock was not to be had.
    #[allow(clippy::too_many_arguments, reason = "all of them belong to one entry")]
    pub fn insert(
        &self,
        hash: u64,
        key: &[u8],
        value: &[u8],
        deadline: u64,
        now: u64,
        ticket: Option<Ticket>,
        if_present: IfPresent,
    ) -> Result<Stamp, NotKept> {
        let new = New { hash, key, value, deadline, ticket, if_present };
        let (bytes, limit) = (new.lengths().total(), self.limit);
        if bytes > limit {
            return Err(NotKept::TooLarge { bytes, limit });
        }
        if self.geometry.max_size() == Some(0) {
            return Err(NotKept::NoRoom);
        }
        // A second time if the shard turned out to be damaged, and is empty now.
        for _ in 0..2 {
            let Some(locked) = self.lock(self.geometry.shard_of(hash)) else { break };
            match locked.insert(&new, now) {
                Ok(result) => return result,
                Err(Damaged) => locked.recover(),
            }
        }
        self.count(Counter::Dropped);
        Err(NotKept::Busy)
    }

    /// Drops a key's entry; whether there was a live one. No computation of it that has begun is
    /// kept. Works also while another holds the shard's lock for too long.
    pub fn invalidate(&self, hash: u64, key: &[u8], now: u64) -> bool {
        self.change(hash);
        let shard = self.geometry.shard_of(hash);
        let Some(locked) = self.lock(shard) else {
            return self.drop_unlocked(shard, hash, key, now);
        };
        locked.invalidate(hash, key, now).unwrap_or_else(|Damaged| {
            locked.recover();
            false
        })
    }

    /// Drops a key's entry as out of date, unless the key has changed since the ticket was drawn;
    /// whether there was a live one. Computations under way are kept, as this is no change. Works also
    /// while another holds the shard's lock for too long.
    pub fn discard(&self, hash: u64, key: &[u8], now: u64, ticket: Ticket) -> bool {
        let shard = self.geometry.shard_of(hash);
        let Some(locked) = self.lock(shard) else {
            return self.is_unchanged(hash, ticket) && self.drop_unlocked(shard, hash, key, now);
        };
        if !self.is_unchanged(hash, ticket) {
            return false;
        }
        locked.invalidate(hash, key, now).unwrap_or_else(|Damaged| {
            locked.recover();
            false
        })
    }

    /// Marks a key's entry as dropped; the next holder of the lock tidies up.
    #[cold]
    fn drop_unlocked(&self, shard: usize, hash: u64, key: &[u8], now: u64) -> bool {
        // Between the change and the look: whoever keeps the key now sees the one or is seen by the
        // other.
        fence(Ordering::SeqCst);
        let epoch = self.epoch();
        if self.words.load(self.geometry.swept + shard, Ordering::Acquire) != epoch {
            return false;
        }
        let drop_it = |entry| {
            let entry = shard * self.geometry.entries + entry;
            let mut value = Vec::new();
            match self.look_at(entry, hash, key, now, Some(&mut value)) {
                Look::Found { version, .. } => {
                    let dropped = version.next(State::Dropped, 0);
                    let at = self.entry_at(entry) + VERSION;
                    let done = self.words.exchange(at, version.0, dropped.0, Ordering::SeqCst);
                    done.then_some(())
                }
                _ => None,
            }
        };
        self.find_candidate(shard, hash, drop_it).is_some()
    }

    /// Drops all entries in one step, for all processes, and zeroes the statistics. No computation
    /// that has begun is kept.
    pub fn clear(&self) {
        self.reset_statistics();
        loop {
            let epoch = self.words.load(EPOCH, Ordering::Relaxed);
            // Not by one: a flipped bit must not bring back what was cleared before.
            let next =
                epoch.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            if self.words.exchange(EPOCH, epoch, next, Ordering::SeqCst) {
                return;
            }
        }
    }
}

impl Locked<'_> {
    fn invalidate(&self, hash: u64, key: &[u8], now: u64) -> Result<bool, Damaged> {
        let Some((entry, is_expired)) = self.find(hash, key, now)? else { return Ok(false) };
        if is_expired {
            self.region.count(Counter::Expirations);
        }
        let cause = if is_expired { Cause::Expired } else { Cause::Removed };
        self.kill(entry, cause)?;
        Ok(!is_expired)
    }

    fn insert(&self, new: &New, now: u64) -> Result<Result<Stamp, NotKept>, Damaged> {
        let (region, hash) = (self.region, new.hash);
        match new.ticket {
            Some(ticket) if !region.is_unchanged(hash, ticket) => return Ok(Err(NotKept::Changed)),
            Some(_) => {}
            None => region.change(hash),
        }
        let mut replaced = None;
        if let Some((entry, is_expired)) = self.find(hash, new.key, now)? {
            let at = self.entry_at(entry);
            if is_expired {
                region.count(Counter::Expirations);
                self.kill(entry, Cause::Expired)?;
            } else if new.if_present == IfPresent::Keep {
                let (version, deadline) = (self.load(at + VERSION), self.load(at + DEADLINE));
                return Ok(Err(NotKept::Present(self.stamp(entry, version, deadline))));
            } else {
                replaced = Some(Replaced { entry, used: self.load(at + USED) });
            }
        }
        self.tend(now)?;
        let entry = match replaced {
            Some(Replaced { entry, .. }) => {
                self.vacate(entry)?;
                entry
            }
            None if !self.make_room(hash, now)? => return Ok(Err(NotKept::NoRoom)),
            None => self.free_entry()?.ok_or(Damaged)?,
        };
        let Some(first) = self.room_for(entry, new, now)? else {
            if self.is_member(entry) {
                self.pull(entry, Cause::Removed)?;
            }
            return Ok(Err(NotKept::NoRoom));
        };
        let place = self.place_in_index(hash, now)?;
        let stamp = self.write(entry, new, first, replaced)?;
        self.point_to(place, hash, entry);
        if new.deadline < self.earliest() {
            self.set_earliest(new.deadline);
        }
        // An invalidation that came since has either seen the entry, or is seen here.
        fence(Ordering::SeqCst);
        if new.ticket.is_some_and(|ticket| !region.is_unchanged(hash, ticket)) {
            self.kill(entry, Cause::Removed)?;
            return Ok(Err(NotKept::Changed));
        }
        Ok(Ok(stamp))
    }

    fn stamp(&self, entry: usize, version: u64, deadline: u64) -> Stamp {
        let epoch = self.load(self.region.geometry.swept + self.shard);
        let (entry, shard) = (self.number(entry) as u32, self.shard as u32);
        Stamp { entry, shard, version, epoch, deadline }
    }

    /// Sees to it that one more entry may come, with the hash `incoming`; false if there is nothing
    /// that could go for it.
    fn make_room(&self, incoming: u64, now: u64) -> Result<bool, Damaged> {
        let region = self.region;
        if self.len() >= region.geometry.entries {
            self.evict(incoming, now)?;
        }
        let Some(max_size) = region.geometry.max_size() else { return Ok(true) };
        for _ in 0..=region.geometry.capacity() {
            // Each tells that it adds one, and only then looks at what the others tell: of two at
            // the same time at least one sees the other.
            self.publish(1);
            fence(Ordering::SeqCst);
            if region.len() <= max_size {
                return Ok(true);
            }
            self.publish(0);
            if self.evict(incoming, now)?.is_none() && self.evict_elsewhere(incoming, now).is_none()
            {
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// Evicts an entry of another shard that nobody holds, and returns how many blocks it had.
    #[cold]
    fn evict_elsewhere(&self, incoming: u64, now: u64) -> Option<usize> {
        let shards = self.region.geometry.shards;
        (1..shards).find_map(|step| {
            let shard = (self.shard + step) % shards;
            if self.region.len_of(shard) == 0 {
                return None;
            }
            let other = self.region.try_lock(shard)?;
            match other.evict(incoming, now) {
                Ok(gone) => gone.map(|gone| gone.blocks),
                Err(Damaged) => {
                    other.recover();
                    Some(0)
                }
            }
        })
    }

    /// Takes the blocks for the new entry, evicting as long as there are not enough; none if there
    /// is nothing more to evict.
    fn room_for(&self, entry: usize, new: &New, now: u64) -> Result<Option<u32>, Damaged> {
        let count = new.lengths().blocks();
        let (mut head, mut taken) = (END, 0);
        loop {
            taken += self.take_blocks(entry, &mut head, count - taken);
            if taken == count {
                return Ok(Some(head));
            }
            let mut freed = 0;
            while freed < count - taken {
                let gone = self.evict(new.hash, now)?.map(|gone| gone.blocks);
                match gone.or_else(|| self.evict_elsewhere(new.hash, now)) {
                    Some(blocks) => freed += blocks,
                    None if freed == 0 => {
                        self.free_blocks(entry, head, taken)?;
                        return Ok(None);
                    }
                    None => break,
                }
            }
        }
    }

    fn place_in_index(&self, hash: u64, now: u64) -> Result<usize, Damaged> {
        if let Some(place) = self.place_for(hash) {
            return Ok(place);
        }
        let entry = self.first_in_window(hash).ok_or(Damaged)?;
        self.kill_counted(entry, now)?;
        self.place_for(hash).ok_or(Damaged)
    }

    /// Writes an empty entry; `replaced` is the one in whose place it comes.
    fn write(
        &self,
        entry: usize,
        new: &New,
        first: u32,
        replaced: Option<Replaced>,
    ) -> Result<Stamp, Damaged> {
        let (region, at, lengths) = (self.region, self.entry_at(entry), new.lengths());
        let order = region.geometry.order();
        let tick = region.next_tick();
        self.store(TICK, tick);
        // What is set is used by that; what was computed anew only takes the place of the old.
        let is_use = replaced.is_none() || new.ticket.is_none();
        let used = match replaced.map(|replaced| replaced.used) {
            None => order.first_use(tick),
            Some(used) if is_use => order.next_use(used, tick),
            Some(used) => used,
        };
        let digest = region.digest(new.hash, lengths, new.deadline, new.value);

        let version = Version(self.load(at + VERSION)).next(State::Written, 0);
        self.store(at + VERSION, version.0);
        // Who reads any of the following sees that it is being written.
        fence(Ordering::Release);
        self.store(at + HASH, new.hash);
        self.store(at + USED, used);
        self.store(at + DEADLINE, new.deadline);
        self.store(at + LENGTHS, lengths.to_word());
        self.store(at + PLACE, digest << 32 | u64::from(first));
        self.write_bytes(entry, new, first)?;
        let version = version.next(State::Live, digest);
        region.words.store(at + VERSION, version.0, Ordering::Release);

        if !self.is_member(entry) {
            self.push(entry, used)?;
        } else if is_use && order == SharedOrder::Told {
            self.tell(Step::Hits(&[entry as Slot]))?;
        }
        if is_use && order == SharedOrder::MostRecent {
            self.store(self.touched_at(), entry as u64 + 1);
        }
        Ok(self.stamp(entry, version.0, new.deadline))
    }

    /// The key's bytes, then the value's, into the entry or its chain.
    fn write_bytes(&self, entry: usize, new: &New, first: u32) -> Result<(), Damaged> {
        let total = new.lengths().total();
        if total <= INLINE_BYTES {
            let mut bytes = [0; INLINE_BYTES];
            fill(&mut bytes, new, 0);
            let at = self.entry_at(entry) + INLINE;
            self.write_words(at, &bytes);
            return Ok(());
        }
        let mut block = first;
        for start in (0..total).step_by(BLOCK_BYTES) {
            let (next, place) = self.region.follow(self.number(entry), block).ok_or(Damaged)?;
            let mut bytes = [0; BLOCK * 8];
            fill(&mut bytes, new, start);
            self.write_words(place, &bytes);
            block = next;
        }
        Ok(())
    }

    fn write_words(&self, at: usize, bytes: &[u8]) {
        for (at, part) in (at..).zip(bytes.chunks_exact(8)) {
            let mut word = [0; 8];
            word.copy_from_slice(part);
            self.store(at, u64::from_le_bytes(word));
        }
    }
}

/// Fills `bytes` with key and value, from the position `start` in the two on; zeros after them.
fn fill(bytes: &mut [u8], new: &New, start: usize) {
    let mut filled = 0;
    for (from, part) in [(0, new.key), (new.key.len(), new.value)] {
        let skip = (start + filled).saturating_sub(from).min(part.len());
        let count = (part.len() - skip).min(bytes.len() - filled);
        bytes[filled..filled + count].copy_from_slice(&part[skip..skip + count]);
        filled += count;
    }
}
