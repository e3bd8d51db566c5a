//! A cached function returns what the plain one returns, under every strategy, and computes as
//! often as the strategy's own store would miss.
#![cfg(not(loom))]

use std::time::Duration;

use warp_cache::{Strategy, warp_cache};
use warp_tests::computed::{a_moment, computations, computed};
use warp_tests::random::Random;

const CALLS: u32 = if cfg!(miri) { 200 } else { 20_000 };

/// Without a cache.
fn plain(a: u32, b: &str) -> Option<String> {
    (a % 7 != 0).then(|| format!("{a}{b}"))
}

fn text(random: &mut Random) -> &'static str {
    ["", "a", "b", "ab"][random.below(4) as usize]
}

macro_rules! each_strategy {
    ($($policy:ident $store:ident,)*) => {
        /// Runs what is under test on each strategy's function; returns which were run.
        fn tested() -> Vec<Strategy> {
            let mut tested = Vec::new();
            $({
                #[warp_cache(max_size = 20, strategy = $policy)]
                fn cached(a: u32, b: &str) -> Option<String> {
                    computed(plain(a, b))
                }
                let mut random = Random::new(7);
                for _ in 0..CALLS {
                    let (a, b) = (random.below(20), text(&mut random));
                    match random.below(20) {
                        0 => drop(cached::invalidate(a, b)),
                        1 => cached::set(a, b, plain(a, b)),
                        2 => assert_eq!(cached::refresh(a, b), plain(a, b)),
                        3 => assert!(cached::get(a, b).is_none_or(|kept| kept == plain(a, b))),
                        _ => assert_eq!(cached(a, b), plain(a, b)),
                    }
                    assert!(cached::info().len <= 20);
                }
                assert!(cached::info().evictions > 0);

                #[warp_cache(max_size = 10, strategy = $policy)]
                fn square(n: u32) -> u64 {
                    computed(u64::from(n) * u64::from(n))
                }
                let mut store = warp_cache::$store::<u32, ()>::new(10);
                let mut missed = 0;
                let calls = || {
                    for _ in 0..CALLS {
                        // Some are wanted more often than others.
                        let n = random.below(40).min(random.below(40));
                        if store.get(&n).is_none() {
                            missed += 1;
                            drop(store.insert(n, ()));
                        }
                        assert_eq!(square(n), u64::from(n) * u64::from(n));
                    }
                };
                let computed = computations(calls);
                // What goes by estimates of hashes depends a little on who hashes.
                let is_estimate = Strategy::$policy == Strategy::Adaptive;
                let most = if is_estimate { missed / 10 } else { 0 };
                let strategy = Strategy::$policy;
                assert!(computed.abs_diff(missed) <= most, "{strategy}: {computed} of {missed}");
                let info = square::info();
                assert_eq!((info.misses, info.len), (computed.into(), 10));
                assert_eq!(info.hits + info.misses, CALLS.into());
                tested.push(Strategy::$policy);
            })*
            tested
        }
    };
}
warp_cache::with_strategy!(each_strategy);

#[test]
fn every_strategy_returns_what_the_function_returns() {
    assert_eq!(tested(), Strategy::ALL);
}

#[warp_cache(local, max_size = 20)]
fn local(a: u32, b: &str) -> Option<String> {
    plain(a, b)
}

#[warp_cache(single_flight, max_size = 20)]
fn alone(a: u32, b: &str) -> Option<String> {
    plain(a, b)
}

#[warp_cache(cache_none, shards = 4, max_size = 20)]
fn sharded(a: u32, b: &str) -> Option<String> {
    plain(a, b)
}

#[warp_cache(max_size = unbounded, key = (b, a))]
fn turned(a: u32, b: &str) -> Option<String> {
    plain(a, b)
}

#[warp_cache(cache_if = |text| text.len() > 1, max_size = 20)]
fn long(a: u32, b: &str) -> Option<String> {
    plain(a, b)
}

#[warp_cache(ttl = |text| (text.len() > 1).then_some(Duration::from_nanos(1)))]
fn short_lived(a: u32, b: &str) -> Option<String> {
    plain(a, b)
}

#[test]
fn so_does_every_other_option() {
    let mut random = Random::new(8);
    for _ in 0..CALLS {
        let (a, b) = (random.below(20), text(&mut random));
        let expected = plain(a, b);
        for cached in [local, alone, sharded, turned, long, short_lived] {
            assert_eq!(cached(a, b), expected);
        }
    }
    assert_eq!(local::info().max_size, Some(20));
    assert_eq!(turned::info(), warp_cache::Info { max_size: None, ..turned::info() });
    for info in [local::info(), alone::info(), sharded::info(), turned::info(), long::info()] {
        assert_eq!(info.hits + info.misses, u64::from(CALLS));
        assert!(info.hits > 0 && info.misses > 0);
    }
}

/// A ttl is seen without a wait: a nanosecond is over at once.
#[test]
fn each_entry_lives_as_long_as_its_ttl_says() {
    #[warp_cache(ttl = 1ns)]
    fn fixed(n: u32) -> u32 {
        computed(n)
    }
    #[warp_cache(ttl = Duration::from_nanos(1))]
    fn by_expression(n: u32) -> u32 {
        computed(n)
    }
    #[warp_cache(ttl = |n: &u32| Duration::from_nanos(u64::from(*n)))]
    fn by_value(n: u32) -> u32 {
        computed(n)
    }
    #[warp_cache(ttl = |n| if *n == 0 { None } else { Some(Duration::from_nanos(1)) })]
    fn or_for_good(n: u32) -> u32 {
        computed(n)
    }
    let twice = |cached: fn(u32) -> u32, n| {
        computations(|| {
            assert_eq!(cached(n), n);
            a_moment();
            assert_eq!(cached(n), n);
        })
    };
    assert_eq!((twice(fixed, 5), fixed::info().expirations), (2, 1));
    assert_eq!((twice(by_expression, 5), by_expression::info().expirations), (2, 1));
    assert_eq!((twice(by_value, 1), by_value::info().expirations), (2, 1));
    assert_eq!((twice(by_value, u32::MAX), by_value::info().hits), (1, 1));
    // A duration of zero keeps nothing.
    assert_eq!((twice(by_value, 0), by_value::contains(0)), (2, false));
    assert_eq!((twice(or_for_good, 0), twice(or_for_good, 1)), (1, 2));
}
