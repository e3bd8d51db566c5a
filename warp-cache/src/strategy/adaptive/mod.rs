//! ADAPTIVE: W-TinyLFU, with a window that is chosen while it runs.
//!
//! G. Einziger, R. Friedman, B. Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM
//! Transactions on Storage 2017; G. Einziger, O. Eytan, R. Friedman, B. Manes, "Adaptive Software
//! Cache Management", Middleware 2018.
//!
//! ```text
//!  new ---> window (LRU) ---+--> main space (probation, protected) ---> gone
//!                           |    if asked for more often than what has to go there;
//!                           +--> gone else        a sketch estimates how often
//! ```
//!
//! What is new lives in a window, and stays beyond it only if it was asked for more often than the
//! entry whose place it would take (`windowed.rs`); how often is estimated for keys that are not
//! there, too (`sketch.rs`). A large window is LRU, which knows recency; a small one is nearly LFU,
//! which knows frequency and scans. Which is better depends on the calls: so five miniatures with
//! windows from 1 to 100 % follow a sample of them (`chooser.rs`), and the window becomes what has
//! the best hit ratio there.
//!
//! * Hit: a move in a list, as LRU, and four counters in one cache line. One in 16 at most is
//!   followed by the miniatures too, and none while nothing has to go.
//! * Miss: the same, and two estimates to compare.
//! * Eviction: O(1). A window that changes does so by a few entries at each miss.
//! * 12 bytes per entry, 8 to 16 for the sketch, and 2 for the miniatures: in a cache of fewer than
//!   16384 entries 32 kB for all of them, and of fewer than 256 130 bytes per entry. Without a bound
//!   12 bytes per entry.
//! * Weakness: it learns from what it has seen. To follow a change of the calls from one extreme to
//!   the other takes some 25 requests per entry in a large cache, and some fifty thousand in all in
//!   one of a hundred. The most upkeep of all strategies.
//! * Deviations: the papers let a hill climber, or the sketch, choose the window. The sketch is aged
//!   block by block, and there is no doorkeeper before it. What was asked for as often as what has to
//!   go is not let in; no coin is tossed for it. The same calls of one thread make the same choices in
//!   every run, if they hash alike.

mod chooser;
mod miniature;
mod sketch;
#[cfg(test)]
mod tests;
mod windowed;

use super::segments::NOTE_BITS;
use super::{Cause, Policy, Slot};
use chooser::{Chooser, Pause};
use sketch::Sketch;
use windowed::Windowed;

/// See the file's head: a window, a main space and what they are chosen by.
#[derive(Debug, Default)]
pub struct Adaptive {
    /// Each slot with what its key is known by to the sketch and the miniatures.
    lists: Windowed,
    sketch: Sketch,
    /// Made when the first entry comes.
    chooser: Option<Box<Chooser>>,
    last_sampled: u32,
    pause: Pause,
    /// Since the miniatures followed a request.
    has_evicted: bool,
    max_size: Option<usize>,
    len: usize,
}

/// The highest bits of a product, which depend on all of the hash's.
fn key_of(hash: u64) -> u32 {
    (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - NOTE_BITS)) as u32
}

impl Adaptive {
    /// Takes note of a request.
    #[inline]
    fn note(&mut self, key: u32) {
        self.sketch.add(key);
        if key <= self.last_sampled {
            match &mut self.pause {
                Pause::Requests(0) => self.follow(key),
                Pause::Requests(left) => *left -= 1,
                Pause::UntilEviction => {}
            }
        }
    }

    /// Lets the miniatures follow a request.
    #[inline(never)]
    fn follow(&mut self, key: u32) {
        let Some(max_size) = self.max_size else { return };
        let chooser = self.chooser.get_or_insert_with(|| Box::new(Chooser::new(max_size)));
        if let Some(percent) = chooser.follow(key, &self.sketch) {
            self.lists.set_window(max_size, percent);
        }
        self.pause = chooser.rest(std::mem::take(&mut self.has_evicted));
    }
}

impl Policy for Adaptive {
    fn bound(&mut self, max_size: Option<usize>) {
        self.max_size = max_size;
        // Without a bound nothing goes, and there is nothing to choose.
        let (entries, window) =
            max_size.map_or((usize::MAX, 100), |size| (size, chooser::first_window()));
        self.lists.set_window(entries, window);
        self.last_sampled = chooser::last_sampled(entries);
    }

    fn inserted(&mut self, slot: Slot, hash: u64) {
        let key = key_of(hash);
        self.lists.insert(slot, key);
        self.len += 1;
        if let Some(max_size) = self.max_size {
            self.sketch.reach(self.len, max_size);
            self.note(key);
        }
    }

    #[inline]
    fn hit(&mut self, slot: Slot) {
        self.lists.hit(slot);
        if self.max_size.is_some() {
            self.note(self.lists.note(slot));
        }
    }

    fn removed(&mut self, slot: Slot, _hash: u64, _cause: Cause) {
        self.lists.remove(slot);
        self.len -= 1;
    }

    fn victim(&mut self, _incoming: u64) -> Option<Slot> {
        self.has_evicted = true;
        if self.pause == Pause::UntilEviction {
            self.pause = Pause::default();
        }
        let Adaptive { lists, sketch, .. } = self;
        lists.victim(|first, second| sketch.prefers(first, second))
    }

    fn validate(&self) -> Vec<Slot> {
        self.chooser.iter().for_each(|chooser| chooser.validate());
        let slots = self.lists.validate();
        assert_eq!(slots.len(), self.len, "the entries are miscounted");
        slots
    }
}
