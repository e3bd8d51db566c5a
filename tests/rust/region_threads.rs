//! Threads that stand for processes, all at one shared region at once.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use warp_cache::Strategy;
use warp_cache::shm::{Claim, Died, Geometry, IfPresent, LEAST_BYTES, NotKept, Region, die_after};
use warp_tests::processes::{self, PROCESSES};
use warp_tests::random::Random;
use warp_tests::watchdog::watched;

const FOREVER: u64 = u64::MAX;
const KEYS: u32 = 50;

fn region(strategy: Strategy, max_size: usize, bytes: u64) -> Region {
    Region::on_heap(Geometry::new(bytes, Some(max_size), strategy).expect("a geometry"), PROCESSES)
}

/// A value that says what it is of, and whether it is whole.
fn value(key: u32, id: u64) -> Vec<u8> {
    let length = id * 37 % 600;
    let mut value = [u64::from(key), id].map(u64::to_le_bytes).concat();
    value.extend((0..length).map(|place| (place ^ id ^ u64::from(key)) as u8));
    value
}

/// The number of a value that was found under a key.
fn id(key: u32, found: &[u8]) -> u64 {
    let id = found[8..16].iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
    assert_eq!(found, value(key, id), "a value that is not whole, or another key's");
    id
}

fn works(region: &Region, seed: u64, operations: u64, max_size: usize) {
    let (mut random, mut found) = (Random::new(seed), Vec::new());
    for step in 0..operations {
        let key = random.below(KEYS).min(random.below(KEYS));
        let bytes = key.to_le_bytes();
        let hash = region.hash(&bytes);
        match random.below(100) {
            0..60 => {
                if let Some(stamp) = region.get(hash, &bytes, step, &mut found) {
                    id(key, &found);
                    region.is_current(&stamp, step);
                    region.touch(&stamp);
                }
            }
            60..90 => {
                let ticket = random.percent(50).then(|| region.ticket(hash));
                let new = value(key, seed << 32 | step);
                let deadline = if random.percent(20) { step + 50 } else { FOREVER };
                let _ =
                    region.insert(hash, &bytes, &new, deadline, step, ticket, IfPresent::Replace);
            }
            90..96 => drop(matches!(region.claim(hash), Claim::Leads(_))),
            96..99 => {
                region.invalidate(hash, &bytes, step);
            }
            _ if random.percent(10) => region.clear(),
            _ => assert!(region.info().info.len <= max_size),
        }
    }
}

#[test]
fn what_is_read_is_whole() {
    for &strategy in Strategy::ALL {
        if strategy.shared_order().is_none() {
            continue;
        }
        watched(move || {
            let region = region(strategy, 20, LEAST_BYTES);
            let operations = if cfg!(miri) { 40 } else { 6000 };
            thread::scope(|scope| {
                for seed in 1..5 {
                    let region = region.again(PROCESSES);
                    scope.spawn(move || works(&region, seed, operations, 20));
                }
            });
            assert_eq!(region.info().recoveries, 0, "nobody died");
            region.validate();
        });
    }
}

#[test]
fn many_shards_never_hold_more_than_they_may() {
    watched(|| {
        let max_size = 5000;
        let region = region(Strategy::Lru, max_size, 4 << 20);
        assert!(region.geometry().shards() > 1);
        let insertions: u64 = if cfg!(miri) { 30 } else { 10_000 };
        thread::scope(|scope| {
            for seed in 0..3 {
                let region = region.again(PROCESSES);
                scope.spawn(move || {
                    for key in 0..insertions {
                        let key = (seed * insertions + key).to_le_bytes();
                        let hash = region.hash(&key);
                        let kept =
                            region.insert(hash, &key, &key, FOREVER, 0, None, IfPresent::Keep);
                        // On a busy machine a thread may have to stand still with a lock.
                        assert!(matches!(kept, Ok(_) | Err(NotKept::Busy)), "{kept:?}");
                        assert!(region.info().info.len <= max_size);
                    }
                });
            }
        });
        region.validate();
        let info = region.info();
        assert_eq!(info.info.len as u64 + info.info.evictions + info.dropped, 3 * insertions);
        assert_eq!(info.recoveries, 0);
    });
}

/// Threads of one process want the same lock. However many they are, none is stopped, so that none of
/// them goes on without.
#[test]
fn threads_that_wait_for_each_other_keep_everything() {
    watched(|| {
        let process = processes::current();
        let (threads, each, max_size) = (8, if cfg!(miri) { 20 } else { 4000 }, 500);
        let region = region(Strategy::Lru, max_size, LEAST_BYTES);
        thread::scope(|scope| {
            for first in 0..threads {
                let region = &region;
                scope.spawn(move || {
                    processes::become_again(process);
                    for key in (first..).step_by(threads as usize).take(each) {
                        let bytes = u64::to_le_bytes(key);
                        let (hash, keep) = (region.hash(&bytes), IfPresent::Keep);
                        let kept = region.insert(hash, &bytes, b"v", FOREVER, 0, None, keep);
                        assert!(kept.is_ok(), "{kept:?}");
                    }
                });
            }
        });
        let info = region.info();
        let inserted = threads as usize * each;
        assert_eq!((info.info.len, info.dropped), (inserted.min(max_size), 0));
        assert_eq!(info.info.evictions as usize, inserted - info.info.len);
    });
}

#[test]
fn what_an_invalidation_has_seen_is_not_kept_by_a_computation() {
    watched(|| {
        let region = region(Strategy::Lru, 20, LEAST_BYTES);
        let (hash, truth) = (region.hash(b"key"), AtomicU64::new(0));
        let rounds = if cfg!(miri) { 20 } else { 3000 };
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                let (region, truth, done) = (region.again(PROCESSES), &truth, &done);
                scope.spawn(move || {
                    processes::current();
                    while !done.load(Ordering::Relaxed) {
                        let ticket = region.ticket(hash);
                        let value = truth.load(Ordering::SeqCst).to_le_bytes();
                        let _ = region.insert(
                            hash,
                            b"key",
                            &value,
                            FOREVER,
                            0,
                            Some(ticket),
                            IfPresent::Replace,
                        );
                    }
                });
            }
            let mut found = Vec::new();
            for round in 1..rounds {
                truth.store(round, Ordering::SeqCst);
                if round % 16 == 0 {
                    region.clear();
                } else {
                    region.invalidate(hash, b"key", 0);
                }
                for _ in 0..3 {
                    if region.get(hash, b"key", 0, &mut found).is_some() {
                        assert_eq!(found, round.to_le_bytes(), "computed before the change");
                    }
                }
            }
            done.store(true, Ordering::Relaxed);
        });
        region.validate();
    });
}

#[test]
fn writers_die_among_others() {
    watched(|| {
        let region = region(Strategy::Lru, 20, LEAST_BYTES);
        let deaths = if cfg!(miri) { 5 } else { 300 };
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for seed in 1..3 {
                let (region, done) = (region.again(PROCESSES), &done);
                scope.spawn(move || {
                    let mut turn = seed;
                    while !done.load(Ordering::Relaxed) {
                        turn += 2;
                        works(&region, turn, 20, 20);
                    }
                });
            }
            let mut random = Random::new(9);
            for turn in 0..deaths {
                let region = region.again(PROCESSES);
                let steps = 1 + u64::from(random.below(400));
                let died = die_after(steps, || works(&region, 1000 + turn, 1000, 20));
                assert_eq!(died, Err(Died));
                // Dropped as the process that it was.
                drop(region);
                processes::die();
            }
            done.store(true, Ordering::Relaxed);
        });
        works(&region, 7, 500, 20);
        region.validate();
        assert!(region.info().recoveries > 0 || cfg!(miri));
    });
}
