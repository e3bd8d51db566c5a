//! Never more entries than `max_size`, and never one less than there is room for, however many
//! shards and threads there are.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use warp_cache::clock::Clock;
use warp_cache::{Cache, Strategy};
use warp_tests::random::Random;

fn sharded<V: Clone + Send + 'static>(max_size: usize, shards: usize) -> Cache<u64, V> {
    Cache::builder().max_size(max_size).shards(shards).build().expect("valid options")
}

#[test]
fn nothing_is_evicted_while_there_is_room_in_any_shard() {
    for strategy in Strategy::ALL {
        let cache = Cache::builder().max_size(4096).shards(16).strategy(*strategy).build().unwrap();
        for key in 0..4096 {
            cache.insert(key, key);
        }
        assert_eq!((cache.len(), cache.info().evictions), (4096, 0), "{strategy}");
        assert!((0..4096).all(|key| cache.contains(&key)), "{strategy}");
        for key in 4096..8192 {
            cache.insert(key, key);
            assert_eq!(cache.len(), 4096, "{strategy}");
        }
        assert_eq!(cache.info().evictions, 4096, "{strategy}");
        cache.validate();
    }
}

#[test]
fn a_shard_without_entries_takes_room_from_another() {
    for max_size in [1, 3, 5] {
        let cache = sharded(max_size, 8);
        for key in 0..1000 {
            cache.insert(key, key);
            assert_eq!(cache.peek(&key), Some(key), "the newest entry is always kept");
            assert_eq!(cache.len(), max_size.min(key as usize + 1));
            cache.validate();
        }
        assert_eq!(cache.info().evictions, 1000 - max_size as u64);
    }
}

#[test]
fn a_freed_place_is_used_before_anything_is_evicted() {
    let cache = sharded(64, 8);
    let mut random = Random::new(1);
    for key in 0..64 {
        cache.insert(key, key);
    }
    for key in 64..2000 {
        let gone = loop {
            let gone = u64::from(random.below(key as u32));
            if cache.invalidate(&gone) {
                break gone;
            }
        };
        cache.insert(key, key);
        assert_eq!((cache.len(), cache.peek(&gone)), (64, None));
    }
    assert_eq!(cache.info().evictions, 0);
    cache.clear();
    assert_eq!(cache.len(), 0);
    for key in 0..64 {
        cache.insert(key, key);
    }
    assert_eq!((cache.len(), cache.info().evictions), (64, 0));
}

#[test]
fn what_expired_goes_before_what_lives_whatever_shard_it_is_in() {
    let clock = Clock::manual();
    let cache = Cache::builder()
        .max_size(100)
        .shards(8)
        .clock(clock.clone())
        .ttl_by(|&short: &bool| short.then_some(Duration::from_secs(1)))
        .build()
        .unwrap();
    for key in 0..50 {
        cache.insert(key, false);
    }
    for key in 50..100 {
        cache.insert(key, true);
    }
    clock.advance(Duration::from_secs(1));
    for key in 100..150 {
        cache.insert(key, false);
    }
    let info = cache.info();
    assert_eq!((info.evictions, info.expirations, info.len), (0, 50, 100));
    assert!((0..50).chain(100..150).all(|key| cache.contains(&key)));
    cache.insert(150, false);
    assert_eq!(cache.info().evictions, 1);
    cache.validate();
}

#[test]
fn an_entry_that_got_a_shorter_life_expires_first_as_well() {
    let clock = Clock::manual();
    let cache = Cache::builder()
        .max_size(8)
        .shards(8)
        .clock(clock.clone())
        .ttl_by(|&short: &bool| short.then_some(Duration::from_secs(1)))
        .build()
        .unwrap();
    for key in 0..8 {
        cache.insert(key, false);
    }
    for key in 8..200 {
        let oldest = cache.iter().map(|(key, _)| key).min().unwrap();
        assert_eq!(cache.insert(oldest, true), Some(false));
        clock.advance(Duration::from_secs(1));
        cache.insert(key, false);
        let info = cache.info();
        assert_eq!((info.evictions, info.expirations), (0, key - 7));
    }
}

#[test]
fn a_bound_of_0_keeps_nothing_and_counts_misses() {
    for (shards, single_flight) in [(1, false), (1, true), (8, false), (8, true)] {
        let cache = Cache::builder()
            .max_size(0)
            .shards(shards)
            .single_flight(single_flight)
            .build()
            .unwrap();
        assert_eq!(cache.insert(1, 1), None);
        assert_eq!(cache.get_or_insert_with(1, || 2), 2);
        assert_eq!(cache.get_or_insert_with(1, || 3), 3);
        let info = cache.info();
        assert_eq!((info.hits, info.misses, info.len, info.max_size), (0, 2, 0, Some(0)));
        assert_eq!((info.evictions, info.errors), (0, 0));
        cache.validate();
    }
}

#[test]
fn without_a_bound_everything_stays() {
    let cache = Cache::builder().unbounded().build().unwrap();
    for key in 0..20_000 {
        cache.insert(key, key);
    }
    assert_eq!((cache.len(), cache.max_size(), cache.info().evictions), (20_000, None, 0));
    assert_eq!(cache.iter().count(), 20_000);
}

#[test]
fn small_caches_are_in_one_piece_so_that_their_order_is_exact() {
    let cache = Cache::new(4095);
    for key in 0..4096 {
        cache.insert(key, key);
    }
    assert!(!cache.contains(&0), "the first of all is the victim");
}

/// Threads that do everything at once to a full cache, while others look at its size.
fn hammer(cache: &Cache<u64, u64>, operations: u32) {
    let max_size = cache.max_size().unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            // On a busy machine it may run only after all is done.
            loop {
                assert!(cache.len() <= max_size);
                assert!(cache.info().len <= max_size);
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let workers: Vec<_> = (0..8)
            .map(|seed| {
                scope.spawn(move || {
                    let mut random = Random::new(seed);
                    for _ in 0..operations {
                        let key = random.below(4 * max_size as u32).into();
                        match random.below(100) {
                            0..40 => assert!(cache.get(&key).is_none_or(|value| value == key)),
                            40..70 => assert_eq!(cache.get_or_insert_with(key, || key), key),
                            70..90 => assert!(cache.insert(key, key).is_none_or(|old| old == key)),
                            90..99 => {
                                cache.invalidate(&key);
                            }
                            _ => cache.iter().for_each(|(key, value)| assert_eq!(key, value)),
                        }
                        assert!(cache.len() <= max_size);
                    }
                })
            })
            .collect();
        let results: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        watcher.join().unwrap();
        results.into_iter().for_each(|result| result.unwrap());
    });
    cache.validate();
}

#[test]
fn eight_threads_never_see_more_than_the_bound() {
    let operations = if cfg!(miri) { 20 } else { 5_000 };
    for strategy in Strategy::ALL {
        for (max_size, shards) in [(1, 8), (3, 8), (64, 1), (64, 16)] {
            for single_flight in [false, true] {
                let cache = Cache::builder()
                    .max_size(max_size)
                    .shards(shards)
                    .strategy(*strategy)
                    .single_flight(single_flight)
                    .ttl(Duration::from_micros(200))
                    .build()
                    .unwrap();
                hammer(&cache, operations / 4);
            }
        }
    }
}

#[test]
fn a_cache_is_full_again_after_the_hammering() {
    let cache = sharded(64, 16);
    hammer(&cache, if cfg!(miri) { 20 } else { 5_000 });
    let evictions = cache.info().evictions;
    let free = (64 - cache.len()) as u64;
    // Keys that no thread has used: each takes a free place while there is one.
    for key in 0..free {
        cache.insert(1_000_000 + key, key);
    }
    assert_eq!((cache.len(), cache.info().evictions), (64, evictions));
}

#[test]
fn clearing_beside_insertions_loses_no_place() {
    let cache = sharded(32, 8);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..4_u64)
            .map(|thread| {
                let cache = &cache;
                scope.spawn(move || {
                    for key in 0..if cfg!(miri) { 30 } else { 20_000 } {
                        cache.insert(key * 4 + thread, key);
                        assert!(cache.len() <= 32);
                    }
                })
            })
            .collect();
        let clearer = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                cache.clear();
            }
        });
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        done.store(true, Ordering::Relaxed);
        clearer.join().unwrap();
    });
    cache.validate();
    for key in 0..32 {
        cache.insert(1_000_000 + key, key);
    }
    assert_eq!(cache.len(), 32);
}
