//! A shard's lock: a word that names the process which holds it, or 0.
//!
//! Why not the platform's: a robust mutex of glibc keeps list pointers in itself, which a flipped
//! bit turns into a crash, and macOS has none. Who waits in vain looks whether the owner lives; a
//! dead one's lock is taken over by compare-and-swap, and what it guards is wiped. A stopped owner
//! lives: waiting for it ends after twenty milliseconds, and the caller goes on without. For a lock that
//! moves from hand to hand it waits a little longer.

use std::thread;
use std::time::Duration;

use super::Region;
use super::layout::{CONTROL, LINE};
use crate::clock::Clock;
use crate::sync::{Ordering, pause};

/// The words of a shard's control lines.
const LOCK: usize = 0;
const FRESH: usize = 1;
const LEN: usize = 2;
const HAND: usize = 3;
const EARLIEST: usize = 4;
/// On the second line, as readers write it.
const TOUCHED: usize = LINE;

/// How long to wait for a lock that the same process holds all the time, in nanoseconds: longer than the
/// scheduler of a busy machine lets a thread stand still that holds one. Whoever waited that long in
/// vain does not wait again.
const PATIENCE: u64 = 20_000_000;
/// The same for one that moves from process to process: none of them is stopped, but they want it often.
const PATIENCE_IN_USE: u64 = 80_000_000;
/// The same for one that is seen free, or that a thread of this process holds.
const PATIENCE_AMONG_THREADS: u64 = 1_000_000_000;
/// Tries between two looks at the clock, and at whether the owner lives: some microseconds.
const TRIES: u32 = if cfg!(loom) { 2 } else { 60 };
/// How long to sleep after a look. Whoever holds the lock is to have the processor; who only yields it,
/// to all the others that wait, gets it back after milliseconds.
const NAP: Duration = Duration::from_micros(50);

/// What cannot be as it is: somebody died in it, or bits have flipped. The shard has to be wiped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damaged;

/// A shard whose lock this thread holds until it is dropped.
#[derive(Debug)]
pub(super) struct Locked<'a> {
    pub(super) region: &'a Region,
    pub(super) shard: usize,
    /// Who holds it.
    owner: u64,
    /// Whether the thread was on its way out already.
    panicking: bool,
}

impl Region {
    /// Locks a shard, waiting for twenty milliseconds at most, and once only, for one who was stopped,
    /// for eighty where processes that work want it often, and for a second where threads do.
    pub(super) fn lock(&self, shard: usize) -> Option<Locked<'_>> {
        let owner = self.member();
        let lock = self.geometry.controls + shard * CONTROL + LOCK;
        let (mut started, mut moved, mut last) = (None, 0, 0);
        loop {
            let mut tries = 0;
            for _ in 0..TRIES {
                if let Some(locked) = self.acquire(shard, 0, owner) {
                    self.patient[shard].store(1, Ordering::Relaxed);
                    return Some(locked);
                }
                pause(&mut tries);
            }
            if let Some(locked) = self.take_over(shard, owner) {
                return Some(locked);
            }
            let holder = self.words.load(lock, Ordering::Relaxed);
            let is_others = holder != 0 && holder != owner;
            // Who has waited in vain for this shard does not wait again until the lock was free.
            if cfg!(loom) || is_others && self.patient[shard].load(Ordering::Relaxed) == 0 {
                return None;
            }
            let now = Clock::Precise.now().as_nanos();
            if started.is_none() {
                super::steps::wait();
            }
            let started = *started.get_or_insert(now);
            if !is_others || holder != last {
                (moved, last) = (now, holder);
            }
            if now - moved >= PATIENCE {
                self.patient[shard].store(0, Ordering::Relaxed);
                return None;
            }
            let patience = if is_others { PATIENCE_IN_USE } else { PATIENCE_AMONG_THREADS };
            if now - started >= patience {
                return None;
            }
            thread::sleep(NAP);
        }
    }

    /// Locks a shard if nobody who lives holds it.
    pub(super) fn try_lock(&self, shard: usize) -> Option<Locked<'_>> {
        let owner = self.member();
        self.acquire(shard, 0, owner).or_else(|| self.take_over(shard, owner))
    }

    fn acquire(&self, shard: usize, holder: u64, owner: u64) -> Option<Locked<'_>> {
        let lock = self.geometry.controls + shard * CONTROL + LOCK;
        if self.words.load(lock, Ordering::Relaxed) != holder
            || !self.words.exchange(lock, holder, owner, Ordering::Acquire)
        {
            return None;
        }
        let locked = Locked { region: self, shard, owner, panicking: std::thread::panicking() };
        if holder != 0 || !locked.is_plausible() {
            locked.recover();
        } else if !locked.is_swept() {
            locked.sweep();
        }
        if locked.replay().is_err() {
            locked.recover();
        }
        Some(locked)
    }

    /// Takes the lock of a dead owner.
    #[cold]
    fn take_over(&self, shard: usize, owner: u64) -> Option<Locked<'_>> {
        let lock = self.geometry.controls + shard * CONTROL + LOCK;
        let holder = self.words.load(lock, Ordering::Relaxed);
        let is_dead = holder != 0 && holder != owner && !(self.processes.is_alive)(holder);
        if is_dead { self.acquire(shard, holder, owner) } else { None }
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if super::steps::is_dead() {
            return;
        }
        if std::thread::panicking() && !self.panicking {
            // A bug, but nobody shall see a half of anything.
            self.recover();
        }
        self.publish(0);
        let lock = self.control() + LOCK;
        // By exchange, as somebody else's by now if bits have flipped in it.
        self.region.words.exchange(lock, self.owner, 0, Ordering::Release);
    }
}

/// The words that only the holder of the lock writes.
impl Locked<'_> {
    fn control(&self) -> usize {
        self.region.geometry.controls + self.shard * CONTROL
    }

    pub(super) fn load(&self, at: usize) -> u64 {
        self.region.words.load(at, Ordering::Relaxed)
    }

    pub(super) fn store(&self, at: usize, word: u64) {
        self.region.words.store(at, word, Ordering::Relaxed);
    }

    /// The number in the region of an entry of this shard.
    pub(super) fn number(&self, entry: usize) -> usize {
        self.shard * self.region.geometry.entries + entry
    }

    pub(super) fn entry_at(&self, entry: usize) -> usize {
        self.region.entry_at(self.number(entry))
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        (self.load(self.control() + LEN) as usize).min(self.region.geometry.entries)
    }

    pub(super) fn set_len(&self, len: usize) {
        self.store(self.control() + LEN, len as u64);
    }

    /// How many entries have ever been used.
    pub(super) fn fresh(&self) -> usize {
        (self.load(self.control() + FRESH) as usize).min(self.region.geometry.entries)
    }

    pub(super) fn set_fresh(&self, fresh: usize) {
        self.store(self.control() + FRESH, fresh as u64);
    }

    /// Where the search for expired entries stands.
    pub(super) fn hand(&self) -> usize {
        self.load(self.control() + HAND) as usize
    }

    pub(super) fn set_hand(&self, hand: usize) {
        self.store(self.control() + HAND, hand as u64);
    }

    /// No entry has a deadline before this. Kept as its complement, so that zeros are "never".
    pub(super) fn earliest(&self) -> u64 {
        !self.load(self.control() + EARLIEST)
    }

    pub(super) fn set_earliest(&self, deadline: u64) {
        self.store(self.control() + EARLIEST, !deadline);
    }

    /// Where the number of the entry used last stands, plus one.
    pub(super) fn touched_at(&self) -> usize {
        self.control() + TOUCHED
    }

    /// Tells the other shards how many entries this one has, with `more` to come.
    pub(super) fn publish(&self, more: usize) {
        let place = self.region.geometry.lens + self.shard;
        let len = (self.len() + more) as u64;
        if self.load(place) != len {
            self.region.words.store(place, len, Ordering::SeqCst);
        }
    }

    fn is_plausible(&self) -> bool {
        let (len, fresh) = (self.load(self.control() + LEN), self.load(self.control() + FRESH));
        len <= fresh && fresh <= self.region.geometry.entries as u64
    }
}

impl Region {
    /// Where a shard's last used entry is noted.
    #[inline]
    pub(super) fn touched_at(&self, shard: usize) -> usize {
        self.geometry.controls + shard * CONTROL + TOUCHED
    }
}
