//! What is allocated: nothing in advance, no more than entries need, and the same however many of
//! them come and expire. Alone in its process, which counts every byte.
#![cfg(not(loom))]

use std::alloc::System;
use std::time::Duration;

use cap::Cap;
use warp_cache::clock::Clock;
use warp_cache::{Cache, LruStore, Strategy};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// One after the other, or each would count the others' bytes.
#[test]
fn memory() {
    a_large_bound_allocates_nothing_in_advance();
    expiring_entries_that_come_and_go_hold_flat_memory();
    replacing_values_that_expire_holds_flat_memory();
    a_clear_gives_everything_back();
}

/// The bytes that are there after `make` and were not before.
fn bytes_of<T>(make: impl FnOnce() -> T) -> (usize, T) {
    let before = ALLOCATOR.allocated();
    let made = make();
    (ALLOCATOR.allocated().saturating_sub(before), made)
}

fn a_large_bound_allocates_nothing_in_advance() {
    for strategy in Strategy::ALL {
        for bound in [128, 1_000_000_000_000] {
            let (bytes, cache) = bytes_of(|| {
                Cache::builder().max_size(bound).strategy(*strategy).shards(1).build().unwrap()
            });
            assert!(bytes < 2048, "{bytes} bytes for an empty {strategy} cache of {bound}");
            cache.insert(1, 1);
            assert_eq!((cache.get(&1), cache.max_size()), (Some(1), Some(bound)));
        }
    }
    let (bytes, store) = bytes_of(|| LruStore::<u64, u64>::new(usize::MAX));
    assert_eq!((bytes, store.len()), (0, 0));
}

fn expiring_entries_that_come_and_go_hold_flat_memory() {
    let rounds: u64 = if cfg!(miri) {
        3
    } else if cfg!(debug_assertions) {
        30
    } else {
        1_000
    };
    for bound in [None, Some(1_000_000)] {
        let clock = Clock::manual();
        let builder = Cache::builder().clock(clock.clone()).ttl(Duration::from_secs(1));
        let builder = match bound {
            None => builder.unbounded(),
            Some(bound) => builder.max_size(bound),
        };
        let cache = builder.shards(4).build().unwrap();
        let per_round = if cfg!(miri) { 50 } else { 10_000 };
        let (mut highest, mut key) = (0, 0);
        for round in 0..rounds {
            // In the first, shards come to remember as many changed keys as they ever do.
            let insertions = if round == 0 { 8 * per_round } else { per_round };
            let (bytes, ()) = bytes_of(|| {
                for _ in 0..insertions {
                    key += 1;
                    cache.insert(key, key);
                    // 100 live at a time.
                    clock.advance(Duration::from_millis(10));
                }
            });
            if round == 0 {
                highest = bytes + 4096;
            } else {
                assert!(bytes <= highest, "{bytes} bytes more in round {round}");
            }
            assert!(cache.len() < 200, "{} entries in round {round}", cache.len());
        }
        assert_eq!(cache.info().evictions, 0);
        cache.validate();
    }
}

fn replacing_values_that_expire_holds_flat_memory() {
    let clock = Clock::manual();
    let cache = Cache::builder().clock(clock.clone()).ttl(Duration::from_secs(1)).build().unwrap();
    // Its deadline is the first one, and those of the replaced values are behind it.
    cache.insert(0, 0);
    let (bytes, ()) = bytes_of(|| {
        for value in 0..if cfg!(miri) { 200 } else { 100_000 } {
            cache.insert(1 + value % 5, value);
            clock.advance(Duration::from_micros(1));
        }
    });
    assert!(bytes < 8192, "{bytes} bytes for 6 entries");
    assert!(cache.contains(&0));
}

fn a_clear_gives_everything_back() {
    for strategy in Strategy::ALL {
        let cache = Cache::builder().unbounded().strategy(*strategy).shards(2).build().unwrap();
        let (bytes, ()) = bytes_of(|| {
            for key in 0..if cfg!(miri) { 100 } else { 50_000_u64 } {
                cache.insert(key, key);
            }
            cache.clear();
        });
        assert!(bytes < 4096, "{strategy}: {bytes} bytes are left");
    }
}
