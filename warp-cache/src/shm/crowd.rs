//! Whether other processes use a region at the same time.
//!
//! A use of an entry by rank stores a tick in it. Of two processes that use the same entries, each
//! then waits at every use for the line that the other has just written: both together get less
//! done than one alone. So every so often a process leaves its word where all of them do, and sees
//! by what it finds there whether others come between. As long as they do, time stands still for
//! uses, only insertions let it pass, and what was used a short while ago is not stored again.
//!
//! Processes that use a region one after the other find another's word once, which is not enough:
//! their order is exact.

use super::Region;
use super::layout::{LAST_USER, TICK};
use crate::sync::{AtomicU64, Counter as Number, Ordering};

/// After how many uses a process looks around.
const PERIOD: u64 = 256;
/// By how much another's word raises the measure of the crowd, where this process's own lowers it by
/// one, and up to where; how much is a crowd.
const MET: u64 = 4;
const MOST_MET: u64 = 16;
const CROWD: u64 = 5;
/// Which part of a full region's insertions is a short while.
const PART: usize = 8;

/// What a process knows of its uses: on lines of its own, as threads write it often.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Uses {
    /// The highest tick that this process has given.
    pub(super) tick: AtomicU64,
    /// Uses until it looks around.
    left: Number,
    /// How many others it has met lately.
    met: Number,
    /// How many ticks are a short while.
    while_ago: u64,
}

impl Uses {
    /// None yet, of a region that keeps that many entries.
    pub(super) fn new(capacity: usize) -> Uses {
        let while_ago = (capacity / PART) as u64;
        let [left, met] = [PERIOD, 0].map(Number::new);
        Uses { tick: AtomicU64::new(0), left, met, while_ago }
    }
}

impl Region {
    /// The tick of a use of an entry that was used at `used`; none if that was a short while ago and
    /// others use the region at the same time, so that nothing has to be stored.
    #[inline]
    pub(super) fn tick_since(&self, used: u64) -> Option<u64> {
        let uses = &self.uses;
        let left = uses.left.load(Ordering::Relaxed);
        if left > 1 {
            uses.left.store(left - 1, Ordering::Relaxed);
        } else {
            self.look_around();
        }
        if uses.met.load(Ordering::Relaxed) < CROWD || uses.while_ago == 0 {
            return Some(self.next_tick());
        }
        let shared = self.words.load(TICK, Ordering::Relaxed);
        let latest = shared.max(uses.tick.load(Ordering::Relaxed));
        (latest.saturating_sub(used) >= uses.while_ago).then_some(latest)
    }

    #[cold]
    fn look_around(&self) {
        let uses = &self.uses;
        uses.left.store(PERIOD, Ordering::Relaxed);
        let (own, last) =
            ((self.processes.current)(), self.words.load(LAST_USER, Ordering::Relaxed));
        let met = uses.met.load(Ordering::Relaxed);
        if last == own {
            uses.met.store(met.saturating_sub(1), Ordering::Relaxed);
            return;
        }
        self.words.store(LAST_USER, own, Ordering::Relaxed);
        if last != 0 {
            uses.met.store((met + MET).min(MOST_MET), Ordering::Relaxed);
        }
    }
}
