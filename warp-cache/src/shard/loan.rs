//! Hits that write nothing that running threads share, for strategies that allow it.
//!
//! A shard *lends* its store to readers: the store moves into an `Arc`, and each thread that hits
//! takes the lock of a place of its own, in which such an `Arc` lies, and counts the hit there. No
//! two threads write the same cache line then. Whoever locks the shard *calls the store in*: takes
//! it out of every place, under the place's lock, and moves it home. So all other operations find
//! the shard as they always do, no reader sees an entry after the operation that took it out, and
//! nothing is kept alive anywhere else.
//!
//! A loan has its costs, so it takes many hits without a change: a cache that changes all the time
//! is a mutex and no more. A lock is held while another is taken in one order only:
//! the shard's, then a place's.
//!
//! Measured on 2 vCPUs, two threads' hits over one's: 2.0, and 0.4 to 0.5 with one mutex. A lock
//! whose readers take one of several mutexes, and writers all of them, is as fast for hits (2.0) but
//! not for misses, and needs unsafe code; a lock of several `Arc`s that each writer collects
//! costs a miss half as much again with 2 places and twice as much with 8.

use std::cell::Cell;
use std::fmt;

use super::{Locked, Padded, Shard};
use crate::clock::Time;
use crate::store::Store;
use crate::strategy::{Access, Hits, Policy};
use crate::sync::{
    AtomicBool, AtomicUsize, LazyLock, Ordering, ShardLock, ShardMutex, thread_local,
};

/// The store is lent after so many hits, in steps, without a change among them: a loan costs as
/// much as some ten hits, and more if threads contend. Tests meet it sooner.
const QUIET_HITS: u64 = if cfg!(loom) {
    1
} else if cfg!(debug_assertions) {
    4
} else {
    256
};

/// The most places for readers. Threads beyond share them.
const MOST_PLACES: usize = 8;

/// A hold of the store; never one by a policy whose hits are exclusive.
pub(super) struct Loan<P: Policy, K, V>(Hold<P, K, V>);

/// An `Arc`, which is `Send` only if keys and values are `Sync`, or nothing.
type Hold<P, K, V> = <<P as Hits>::Access as Access<P>>::Loan<Store<P, K, V>>;

impl<P: Policy, K, V> Clone for Loan<P, K, V> {
    fn clone(&self) -> Self {
        Loan(self.0.clone())
    }
}

impl<P: Policy, K, V> fmt::Debug for Loan<P, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loan")
    }
}

/// Where the threads hold what a shard has lent.
#[derive(Debug)]
pub(super) struct Readers<R: ShardMutex, P: Policy, K, V> {
    /// Whether there is a loan. A hint outside of the shard's lock: the places know.
    have_store: AtomicBool,
    /// None if nothing is ever lent; else a power of two.
    places: Box<[LockedPlace<R, P, K, V>]>,
}

/// What the threads hold that share a place.
#[derive(Debug)]
struct Place<P: Policy, K, V> {
    store: Option<Loan<P, K, V>>,
    /// The hits since the store came here; none without one.
    hits: u64,
}

type LockedPlace<R, P, K, V> = Padded<ShardLock<R, Place<P, K, V>>>;

impl<R: ShardMutex, P: Policy, K, V> Default for Readers<R, P, K, V> {
    fn default() -> Self {
        Readers { have_store: AtomicBool::new(false), places: Box::default() }
    }
}

impl<R: ShardMutex, P: Policy, K, V> Readers<R, P, K, V> {
    /// Places for so many threads that run at a time; threads may come and go between them, so that
    /// their numbers are not consecutive.
    pub(super) fn new(threads: usize) -> Self {
        let places = (2 * threads).next_power_of_two().min(MOST_PLACES);
        let place = |_| Padded(ShardLock::new(Place { store: None, hits: 0 }));
        Readers { places: (0..places).map(place).collect(), ..Readers::default() }
    }

    #[inline]
    pub(super) fn have_store(&self) -> bool {
        self.have_store.load(Ordering::Relaxed)
    }

    /// The place of this thread.
    #[inline]
    fn own(&self) -> Option<&ShardLock<R, Place<P, K, V>>> {
        let mask = self.places.len().wrapping_sub(1);
        self.places.get(thread_number() & mask).map(|Padded(place)| place)
    }
}

impl<R: ShardMutex, P: Policy, K, V> Locked<R, P, K, V> {
    /// Moves the store home.
    #[cold]
    pub(super) fn call_in(&self, shard: &mut Shard<P, K, V>) {
        let Some(Loan(mut hold)) = shard.loan.take() else { return };
        let mut hits = 0;
        let mut places = self.readers.places.iter();
        let store = loop {
            match P::Access::end(hold) {
                Ok(store) => break store,
                Err(lent) => hold = lent,
            }
            let Some(Padded(place)) = places.next() else {
                unreachable!("a store is lent to places only, and none takes it without this lock")
            };
            let mut place = place.lock();
            place.store = None;
            hits += std::mem::take(&mut place.hits);
        };
        self.readers.have_store.store(false, Ordering::Relaxed);
        shard.store = store;
        shard.store.stats.hits += hits;
    }

    /// Lends the store after a hit under the lock, if it was one of many in a row.
    #[inline]
    pub(super) fn lend_when_quiet(&self, shard: &mut Shard<P, K, V>) {
        if !self.readers.places.is_empty() && shard.store.stats.hits % QUIET_HITS == 0 {
            self.lend(shard);
        }
    }

    #[cold]
    fn lend(&self, shard: &mut Shard<P, K, V>) {
        // The same ticket as the last time: nothing was inserted or changed between.
        let now = Some(shard.ticket_of_absent());
        if std::mem::replace(&mut shard.quiet_since, now) != now {
            return;
        }
        let store = std::mem::replace(&mut shard.store, Store::new(0, P::default()));
        match P::Access::lend(store) {
            Ok(hold) => {
                shard.loan = Some(Loan(hold));
                self.readers.have_store.store(true, Ordering::Relaxed);
            }
            Err(store) => shard.store = store,
        }
    }

    /// Looks a key up in the lent store and reads its live value, as a use of it; counts a hit. None
    /// also if nothing is lent.
    #[inline]
    pub(super) fn read<T>(
        &self,
        hash: u64,
        now: Time,
        eq: impl FnMut(&K) -> bool,
        read: impl FnOnce(&V) -> T,
    ) -> Option<T> {
        let mut place = self.readers.own()?.lock();
        if place.store.is_none() {
            drop(place);
            let shard = self.shard.lock();
            let loan = shard.loan.clone()?;
            place = self.readers.own()?.lock();
            place.store = Some(loan);
        }
        let place = &mut *place;
        let (store, hit) = P::Access::borrow(&place.store.as_ref()?.0);
        let value = store.get_by(hash, now, eq, hit).map(read)?;
        place.hits += 1;
        Some(value)
    }
}

/// A number for this thread, small and not that of another which began to read at about the same
/// time.
#[inline]
fn thread_number() -> usize {
    thread_local! {
        static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
    }
    #[cold]
    fn draw() -> usize {
        static NEXT: LazyLock<AtomicUsize> = LazyLock::new(|| AtomicUsize::new(0));
        LazyLock::force(&NEXT).fetch_add(1, Ordering::Relaxed)
    }
    NUMBER.with(|number| {
        number.get().unwrap_or_else(|| {
            let drawn = draw();
            number.set(Some(drawn));
            drawn
        })
    })
}
