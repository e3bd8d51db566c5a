//! Where strategies keep what they know of slots: on the heap, or in words that processes share.
//!
//! A strategy's structure is made of arrays and of single numbers. The arrays are reached through
//! [`Array`] alone, so that the code of the strategies, which is written once, also runs over a
//! shared region (`shm/linked.rs`). There any word may have been damaged: an array may then give
//! [`Element::EMPTY`] instead of what it holds, and from there on always does. No loop of a strategy
//! may go on for ever for that, and no number be taken for an index of anything but an array.

use std::fmt::Debug;

use super::marks::{Bytes, Counts};

/// What an array holds. It is empty before it is set.
pub trait Element: Copy + Debug {
    /// What stands at a place that nobody has set yet.
    const EMPTY: Self;

    /// How many words of a region it takes.
    const WORDS: usize = 1;

    /// Puts its words; zeros are [`Self::EMPTY`].
    fn write(self, put: impl FnMut(usize, u64));

    /// What words stand for; none if no element has these.
    fn read(word: impl Fn(usize) -> u64) -> Option<Self>;
}

/// A number of 32 bits with its complement, so that a flipped bit shows; `empty` as 0.
pub(crate) fn doubled(number: u32, empty: u32) -> u64 {
    if number == empty { 0 } else { u64::from(number) << 32 | u64::from(!number) }
}

/// The number of [`doubled`]; none if that has not made the word.
pub(crate) fn halved(word: u64, empty: u32) -> Option<u32> {
    if word == 0 {
        return Some(empty);
    }
    let number = (word >> 32) as u32;
    (number == !(word as u32)).then_some(number)
}

/// No note.
impl Element for () {
    const EMPTY: Self = ();
    const WORDS: usize = 0;

    fn write(self, _put: impl FnMut(usize, u64)) {}

    fn read(_word: impl Fn(usize) -> u64) -> Option<Self> {
        Some(())
    }
}

/// Places of a table, and notes. `u32::MAX`: no place.
impl Element for u32 {
    const EMPTY: Self = u32::MAX;

    fn write(self, mut put: impl FnMut(usize, u64)) {
        put(0, doubled(self, u32::MAX));
    }

    fn read(word: impl Fn(usize) -> u64) -> Option<Self> {
        halved(word(0), u32::MAX)
    }
}

/// Hashes.
impl Element for u64 {
    const EMPTY: Self = 0;

    fn write(self, mut put: impl FnMut(usize, u64)) {
        put(0, self);
    }

    fn read(word: impl Fn(usize) -> u64) -> Option<Self> {
        Some(word(0))
    }
}

/// Elements by their index.
pub trait Array<T: Element>: Default + Debug {
    /// Whether what is read is to be checked against what else is known: it may be damaged.
    const IS_CHECKED: bool;

    /// How many there are.
    fn len(&self) -> usize;

    /// Sees to it that there are at least `len`.
    fn reach(&mut self, len: usize);

    /// Makes there be `len`, all of them empty.
    fn renew(&mut self, len: usize);

    /// The element at a place that there is.
    fn get(&self, index: usize) -> T;

    /// Changes it.
    fn update(&mut self, index: usize, change: impl FnOnce(&mut T));

    /// Replaces it.
    fn set(&mut self, index: usize, element: T);

    /// Something is as it has to be; if not, all is damaged.
    fn expect(&self, is_so: bool);
}

impl<T: Element> Array<T> for Vec<T> {
    const IS_CHECKED: bool = false;

    #[inline(always)]
    fn len(&self) -> usize {
        Vec::len(self)
    }

    #[inline(always)]
    fn reach(&mut self, len: usize) {
        if Vec::len(self) < len {
            lengthen(self, len);
        }
    }

    fn renew(&mut self, len: usize) {
        *self = vec![T::EMPTY; len];
    }

    #[inline(always)]
    fn get(&self, index: usize) -> T {
        self[index]
    }

    #[inline(always)]
    fn update(&mut self, index: usize, change: impl FnOnce(&mut T)) {
        change(&mut self[index]);
    }

    #[inline(always)]
    fn set(&mut self, index: usize, element: T) {
        self[index] = element;
    }

    #[inline(always)]
    fn expect(&self, _is_so: bool) {}
}

/// Out of the way of those who only ask whether it is long enough.
#[cold]
#[inline(never)]
fn lengthen<T: Element>(elements: &mut Vec<T>, len: usize) {
    elements.resize(len, T::EMPTY);
}

/// A kind of memory.
pub trait Memory: Default + Debug {
    /// Its arrays.
    type Array<T: Element>: Array<T>;

    /// Its counts.
    type Counts: Counts;
}

/// This process's own memory, which grows as it is needed.
#[derive(Debug, Default)]
pub struct Heap;

impl Memory for Heap {
    type Array<T: Element> = Vec<T>;
    type Counts = Bytes;
}
