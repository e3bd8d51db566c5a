//! Doubly linked lists over slots, by index: the order that a strategy keeps its entries in.
//!
//! Every strategy's order is over *slots*, the small integers that a store gives its entries, so it
//! knows no keys and no values and is compiled once. The links stand in one vector beside the
//! entries (8 bytes each) and several lists may share it, as a slot is in one list at a time. What
//! else a strategy notes of a slot may stand beside its links: whoever moves it has them at hand.
//!
//! Why not hashlink, which is table and order in one: alone it is the quicker LRU (a hit of ours
//! takes 1.1 to 1.7 times as long, with a deadline and statistics), but its entries have no place
//! that a heap of deadlines, a frequency list or other memory could refer to without hashing again.

use super::Slot;
use super::memory::{Array, Element, Heap, Memory};

/// No slot: the end of a list.
const NONE: Slot = Slot::MAX;

#[derive(Clone, Copy, Debug)]
pub(super) struct Link<T> {
    previous: Slot,
    next: Slot,
    note: T,
}

impl<T: Element> Element for Link<T> {
    const EMPTY: Self = Link { previous: NONE, next: NONE, note: T::EMPTY };
    const WORDS: usize = 1 + T::WORDS;

    fn write(self, mut put: impl FnMut(usize, u64)) {
        put(0, u64::from(!self.previous) << 32 | u64::from(!self.next));
        self.note.write(|at, word| put(1 + at, word));
    }

    fn read(word: impl Fn(usize) -> u64) -> Option<Self> {
        let (previous, next) = (!(word(0) >> 32) as Slot, !word(0) as Slot);
        Some(Link { previous, next, note: T::read(|at| word(1 + at))? })
    }
}

/// The links of all slots, shared by every list over them, and a note of each.
#[derive(Debug, Default)]
pub(super) struct Links<T: Element = (), M: Memory = Heap>(pub(super) M::Array<Link<T>>);

impl<T: Element, M: Memory> Links<T, M> {
    /// What is noted of a slot that has been in a list.
    #[inline]
    pub(super) fn note(&self, slot: Slot) -> T {
        self.0.get(slot as usize).note
    }

    /// Notes something of a slot that has been in a list.
    #[inline]
    pub(super) fn set_note(&mut self, slot: Slot, note: T) {
        self.0.update(slot as usize, |link| link.note = note);
    }

    /// The slot after this one in its list.
    pub(super) fn next(&self, slot: Slot) -> Option<Slot> {
        let next = some(self.0.get(slot as usize).next)?;
        if M::Array::<Link<T>>::IS_CHECKED {
            self.0.expect(self.0.get(next as usize).previous == slot);
        }
        Some(next)
    }

    /// The slot before this one in its list.
    pub(super) fn previous(&self, slot: Slot) -> Option<Slot> {
        some(self.0.get(slot as usize).previous)
    }

    fn set_next(&mut self, slot: Slot, next: Slot) {
        self.0.update(slot as usize, |link| link.next = next);
    }

    fn set_previous(&mut self, slot: Slot, previous: Slot) {
        self.0.update(slot as usize, |link| link.previous = previous);
    }

    fn set(&mut self, slot: Slot, previous: Slot, next: Slot) {
        self.0.update(slot as usize, |link| (link.previous, link.next) = (previous, next));
    }
}

/// One list: its two ends. The links between are in the [`Links`] that each call is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    pub(super) front: Slot,
    pub(super) back: Slot,
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

    #[inline]
    pub(super) fn push_back<T: Element, M: Memory>(&mut self, links: &mut Links<T, M>, slot: Slot) {
        links.0.reach(slot as usize + 1);
        self.append(links, slot);
    }

    /// As `push_back`, for a slot that has been in a list.
    #[inline(always)]
    pub(super) fn append<T: Element, M: Memory>(&mut self, links: &mut Links<T, M>, slot: Slot) {
        self.check(links, self.back, NONE);
        links.set(slot, self.back, NONE);
        match some(self.back) {
            Some(back) => links.set_next(back, slot),
            None => self.front = slot,
        }
        self.back = slot;
    }

    /// Puts `slot` behind `place`, or first when `place` is none.
    pub(super) fn insert_after<T: Element, M: Memory>(
        &mut self,
        links: &mut Links<T, M>,
        place: Option<Slot>,
        slot: Slot,
    ) {
        links.0.reach(slot as usize + 1);
        let previous = place.unwrap_or(NONE);
        let next = if previous == NONE { self.front } else { links.0.get(previous as usize).next };
        self.check(links, previous, next);
        links.set(slot, previous, next);
        self.join(links, previous, slot);
        self.join(links, slot, next);
    }

    #[inline]
    pub(super) fn remove<T: Element, M: Memory>(&mut self, links: &mut Links<T, M>, slot: Slot) {
        let Link { previous, next, .. } = links.0.get(slot as usize);
        self.check(links, previous, slot);
        self.check(links, slot, next);
        self.join(links, previous, next);
    }

    /// As `remove` and `push_back`, in one step: what every hit of LRU does.
    #[inline(always)]
    pub(super) fn move_to_back<T: Element, M: Memory>(
        &mut self,
        links: &mut Links<T, M>,
        slot: Slot,
    ) {
        if self.back != slot {
            self.relink_at_back(links, slot);
        }
    }

    #[inline(always)]
    fn relink_at_back<T: Element, M: Memory>(&mut self, links: &mut Links<T, M>, slot: Slot) {
        let Link { previous, next, .. } = links.0.get(slot as usize);
        self.check(links, previous, slot);
        self.check(links, slot, next);
        links.set_previous(next, previous);
        match some(previous) {
            Some(previous) => links.set_next(previous, next),
            None => self.front = next,
        }
        links.set_next(self.back, slot);
        links.set(slot, self.back, NONE);
        self.back = slot;
    }

    /// Makes `next` follow `previous`; an end that is not there is the list's own.
    fn join<T: Element, M: Memory>(&mut self, links: &mut Links<T, M>, previous: Slot, next: Slot) {
        match some(previous) {
            Some(previous) => links.set_next(previous, next),
            None => self.front = next,
        }
        match some(next) {
            Some(next) => links.set_previous(next, previous),
            None => self.back = previous,
        }
    }

    /// Checks, where links may be damaged, that `next` follows `previous` and is preceded by it.
    #[inline(always)]
    fn check<T: Element, M: Memory>(&self, links: &Links<T, M>, previous: Slot, next: Slot) {
        if M::Array::<Link<T>>::IS_CHECKED {
            let after = match some(previous) {
                Some(previous) => links.0.get(previous as usize).next,
                None => self.front,
            };
            let before = match some(next) {
                Some(next) => links.0.get(next as usize).previous,
                None => self.back,
            };
            links.0.expect(after == next && before == previous);
        }
    }

    /// The list's slots from front to back, after checking that each link is matched.
    pub(super) fn validate<T: Element, M: Memory>(&self, links: &Links<T, M>) -> Vec<Slot> {
        let mut slots = Vec::new();
        let mut previous = NONE;
        let mut slot = self.front;
        while slot != NONE {
            let link = links.0.get(slot as usize);
            assert_eq!(link.previous, previous, "slot {slot} is linked one way only");
            slots.push(slot);
            (previous, slot) = (slot, link.next);
        }
        assert_eq!(self.back, previous, "the list ends elsewhere than at its back");
        slots
    }
}

fn some(slot: Slot) -> Option<Slot> {
    (slot != NONE).then_some(slot)
}
