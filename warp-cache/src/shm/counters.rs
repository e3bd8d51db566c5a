//! Statistics, sizes, and the processes that have a region open.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::layout::{BEYOND, LINE, PROCESSES, STATISTICS, STRIPES, USED_LAST};
use super::{Counter, Region, RegionInfo};
use crate::stats::{Info, Stats};
use crate::sync::{Counter as Numbers, Ordering, thread_local};

/// Gives each thread a stripe of its own, as long as there are enough.
static THREADS: Numbers = Numbers::new(0);

/// What `joined_at` is while the process has no place, plus the one that it looks at next.
const NO_PLACE: u64 = 1 << 32;
/// More processes than a system has: what says that there are more has been damaged.
const TOO_MANY: u64 = 1 << 24;

thread_local! {
    /// The thread's number, from 1.
    static THREAD: Cell<u64> = const { Cell::new(0) };
}

fn thread() -> u64 {
    THREAD.with(|number| {
        if number.get() == 0 {
            number.set(THREADS.fetch_add(1, Ordering::Relaxed) + 1);
        }
        number.get()
    })
}

impl Region {
    /// Counts one. A few nanoseconds.
    #[inline]
    pub fn count(&self, counter: Counter) {
        self.count_in(thread(), counter);
    }

    /// The same for one of many threads that exclude each other: they need no stripe each.
    #[inline]
    pub fn count_alone(&self, counter: Counter) {
        self.count_in(0, counter);
    }

    #[inline]
    fn count_in(&self, thread: u64, counter: Counter) {
        let stripe = self.stripe.wrapping_add(thread) as usize % STRIPES;
        let at = STATISTICS + stripe * LINE + counter as usize;
        self.words.add(at, 1, Ordering::Relaxed);
    }

    fn counted(&self, counter: Counter) -> u64 {
        let stripes = (0..STRIPES).map(|stripe| STATISTICS + stripe * LINE + counter as usize);
        let numbers = stripes.map(|at| self.words.load(at, Ordering::Relaxed));
        numbers.fold(0, u64::wrapping_add)
    }

    /// Zeroes what [`Info`] has.
    pub(super) fn reset_statistics(&self) {
        for stripe in 0..STRIPES {
            for counter in 0..Counter::Recoveries as usize {
                self.words.store(STATISTICS + stripe * LINE + counter, 0, Ordering::Relaxed);
            }
        }
    }

    /// The statistics of all processes, and what there is. Microseconds, and 10 more for each
    /// process.
    pub fn info(&self) -> RegionInfo {
        let stats = Stats {
            hits: self.counted(Counter::Hits),
            misses: self.counted(Counter::Misses),
            evictions: self.counted(Counter::Evictions),
            expirations: self.counted(Counter::Expirations),
            errors: self.counted(Counter::Errors),
            waits: self.counted(Counter::Waits),
        };
        let max_size = self.geometry.max_size();
        RegionInfo {
            // Others may be about to find out that they add one too many.
            info: Info::new(stats, self.len().min(max_size.unwrap_or(usize::MAX)), max_size),
            bytes: self.geometry.bytes(),
            recoveries: self.counted(Counter::Recoveries),
            dropped: self.counted(Counter::Dropped),
            processes: self.processes_alive(),
        }
    }

    /// How many entries all shards have, and are about to have.
    pub(super) fn len(&self) -> usize {
        (0..self.geometry.shards).map(|shard| self.len_of(shard)).sum()
    }

    /// How many entries a shard says that it has.
    pub(super) fn len_of(&self, shard: usize) -> usize {
        // What was cleared and not swept yet counts no more.
        if self.words.load(self.geometry.swept + shard, Ordering::SeqCst) != self.epoch() {
            return 0;
        }
        let len = self.words.load(self.geometry.lens + shard, Ordering::SeqCst);
        usize::try_from(len).map_or(self.geometry.entries, |len| len.min(self.geometry.entries))
    }

    /// This process's word, after seeing to it that the region counts it.
    #[inline]
    pub(super) fn member(&self) -> u64 {
        let current = (self.processes.current)();
        if self.joined_as.load(Ordering::Relaxed) != current {
            self.join(current);
        } else if self.joined_at.load(Ordering::Relaxed) >= NO_PLACE {
            self.look_for_place(current);
        }
        current
    }

    /// Enters the process into the table, or if that is full into the number of those for which
    /// there was no place; a forked child enters itself.
    #[cold]
    fn join(&self, current: u64) {
        let before = self.joined_as.load(Ordering::Relaxed);
        let (done, failed) = (Ordering::Relaxed, Ordering::Relaxed);
        if before == current
            || self.joined_as.compare_exchange(before, current, done, failed).is_err()
        {
            // Another thread does.
            return;
        }
        // Nothing that a thread had begun before a fork is gone on with.
        self.joined_at.store(0, Ordering::Relaxed);
        for may_be_dead in [false, true] {
            for place in PROCESSES {
                if self.take_place(place, current, may_be_dead) {
                    return self.joined_at.store(place as u64, Ordering::Relaxed);
                }
            }
        }
        self.words.add(BEYOND, 1, Ordering::Relaxed);
        self.joined_at.store(NO_PLACE, Ordering::Relaxed);
    }

    /// Takes a place of the table if it is free, or its holder has died.
    fn take_place(&self, place: usize, current: u64, may_be_dead: bool) -> bool {
        let holder = self.words.load(place, Ordering::Relaxed);
        let is_free = holder == 0 || (may_be_dead && !(self.processes.is_alive)(holder));
        is_free && self.words.exchange(place, holder, current, Ordering::Relaxed)
    }

    /// Looks at the next place, for a process that found none when it joined.
    #[cold]
    fn look_for_place(&self, current: u64) {
        let at = self.joined_at.load(Ordering::Relaxed);
        let (done, failed) = (Ordering::Relaxed, Ordering::Relaxed);
        if at < NO_PLACE || self.joined_at.compare_exchange(at, 0, done, failed).is_err() {
            // Another thread looks.
            return;
        }
        let number = (at - NO_PLACE) as usize;
        let place = PROCESSES.start + number;
        if self.take_place(place, current, true) {
            self.words.add(BEYOND, 1_u64.wrapping_neg(), Ordering::Relaxed);
            self.joined_at.store(place as u64, Ordering::Relaxed);
        } else {
            let next = (number + 1) % PROCESSES.len();
            self.joined_at.store(NO_PLACE + next as u64, Ordering::Relaxed);
        }
    }

    /// Takes it out again.
    pub(super) fn leave(&self) {
        let joined_as = self.joined_as.load(Ordering::Relaxed);
        if joined_as == 0 || joined_as != (self.processes.current)() {
            return;
        }
        let at = self.joined_at.load(Ordering::Relaxed);
        self.note_use();
        if at >= NO_PLACE {
            self.words.add(BEYOND, 1_u64.wrapping_neg(), Ordering::Relaxed);
        } else if PROCESSES.contains(&(at as usize)) {
            self.words.exchange(at as usize, joined_as, 0, Ordering::Relaxed);
        }
    }

    /// Notes that it is opened or closed at this moment.
    pub(super) fn note_use(&self) {
        self.words.store(USED_LAST, self.now(), Ordering::Relaxed);
    }

    pub(super) fn processes_alive(&self) -> usize {
        let words = PROCESSES.map(|place| self.words.load(place, Ordering::Relaxed));
        let words: BTreeSet<u64> = words.filter(|&word| word != 0).collect();
        let known = words.into_iter().filter(|&word| (self.processes.is_alive)(word)).count();
        // In doubt they live: nothing tells which of them was killed.
        let beyond = self.words.load(BEYOND, Ordering::Relaxed);
        known + if beyond < TOO_MANY { beyond as usize } else { 0 }
    }
}
