//! Slots that are each in one of several lists: the queues and segments of one strategy.

use super::Slot;
use super::links::{Links, List};
use super::memory::{Heap, Memory};

/// How many bits of what is noted beside the links tell the segment. The others are the strategy's.
const SEGMENT_BITS: u32 = 2;

/// How many bits a strategy may note of each slot.
pub(super) const NOTE_BITS: u32 = u32::BITS - SEGMENT_BITS;

/// Up to four lists over the slots, with their lengths; for each slot, which list it is in, and a
/// note. 12 bytes per slot.
#[derive(Debug)]
pub(super) struct Segments<const N: usize, M: Memory = Heap> {
    pub(super) links: Links<u32, M>,
    pub(super) lists: [List; N],
    pub(super) lens: [usize; N],
}

impl<const N: usize, M: Memory> Default for Segments<N, M> {
    fn default() -> Self {
        Segments { links: Links::default(), lists: [List::default(); N], lens: [0; N] }
    }
}

impl<const N: usize, M: Memory> Segments<N, M> {
    /// How many slots a segment has.
    pub(super) fn len(&self, segment: usize) -> usize {
        self.lens[segment]
    }

    /// Which segment a slot is in.
    #[inline]
    pub(super) fn of(&self, slot: Slot) -> usize {
        let segment = self.links.note(slot) & ((1 << SEGMENT_BITS) - 1);
        (segment as usize).min(N - 1)
    }

    /// What was noted of a slot.
    #[inline]
    pub(super) fn note(&self, slot: Slot) -> u32 {
        self.links.note(slot) >> SEGMENT_BITS
    }

    /// The oldest slot of a segment.
    pub(super) fn front(&self, segment: usize) -> Option<Slot> {
        self.lists[segment].front()
    }

    /// Adds a slot that is in no segment, as the newest, with a note.
    pub(super) fn push_back(&mut self, segment: usize, slot: Slot, note: u32) {
        self.lens[segment] += 1;
        self.lists[segment].push_back(&mut self.links, slot);
        self.links.set_note(slot, note << SEGMENT_BITS | segment as u32);
    }

    /// Takes a slot out of its segment.
    pub(super) fn remove(&mut self, slot: Slot) {
        let segment = self.of(slot);
        self.lens[segment] = self.lens[segment].saturating_sub(1);
        self.lists[segment].remove(&mut self.links, slot);
    }

    /// Makes a slot the newest of a segment, its own or another.
    #[inline]
    pub(super) fn move_to_back(&mut self, segment: usize, slot: Slot) {
        if self.of(slot) == segment {
            self.renew(segment, slot);
        } else {
            let note = self.note(slot);
            self.remove(slot);
            self.push_back(segment, slot, note);
        }
    }

    /// Makes a slot the newest of its own segment, which is this one.
    #[inline(always)]
    pub(super) fn renew(&mut self, segment: usize, slot: Slot) {
        self.lists[segment].move_to_back(&mut self.links, slot);
    }

    /// All slots, each segment from its oldest to its newest, after checking links and lengths.
    pub(super) fn validate(&self) -> Vec<Slot> {
        let mut all = Vec::new();
        for (segment, list) in self.lists.iter().enumerate() {
            let slots = list.validate(&self.links);
            assert_eq!(slots.len(), self.lens[segment], "segment {segment} is miscounted");
            for &slot in &slots {
                assert_eq!(self.of(slot), segment, "slot {slot} is in another segment");
            }
            all.extend(slots);
        }
        all
    }
}
