//! One computation per key at a time, and nobody who waits for ever.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier, OnceLock};
use std::thread;
use std::time::Duration;

use warp_cache::Cache;
use warp_cache::clock::Clock;
use warp_tests::random::Random;
use warp_tests::watchdog::watched;

type Shared = Arc<Cache<u32, u32>>;

fn single_flight() -> Shared {
    Arc::new(Cache::builder().single_flight(true).build().expect("valid options"))
}

/// Returns once this many calls have begun to wait in the cache.
fn until_waiting(cache: &Cache<u32, u32>, calls: u64) {
    while cache.info().waits < calls {
        thread::yield_now();
    }
}

#[test]
fn callers_of_one_key_share_one_computation() {
    watched(|| {
        let cache = single_flight();
        let computations = AtomicU32::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let value = cache.get_or_insert_with(1, || {
                        until_waiting(&cache, 7);
                        computations.fetch_add(1, Ordering::Relaxed) + 10
                    });
                    assert_eq!(value, 10);
                });
            }
        });
        let info = cache.info();
        assert_eq!(computations.into_inner(), 1);
        assert_eq!((info.hits, info.misses, info.waits, info.errors), (7, 1, 7, 0));
    });
}

/// Also between the end of the computation and the moment at which its value is found.
#[test]
fn no_key_is_computed_twice_however_calls_meet() {
    watched(|| {
        for shards in [1, 8] {
            let keys = if cfg!(miri) { 10 } else { 3_000 };
            let cache: Cache<u32, u32> = Cache::builder()
                .unbounded()
                .shards(shards)
                .single_flight(true)
                .build()
                .expect("valid options");
            let computed: Vec<_> = (0..keys).map(|_| AtomicU32::new(0)).collect();
            let barrier = Barrier::new(4);
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        for key in 0..keys {
                            if key % 100 == 0 {
                                barrier.wait();
                            }
                            cache.get_or_insert_with(key, || {
                                computed[key as usize].fetch_add(1, Ordering::Relaxed)
                            });
                        }
                    });
                }
            });
            assert!(computed.into_iter().all(|count| count.into_inner() == 1));
            let info = cache.info();
            assert_eq!((info.misses, info.hits), (keys.into(), 3 * u64::from(keys)));
        }
    });
}

#[test]
fn keys_are_computed_independently_of_each_other() {
    watched(|| {
        let cache = single_flight();
        let value = cache.get_or_insert_with(1, || {
            let other = Arc::clone(&cache);
            thread::spawn(move || other.get_or_insert_with(2, || 20)).join().unwrap() + 1
        });
        assert_eq!((value, cache.get(&1), cache.get(&2)), (21, Some(21), Some(20)));
    });
}

/// A thread leads the computation of `key`; others follow it, then the leader ends by `end`.
fn follow(
    cache: &Shared,
    key: u32,
    followers: u64,
    end: impl FnOnce() -> Result<u32, &'static str> + Send + 'static,
) -> (thread::JoinHandle<Result<u32, &'static str>>, Vec<thread::JoinHandle<u32>>) {
    let begun = Arc::new(Barrier::new(2));
    let leader = thread::spawn({
        let (cache, begun) = (Arc::clone(cache), Arc::clone(&begun));
        move || {
            cache.try_get_or_insert_with(key, || {
                begun.wait();
                until_waiting(&cache, followers);
                end()
            })
        }
    });
    begun.wait();
    let followers = (0..followers).map(|_| {
        let cache = Arc::clone(cache);
        thread::spawn(move || cache.get_or_insert_with(key, || 99))
    });
    (leader, followers.collect())
}

#[test]
fn a_follower_of_a_leader_that_fails_computes_for_itself() {
    watched(|| {
        let cache = single_flight();
        let (leader, followers) = follow(&cache, 1, 3, || Err("no luck"));
        assert_eq!(leader.join().unwrap(), Err("no luck"));
        for follower in followers {
            assert_eq!(follower.join().unwrap(), 99);
        }
        let info = cache.info();
        assert_eq!((info.hits, info.misses, info.errors), (2, 2, 1));
        assert!(info.waits >= 3);
    });
}

#[test]
fn a_follower_of_a_leader_that_panics_computes_for_itself() {
    watched(|| {
        let cache = single_flight();
        let (leader, followers) = follow(&cache, 1, 3, || panic!("expected by this test"));
        assert!(leader.join().is_err());
        for follower in followers {
            assert_eq!(follower.join().unwrap(), 99);
        }
        let info = cache.info();
        assert_eq!((info.hits, info.misses, info.errors), (2, 2, 1));
    });
}

#[test]
fn an_error_is_nobody_elses_and_is_not_kept() {
    let cache = single_flight();
    assert_eq!(cache.try_get_or_insert_with(1, || Err("no luck")), Err("no luck"));
    assert_eq!(cache.try_get_or_insert_with(1, || Ok::<_, ()>(5)), Ok(5));
    let info = cache.info();
    assert_eq!((info.hits, info.misses, info.errors, info.len), (0, 2, 1, 1));
}

#[test]
fn recursion_on_the_same_key_computes() {
    fn down(cache: &Cache<u32, u32>, key: u32, depth: u32) -> u32 {
        cache.get_or_insert_with(key, || if depth == 0 { 7 } else { down(cache, key, depth - 1) })
    }
    watched(|| {
        let cache = single_flight();
        assert_eq!(down(&cache, 1, 50), 7);
        assert_eq!(cache.get(&1), Some(7));
        let info = cache.info();
        assert_eq!((info.hits, info.misses), (1, 51));
    });
}

#[test]
fn recursion_on_other_keys_computes_each_once() {
    fn fibonacci(cache: &Cache<u32, u32>, n: u32) -> u32 {
        cache.get_or_insert_with(n, || match n {
            0 | 1 => n,
            _ => fibonacci(cache, n - 1) + fibonacci(cache, n - 2),
        })
    }
    watched(|| {
        let cache = single_flight();
        assert_eq!(fibonacci(&cache, 40), 102_334_155);
        assert_eq!(cache.info().misses, 41);
    });
}

/// Each of these threads computes its own key of its own cache and asks the next one for its.
fn ring(caches: Vec<Shared>) -> u32 {
    let barrier = Arc::new(Barrier::new(caches.len()));
    let threads: Vec<_> = (0..caches.len())
        .map(|index| {
            let (caches, barrier) = (caches.clone(), Arc::clone(&barrier));
            thread::spawn(move || {
                let next = (index + 1) % caches.len();
                caches[index].get_or_insert_with(index as u32, || {
                    barrier.wait();
                    1 + caches[next].get_or_insert_with(next as u32, || 1)
                })
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).max().unwrap()
}

#[test]
fn threads_that_would_wait_for_each_other_compute() {
    watched(|| {
        for round in 0..if cfg!(miri) { 2 } else { 200 } {
            let cache = single_flight();
            assert!(ring(vec![cache.clone(), cache.clone()]) >= 2, "round {round}");
            assert!(ring(vec![single_flight(), single_flight()]) >= 2, "round {round}");
            let ring_of_5 = ring((0..5).map(|_| single_flight()).collect());
            assert!((2..=6).contains(&ring_of_5), "round {round}: {ring_of_5}");
        }
    });
}

/// A thread that was woken, and did not run yet, waits for nobody any more.
#[test]
fn who_lands_a_flight_may_wait_for_its_followers_at_once() {
    watched(|| {
        for _ in 0..if cfg!(miri) { 2 } else { 500 } {
            let (a, b) = (single_flight(), single_flight());
            let computed = Arc::new(AtomicU32::new(0));
            let leads_b = Arc::new(Barrier::new(2));
            let first = thread::spawn({
                let (a, b) = (Arc::clone(&a), Arc::clone(&b));
                let (computed, leads_b) = (Arc::clone(&computed), Arc::clone(&leads_b));
                move || {
                    a.get_or_insert_with(1, || {
                        computed.fetch_add(1, Ordering::Relaxed);
                        leads_b.wait();
                        b.get_or_insert_with(2, || unreachable!("the other thread leads"))
                    })
                }
            });
            b.get_or_insert_with(2, || {
                leads_b.wait();
                until_waiting(&b, 1);
                2
            });
            // The first thread has its value now, whether it runs already or not.
            let value = a.get_or_insert_with(1, || computed.fetch_add(1, Ordering::Relaxed));
            assert_eq!((value, first.join().unwrap()), (2, 2));
            assert_eq!(computed.load(Ordering::Relaxed), 1, "a value was computed twice");
        }
    });
}

/// What another thread does to the cache while `key` is being computed, and what is kept then.
fn during_a_computation(
    change: impl FnOnce(&Cache<u32, u32>) + Send + 'static,
) -> (u32, Option<u32>) {
    watched(|| {
        let mut results = Vec::new();
        let change = OnceLock::from(change);
        let mut change = change.into_inner();
        let cache = single_flight();
        results.push(cache.get_or_insert_with(1, || {
            let other = Arc::clone(&cache);
            let change = change.take().expect("it is called once");
            thread::spawn(move || change(&other)).join().unwrap();
            10
        }));
        (results[0], cache.get(&1))
    })
}

#[test]
fn what_was_computed_before_a_change_is_returned_and_not_kept() {
    assert_eq!(during_a_computation(|_| {}), (10, Some(10)));
    assert_eq!(during_a_computation(|cache| cache.clear()), (10, None));
    assert_eq!(during_a_computation(|cache| assert!(!cache.invalidate(&1))), (10, None));
    assert_eq!(during_a_computation(|cache| assert_eq!(cache.insert(1, 5), None)), (10, Some(5)));
    let set_and_drop = |cache: &Cache<u32, u32>| {
        cache.insert(1, 5);
        assert!(cache.invalidate(&1));
    };
    assert_eq!(during_a_computation(set_and_drop), (10, None));
    let of_another_key = |cache: &Cache<u32, u32>| {
        cache.insert(2, 5);
        cache.invalidate(&2);
    };
    assert_eq!(during_a_computation(of_another_key), (10, Some(10)));
    let of_many_other_keys = |cache: &Cache<u32, u32>| {
        for key in 2..1000 {
            cache.invalidate(&key);
        }
    };
    // More than are remembered: then no value is trusted.
    assert_eq!(during_a_computation(of_many_other_keys).0, 10);
}

#[test]
fn the_same_holds_without_single_flight_and_when_the_function_does_it_itself() {
    for single_flight in [false, true] {
        let cache = Cache::builder().single_flight(single_flight).build().unwrap();
        let clears = |value| {
            cache.clear();
            value
        };
        assert_eq!((cache.get_or_insert_with(1, || clears(10)), cache.get(&1)), (10, None));
        let invalidates = |value| {
            cache.invalidate(&1);
            value
        };
        assert_eq!((cache.get_or_insert_with(1, || invalidates(10)), cache.get(&1)), (10, None));
        let inserts = |value| {
            cache.insert(1, 5);
            value
        };
        assert_eq!((cache.get_or_insert_with(1, || inserts(10)), cache.get(&1)), (10, Some(5)));
        cache.validate();
    }
}

/// A call made after the change computes by itself while the first computation still runs.
fn a_call_after(change: impl Fn(&Cache<u32, u32>) + Send + 'static) {
    watched(move || {
        let cache = single_flight();
        let second_is_done = Arc::new(AtomicBool::new(false));
        let value = cache.get_or_insert_with(1, || {
            change(&cache);
            let second = thread::spawn({
                let cache = Arc::clone(&cache);
                move || cache.get_or_insert_with(1, || 20)
            });
            assert_eq!(second.join().unwrap(), 20);
            second_is_done.store(true, Ordering::Relaxed);
            10
        });
        assert_eq!((value, second_is_done.load(Ordering::Relaxed)), (10, true));
        assert_eq!(cache.get(&1), Some(20), "the later computation is the one that is kept");
    });
}

#[test]
fn calls_after_a_clear_or_an_invalidation_do_not_join() {
    a_call_after(|cache| cache.clear());
    a_call_after(|cache| assert!(!cache.invalidate(&1)));
}

#[test]
fn callers_before_a_clear_still_get_the_value_they_wait_for() {
    watched(|| {
        let cache = single_flight();
        let other = Arc::clone(&cache);
        let (leader, followers) = follow(&cache, 1, 2, move || {
            other.clear();
            Ok(10)
        });
        assert_eq!(leader.join().unwrap(), Ok(10));
        for follower in followers {
            assert_eq!(follower.join().unwrap(), 10);
        }
        assert_eq!(cache.get(&1), None);
    });
}

#[test]
fn a_value_that_is_not_to_be_kept_is_shared_all_the_same() {
    watched(|| {
        let cache: Shared = Arc::new(
            Cache::builder()
                .single_flight(true)
                .ttl_by(|_| Some(Duration::ZERO))
                .clock(Clock::manual())
                .build()
                .unwrap(),
        );
        let (leader, followers) = follow(&cache, 1, 2, || Ok(10));
        assert_eq!(leader.join().unwrap(), Ok(10));
        for follower in followers {
            assert_eq!(follower.join().unwrap(), 10);
        }
        assert!(cache.is_empty());
    });
}

#[test]
fn hits_and_misses_are_the_calls_whatever_happens() {
    watched(|| {
        for single_flight in [false, true] {
            let cache: Cache<u32, u32> = Cache::builder()
                .max_size(16)
                .shards(4)
                .single_flight(single_flight)
                .ttl(Duration::from_micros(50))
                .build()
                .unwrap();
            let calls = if cfg!(miri) { 20 } else { 5_000 };
            let failures = AtomicU32::new(0);
            thread::scope(|scope| {
                for seed in 0..6 {
                    let (cache, failures) = (&cache, &failures);
                    scope.spawn(move || {
                        let mut random = Random::new(seed);
                        for _ in 0..calls {
                            let key = random.below(24);
                            let fails = random.percent(20);
                            let result = cache.try_get_or_insert_with(key, || {
                                // Some calls nest, over keys in any order.
                                if key % 3 == 0 && !fails {
                                    let _ = cache.get(&(key + 1));
                                }
                                if fails { Err(()) } else { Ok(key) }
                            });
                            match result {
                                Ok(value) => assert_eq!(value, key),
                                Err(()) => drop(failures.fetch_add(1, Ordering::Relaxed)),
                            }
                            cache.invalidate(&(key + 100));
                        }
                    });
                }
            });
            let info = cache.info();
            let nested = info.hits + info.misses - 6 * calls;
            assert!(nested <= 6 * calls, "{info:?}");
            assert_eq!(info.errors, u64::from(failures.into_inner()));
            cache.validate();
        }
    });
}
