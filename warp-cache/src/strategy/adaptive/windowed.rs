//! The lists of W-TinyLFU: a window for what is new, and a main space for what has proved useful.
//!
//! G. Einziger, O. Eytan, R. Friedman, B. Manes, "Adaptive Software Cache Management", Middleware
//! 2018.
//!
//! ```text
//!  new ---> window (LRU) ---> asked for more often than --+--> probation ---> protected (LRU, 4/5)
//!                             the first on probation?     |    (LRU)  used     |
//!                                                         |     ^              | what is too much
//!                             else it goes                v     +--------------+
//!                                                 the first on probation goes
//! ```

use super::super::Slot;
use super::super::segments::Segments;

const WINDOW: usize = 0;
const PROBATION: usize = 1;
const PROTECTED: usize = 2;

/// How many entries one insertion moves out of a window that has become too large, and one hit out
/// of the protected: more than come in, so that the shares follow, and few, so that no call waits
/// for all of them.
const MOVES: usize = 4;

/// Slots in a window or the main space's two segments, each ordered from the least to the most
/// recently used.
#[derive(Debug, Default)]
pub(super) struct Windowed {
    segments: Segments<3>,
    window_size: usize,
    protected_size: usize,
}

impl Windowed {
    /// Says how much of `max_size` the window is to have: at least one place.
    pub(super) fn set_window(&mut self, max_size: usize, percent: usize) {
        // In steps that do not overflow without a bound.
        let window = max_size / 100 * percent + max_size % 100 * percent / 100;
        self.window_size = window.max(1);
        self.protected_size = max_size.saturating_sub(self.window_size) / 5 * 4;
    }

    /// Adds a slot, with a note of [`NOTE_BITS`](super::super::segments::NOTE_BITS).
    pub(super) fn insert(&mut self, slot: Slot, note: u32) {
        self.segments.push_back(WINDOW, slot, note);
        self.spill(WINDOW, self.window_size);
    }

    #[inline(always)]
    pub(super) fn hit(&mut self, slot: Slot) {
        let segment = self.segments.of(slot);
        if segment == PROBATION {
            self.segments.move_to_back(PROTECTED, slot);
        } else {
            self.segments.renew(segment, slot);
        }
        if segment != WINDOW {
            self.spill(PROTECTED, self.protected_size);
        }
    }

    /// Moves the least recently used of a segment that is too large to probation.
    #[inline]
    fn spill(&mut self, segment: usize, size: usize) {
        if self.segments.len(segment) > size {
            self.spill_some(segment, size);
        }
    }

    #[inline(never)]
    fn spill_some(&mut self, segment: usize, size: usize) {
        for _ in 0..MOVES {
            if self.segments.len(segment) <= size {
                return;
            }
            if let Some(first) = self.segments.front(segment) {
                self.segments.move_to_back(PROBATION, first);
            }
        }
    }

    /// What was noted of a slot.
    #[inline]
    pub(super) fn note(&self, slot: Slot) -> u32 {
        self.segments.note(slot)
    }

    pub(super) fn remove(&mut self, slot: Slot) {
        self.segments.remove(slot);
    }

    /// What has to go for a new entry. `prefers` says of the notes of two slots whether the first was
    /// asked for more often: then the window's first goes over to the main space for the second.
    pub(super) fn victim(&mut self, prefers: impl FnOnce(u32, u32) -> bool) -> Option<Slot> {
        let main = self.segments.front(PROBATION).or_else(|| self.segments.front(PROTECTED));
        let Some(candidate) = self.segments.front(WINDOW) else { return main };
        let Some(victim) = main else { return Some(candidate) };
        if self.segments.len(WINDOW) < self.window_size {
            return Some(victim);
        }
        if prefers(self.note(candidate), self.note(victim)) {
            self.segments.move_to_back(PROBATION, candidate);
            Some(victim)
        } else {
            Some(candidate)
        }
    }

    pub(super) fn validate(&self) -> Vec<Slot> {
        self.segments.validate()
    }
}
