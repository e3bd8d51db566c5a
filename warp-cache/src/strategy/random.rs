//! RANDOM: any entry, each as likely as the others.
//!
//! L. A. Belady, "A study of replacement algorithms for a virtual-storage computer", 1966.
//!
//! ```text
//!  a  b  c  d  e  f  g
//!           ^ drawn: goes, and the last takes its place
//! ```
//!
//! Nothing is known of the entries, so that nothing has to be noted of their uses, and no order of
//! calls is worse than another: a loop over a few keys more than fit still hits most of the time.
//! The numbers are drawn from a generator that each store starts anew: one thread sees the same
//! evictions in every run.
//!
//! * Hit: nothing, from any number of threads.
//! * Miss and eviction: O(1).
//! * 8 bytes per entry.
//! * Weakness: it evicts what is in use as readily as what is not, and loses a little nearly
//!   everywhere.
//! * Deviations: the numbers are pseudorandom, by xorshift64* (S. Vigna, "An experimental
//!   exploration of Marsaglia's xorshift generators, scrambled", 2016).

use super::memory::{Array, Heap, Memory};
use super::{Cause, Hits, Policy, SharedHit, Slot};
#[cfg(feature = "region")]
use crate::shm::{Drive, Driven, Fields, InRegion, Kept, SharedOrder};

/// Where the generator begins.
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// See the file's head: the entries in an array to draw from.
#[derive(Debug)]
pub struct Random<M: Memory = Heap> {
    /// The first `len` of them are the entries.
    slots: M::Array<Slot>,
    /// Where in `slots` each one is.
    places: M::Array<u32>,
    len: usize,
    state: u64,
}

impl<M: Memory> Default for Random<M> {
    fn default() -> Self {
        let (slots, places) = Default::default();
        Random { slots, places, len: 0, state: SEED }
    }
}

impl<M: Memory> Random<M> {
    fn draw(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn put(&mut self, place: usize, slot: Slot) {
        self.slots.set(place, slot);
        self.places.set(slot as usize, place as u32);
    }
}

impl<M: Memory> Policy for Random<M>
where
    Self: Hits,
{
    #[cfg(feature = "region")]
    const SHARED: Option<SharedOrder> = Some(SharedOrder::Marked { most: 0 });

    #[cfg(feature = "region")]
    fn in_region(drive: Drive<'_>) -> Driven {
        drive.run::<Random<InRegion<'_>>>()
    }

    fn inserted(&mut self, slot: Slot, _hash: u64) {
        self.places.reach(slot as usize + 1);
        self.slots.reach(self.len + 1);
        self.put(self.len, slot);
        self.len += 1;
    }

    fn hit(&mut self, _slot: Slot) {}

    fn removed(&mut self, slot: Slot, _hash: u64, _cause: Cause) {
        let place = self.places.get(slot as usize);
        self.len = self.len.saturating_sub(1);
        let last = self.slots.get(self.len);
        self.slots.expect(self.slots.get(place as usize) == slot);
        self.put(place as usize, last);
    }

    fn victim(&mut self, _incoming: u64) -> Option<Slot> {
        // The high half of a product: without a division, and evenly but for 1 in 2^32.
        let place = ((self.draw() >> 32) * self.len as u64) >> 32;
        (self.len > 0).then(|| self.slots.get(place as usize))
    }

    fn validate(&self) -> Vec<Slot> {
        let slots: Vec<_> = (0..self.len).map(|place| self.slots.get(place)).collect();
        for (place, &slot) in slots.iter().enumerate() {
            assert_eq!(self.places.get(slot as usize) as usize, place, "slot {slot} is elsewhere");
        }
        slots
    }
}

impl<M: Memory> SharedHit for Random<M>
where
    Self: Hits,
{
    fn hit_shared(&self, _slot: Slot) {}
}

#[cfg(feature = "region")]
impl Hits for Random<InRegion<'_>> {
    type Access = super::Exclusive;
}

#[cfg(feature = "region")]
impl<'a> Kept<'a> for Random<InRegion<'a>> {
    fn fields(&mut self, fields: &mut Fields<'a>) {
        let entries = fields.entries;
        fields.array(&mut self.slots, entries);
        fields.array(&mut self.places, entries);
        fields.len(&mut self.len, entries);
        let mut state = self.state ^ SEED;
        fields.word(&mut state);
        self.state = state ^ SEED;
    }
}
