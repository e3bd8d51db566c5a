//! The closed set of strategies. From this one list come the stores, [`Strategy`], [`AnyPolicy`],
//! [`with_strategy!`](crate::with_strategy), Python's `Strategy` and the tests of each.

use warp_macros::strategies;

#[strategies]
#[allow(clippy::module_inception, reason = "the macro spreads its content into this file")]
mod strategies {
    use super::super::frequency::Frequencies;
    use super::super::links::{Links, List};
    use super::super::{Cause, Policy, SharedHit, Slot};

    /// Evicts the entry that was used longest ago: *least recently used*.
    ///
    /// What most callers want when nothing is known of the calls: what was used lately is used
    /// again soon. A hit, a miss and an eviction cost O(1) each, 8 bytes per entry. It loses on
    /// scans and loops longer than the cache, which push out everything before its second use.
    #[derive(Debug, Default)]
    #[strategy(hit = exclusive)]
    pub struct Lru {
        links: Links,
        /// From the least to the most recently used.
        order: List,
    }

    impl Policy for Lru {
        fn inserted(&mut self, slot: Slot, _hash: u64) {
            self.order.push_back(&mut self.links, slot);
        }
        #[inline]
        fn hit(&mut self, slot: Slot) {
            self.order.move_to_back(&mut self.links, slot);
        }
        fn removed(&mut self, slot: Slot, _hash: u64, _cause: Cause) {
            self.order.remove(&mut self.links, slot);
        }
        #[inline]
        fn evicted_for(&mut self, slot: Slot, _old_hash: u64, _new_hash: u64) {
            self.order.move_to_back(&mut self.links, slot);
        }
        fn victim(&mut self, _incoming: u64) -> Option<Slot> {
            self.order.front()
        }
        fn validate(&self) -> Vec<Slot> {
            self.order.validate(&self.links)
        }
    }

    /// Evicts the entry that was used last: *most recently used*.
    ///
    /// For loops over more keys than the cache holds, where what was just used is needed last. A
    /// hit, a miss and an eviction cost O(1) each, 8 bytes per entry. It loses nearly everywhere
    /// else, as old entries stay for ever. H. Chou, D. DeWitt, "An Evaluation of Buffer Management
    /// Strategies for Relational Database Systems", VLDB 1985.
    #[derive(Debug, Default)]
    #[strategy(hit = exclusive)]
    pub struct Mru {
        links: Links,
        /// From the least to the most recently used.
        order: List,
    }

    impl Policy for Mru {
        fn inserted(&mut self, slot: Slot, _hash: u64) {
            self.order.push_back(&mut self.links, slot);
        }
        #[inline]
        fn hit(&mut self, slot: Slot) {
            self.order.move_to_back(&mut self.links, slot);
        }
        fn removed(&mut self, slot: Slot, _hash: u64, _cause: Cause) {
            self.order.remove(&mut self.links, slot);
        }
        fn victim(&mut self, _incoming: u64) -> Option<Slot> {
            self.order.back()
        }
        fn validate(&self) -> Vec<Slot> {
            self.order.validate(&self.links)
        }
    }

    /// Evicts the entry that was inserted first: *first in, first out*.
    ///
    /// The cheapest hit, as a use changes nothing. A hit, a miss and an eviction cost O(1) each, 8
    /// bytes per entry. It loses wherever some keys stay in use, as it drops them all the same.
    #[derive(Debug, Default)]
    #[strategy(hit = shared)]
    pub struct Fifo {
        links: Links,
        /// From the oldest to the newest.
        order: List,
    }

    impl Policy for Fifo {
        fn inserted(&mut self, slot: Slot, _hash: u64) {
            self.order.push_back(&mut self.links, slot);
        }
        fn hit(&mut self, _slot: Slot) {}
        fn removed(&mut self, slot: Slot, _hash: u64, _cause: Cause) {
            self.order.remove(&mut self.links, slot);
        }
        fn victim(&mut self, _incoming: u64) -> Option<Slot> {
            self.order.front()
        }
        fn validate(&self) -> Vec<Slot> {
            self.order.validate(&self.links)
        }
    }

    impl SharedHit for Fifo {
        fn hit_shared(&self, _slot: Slot) {}
    }

    /// Evicts the entry that was used least often, of equals the one used longest ago: *least
    /// frequently used*.
    ///
    /// For keys whose popularity lasts. A count is 1 at the insertion, rises with each hit and is
    /// forgotten with the entry. A hit, a miss and an eviction cost O(1) each, 12 bytes per entry
    /// and 24 per distinct count. It loses when popularity moves on, as old favourites stay. K.
    /// Shah, A. Mitra, D. Matani, "An O(1) algorithm for implementing the LFU cache eviction
    /// scheme", 2010.
    #[derive(Debug, Default)]
    #[strategy(hit = exclusive)]
    pub struct Lfu {
        frequencies: Frequencies,
    }

    impl Policy for Lfu {
        fn inserted(&mut self, slot: Slot, _hash: u64) {
            self.frequencies.insert(slot);
        }
        fn hit(&mut self, slot: Slot) {
            self.frequencies.increment(slot);
        }
        fn removed(&mut self, slot: Slot, _hash: u64, _cause: Cause) {
            self.frequencies.remove(slot);
        }
        fn victim(&mut self, _incoming: u64) -> Option<Slot> {
            self.frequencies.least()
        }
        fn validate(&self) -> Vec<Slot> {
            self.frequencies.validate()
        }
    }
}
