//! Objects that a value was seen to hold, to be told when one is met again.
//!
//! Pickle keeps an object that is met twice one object, and so does a value's encoding, by numbers:
//! each object that can be told from its equals gets the next one, and is referred to by it when it
//! is met again. Only those are looked up that something else refers to besides the place that they
//! were found in: the others cannot be met again, and are but counted.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use super::error::NotEncoded;
use crate::ffi::object::{Owned, Ref};

/// The number of an object that is not written to its end yet.
const OPEN: u32 = u32::MAX;

/// Place is made for this many objects when the first one is looked up.
const FEW: usize = 28;

/// The objects that were met, and their numbers.
#[derive(Default)]
pub(super) struct Memo {
    numbers: HashMap<usize, u32, BuildHasherDefault<AddressHasher>>,
    /// What is looked up by address must not make place for another object.
    alive: Vec<Owned>,
    next: u32,
}

impl Memo {
    /// Gives the next number to an object that nothing else refers to.
    #[inline]
    pub(super) fn count(&mut self) {
        self.next += 1;
    }

    /// The number of an object if it was met before; else it gets the next one.
    pub(super) fn meet(&mut self, object: Ref<'_>) -> Result<Option<u32>, NotEncoded> {
        let met = self.look_up(object, self.next)?;
        if met.is_none() {
            self.next += 1;
        }
        Ok(met)
    }

    /// The same for one that gets its number at its end, as its parts are made before it: none may
    /// refer to it. To be followed by `close`.
    pub(super) fn open(&mut self, object: Ref<'_>) -> Result<Option<u32>, NotEncoded> {
        self.look_up(object, OPEN)
    }

    /// Gives the next number to an object that was opened.
    pub(super) fn close(&mut self, object: Ref<'_>) {
        self.numbers.insert(object.as_ptr() as usize, self.next);
        self.next += 1;
    }

    #[inline]
    fn look_up(&mut self, object: Ref<'_>, number: u32) -> Result<Option<u32>, NotEncoded> {
        if self.alive.is_empty() {
            self.numbers.reserve(FEW);
            self.alive.reserve(FEW);
        }
        match self.numbers.entry(object.as_ptr() as usize) {
            Entry::Vacant(entry) => {
                entry.insert(number);
                self.alive.push(object.counted());
                Ok(None)
            }
            Entry::Occupied(entry) if *entry.get() == OPEN => Err(NotEncoded::Cyclic),
            Entry::Occupied(entry) => Ok(Some(*entry.get())),
        }
    }
}

/// Addresses differ in bits that a multiplication carries to where a table looks.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(byte.into());
        }
    }

    #[inline]
    fn write_usize(&mut self, address: usize) {
        let product = u128::from(self.0 ^ address as u64) * 0x9e37_79b9_7f4a_7c15_u128;
        self.0 = (product as u64) ^ (product >> 64) as u64;
    }
}
