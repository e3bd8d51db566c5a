//! Hits of several threads at once, among changes: nobody gets a value after the operation that
//! took it away has returned, every call is counted, and nothing stays alive that is gone.
#![cfg(not(loom))]

use std::cell::Cell;
use std::hash::RandomState;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use warp_cache::clock::Clock;
use warp_cache::strategy::OneStrategy;
use warp_cache::{Builder, Cache, warp_cache, with_strategy};
use warp_tests::watchdog::watched;

const KEYS: u64 = 4;
/// More hits than any strategy needs before it lets threads read by themselves.
const MANY: u64 = if cfg!(miri) { 200 } else { 1000 };
const CHANGES: u64 = if cfg!(miri) { 20 } else { 2000 };

/// What a function with the attribute has.
fn build<P: OneStrategy, V>(builder: Builder<u64, V>) -> Cache<u64, V, RandomState, P> {
    builder.build_for().expect("valid options")
}

/// A cache and the least version that may still be found in it.
struct Versions<P: OneStrategy> {
    cache: Cache<u64, u64, RandomState, P>,
    clock: Clock,
    least: AtomicU64,
    done: AtomicBool,
}

impl<P: OneStrategy> Versions<P> {
    fn new(shards: usize) -> Self {
        let clock = Clock::manual();
        let builder = Cache::builder().max_size(100).shards(shards);
        let cache = build(builder.ttl(Duration::from_secs(1)).clock(clock.clone()));
        Versions { cache, clock, least: AtomicU64::new(0), done: AtomicBool::new(false) }
    }

    /// Reads until all is done; how many calls that were.
    fn read(&self) -> u64 {
        let mut calls = 0;
        while !self.done.load(Ordering::SeqCst) {
            for key in 0..KEYS {
                let least = self.least.load(Ordering::SeqCst);
                calls += 1;
                if let Some(version) = self.cache.get(&key) {
                    assert!(version >= least, "{version} was found after {least} was there");
                }
            }
        }
        calls
    }

    /// Makes every version below this one impossible, in one of several ways.
    fn change(&self, version: u64, may_clear: bool) {
        match version % 4 {
            0 => (0..KEYS).for_each(|key| _ = self.cache.invalidate(&key)),
            1 if may_clear => self.cache.clear(),
            2 => self.clock.advance(Duration::from_secs(1)),
            _ => (0..KEYS).for_each(|key| _ = self.cache.insert(key, version)),
        }
        self.least.store(version, Ordering::SeqCst);
        for key in 0..KEYS {
            self.cache.insert(key, version);
        }
        // Readers get going, on two cores or on one.
        let calls = || self.cache.info().hits;
        let before = calls();
        while calls() < before + u64::from(version % 16 == 0) * 200 {
            thread::sleep(Duration::from_micros(50));
        }
    }
}

/// Two threads hit while a third changes everything.
fn hammer<P: OneStrategy>(shards: usize, may_clear: bool)
where
    Versions<P>: Sync,
{
    let versions = Versions::<P>::new(shards);
    let calls: u64 = thread::scope(|scope| {
        let readers = [(); 2].map(|()| scope.spawn(|| versions.read()));
        for version in 1..CHANGES {
            versions.change(version, may_clear);
        }
        versions.done.store(true, Ordering::SeqCst);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    });
    versions.cache.validate();
    if !may_clear {
        let info = versions.cache.info();
        assert_eq!(info.hits + info.misses, calls, "{}", P::STRATEGY);
    }
}

fn nothing_stays_alive<P: OneStrategy>()
where
    Cache<u64, Arc<()>, RandomState, P>: Sync,
{
    let strategy = P::STRATEGY;
    let cache = build::<P, _>(Cache::builder());
    let values = [(); 3].map(|()| Arc::new(()));
    let [cleared, invalidated, replaced] = [0, 1, 2].map(|key| {
        cache.insert(key as u64, Arc::clone(&values[key]));
        Arc::downgrade(&values[key])
    });
    drop(values);
    let read = Barrier::new(3);
    let checked = Barrier::new(3);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for call in 0..MANY {
                    assert!(cache.get(&(call % 3)).is_some());
                }
                read.wait();
                checked.wait();
            });
        }
        read.wait();
        assert_eq!(cache.info().hits, 2 * MANY, "{strategy}");
        cache.invalidate(&1);
        assert_eq!(invalidated.strong_count(), 0, "{strategy}");
        cache.insert(2, Arc::new(()));
        assert_eq!(replaced.strong_count(), 0, "{strategy}");
        cache.clear();
        assert_eq!(cleared.strong_count(), 0, "{strategy}");
        assert_eq!(cache.info().hits, 0, "{strategy}");
        // The threads that read are still there.
        checked.wait();
    });
}

/// Panics when it is cloned at a bad moment.
#[derive(Debug)]
struct Fickle(Arc<AtomicBool>);

impl Clone for Fickle {
    fn clone(&self) -> Self {
        assert!(!self.0.load(Ordering::Relaxed), "expected by this test");
        Fickle(Arc::clone(&self.0))
    }
}

fn a_panic_harms_nothing<P: OneStrategy>() {
    let strategy = P::STRATEGY;
    let cache = build::<P, _>(Cache::builder());
    let bad = Arc::new(AtomicBool::new(false));
    cache.insert(1, Fickle(Arc::clone(&bad)));
    for _ in 0..MANY {
        assert!(cache.get(&1).is_some());
    }
    bad.store(true, Ordering::Relaxed);
    assert!(catch_unwind(AssertUnwindSafe(|| cache.get(&1))).is_err());
    bad.store(false, Ordering::Relaxed);
    assert!(cache.get(&1).is_some());
    assert_eq!((cache.info().hits, cache.info().misses), (MANY + 1, 0), "{strategy}");
    assert!(cache.invalidate(&1));
    assert!(cache.get(&1).is_none());
    cache.validate();
}

macro_rules! for_each_strategy {
    ($($policy:ident $store:ident,)*) => {
        #[test]
        fn no_old_value_is_found_and_every_call_is_counted() {
            watched(|| {
                $(
                    hammer::<warp_cache::strategy::$policy>(1, false);
                    hammer::<warp_cache::strategy::$policy>(4, true);
                )*
            });
        }

        #[test]
        fn nothing_stays_alive_with_the_threads_that_read_it() {
            $(nothing_stays_alive::<warp_cache::strategy::$policy>();)*
        }

        #[test]
        fn a_value_that_panics_while_it_is_read_harms_nothing() {
            $(a_panic_harms_nothing::<warp_cache::strategy::$policy>();)*
        }
    };
}
with_strategy!(for_each_strategy);

#[warp_cache(strategy = Fifo)]
fn boxed(n: u64) -> Arc<u64> {
    Arc::new(n)
}

#[test]
fn the_controls_reach_what_threads_read() {
    let boxes = [0, 1, 2].map(|n| Arc::downgrade(&boxed(n)));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..MANY).for_each(|call| assert_eq!(*boxed(call % 3), call % 3)));
        }
    });
    assert_eq!((boxed::info().hits, boxed::info().misses), (2 * MANY, 3));
    let alive = || boxes.each_ref().map(|boxed| boxed.strong_count());
    assert_eq!(alive(), [1, 1, 1]);
    assert!(boxed::invalidate(1));
    assert_eq!(alive(), [1, 0, 1]);
    boxed::set(2, Arc::new(20));
    assert_eq!((alive(), *boxed(2)), ([1, 0, 0], 20));
    boxed::clear();
    assert_eq!((alive(), boxed::info().hits), ([0, 0, 0], 0));
}

#[warp_cache(strategy = Lru)]
fn cell(n: u64) -> Cell<u64> {
    Cell::new(n)
}

#[warp_cache(strategy = Fifo, local)]
fn cell_of_a_thread(n: u64) -> Cell<u64> {
    Cell::new(n)
}

#[warp_cache(strategy = Fifo, single_flight)]
async fn size<T: Clone + Eq + std::hash::Hash + Send + Sync + 'static>(of: T) -> usize {
    drop(of);
    size_of::<T>()
}

#[test]
fn a_generic_function_may_have_shared_hits() {
    fn is_send<T: Send>(call: T) -> T {
        call
    }
    drop(is_send(size(1_u8)));
    assert_eq!(size::info().misses, 0);
}

/// Neither a cache whose strategy is chosen at run time nor a function asks for `Sync` where hits
/// are exclusive.
#[test]
fn who_reads_alone_needs_no_sync() {
    fn is_sync<T: Sync>(_: &T) {}
    is_sync(&Cache::<u64, Cell<u64>>::builder().build().unwrap());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!((cell(1).get(), cell(1).get()), (1, 1)));
        }
    });
    assert_eq!((cell_of_a_thread(1).get(), cell_of_a_thread(1).get()), (1, 1));
    assert_eq!(cell_of_a_thread::info().hits, 1);
}
