//! The closed set of strategies. From this one list come the stores, [`Strategy`], [`AnyPolicy`],
//! [`with_strategy!`](crate::with_strategy), Python's `Strategy` and the tests of each.

use warp_macros::strategies;

#[strategies]
#[allow(clippy::module_inception, reason = "the macro spreads its content into this file")]
mod strategies {
    use super::super::frequency::Frequencies;
    use super::super::order::Order;
    use super::super::{Cause, Policy, SharedHit, Slot};
    #[cfg(feature = "region")]
    use crate::shm::SharedOrder;

    /// Evicts the entry that was used longest ago: *least recently used*.
    ///
    /// What most callers want when nothing is known of the calls: what was used lately is used
    /// again soon. A hit, a miss and an eviction cost O(1) each, 8 bytes per entry. It loses on
    /// scans and loops longer than the cache, which push out everything before its second use.
    #[derive(Debug, Default)]
    #[strategy(hit = exclusive)]
    pub struct Lru {
        /// By the last use.
        order: Order,
    }

    impl Policy for Lru {
        #[cfg(feature = "region")]
        const SHARED: Option<SharedOrder> = Some(SharedOrder::LeastRecent);
        fn inserted(&mut self, slot: Slot, _hash: u64) {
            self.order.add(slot);
        }
        #[inline]
        fn hit(&mut self, slot: Slot) {
            self.order.renew(slot);
        }
        fn removed(&mut self, slot: Slot, _hash: u64, _cause: Cause) {
            self.order.remove(slot);
        }
        #[inline]
        fn evicted_for(&mut self, slot: Slot, _old_hash: u64, _new_hash: u64) {
            self.order.renew(slot);
        }
        fn victim(&mut self, _incoming: u64) -> Option<Slot> {
            self.order.oldest()
        }
        fn validate(&self) -> Vec<Slot> {
            self.order.validate()
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
        /// By the last use.
        order: Order,
    }

    impl Policy for Mru {
        #[cfg(feature = "region")]
        const SHARED: Option<SharedOrder> = Some(SharedOrder::MostRecent);
        // The entry used last makes room for each new one.
        #[cfg(feature = "simulate")]
        const SCALES: bool = false;
        fn inserted(&mut self, slot: Slot, _hash: u64) {
            self.order.add(slot);
        }
        #[inline]
        fn hit(&mut self, slot: Slot) {
            self.order.renew(slot);
        }
        fn removed(&mut self, slot: Slot, _hash: u64, _cause: Cause) {
            self.order.remove(slot);
        }
        fn victim(&mut self, _incoming: u64) -> Option<Slot> {
            self.order.newest()
        }
        fn validate(&self) -> Vec<Slot> {
            self.order.validate()
        }
    }

    /// Evicts the entry that was inserted first: *first in, first out*.
    ///
    /// The cheapest hit, as a use changes nothing. A hit, a miss and an eviction cost O(1) each, 8
    /// bytes per entry. It loses wherever some keys stay in use, as it drops them all the same.
    #[derive(Debug, Default)]
    #[strategy(hit = shared)]
    pub struct Fifo {
        /// By the insertion.
        order: Order,
    }

    impl Policy for Fifo {
        #[cfg(feature = "region")]
        const SHARED: Option<SharedOrder> = Some(SharedOrder::Oldest);
        fn inserted(&mut self, slot: Slot, _hash: u64) {
            self.order.add(slot);
        }
        fn hit(&mut self, _slot: Slot) {}
        fn removed(&mut self, slot: Slot, _hash: u64, _cause: Cause) {
            self.order.remove(slot);
        }
        fn victim(&mut self, _incoming: u64) -> Option<Slot> {
            self.order.oldest()
        }
        fn validate(&self) -> Vec<Slot> {
            self.order.validate()
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
        #[cfg(feature = "region")]
        const SHARED: Option<SharedOrder> = Some(SharedOrder::LeastFrequent);
        // New entries make room for each other where all others were used twice.
        #[cfg(feature = "simulate")]
        const SCALES: bool = false;
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

    /// Evicts the first entry without a use since its hand came by last: *SIEVE*.
    ///
    /// A queue, a bit and a hand that rests between evictions: nearly LRU's upkeep for a hit ratio
    /// that is mostly better, as what is asked for once goes quickly. Hits of several threads do not
    /// wait for each other. A hit, a miss and an eviction cost O(1) each, 9 bytes per entry. It loses
    /// when popularity moves on, and on loops longer than the cache.
    #[strategy(hit = shared)]
    pub use super::super::sieve::Sieve;

    /// Evicts the oldest entry that was not used since its last chance: *CLOCK*, or *second chance*.
    ///
    /// LRU's hit ratio, nearly, at a cheaper hit. Hits of several threads do not wait for each other.
    /// A hit, a miss and an eviction cost O(1) each, 9 bytes per entry. It loses where LRU does.
    #[strategy(hit = shared)]
    pub use super::super::clock::Clock;

    /// Evicts what was not asked for twice in a small queue, or not again in the main one:
    /// *S3-FIFO*.
    ///
    /// For calls of which most are made once or twice. Hits of several threads do not wait for each
    /// other. A hit, a miss and an eviction cost O(1) each, 13 bytes per entry, and 28 for each of at
    /// most 9/10 as many ghosts, the hashes of keys that went. It loses on loops longer than the
    /// cache.
    #[strategy(hit = shared)]
    pub use super::super::s3_fifo::S3Fifo;

    /// Evicts what was not asked for again after it went through a first queue: *2Q*.
    ///
    /// For calls with scans through much that is asked for once, or several times at once. A hit, a
    /// miss and an eviction cost O(1) each, 12 bytes per entry, and 28 for each of at most half as
    /// many ghosts, the hashes of keys that went. It loses where its fixed shares do not fit.
    #[strategy(hit = exclusive)]
    pub use super::super::two_q::TwoQ;

    /// Evicts the least recently used of what was asked for once or of what was asked for again,
    /// whichever has been losing less: *adaptive replacement cache*.
    ///
    /// Never much worse than LRU, and better where recency and frequency take turns. A hit, a miss
    /// and an eviction cost O(1) each, 12 bytes per entry, and 28 for each of at most as many ghosts,
    /// the hashes of keys that went. It loses on loops longer than the cache.
    #[strategy(hit = exclusive)]
    pub use super::super::arc::Arc;

    /// Evicts the entry with the longest time between its last two uses: *low inter-reference
    /// recency set*.
    ///
    /// For loops and scans, and for keys whose popularity lasts. A hit, a miss and an eviction cost
    /// O(1) each, 26 bytes per entry, and 36 for each of at most twice as many ghosts, the hashes of
    /// keys that went. It loses where what is new is used again soon, and is slow to follow a change.
    #[strategy(hit = exclusive)]
    pub use super::super::lirs::Lirs;

    /// Evicts any entry, each as likely as the others: *random replacement*.
    ///
    /// A hit changes nothing, and no order of calls is worse than another. The same calls of one
    /// thread see the same evictions in every run. A hit, a miss and an eviction cost O(1) each, 8
    /// bytes per entry. It loses a little nearly everywhere.
    #[strategy(hit = shared)]
    pub use super::super::random::Random;

    /// Evicts what was asked for less often, of the least recently used of a window for what is new
    /// and of a main space: *W-TinyLFU*, with a window that is chosen while the cache runs.
    ///
    /// For calls of which nothing is known, or which change: the best hit ratio over all, never far
    /// below the best of the others, for the most upkeep. A hit, a miss and an eviction cost O(1)
    /// each, 22 to 30 bytes per entry; a hit counts the key, beside what LRU does. It loses against
    /// LRU or LFU only until it has become the one that fits.
    #[strategy(hit = exclusive)]
    pub use super::super::adaptive::Adaptive;
}

/// For the engine's own modules, which cannot name it by its path.
#[cfg(feature = "simulate")]
pub(crate) use with_strategy;

#[cfg(feature = "region")]
impl Strategy {
    /// The order in which the strategy evicts where processes share the entries, if they can.
    pub fn shared_order(self) -> Option<crate::shm::SharedOrder> {
        macro_rules! order {
            ($($policy:ident $store:ident,)*) => {
                match self {
                    $(Strategy::$policy => <$policy as super::Policy>::SHARED,)*
                }
            };
        }
        with_strategy!(order)
    }

    /// Drives the strategy over the words of a shared region.
    pub(crate) fn in_region(self, drive: crate::shm::Drive<'_>) -> crate::shm::Driven {
        macro_rules! driven {
            ($($policy:ident $store:ident,)*) => {
                match self {
                    $(Strategy::$policy => <$policy as super::Policy>::in_region(drive),)*
                }
            };
        }
        with_strategy!(driven)
    }
}
