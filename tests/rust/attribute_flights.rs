//! `single_flight` for threads: one computation for all who ask at the same time, and nobody who
//! waits for ever.
#![cfg(not(loom))]

use std::panic::catch_unwind;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

use warp_cache::warp_cache;
use warp_tests::random::Random;
use warp_tests::watchdog::watched;

#[test]
fn many_threads_share_one_computation() {
    static COMPUTED: AtomicU32 = AtomicU32::new(0);
    #[warp_cache(single_flight)]
    fn cached(text: &str) -> Result<String, u8> {
        while cached::info().waits < 7 {
            thread::yield_now();
        }
        COMPUTED.fetch_add(1, Relaxed);
        Ok(text.to_uppercase())
    }
    watched(|| {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(cached("key").as_deref(), Ok("KEY")));
            }
        });
        let info = cached::info();
        assert_eq!((info.hits, info.misses, info.waits, info.errors), (7, 1, 7, 0));
        assert_eq!(COMPUTED.load(Relaxed), 1);
    });
}

/// A miss clones its value for the cache, and once more only if there is somebody to share it with.
#[test]
fn a_value_is_cloned_for_those_alone_who_wait() {
    static CLONES: AtomicU32 = AtomicU32::new(0);
    struct Counted;
    impl Clone for Counted {
        fn clone(&self) -> Counted {
            CLONES.fetch_add(1, Relaxed);
            Counted
        }
    }
    #[warp_cache(single_flight)]
    fn cached(followers: u64) -> Counted {
        while cached::info().waits < followers {
            thread::yield_now();
        }
        Counted
    }
    watched(|| {
        cached(0);
        assert_eq!(CLONES.swap(0, Relaxed), 1);
        thread::scope(|scope| {
            scope.spawn(|| cached(1));
            scope.spawn(|| cached(1));
        });
        // For the cache, for those who wait, and for the one who does.
        assert_eq!(CLONES.swap(0, Relaxed), 3);
        let by_hand = warp_cache::Cache::builder().single_flight(true).build().expect("valid");
        by_hand.get_or_insert_with(0, || Counted);
        assert_eq!(CLONES.swap(0, Relaxed), 1);
    });
}

/// Without the option each computes, and none waits.
#[test]
fn without_it_everybody_computes() {
    static MEET: Barrier = Barrier::new(4);
    #[warp_cache]
    fn cached(n: u32) -> u32 {
        MEET.wait();
        n
    }
    watched(|| {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(cached(1), 1));
            }
        });
        let info = cached::info();
        assert_eq!((info.hits, info.misses, info.waits, info.len), (0, 4, 0, 1));
    });
}

#[test]
fn recursion_computes_each_once_and_the_same_key_too() {
    #[warp_cache(single_flight, max_size = unbounded)]
    fn fibonacci(n: u64) -> u64 {
        if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
    }
    #[warp_cache(single_flight, skip(depth))]
    fn down(key: u32, depth: u32) -> u32 {
        if depth == 0 { key } else { down(key, depth - 1) }
    }
    watched(|| {
        assert_eq!(fibonacci(80), 23_416_728_348_467_685);
        assert_eq!(fibonacci::info().misses, 81);
        assert_eq!(down(7, 50), 7);
        assert_eq!((down::info().misses, down(7, 50)), (51, 7));
    });
}

#[test]
fn a_leader_that_fails_or_panics_keeps_it_to_itself() {
    static LEADS: Barrier = Barrier::new(2);
    #[warp_cache(single_flight, skip(first))]
    fn cached(n: u32, first: bool) -> Result<u32, String> {
        if first {
            LEADS.wait();
            while cached::info().waits < 3 {
                thread::yield_now();
            }
            assert_ne!(n, 0, "expected by this test");
            return Err("the leader's own".into());
        }
        Ok(n)
    }
    for n in [0, 1] {
        watched(move || {
            cached::clear();
            let leader = thread::spawn(move || cached(n, true));
            LEADS.wait();
            thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| assert_eq!(cached(n, false), Ok(n)));
                }
            });
            match leader.join() {
                Ok(result) => assert_eq!((n, result), (1, Err("the leader's own".into()))),
                Err(_) => assert_eq!(n, 0),
            }
            let info = cached::info();
            assert_eq!((info.hits, info.misses, info.errors), (2, 2, 1));
        });
    }
}

/// A calls B, B calls C, C calls A, from three threads that have each begun.
#[test]
fn a_cycle_computes() {
    static BEGUN: Barrier = Barrier::new(3);
    #[warp_cache(single_flight, skip(depth))]
    fn ring(n: u32, depth: u32) -> u32 {
        if depth == 0 {
            BEGUN.wait();
        }
        if depth > 3 { 0 } else { 1 + ring((n + 1) % 3, depth + 1) }
    }
    watched(|| {
        for _ in 0..if cfg!(miri) { 2 } else { 100 } {
            ring::clear();
            thread::scope(|scope| {
                for n in 0..3 {
                    scope.spawn(move || assert!(ring(n, 0) > 0));
                }
            });
            let info = ring::info();
            assert_eq!((info.len, info.errors), (3, 0));
        }
    });
}

const NODES: u32 = 60;

/// The sum of all paths below a node of a graph that the seed draws.
#[warp_cache(single_flight, max_size = unbounded)]
fn paths(seed: u64, node: u32) -> u64 {
    1 + edges(seed, node).map(|next| paths(seed, next) % 1_000_003).sum::<u64>()
}

fn plain_paths(seed: u64, node: u32, known: &mut [Option<u64>]) -> u64 {
    if let Some(paths) = known[node as usize] {
        return paths;
    }
    let below = edges(seed, node).map(|next| plain_paths(seed, next, known) % 1_000_003);
    let paths = 1 + below.sum::<u64>();
    known[node as usize] = Some(paths);
    paths
}

fn edges(seed: u64, node: u32) -> impl Iterator<Item = u32> {
    let mut random = Random::new(seed * 1000 + u64::from(node) + 1);
    (0..3).filter(move |_| node + 1 < NODES).map(move |_| node + 1 + random.below(NODES - node - 1))
}

#[test]
fn random_graphs_are_walked_by_threads_that_compute_each_node_once() {
    watched(|| {
        for seed in 0..if cfg!(miri) { 1 } else { 40 } {
            paths::clear();
            let mut known = vec![None; NODES as usize];
            let expected: Vec<_> =
                (0..NODES).map(|node| plain_paths(seed, node, &mut known)).collect();
            thread::scope(|scope| {
                for thread in 0..4 {
                    let expected = &expected;
                    scope.spawn(move || {
                        for node in 0..NODES {
                            let node = (node * 7 + thread * 13) % NODES;
                            assert_eq!(paths(seed, node), expected[node as usize]);
                        }
                    });
                }
            });
            // A graph without cycles: no wait is refused.
            assert_eq!(paths::info().misses, u64::from(NODES));
        }
    });
}

/// Two functions whose threads wait for each other across caches.
#[test]
fn a_cycle_through_two_functions_computes() {
    static BEGUN: Barrier = Barrier::new(2);
    #[warp_cache(single_flight, skip(depth))]
    fn left(n: u32, depth: u32) -> u32 {
        if depth == 0 {
            BEGUN.wait();
        }
        if depth > 2 { n } else { right(n, depth + 1) }
    }
    #[warp_cache(single_flight, skip(depth))]
    fn right(n: u32, depth: u32) -> u32 {
        if depth == 0 {
            BEGUN.wait();
        }
        if depth > 2 { n } else { left(n, depth + 1) }
    }
    watched(|| {
        for n in 0..if cfg!(miri) { 2 } else { 100 } {
            thread::scope(|scope| {
                scope.spawn(move || assert_eq!(left(n, 0), n));
                scope.spawn(move || assert_eq!(right(n, 0), n));
            });
        }
    });
}

/// Nothing of a panic stays: the next call of the same key leads again.
#[test]
fn a_panic_leaves_no_flight_behind() {
    #[warp_cache(single_flight, skip(panics))]
    fn cached(n: u32, panics: bool) -> u32 {
        assert!(!panics, "expected by this test");
        n
    }
    watched(|| {
        for _ in 0..3 {
            assert!(catch_unwind(|| cached(1, true)).is_err());
        }
        assert_eq!((cached(1, false), cached::info().errors, cached::info().misses), (1, 3, 4));
    });
}
