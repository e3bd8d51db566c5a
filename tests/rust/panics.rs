//! Keys and values whose own code panics, or uses the cache from where it should not matter: after
//! each, the cache is sound and works.
#![cfg(not(loom))]

use std::cell::Cell;
use std::collections::hash_map::DefaultHasher;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier, Weak};
use std::thread;
use std::time::Duration;

use warp_cache::clock::Clock;
use warp_cache::{Cache, Strategy};
use warp_tests::watchdog::watched;

/// What panics next in this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fuse {
    Hash,
    Eq,
    Clone,
    Drop,
}

thread_local! {
    static LIT: Cell<Option<Fuse>> = const { Cell::new(None) };
}

impl Fuse {
    /// Panics once if this fuse is lit.
    fn burn(self) {
        if LIT.get() == Some(self) {
            LIT.set(None);
            panic!("expected by this test: {self:?}");
        }
    }
}

#[derive(Debug)]
struct Key(u32);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Fuse::Hash.burn();
        // Equal hashes, so that keys are compared.
        (self.0 % 4).hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        Fuse::Eq.burn();
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Drop for Key {
    fn drop(&mut self) {
        Fuse::Drop.burn();
    }
}

#[derive(Debug)]
struct Value(u32);

impl Clone for Value {
    fn clone(&self) -> Value {
        Fuse::Clone.burn();
        Value(self.0)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        Fuse::Drop.burn();
    }
}

fn caches() -> impl Iterator<Item = Cache<Key, Value>> {
    let options = [(1, false), (1, true), (4, false), (4, true)];
    Strategy::ALL.iter().flat_map(move |&strategy| {
        options.map(|(shards, single_flight)| {
            let cache = Cache::builder()
                .max_size(8)
                .strategy(strategy)
                .shards(shards)
                .single_flight(single_flight)
                .ttl(Duration::from_secs(1))
                .clock(Clock::manual())
                .build()
                .expect("valid options");
            for key in 0..8 {
                cache.insert(Key(key), Value(key));
            }
            cache
        })
    })
}

/// Runs `act` with the fuse lit, whether it burns or not, and looks at the cache after it.
fn with_fuse(fuse: Fuse, act: impl Fn(&Cache<Key, Value>)) {
    for cache in caches() {
        LIT.set(Some(fuse));
        let _ = catch_unwind(AssertUnwindSafe(|| act(&cache)));
        LIT.set(None);
        cache.validate();
        assert!(cache.len() <= 8);
        for key in 0..20 {
            assert_eq!(cache.get_or_insert_with(Key(key), || Value(key)).0, key);
            assert_eq!(cache.peek(&Key(key)).map(|value| value.0), Some(key));
        }
        cache.validate();
    }
}

#[test]
fn whatever_panics_in_a_key_or_a_value_leaves_the_cache_sound() {
    for fuse in [Fuse::Hash, Fuse::Eq, Fuse::Clone, Fuse::Drop] {
        for key in [1, 5, 9, 12] {
            with_fuse(fuse, |cache| drop(cache.get(&Key(key))));
            with_fuse(fuse, |cache| drop(cache.peek(&Key(key))));
            with_fuse(fuse, |cache| drop(cache.insert(Key(key), Value(key))));
            with_fuse(fuse, |cache| drop(cache.get_or_insert_with(Key(key), || Value(key))));
            with_fuse(fuse, |cache| assert_eq!(cache.invalidate(&Key(key)), key < 8));
            with_fuse(fuse, |cache| assert_eq!(cache.contains(&Key(key)), key < 8));
        }
        with_fuse(fuse, |cache| cache.clear());
    }
}

#[test]
fn a_computation_that_panics_is_counted_and_keeps_nothing() {
    for cache in caches() {
        let computed = catch_unwind(AssertUnwindSafe(|| {
            cache.get_or_insert_with(Key(100), || panic!("expected by this test"))
        }));
        assert!(computed.is_err());
        let info = cache.info();
        assert_eq!((info.hits, info.misses, info.errors), (0, 1, 1));
        assert!(!cache.contains(&Key(100)));
        assert_eq!(cache.get_or_insert_with(Key(100), || Value(1)).0, 1);
        cache.validate();
    }
}

/// Whatever of the leader's panics after its computation, its followers do not wait for ever.
#[test]
fn a_follower_survives_a_leader_whose_value_panics() {
    for fuse in [Fuse::Eq, Fuse::Clone, Fuse::Drop] {
        watched(move || {
            let cache = Arc::new(
                Cache::builder().max_size(1).single_flight(true).build().expect("valid options"),
            );
            cache.insert(Key(1), Value(1));
            let begun = Arc::new(Barrier::new(2));
            let leader = thread::spawn({
                let (cache, begun) = (Arc::clone(&cache), Arc::clone(&begun));
                move || {
                    cache.get_or_insert_with(Key(5), || {
                        begun.wait();
                        while cache.info().waits == 0 {
                            thread::yield_now();
                        }
                        LIT.set(Some(fuse));
                        Value(5)
                    });
                }
            });
            begun.wait();
            assert_eq!(cache.get_or_insert_with(Key(5), || Value(5)).0, 5);
            // An Eq may not be needed; the others are.
            assert!(leader.join().is_err() || fuse == Fuse::Eq);
            cache.validate();
            assert_eq!(cache.get_or_insert_with(Key(5), || Value(6)).0, 5);
        });
    }
}

/// The second `clone` that a leader makes is the one that its followers get.
#[test]
fn a_follower_survives_a_leader_whose_value_panics_late() {
    thread_local!(static CLONES: Cell<u32> = const { Cell::new(0) });
    #[derive(Debug)]
    struct Late;
    impl Clone for Late {
        fn clone(&self) -> Late {
            if LIT.get() == Some(Fuse::Clone) {
                CLONES.set(CLONES.get() + 1);
                assert_ne!(CLONES.get(), 2, "expected by this test");
            }
            Late
        }
    }
    watched(|| {
        let cache = Arc::new(Cache::builder().single_flight(true).build().expect("valid options"));
        let begun = Arc::new(Barrier::new(2));
        let leader = thread::spawn({
            let (cache, begun) = (Arc::clone(&cache), Arc::clone(&begun));
            move || {
                cache.get_or_insert_with(5, || {
                    begun.wait();
                    while cache.info().waits == 0 {
                        thread::yield_now();
                    }
                    LIT.set(Some(Fuse::Clone));
                    Late
                });
            }
        });
        begun.wait();
        cache.get_or_insert_with(5, || Late);
        assert!(leader.join().is_err());
        cache.validate();
    });
}

/// A value that uses its own cache when it is dropped.
#[derive(Clone)]
struct Reenters {
    id: u32,
    cache: Weak<Cache<u32, Reenters>>,
}

impl Drop for Reenters {
    fn drop(&mut self) {
        let Some(cache) = self.cache.upgrade() else { return };
        assert!(cache.len() <= 4);
        let _ = cache.contains(&self.id);
        cache.invalidate(&(self.id + 1000));
        let _ = cache.info();
    }
}

#[test]
fn a_drop_may_use_the_cache_that_dropped_it() {
    watched(|| {
        for &strategy in Strategy::ALL {
            for (shards, single_flight) in [(1, false), (1, true), (4, true)] {
                let clock = Clock::manual();
                let cache: Arc<Cache<u32, Reenters>> = Arc::new(
                    Cache::builder()
                        .max_size(4)
                        .strategy(strategy)
                        .shards(shards)
                        .single_flight(single_flight)
                        .ttl(Duration::from_secs(1))
                        .clock(clock.clone())
                        .build()
                        .expect("valid options"),
                );
                let value = |id| Reenters { id, cache: Arc::downgrade(&cache) };
                for id in 0..20 {
                    cache.insert(id, value(id)); // evicts
                    cache.insert(id, value(id)); // replaces
                    drop(cache.get_or_insert_with(id + 100, || value(id + 100)));
                    cache.invalidate(&(id + 100));
                }
                clock.advance(Duration::from_secs(1));
                assert!(cache.get(&19).is_none(), "it has expired");
                cache.insert(1, value(1)); // sweeps
                cache.clear();
                assert!(cache.is_empty());
                cache.validate();
            }
        }
    });
}

#[test]
fn a_computation_may_use_its_cache_in_any_way() {
    watched(|| {
        for single_flight in [false, true] {
            // The same hashes in each run: other keys' changes can count for this one, if rarely.
            let hasher = BuildHasherDefault::<DefaultHasher>::default();
            let builder = Cache::builder().max_size(2).single_flight(single_flight);
            let cache = builder.hasher(hasher).build().unwrap();
            let value = cache.get_or_insert_with(1, || {
                cache.insert(2, 20);
                cache.insert(3, 30);
                cache.insert(4, 40);
                assert_eq!(cache.iter().count(), 2);
                assert_eq!(cache.get_or_insert_with(5, || 50), 50);
                assert!(cache.invalidate(&5));
                10
            });
            assert_eq!((value, cache.get(&1), cache.get(&4)), (10, Some(10), Some(40)));
            cache.validate();
        }
    });
}

/// Also the key's, the value's and the clone's drop, when one of them panics.
#[test]
fn nothing_is_dropped_twice_or_lost() {
    let counted = Arc::new(());
    for &strategy in Strategy::ALL {
        let cache = Cache::builder().max_size(3).shards(2).strategy(strategy).build().unwrap();
        for key in 0..50 {
            cache.insert(key % 7, Arc::clone(&counted));
            let _ = catch_unwind(AssertUnwindSafe(|| {
                let kept = Arc::clone(&counted);
                cache.get_or_insert_with(key, || {
                    assert!(key % 3 != 0 && Arc::strong_count(&kept) > 1, "expected by this test");
                    kept
                })
            }));
            cache.invalidate(&(key % 5));
            assert_eq!(Arc::strong_count(&counted), cache.len() + 1);
        }
    }
    assert_eq!(Arc::strong_count(&counted), 1);
}
