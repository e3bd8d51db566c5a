//! LIRS: by the distance between an entry's last two uses.
//!
//! S. Jiang, X. Zhang, "LIRS: An Efficient Low Inter-reference Recency Set Replacement Policy to
//! Improve Buffer Cache Performance", SIGMETRICS 2002.
//!
//! ```text
//!  stack, by last use:   L  h  L  g  H  L  g  L     L  low, kept: 99 % of the entries
//!                       top                bottom   H, h  high, kept: 1 %; goes next
//!  queue, goes first:    H  x  h                    g  ghost: high, gone      x  not in the stack
//! ```
//!
//! The stack reaches down to the last use of an entry of low distance, which is at its bottom. What
//! is used while it is in the stack has been used twice within a shorter time than the bottom's: it
//! becomes low, and the bottom becomes high. All that are high wait in a short queue, whose first is
//! the next to go; those that go leave their place in the stack to a ghost.
//!
//! * Hit: O(1) amortized: what is high at the bottom of the stack is taken off, once for each push.
//! * Miss: O(1) amortized, with one look-up among the ghosts.
//! * Eviction: O(1).
//! * 26 bytes per entry, and 36 for each of at most twice as many ghosts. At most 2^31 entries.
//! * Weakness: slow to forget what was of low distance once; what is new has 1 % of the room to be
//!   used again in, before it is a ghost.
//! * Deviations: the paper does not bound the ghosts; here the oldest go.

use super::ghosts::{Ghost, Ghosts};
use super::links::{Links, List};
use super::memory::{Array, Element, Heap, Memory, doubled, halved};
use super::{Cause, Hits, Policy, Slot};
#[cfg(feature = "region")]
use crate::shm::{Drive, Driven, Fields, InRegion, Kept, SharedOrder};

/// How many ghosts there are at most for each entry.
const GHOSTS: usize = 2;

#[derive(Clone, Copy, Debug)]
struct State {
    is_low: bool,
    is_in_stack: bool,
}

impl Element for State {
    const EMPTY: Self = State { is_low: false, is_in_stack: false };

    fn write(self, mut put: impl FnMut(usize, u64)) {
        put(0, doubled(u32::from(self.is_low) << 1 | u32::from(self.is_in_stack), 0));
    }

    fn read(word: impl Fn(usize) -> u64) -> Option<Self> {
        let bits = halved(word(0), 0)?;
        Some(State { is_low: bits & 2 != 0, is_in_stack: bits & 1 != 0 })
    }
}

/// What stands in the stack: an even number for an entry, an odd one for a ghost.
type Node = u32;

fn entry(slot: Slot) -> Node {
    slot << 1
}

fn ghost(ghost: Ghost) -> Node {
    ghost << 1 | 1
}

/// See the file's head: a stack of entries and ghosts, and a queue of entries.
#[derive(Debug, Default)]
pub struct Lirs<M: Memory = Heap> {
    states: M::Array<State>,
    stack: List,
    stack_links: Links<(), M>,
    queue: List,
    queue_links: Links<(), M>,
    ghosts: Ghosts<M>,
    low: usize,
    max_size: usize,
}

impl<M: Memory> Lirs<M> {
    /// How many entries may be of low distance.
    fn low_size(&self) -> usize {
        self.max_size.saturating_sub((self.max_size / 100).max(1)).max(1)
    }

    fn state(&self, slot: Slot) -> State {
        self.states.get(slot as usize)
    }

    fn set_low(&mut self, slot: Slot, is_low: bool) {
        self.states.update(slot as usize, |state| state.is_low = is_low);
    }

    fn set_in_stack(&mut self, slot: Slot, is_in_stack: bool) {
        self.states.update(slot as usize, |state| state.is_in_stack = is_in_stack);
    }

    fn push_on_stack(&mut self, slot: Slot) {
        self.set_in_stack(slot, true);
        self.stack.push_back(&mut self.stack_links, entry(slot));
    }

    fn take_from_stack(&mut self, slot: Slot) {
        self.set_in_stack(slot, false);
        self.stack.remove(&mut self.stack_links, entry(slot));
    }

    fn push_on_queue(&mut self, slot: Slot) {
        self.queue.push_back(&mut self.queue_links, slot);
    }

    fn forget(&mut self, known: Ghost) {
        self.stack.remove(&mut self.stack_links, ghost(known));
        self.ghosts.remove(known);
    }

    /// Takes what is high off the bottom of the stack.
    fn prune(&mut self) {
        while let Some(bottom) = self.stack.front() {
            if bottom & 1 == 1 {
                self.forget(bottom >> 1);
            } else if self.state(bottom >> 1).is_low {
                return;
            } else {
                self.take_from_stack(bottom >> 1);
            }
        }
    }

    /// Makes an entry low that is in the stack; the bottom becomes high for it if it has to.
    fn make_low(&mut self, slot: Slot) {
        self.set_low(slot, true);
        self.low += 1;
        if self.low > self.low_size() {
            if let Some(bottom) = self.stack.front() {
                self.make_high(bottom >> 1);
            }
        }
    }

    /// Makes the entry at the bottom of the stack high.
    fn make_high(&mut self, slot: Slot) {
        self.set_low(slot, false);
        self.low = self.low.saturating_sub(1);
        self.push_on_queue(slot);
        self.prune();
    }
}

impl<M: Memory> Policy for Lirs<M>
where
    Self: Hits,
{
    #[cfg(feature = "region")]
    const SHARED: Option<SharedOrder> = Some(SharedOrder::Told);

    #[cfg(feature = "region")]
    fn in_region(drive: Drive<'_>) -> Driven {
        drive.run::<Lirs<InRegion<'_>>>()
    }

    fn bound(&mut self, max_size: Option<usize>) {
        self.max_size = max_size.unwrap_or(usize::MAX);
    }

    fn inserted(&mut self, slot: Slot, hash: u64) {
        self.states.reach(slot as usize + 1);
        self.states.set(slot as usize, State::EMPTY);
        let known = self.ghosts.find(hash);
        if let Some(known) = known {
            self.forget(known);
        }
        self.push_on_stack(slot);
        if known.is_some() || self.low < self.low_size() {
            self.make_low(slot);
        } else {
            self.push_on_queue(slot);
        }
        // What was forgotten may have been below the bottom.
        self.prune();
    }

    fn hit(&mut self, slot: Slot) {
        let State { is_low, is_in_stack } = self.state(slot);
        if is_in_stack {
            self.stack.move_to_back(&mut self.stack_links, entry(slot));
        } else {
            self.push_on_stack(slot);
        }
        if !is_low && is_in_stack {
            self.queue.remove(&mut self.queue_links, slot);
            self.make_low(slot);
        } else if !is_low {
            self.queue.move_to_back(&mut self.queue_links, slot);
        }
        self.prune();
    }

    fn removed(&mut self, slot: Slot, hash: u64, cause: Cause) {
        let State { is_low, is_in_stack } = self.state(slot);
        if is_low {
            self.low = self.low.saturating_sub(1);
        } else {
            self.queue.remove(&mut self.queue_links, slot);
        }
        if is_in_stack {
            if cause == Cause::Evicted && !is_low {
                let known = ghost(self.ghosts.push(hash));
                self.stack.insert_after(&mut self.stack_links, Some(entry(slot)), known);
            }
            self.take_from_stack(slot);
        }
        self.prune();
        while self.ghosts.len() > self.max_size.saturating_mul(GHOSTS) {
            let Some(oldest) = self.ghosts.oldest() else { return };
            self.forget(oldest);
        }
    }

    fn victim(&mut self, _incoming: u64) -> Option<Slot> {
        self.queue.front().or_else(|| self.stack.front().map(|bottom| bottom >> 1))
    }

    fn validate(&self) -> Vec<Slot> {
        self.ghosts.validate();
        let stack = self.stack.validate(&self.stack_links);
        assert_eq!(
            stack.iter().filter(|&node| node & 1 == 1).count(),
            self.ghosts.len(),
            "a ghost is in no stack"
        );
        let is_low = |slot: &Slot| self.state(*slot).is_low;
        let entries = stack.iter().filter(|&node| node & 1 == 0).map(|&node| node >> 1);
        let mut slots: Vec<_> = entries.clone().filter(is_low).collect();
        assert_eq!(slots.len(), self.low, "the low are miscounted");
        assert!(entries.clone().all(|slot| self.state(slot).is_in_stack));
        let bottom = stack.first().map(|&node| (node & 1, node >> 1));
        assert!(bottom.is_none_or(|(kind, slot)| kind == 0 && is_low(&slot)), "it is not pruned");
        let queue = self.queue.validate(&self.queue_links);
        assert!(queue.iter().all(|slot| !is_low(slot)), "what is low is in the queue");
        slots.extend(queue);
        slots
    }
}

#[cfg(feature = "region")]
impl Hits for Lirs<InRegion<'_>> {
    type Access = super::Exclusive;
}

#[cfg(feature = "region")]
impl<'a> Kept<'a> for Lirs<InRegion<'a>> {
    fn fields(&mut self, fields: &mut Fields<'a>) {
        let (entries, ghosts) = (fields.entries, GHOSTS * fields.bound);
        fields.array(&mut self.states, entries);
        self.stack.fields(fields);
        self.stack_links.fields(fields, 2 * entries.max(ghosts + 1));
        self.queue.fields(fields);
        self.queue_links.fields(fields, entries);
        self.ghosts.fields(fields, ghosts);
        fields.len(&mut self.low, entries);
    }
}
