//! What the parts of strategies are made of where they stand in a shared region.

use super::Slot;
use super::ghosts::Ghosts;
use super::hashes::Hashes;
use super::links::{Links, List};
use super::marks::Marks;
use super::memory::Element;
use super::segments::Segments;
use crate::shm::{Fields, InRegion};

impl<'a, T: Element> Links<T, InRegion<'a>> {
    /// Of slots up to `len`.
    pub(super) fn fields(&mut self, fields: &mut Fields<'a>, len: usize) {
        fields.array(&mut self.0, len);
    }
}

impl List {
    pub(super) fn fields(&mut self, fields: &mut Fields<'_>) {
        fields.number(&mut self.front, Slot::MAX);
        fields.number(&mut self.back, Slot::MAX);
    }
}

impl<'a> Marks<InRegion<'a>> {
    pub(super) fn fields(&mut self, fields: &mut Fields<'a>) {
        fields.marks(&mut self.0);
    }
}

impl<'a, const N: usize> Segments<N, InRegion<'a>> {
    /// Of the entries.
    pub(super) fn fields(&mut self, fields: &mut Fields<'a>) {
        let entries = fields.entries;
        self.links.fields(fields, entries);
        for (list, len) in self.lists.iter_mut().zip(&mut self.lens) {
            list.fields(fields);
            fields.len(len, entries);
            fields.expect((*len == 0) == list.is_empty());
        }
        fields.expect(self.lens.iter().sum::<usize>() <= entries);
    }
}

impl<'a> Ghosts<InRegion<'a>> {
    /// Of `most` at most, and one that is just coming.
    pub(super) fn fields(&mut self, fields: &mut Fields<'a>, most: usize) {
        let room = most + 1;
        self.hashes.fields(fields, room);
        self.links.fields(fields, room);
        self.order.fields(fields);
    }
}

impl<'a> Hashes<u64, InRegion<'a>> {
    fn fields(&mut self, fields: &mut Fields<'a>, room: usize) {
        fields.array(&mut self.hashes, room);
        fields.array(&mut self.next, room);
        // More chains than hashes: there is no need for more.
        fields.array(&mut self.first, (room + 1).next_power_of_two());
        fields.number(&mut self.free, Slot::MAX);
        fields.len(&mut self.given, room);
        fields.len(&mut self.len, room);
    }
}
