//! Doubly linked lists over slots, by index: the order that a strategy keeps its entries in.
//!
//! Every strategy's order is over *slots*, the small integers that a store gives its entries, so it
//! knows no keys and no values and is compiled once. The links stand in one vector beside the
//! entries (8 bytes each) and several lists may share it, as a slot is in one list at a time.
//!
//! Why not hashlink, which is table and order in one: alone it is the quicker LRU (a hit of ours
//! takes 1.1 to 1.7 times as long, with a deadline and statistics), but its entries have no place
//! that a heap of deadlines, a frequency list or other memory could refer to without hashing again.

use super::Slot;

/// No slot: the end of a list.
const NONE: Slot = Slot::MAX;

#[derive(Clone, Copy, Debug)]
struct Link {
    previous: Slot,
    next: Slot,
}

/// The links of all slots, shared by every list over them.
#[derive(Clone, Debug, Default)]
pub(super) struct Links(Vec<Link>);

impl Links {
    fn at(&mut self, slot: Slot) -> &mut Link {
        &mut self.0[slot as usize]
    }

    fn reach(&mut self, slot: Slot) {
        if self.0.len() <= slot as usize {
            self.0.resize(slot as usize + 1, Link { previous: NONE, next: NONE });
        }
    }

    /// The slot after this one in its list.
    pub(super) fn next(&self, slot: Slot) -> Option<Slot> {
        some(self.0[slot as usize].next)
    }
}

/// One list: its two ends. The links between are in the [`Links`] that each call is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    front: Slot,
    back: Slot,
}

impl Default for List {
    fn default() -> Self {
        List { front: NONE, back: NONE }
    }
}

impl List {
    pub(super) fn front(&self) -> Option<Slot> {
        some(self.front)
    }

    pub(super) fn back(&self) -> Option<Slot> {
        some(self.back)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.front == NONE
    }

    /// Whether the list has one slot and no more.
    pub(super) fn is_single(&self) -> bool {
        self.front != NONE && self.front == self.back
    }

    pub(super) fn push_back(&mut self, links: &mut Links, slot: Slot) {
        self.insert_after(links, some(self.back), slot);
    }

    /// Puts `slot` behind `place`, or first when `place` is none.
    pub(super) fn insert_after(&mut self, links: &mut Links, place: Option<Slot>, slot: Slot) {
        links.reach(slot);
        let previous = place.unwrap_or(NONE);
        let next = if previous == NONE { self.front } else { links.at(previous).next };
        *links.at(slot) = Link { previous, next };
        self.join(links, previous, slot);
        self.join(links, slot, next);
    }

    pub(super) fn remove(&mut self, links: &mut Links, slot: Slot) {
        let Link { previous, next } = *links.at(slot);
        self.join(links, previous, next);
    }

    /// As `remove` and `push_back`, in one step: what every hit of LRU does.
    #[inline(always)]
    pub(super) fn move_to_back(&mut self, links: &mut Links, slot: Slot) {
        if self.back != slot {
            self.relink_at_back(links, slot);
        }
    }

    fn relink_at_back(&mut self, links: &mut Links, slot: Slot) {
        let Link { previous, next } = *links.at(slot);
        links.at(next).previous = previous;
        match some(previous) {
            Some(previous) => links.at(previous).next = next,
            None => self.front = next,
        }
        links.at(self.back).next = slot;
        *links.at(slot) = Link { previous: self.back, next: NONE };
        self.back = slot;
    }

    /// Makes `next` follow `previous`; an end that is not there is the list's own.
    fn join(&mut self, links: &mut Links, previous: Slot, next: Slot) {
        match some(previous) {
            Some(previous) => links.at(previous).next = next,
            None => self.front = next,
        }
        match some(next) {
            Some(next) => links.at(next).previous = previous,
            None => self.back = previous,
        }
    }

    /// The list's slots from front to back, after checking that each link is matched.
    pub(super) fn validate(&self, links: &Links) -> Vec<Slot> {
        let mut slots = Vec::new();
        let mut previous = NONE;
        let mut slot = self.front;
        while slot != NONE {
            assert_eq!(
                links.0[slot as usize].previous, previous,
                "slot {slot} is linked one way only"
            );
            slots.push(slot);
            (previous, slot) = (slot, links.0[slot as usize].next);
        }
        assert_eq!(self.back, previous, "the list ends elsewhere than at its back");
        slots
    }
}

fn some(slot: Slot) -> Option<Slot> {
    (slot != NONE).then_some(slot)
}
