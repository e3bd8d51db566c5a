//! Replayed calls count what a cache counts, and what the oracles say; samples come near to it.
#![cfg(not(loom))]

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};
use std::ops::ControlFlow;

use warp_cache::simulate::{Curves, Function, Options, Progress, Trace, curves, replay};
use warp_cache::stats::Stats;
use warp_cache::{Cache, Strategy};
use warp_tests::oracle::{self, Oracle, Victim};
use warp_tests::random::Random;

/// The hash of a key: mixed in all bits, different for each.
fn hash(key: u32) -> u64 {
    let hash = u64::from(key + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (hash ^ hash >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// Calls for some keys more than for others, with loops and new ones between.
fn keys(seed: u64, calls: usize, count: u32) -> Vec<u32> {
    let mut random = Random::new(seed);
    let mut keys = Vec::with_capacity(calls);
    while keys.len() < calls {
        match random.below(4) {
            0 => keys.extend((0..random.below(count)).map(|key| count + key)),
            1 => keys.push(2 * count + random.below(1000)),
            _ => keys.extend((0..20).map(|_| random.below(count).min(random.below(count)))),
        }
    }
    keys.truncate(calls);
    keys
}

fn calls() -> usize {
    if cfg!(miri) { 500 } else { 4000 }
}

fn hashes(keys: &[u32]) -> Vec<u64> {
    keys.iter().map(|&key| hash(key)).collect()
}

fn trace(hashes: Vec<u64>, strategy: Strategy, max_size: Option<usize>) -> Trace {
    Trace { function: Function { name: "f".to_owned(), strategy, max_size }, hashes }
}

fn simulated(trace: &Trace, options: &Options) -> Curves {
    curves(trace, options, &mut |_| ControlFlow::Continue(())).expect("nobody cancels")
}

#[derive(Clone, Default)]
struct Known;

impl BuildHasher for Known {
    type Hasher = KnownHasher;
    fn build_hasher(&self) -> KnownHasher {
        KnownHasher(0)
    }
}

struct KnownHasher(u64);

impl Hasher for KnownHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _bytes: &[u8]) {
        panic!("only numbers are hashed");
    }
    fn write_u32(&mut self, key: u32) {
        self.0 = hash(key);
    }
}

#[test]
fn a_replay_counts_what_a_cache_counts() {
    for &strategy in Strategy::ALL {
        for (seed, max_size) in (1..).zip([0, 1, 2, 3, 17, 60, 200, 5000]) {
            let keys = keys(seed, calls(), 100);
            let cache = Cache::builder()
                .max_size(max_size)
                .strategy(strategy)
                .shards(1)
                .hasher(Known)
                .build()
                .expect("valid options");
            for &key in &keys {
                cache.get_or_insert_with(key, || ());
            }
            let info = cache.info();
            let counted = (info.hits, info.misses, info.evictions);
            let Stats { hits, misses, evictions, .. } = replay(strategy, max_size, &hashes(&keys));
            assert_eq!((hits, misses, evictions), counted, "{strategy} with {max_size}");
        }
    }
}

/// How many of the calls are hits by the oracle; none if it does not say what goes.
fn hits_by<O: Oracle>(max_size: usize, keys: &[u32]) -> Option<u64> {
    let (mut entries, mut oracle, mut hits) = (BTreeSet::new(), O::new(max_size), 0);
    for &key in keys {
        if entries.contains(&key) {
            oracle.used(key);
            hits += 1;
            continue;
        }
        if entries.len() == max_size {
            let Victim::Key(victim) = oracle.victim(key) else { return None };
            entries.remove(&victim);
            oracle.removed(victim, true);
        }
        entries.insert(key);
        oracle.inserted(key);
    }
    Some(hits)
}

#[test]
fn a_replay_counts_what_the_oracle_says() {
    macro_rules! check {
        ($($policy:ident $store:ident,)*) => {
            $(for (seed, max_size) in (1..).zip([1, 2, 5, 30, 90]) {
                let keys = keys(seed, calls() / 5, 50);
                if let Some(hits) = hits_by::<oracle::$policy>(max_size, &keys) {
                    let replayed = replay(Strategy::$policy, max_size, &hashes(&keys));
                    assert_eq!(replayed.hits, hits, "{} with {max_size}", Strategy::$policy);
                }
            })*
        };
    }
    warp_cache::with_strategy!(check);
}

#[test]
fn curves_are_replays_also_where_nothing_has_to_go() {
    let hashes = hashes(&keys(3, calls(), 100));
    let distinct = hashes.iter().collect::<BTreeSet<_>>().len();
    let trace = trace(hashes, Strategy::Clock, Some(70));
    let sizes = vec![0, 1, 50, distinct - 1, distinct, distinct + 1];
    let curves = simulated(&trace, &Options { sizes, ..Options::default() });
    assert_eq!((curves.calls, curves.keys), (trace.hashes.len(), distinct));
    assert_eq!(curves.sizes, [0, 1, 50, 70, distinct - 1, distinct, distinct + 1]);
    assert_eq!(curves.strategies, Strategy::ALL);
    assert!(!curves.is_sampled);
    let mut points = curves.points.iter();
    for &strategy in Strategy::ALL {
        for &max_size in &curves.sizes {
            let point = points.next().expect("a point for each");
            assert_eq!((point.strategy, point.max_size), (strategy, max_size));
            let Stats { hits, .. } = replay(strategy, max_size, &trace.hashes);
            assert_eq!(point.hit_ratio, hits as f64 / trace.hashes.len() as f64);
            assert_eq!(point.error, 0.0);
            assert_eq!(curves.point(strategy, max_size), Some(point));
        }
    }
    assert_eq!(points.next(), None);
}

#[test]
fn sizes_are_chosen_from_the_trace() {
    let sizes = |keys: u32, max_size| {
        let hashes = (0..keys).map(hash).collect();
        let strategies = vec![Strategy::Lru];
        simulated(
            &trace(hashes, Strategy::Lru, max_size),
            &Options { strategies, ..Options::default() },
        )
        .sizes
    };
    assert_eq!(sizes(0, Some(128)), [0, 128]);
    assert_eq!(sizes(5, None), [5]);
    assert_eq!(sizes(10_000, None), [16, 33, 67, 140, 280, 570, 1200, 2400, 4900, 10_000]);
    let with_todays = sizes(10_000, Some(128));
    assert_eq!(with_todays.len(), 11);
    assert!(with_todays.contains(&128));
    assert!(sizes(20, None).is_sorted());
}

#[test]
fn no_calls_have_no_hits() {
    let curves = simulated(&trace(Vec::new(), Strategy::Lru, Some(128)), &Options::default());
    assert_eq!((curves.calls, curves.keys), (0, 0));
    assert!(curves.points.iter().all(|point| point.hit_ratio == 0.0), "{curves:?}");
}

#[test]
fn progress_rises_to_the_end_and_cancels() {
    let trace = trace(hashes(&keys(1, calls(), 100)), Strategy::Lru, Some(40));
    for exact_calls in [usize::MAX, 1000] {
        let options = Options { exact_calls, ..Options::default() };
        let mut told = Vec::new();
        let done = curves(&trace, &options, &mut |progress| {
            told.push(progress);
            ControlFlow::Continue(())
        });
        assert!(done.is_some());
        assert!(told.is_sorted_by_key(|progress| progress.done));
        assert!(told.iter().all(|Progress { done, total }| done <= total));
        let last = told.last().expect("it is told of something");
        assert_eq!(last.done, last.total);
        for cancelled in [0, 1, told.len() - 1] {
            let mut left = cancelled;
            let done = curves(&trace, &options, &mut |_| {
                left = match left.checked_sub(1) {
                    Some(left) => left,
                    None => return ControlFlow::Break(()),
                };
                ControlFlow::Continue(())
            });
            assert_eq!(done, None);
        }
    }
}

/// The number of calls for a key is as 1 over its rank, roughly: by the inverse of the distribution.
fn zipf(seed: u64, calls: usize, keys: u32) -> Vec<u64> {
    let mut random = Random::new(seed);
    let mut key = || {
        let uniform = f64::from(random.below(u32::MAX)) / f64::from(u32::MAX);
        f64::from(keys).powf(uniform) as u32
    };
    (0..calls).map(|_| hash(key())).collect()
}

#[test]
#[cfg_attr(miri, ignore = "too many calls")]
fn samples_come_near_to_the_whole() {
    let trace = trace(zipf(1, 100_000, 50_000), Strategy::Lru, Some(7_000));
    let sizes = vec![100, 20_000];
    let exact = simulated(&trace, &Options { sizes: sizes.clone(), ..Options::default() });
    let options = Options { sizes, exact_calls: 30_000, ..Options::default() };
    let sampled = simulated(&trace, &options);
    assert!(sampled.is_sampled);
    for (point, exact) in sampled.points.iter().zip(&exact.points) {
        let off = (point.hit_ratio - exact.hit_ratio).abs();
        assert!(off <= point.error + 0.01, "{point:?} is {off:.4} off");
        if point.max_size == 100 {
            assert_eq!(point, exact, "a small cache is replayed as it is");
        }
    }
    let lru = sampled.point(Strategy::Lru, 7_000).expect("it is there");
    assert!(lru.error > 0.0 && lru.error < 0.03, "{lru:?}");
    assert_eq!(sampled, simulated(&trace, &options), "the same in every run");
    for strategy in [Strategy::Mru, Strategy::Lfu] {
        let (exact, sampled) = (exact.point(strategy, 7_000), sampled.point(strategy, 7_000));
        assert!(exact.is_some() && sampled == exact, "its miniatures are something else");
    }
}

#[test]
fn only_the_strategies_asked_for_are_simulated_and_todays() {
    let trace = trace(hashes(&keys(2, 500, 30)), Strategy::Arc, Some(9));
    let strategies = vec![Strategy::Sieve, Strategy::Lru, Strategy::Sieve];
    let curves = simulated(&trace, &Options { strategies, ..Options::default() });
    assert_eq!(curves.strategies, [Strategy::Lru, Strategy::Sieve, Strategy::Arc]);
    assert_eq!(curves.point(Strategy::Lfu, 9), None);
}
