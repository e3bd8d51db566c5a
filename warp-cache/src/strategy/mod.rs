//! Eviction strategies: which entry has to go when a full store takes a new one.
//!
//! A strategy is a struct and an [`impl Policy`](Policy), in `strategies.rs` or in a file of its own
//! that is listed there. It sees *slots*, the small integers that the store gives its entries, and
//! their hashes; it knows no keys, no values, no locks, no time and no I/O. So it can be replayed
//! over a trace, checked against an oracle, and driven over other memory than the store's own.

mod access;
mod adaptive;
mod arc;
mod clock;
mod frequency;
mod ghosts;
mod hashes;
#[cfg(feature = "region")]
mod in_region;
mod links;
mod lirs;
pub(crate) mod marks;
pub(crate) mod memory;
mod order;
mod random;
mod s3_fifo;
mod segments;
mod sieve;
mod strategies;
mod two_q;

pub use access::{Access, Exclusive, Hits, Shared};
pub use strategies::*;

/// The place of an entry in its store, reused after the entry is gone.
pub type Slot = u32;

/// Why an entry left its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The strategy chose it, to make room.
    Evicted,
    /// Its time to live had passed.
    Expired,
    /// A new value took the place of its value.
    Replaced,
    /// It was invalidated or cleared.
    Removed,
}

/// What a strategy does: told of every entry that comes, is used and goes, it names the victims.
///
/// The store calls `inserted` once for each slot that it fills, `removed` once for each that it
/// empties, and `hit` only in between.
pub trait Policy: Default + Hits {
    /// The order in which entries go where processes share them; none if this strategy has none
    /// that they can keep together without a lock on each hit.
    #[cfg(feature = "region")]
    const SHARED: Option<crate::shm::SharedOrder> = None;

    /// Whether a small cache that is asked for a small part of the keys hits as often as the whole one
    /// does, so that such miniatures can stand for it. Not where new entries pass through the room of
    /// one: that is as large in a miniature, and asked for less often, so that an entry stays for
    /// longer.
    #[cfg(feature = "simulate")]
    const SCALES: bool = true;

    /// Drives the strategy over the words of a shared region: for those whose order there is
    /// [linked](crate::shm::SharedOrder::is_linked).
    #[cfg(feature = "region")]
    #[doc(hidden)]
    fn in_region(drive: crate::shm::Drive<'_>) -> crate::shm::Driven {
        let _ = drive;
        crate::shm::Driven::default()
    }

    /// Is told, before anything else, how many entries there will be: the store's bound, or its
    /// share where several stores keep to one together, and then there may be a few more or fewer.
    /// None without a bound. Nothing may be allocated for it in advance.
    fn bound(&mut self, max_size: Option<usize>) {
        let _ = max_size;
    }

    /// A new entry stands at `slot`. Its hash lets a strategy recognize a key it has seen before
    /// (a ghost).
    fn inserted(&mut self, slot: Slot, hash: u64);

    /// The entry at `slot` was used.
    fn hit(&mut self, slot: Slot);

    /// The entry at `slot` is gone; `cause` tells an eviction, after which some strategies
    /// remember the hash, from a removal.
    fn removed(&mut self, slot: Slot, hash: u64, cause: Cause);

    /// The entry at `slot` is gone by an eviction, and a new one stands there: as `removed` and
    /// `inserted`, which some strategies do in one step.
    #[inline]
    fn evicted_for(&mut self, slot: Slot, old_hash: u64, new_hash: u64) {
        self.removed(slot, old_hash, Cause::Evicted);
        self.inserted(slot, new_hash);
    }

    /// The entry to evict for a new one with the hash `incoming`, or none in an empty store. The
    /// store calls `removed` for it, unless `admit` refuses, and then `inserted` for the new one;
    /// only if that is to stand in another store, or could not be made, it never does.
    fn victim(&mut self, incoming: u64) -> Option<Slot>;

    /// Whether the new entry with the hash `incoming` is worth more than `victim`; if not, it is
    /// not kept. Most strategies admit everything.
    fn admit(&mut self, incoming: u64, victim: Slot) -> bool {
        let _ = (incoming, victim);
        true
    }

    /// A policy of the same kind that knows no entries, and of no bound yet: for a store that is
    /// cleared.
    fn emptied(&self) -> Self {
        Self::default()
    }

    /// Checks the strategy's own structure and returns the slots that it knows, in any order.
    ///
    /// # Panics
    /// If the structure is damaged, which is a bug. For tests; O(n).
    fn validate(&self) -> Vec<Slot>;
}

/// A policy of one strategy, known at compile time.
pub trait OneStrategy: Policy {
    /// The strategy.
    const STRATEGY: Strategy;
}

/// A strategy whose hits change nothing that needs exclusive access: at most an atomic mark. What
/// `#[strategy(hit = shared)]` promises.
pub trait SharedHit: Policy {
    /// As [`Policy::hit`], from any number of threads at once.
    fn hit_shared(&self, slot: Slot);
}
