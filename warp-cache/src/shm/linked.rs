//! Strategies that keep their entries in lists, over the words of a region.
//!
//! Their code is the engine's own, written once, over [`InRegion`] instead of the heap. Each step
//! that the holder of a shard's lock takes begins with the strategy's few single numbers, which are
//! read from the shard's words, and ends with storing those that have changed; links, ghosts and
//! marks are reached where they stand. Nothing has to be whole in between: whoever dies there leaves
//! a lock whose next holder empties the shard.
//!
//! Words may have been damaged. Numbers stand with their complement, and links are compared with
//! those of their neighbours; the first that does not fit makes everything read as empty from there
//! on, which ends every loop, and the step says that the shard is damaged. So does a step that takes
//! longer than any order could ask for.

use std::cell::Cell;
use std::marker::PhantomData;

use super::Region;
use super::entry::USED;
use super::lock::{Damaged, Locked};
use crate::strategy::marks::Counts;
use crate::strategy::memory::{Array, Element, Memory, doubled, halved};
use crate::strategy::{Cause, Policy, Slot};

/// How often a step may look at each entry.
const LOOKS: usize = 256;
/// The bits of a use word that marks take; a count in them is small.
const MARK: u64 = 3;

/// The memory of a strategy in a shared region.
#[derive(Debug, Default)]
pub struct InRegion<'a>(PhantomData<&'a ()>);

impl<'a> Memory for InRegion<'a> {
    type Array<T: Element> = Row<'a, T>;
    type Counts = Marks<'a>;
}

/// A shard's words during one step.
#[derive(Debug)]
pub(super) struct Access<'a> {
    region: &'a Region,
    shard: usize,
    is_damaged: Cell<bool>,
    /// How many looks are left.
    left: Cell<usize>,
}

impl Access<'_> {
    fn damage(&self) {
        self.is_damaged.set(true);
    }

    fn may_go_on(&self) -> bool {
        let left = self.left.get();
        if left == 0 {
            self.damage();
        }
        self.left.set(left.saturating_sub(1));
        !self.is_damaged.get()
    }

    fn load(&self, at: usize) -> u64 {
        self.region.words.load(at, crate::sync::Ordering::Relaxed)
    }

    fn store(&self, at: usize, word: u64) {
        if self.load(at) != word {
            self.region.words.store(at, word, crate::sync::Ordering::Relaxed);
        }
    }
}

/// An array in a shard's words.
#[derive(Debug)]
pub struct Row<'a, T> {
    access: Option<&'a Access<'a>>,
    start: usize,
    len: usize,
    element: PhantomData<T>,
}

impl<T> Default for Row<'_, T> {
    fn default() -> Self {
        Row { access: None, start: 0, len: 0, element: PhantomData }
    }
}

impl<T: Element> Row<'_, T> {
    fn at(&self, index: usize) -> Option<(&Access<'_>, usize)> {
        let access = self.access.filter(|access| access.may_go_on())?;
        if index >= self.len {
            access.damage();
            return None;
        }
        Some((access, self.start + index * T::WORDS))
    }
}

impl<T: Element> Array<T> for Row<'_, T> {
    const IS_CHECKED: bool = true;

    fn len(&self) -> usize {
        self.len
    }

    fn reach(&mut self, len: usize) {
        self.expect(len <= self.len);
    }

    fn renew(&mut self, _len: usize) {
        self.expect(false);
    }

    fn get(&self, index: usize) -> T {
        let Some((access, at)) = self.at(index) else { return T::EMPTY };
        T::read(|word| access.load(at + word)).unwrap_or_else(|| {
            access.damage();
            T::EMPTY
        })
    }

    fn update(&mut self, index: usize, change: impl FnOnce(&mut T)) {
        let mut element = self.get(index);
        change(&mut element);
        self.set(index, element);
    }

    fn set(&mut self, index: usize, element: T) {
        let Some((access, at)) = self.at(index) else { return };
        element.write(|word, value| access.store(at + word, value));
    }

    fn expect(&self, is_so: bool) {
        if let Some(access) = self.access.filter(|_| !is_so) {
            access.damage();
        }
    }
}

/// The marks of a shard's entries: in the word that a use may write.
#[derive(Debug, Default)]
pub struct Marks<'a>(Option<&'a Access<'a>>);

impl Marks<'_> {
    fn at(&self, index: usize) -> Option<(&Access<'_>, usize)> {
        let access = self.0.filter(|access| access.may_go_on())?;
        let entries = access.region.geometry.entries;
        if index >= entries {
            access.damage();
            return None;
        }
        Some((access, access.region.entry_at(access.shard * entries + index) + USED))
    }
}

impl Counts for Marks<'_> {
    fn reach(&mut self, _len: usize) {}

    fn get(&self, index: usize) -> u8 {
        self.at(index).map_or(0, |(access, at)| (access.load(at) & MARK) as u8)
    }

    fn set(&self, index: usize, count: u8) {
        if let Some((access, at)) = self.at(index) {
            access.store(at, count.into());
        }
    }
}

/// A strategy that can be kept in a region: says, always in the same order, of what it is made.
pub trait Kept<'a>: Policy {
    /// Tells of each array and number.
    fn fields(&mut self, fields: &mut Fields<'a>);
}

/// What is done with the parts of a strategy: they are counted, found, or stored.
#[derive(Debug)]
pub struct Fields<'a> {
    access: Option<&'a Access<'a>>,
    /// Whether numbers are stored, not read.
    stores: bool,
    /// How many entries there is room for.
    pub(crate) entries: usize,
    /// How many there will be.
    pub(crate) bound: usize,
    /// The place of the next part.
    at: usize,
}

impl<'a> Fields<'a> {
    /// An array of `len` elements.
    pub(crate) fn array<T: Element>(&mut self, row: &mut Row<'a, T>, len: usize) {
        *row = Row { access: self.access, start: self.at, len, element: PhantomData };
        self.at += len * T::WORDS;
    }

    /// The marks of the entries.
    pub(crate) fn marks(&mut self, marks: &mut Marks<'a>) {
        *marks = Marks(self.access);
    }

    /// A number of 32 bits, whose value is `empty` in an empty shard.
    pub(crate) fn number(&mut self, number: &mut u32, empty: u32) {
        let mut word = doubled(*number, empty);
        self.word(&mut word);
        *number = halved(word, empty).unwrap_or_else(|| {
            self.expect(false);
            empty
        });
    }

    /// A slot, or none.
    pub(crate) fn slot(&mut self, slot: &mut Option<Slot>) {
        let mut number = slot.unwrap_or(Slot::MAX);
        self.number(&mut number, Slot::MAX);
        *slot = (number != Slot::MAX).then_some(number);
    }

    /// How many there are of something, up to `most`.
    pub(crate) fn len(&mut self, len: &mut usize, most: usize) {
        let mut number = *len as u32;
        self.number(&mut number, 0);
        *len = number as usize;
        self.expect(*len <= most);
    }

    /// A word, which is 0 in an empty shard.
    pub(crate) fn word(&mut self, word: &mut u64) {
        match self.access {
            Some(access) if self.stores => access.store(self.at, *word),
            Some(access) => *word = access.load(self.at),
            None => {}
        }
        self.at += 1;
    }

    /// A hash, or none.
    pub(crate) fn hash(&mut self, hash: &mut Option<u64>) {
        let (mut is_there, mut word) = (hash.is_some(), hash.unwrap_or(0));
        self.flag(&mut is_there);
        self.word(&mut word);
        *hash = is_there.then_some(word);
    }

    /// Yes or no; no in an empty shard.
    pub(crate) fn flag(&mut self, flag: &mut bool) {
        let mut number = u32::from(*flag);
        self.number(&mut number, 0);
        *flag = number != 0;
    }

    /// Something that was read is as it has to be.
    pub(crate) fn expect(&self, is_so: bool) {
        if let Some(access) = self.access.filter(|_| !is_so && !self.stores) {
            access.damage();
        }
    }
}

/// What a strategy is told, or asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'s> {
    /// A new entry.
    Inserted(Slot, u64),
    /// Uses, in their order.
    Hits(&'s [Slot]),
    /// An entry is gone.
    Removed(Slot, u64, Cause),
    /// Which one has to go for a new one.
    Victim(u64),
    /// Whether all is as it should be.
    Validate,
}

/// A step of a strategy over a shard's words, or the question how many words it takes.
#[derive(Debug)]
pub struct Drive<'a> {
    over: Option<(&'a Access<'a>, Step<'a>)>,
    entries: usize,
    bound: usize,
    start: usize,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Driven {
    words: usize,
    victim: Option<Slot>,
    slots: Vec<Slot>,
}

impl<'a> Drive<'a> {
    /// Drives the strategy `P`.
    pub(crate) fn run<P: Kept<'a>>(self) -> Driven {
        let Drive { over, entries, bound, start } = self;
        let access = over.map(|(access, _)| access);
        let mut fields = Fields { access, stores: false, entries, bound, at: start };
        let mut policy = P::default();
        policy.bound(Some(bound));
        policy.fields(&mut fields);
        let mut driven = Driven { words: fields.at - start, ..Driven::default() };
        let Some((access, step)) = over.filter(|(access, _)| !access.is_damaged.get()) else {
            return driven;
        };
        match step {
            Step::Inserted(slot, hash) => policy.inserted(slot, hash),
            Step::Hits(slots) => slots.iter().for_each(|&slot| policy.hit(slot)),
            Step::Removed(slot, hash, cause) => policy.removed(slot, hash, cause),
            Step::Victim(incoming) => driven.victim = policy.victim(incoming),
            Step::Validate => driven.slots = policy.validate(),
        }
        if !access.is_damaged.get() {
            policy.fields(&mut Fields { stores: true, at: start, ..fields });
        }
        driven
    }

    /// How many words a strategy takes for that many entries.
    pub(super) fn words(
        strategy: crate::strategy::Strategy,
        entries: usize,
        bound: usize,
    ) -> usize {
        strategy.in_region(Drive { over: None, entries, bound, start: 0 }).words
    }
}

impl Locked<'_> {
    /// The place of the words of this shard's order.
    pub(super) fn order_at(&self) -> usize {
        self.region.geometry.order_at + self.shard * self.region.geometry.order_words
    }

    fn drive(&self, step: Step<'_>) -> Result<Driven, Damaged> {
        let geometry = &self.region.geometry;
        let left = Cell::new(LOOKS * (geometry.entries + LOOKS));
        let access =
            Access { region: self.region, shard: self.shard, is_damaged: Cell::new(false), left };
        let driven = geometry.strategy().in_region(Drive {
            over: Some((&access, step)),
            entries: geometry.entries,
            bound: geometry.bound_of_shard(),
            start: self.order_at(),
        });
        if access.is_damaged.get() { Err(Damaged) } else { Ok(driven) }
    }

    /// Tells the strategy something.
    pub(super) fn tell(&self, step: Step<'_>) -> Result<(), Damaged> {
        self.drive(step).map(drop)
    }

    /// The entry that the strategy names for one with the hash `incoming`.
    pub(super) fn victim(&self, incoming: u64) -> Result<usize, Damaged> {
        self.drive(Step::Victim(incoming))?.victim.map(|slot| slot as usize).ok_or(Damaged)
    }

    /// The entries that the strategy knows: for tests.
    pub(super) fn validate_linked(&self) -> Vec<Slot> {
        self.drive(Step::Validate).expect("an order that is not damaged").slots
    }

    /// Forgets the whole order.
    pub(super) fn clear_order(&self) {
        if self.region.geometry.order().is_linked() {
            for at in self.order_at()..self.order_at() + self.region.geometry.order_words {
                if self.load(at) != 0 {
                    self.store(at, 0);
                }
            }
        }
    }
}
