//! Uses that a process has noted for a shard's strategy, which needs the lock to be told of them.
//!
//! They are noted in the process's own memory, and told in their order by whoever of the process
//! takes the shard's lock next, before anything else: used by one process after the other, the
//! order is exact. One whose notes are full tells them itself, if the lock is free. Of several
//! processes or threads each one's uses stay in their order; a use is lost now and then.

use super::entry::{VERSION, Version};
use super::linked::Step;
use super::lock::{Damaged, Locked};
use super::{Region, Stamp};
use crate::strategy::Slot;
use crate::sync::{AtomicU64, Ordering};

/// How many uses are noted for a shard.
const NOTES: usize = if cfg!(loom) { 2 } else { 64 };

/// The notes for one shard.
#[derive(Debug)]
pub(super) struct Touches {
    /// How many there are; more where they are full.
    len: AtomicU64,
    /// Entries and their versions, 0 where there is none yet.
    notes: [AtomicU64; NOTES],
}

impl Default for Touches {
    fn default() -> Self {
        Touches { len: AtomicU64::new(0), notes: std::array::from_fn(|_| AtomicU64::new(0)) }
    }
}

/// What is noted of a use: the entry, and enough of its version to tell whether it is still that.
fn note(entry: usize, version: Version) -> u64 {
    (entry as u64 + 1) << 32 | u64::from(version.counted())
}

impl Region {
    /// Notes a use.
    pub(super) fn note(&self, stamp: &Stamp) {
        let shard = stamp.shard as usize;
        let Some(touches) = self.touches.get(shard) else { return };
        let own = stamp.entry as usize - shard * self.geometry.entries;
        let place = touches.len.fetch_add(1, Ordering::Relaxed) as usize;
        if let Some(noted) = touches.notes.get(place) {
            noted.store(note(own, Version(stamp.version)), Ordering::Relaxed);
        }
        if place % NOTES == NOTES - 1 {
            // Whoever has the lock has told them.
            drop(self.try_lock(shard));
        }
    }
}

impl Locked<'_> {
    /// Tells the strategy of the uses that were noted.
    #[inline]
    pub(super) fn replay(&self) -> Result<(), Damaged> {
        match self.region.touches.get(self.shard) {
            Some(touches) if touches.len.load(Ordering::Relaxed) > 0 => self.replay_all(touches),
            _ => Ok(()),
        }
    }

    fn replay_all(&self, touches: &Touches) -> Result<(), Damaged> {
        let count = (touches.len.swap(0, Ordering::Relaxed) as usize).min(NOTES);
        let (mut slots, mut len) = ([0 as Slot; NOTES], 0);
        for noted in &touches.notes[..count] {
            let noted = noted.swap(0, Ordering::Relaxed);
            let entry = ((noted >> 32) as usize).wrapping_sub(1);
            if entry < self.region.geometry.entries
                && self.is_member(entry)
                && note(entry, Version(self.load(self.entry_at(entry) + VERSION))) == noted
            {
                slots[len] = entry as Slot;
                len += 1;
            }
        }
        self.tell(Step::Hits(&slots[..len]))
    }
}
