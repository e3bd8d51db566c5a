//! Hits of several threads at once, among changes: nobody gets a value after the operation that
//! took it away has returned, every call is counted, and nothing stays alive that is gone.
#![cfg(not(loom))]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use warp_cache::clock::Clock;
use warp_cache::{Cache, Strategy};
use warp_tests::watchdog::watched;

const KEYS: u64 = 4;
/// More hits than any strategy needs before it lets threads read by themselves.
const MANY: u64 = if cfg!(miri) { 200 } else { 1000 };
const CHANGES: u64 = if cfg!(miri) { 20 } else { 2000 };

/// A cache and the least version that may still be found in it.
struct Versions {
    cache: Cache<u64, u64>,
    clock: Clock,
    least: AtomicU64,
    done: AtomicBool,
}

impl Versions {
    fn new(strategy: Strategy, shards: usize) -> Versions {
        let clock = Clock::manual();
        let builder = Cache::builder().strategy(strategy).max_size(100).shards(shards);
        let cache = builder.ttl(Duration::from_secs(1)).clock(clock.clone()).build().unwrap();
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
fn hammer(strategy: Strategy, shards: usize, may_clear: bool) {
    let versions = Versions::new(strategy, shards);
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
        assert_eq!(info.hits + info.misses, calls, "{strategy}");
    }
}

#[test]
fn no_old_value_is_found_and_every_call_is_counted() {
    watched(|| {
        for strategy in Strategy::ALL {
            hammer(*strategy, 1, false);
            hammer(*strategy, 4, true);
        }
    });
}

#[test]
fn nothing_stays_alive_with_the_threads_that_read_it() {
    for strategy in Strategy::ALL {
        let cache = Cache::builder().strategy(*strategy).build().unwrap();
        let values = [(); 3].map(|()| Arc::new(()));
        let [cleared, invalidated, replaced] = [0, 1, 2].map(|key| {
            cache.insert(key, Arc::clone(&values[key]));
            Arc::downgrade(&values[key])
        });
        drop(values);
        let read = Barrier::new(3);
        let checked = Barrier::new(3);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for call in 0..MANY as usize {
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

#[test]
fn a_value_that_panics_while_it_is_read_harms_nothing() {
    for strategy in Strategy::ALL {
        let cache = Cache::builder().strategy(*strategy).build().unwrap();
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
}
