//! The other options beside `shared`, in one process.
#![cfg(all(unix, not(any(loom, miri))))]

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use warp_cache::shm::SharedOrder;
use warp_cache::{Cache, SharedCache, Strategy, warp_cache};
use warp_tests::elsewhere::elsewhere;
use warp_tests::random::Random;

#[warp_cache(shared = "lru", max_size = 2)]
fn lru(n: u64) -> u64 {
    n
}
#[warp_cache(shared = "mru", max_size = 2, strategy = Mru)]
fn mru(n: u64) -> u64 {
    n
}
#[warp_cache(shared = "fifo", max_size = 2, strategy = Fifo)]
fn fifo(n: u64) -> u64 {
    n
}
#[warp_cache(shared = "lfu", max_size = 2, strategy = Lfu)]
fn lfu(n: u64) -> u64 {
    n
}

#[warp_cache(shared = "sieve", max_size = 2, strategy = Sieve)]
fn sieve(n: u64) -> u64 {
    n
}
#[warp_cache(shared = "arc", max_size = 2, strategy = Arc)]
fn arc(n: u64) -> u64 {
    n
}

/// Hits of the decoded front are uses in the region.
#[test]
fn uses_tell_what_goes() {
    elsewhere("uses_tell_what_goes", || {
        let calls = [1, 2, 1, 1, 2, 2, 2, 3];
        let kept = |call: fn(u64) -> u64, contains: fn(u64) -> bool| {
            calls.iter().for_each(|&n| assert_eq!(call(n), n));
            [1, 2, 3].map(contains)
        };
        assert_eq!(kept(lru, lru::contains), [false, true, true]);
        assert_eq!(kept(mru, mru::contains), [true, false, true]);
        assert_eq!(kept(fifo, fifo::contains), [false, true, true]);
        assert_eq!(kept(lfu, lfu::contains), [false, true, true]);
        assert_eq!(kept(sieve, sieve::contains), [false, true, true]);
        assert_eq!(kept(arc, arc::contains), [false, true, true]);
        for info in
            [lru::info(), mru::info(), fifo::info(), lfu::info(), sieve::info(), arc::info()]
        {
            assert_eq!((info.hits, info.misses, info.evictions, info.len), (5, 3, 1, 2));
        }
    });
}

#[test]
fn every_strategy_evicts_what_it_would_in_process() {
    elsewhere("every_strategy_evicts_what_it_would_in_process", || {
        for &strategy in Strategy::ALL {
            let shared = SharedCache::<u32, u32>::builder(strategy.name()).max_size(20);
            let Some(_) = strategy.shared_order() else {
                let error = shared.strategy(strategy).build().map(drop).unwrap_err().to_string();
                let says = format!("strategy: {strategy} has no order that processes can share");
                assert!(error.starts_with(&says), "{error}");
                assert!(SharedOrder::strategies().all(|able| error.contains(able.name())));
                continue;
            };
            let shared = shared.strategy(strategy).build().expect("a region");
            let own = Cache::builder().max_size(20).strategy(strategy).build().expect("a cache");
            let mut random = Random::new(7);
            for step in 0..1000 {
                let key = random.below(60).min(random.below(60));
                assert_eq!(shared.get_or_insert_with(&key, || key), key);
                own.get_or_insert_with(key, || key);
                for key in (step % 20..60).step_by(20) {
                    let kept = shared.contains(&key);
                    assert_eq!(kept, own.contains(&key), "{strategy}, step {step}, key {key}");
                }
            }
            let (shared, own) = (shared.info().info, own.info());
            assert_eq!((shared.hits, shared.evictions), (own.hits, own.evictions), "{strategy}");
        }
    });
}

#[test]
fn without_a_bound_the_bytes_are_the_bound() {
    #[warp_cache(shared = "unbounded", max_size = unbounded)]
    fn fib(n: u64) -> u64 {
        if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
    }
    elsewhere("without_a_bound_the_bytes_are_the_bound", || {
        assert_eq!(fib(90), 2_880_067_194_370_816_120);
        assert_eq!((fib::info().misses, fib::info().len, fib::info().max_size), (91, 91, None));
    });
}

#[test]
fn a_time_to_live_runs_from_when_a_result_is_kept() {
    #[warp_cache(shared = "moment", ttl = 1ns)]
    fn moment(n: u32) -> u32 {
        n
    }
    #[warp_cache(shared = "hours", ttl = Duration::from_secs(3600))]
    fn hours(n: u32) -> u32 {
        n
    }
    #[warp_cache(shared = "never", ttl = Duration::ZERO)]
    fn never(n: u32) -> u32 {
        n
    }
    #[warp_cache(shared = "own", ttl = |n| (*n < 3).then(|| Duration::from_nanos((*n).into())))]
    fn own(n: u32) -> u32 {
        n
    }
    elsewhere("a_time_to_live_runs_from_when_a_result_is_kept", || {
        for n in [1, 1, 1] {
            assert_eq!((moment(n), hours(n), never(n)), (n, n, n));
        }
        assert_eq!((moment::info().hits, moment::contains(1)), (0, false));
        assert_eq!((moment::info().expirations, never::info().expirations), (2, 0));
        assert_eq!((hours::info().hits, hours::contains(1)), (2, true));
        assert_eq!((never::info().hits, never::info().len), (0, 0));
        // None is for good, zero for not at all.
        for n in [0, 1, 3, 0, 1, 3] {
            assert_eq!(own(n), n);
        }
        assert_eq!((own::info().hits, own::contains(0), own::contains(3)), (1, false, true));
    });
}

#[test]
fn what_is_not_wanted_is_not_kept() {
    #[warp_cache(shared = "short", cache_if = |text: &String| text.len() < 3)]
    fn repeat(n: usize) -> String {
        "a".repeat(n)
    }
    #[warp_cache(shared = "errors", cache_errors)]
    fn parse(text: &str) -> Result<i32, String> {
        text.parse().map_err(|_| format!("{text} is no number"))
    }
    #[warp_cache(shared = "none", cache_none)]
    fn first(text: &str) -> Option<char> {
        text.chars().next()
    }
    #[warp_cache(shared = "some")]
    fn last(text: &str) -> Option<char> {
        text.chars().last()
    }
    elsewhere("what_is_not_wanted_is_not_kept", || {
        for n in [2, 3, 2, 3] {
            assert_eq!(repeat(n).len(), n);
        }
        assert_eq!((repeat::info().hits, repeat::info().len, repeat::info().errors), (1, 1, 0));
        for text in ["1", "x", "1", "x"] {
            assert_eq!(parse(text), parse::uncached(text));
            assert_eq!((first(&text[1..]), last(&text[1..])), (None, None));
        }
        assert_eq!((parse::info().hits, parse::info().errors), (2, 0));
        assert_eq!((first::info().hits, last::info().hits), (3, 0));
    });
}

#[test]
fn keys_are_what_the_options_say() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    struct User {
        id: u32,
        name: String,
        weight: f64,
    }
    #[warp_cache(shared = "by key", key = (user.id, user.name, &user.name, user.weight, more + 1))]
    fn greet(user: &User, more: u32) -> String {
        CALLS.fetch_add(1, Relaxed);
        format!("{} {} {more}", user.id, user.name)
    }
    #[warp_cache(shared = "by one", key = name.to_ascii_lowercase())]
    fn lower(name: &str) -> String {
        CALLS.fetch_add(1, Relaxed);
        name.to_ascii_lowercase()
    }
    struct Pool;
    #[warp_cache(shared = "without", skip(pool))]
    fn fetch(pool: &Pool, id: u32) -> u32 {
        let Pool = pool;
        id
    }
    elsewhere("keys_are_what_the_options_say", || {
        let user = |weight| User { id: 1, name: "Ada".into(), weight };
        assert_eq!(greet(&user(0.0), 1), greet(&user(-0.0), 1));
        assert_ne!(greet(&user(0.0), 2), greet(&user(0.0), 1));
        assert_eq!(CALLS.swap(0, Relaxed), 2);
        assert_eq!(lower("ADA"), lower("ada"));
        assert_eq!(CALLS.load(Relaxed), 1);
        assert_eq!((fetch(&Pool, 1), fetch(&Pool, 1), fetch::info().hits), (1, 1, 1));
    });
}

#[test]
fn names_are_evaluated_at_the_first_call() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    fn chosen() -> String {
        CALLS.fetch_add(1, Relaxed);
        "chosen at run time".to_owned()
    }
    #[warp_cache(shared = chosen())]
    fn function(n: u32) -> u32 {
        n
    }
    elsewhere("names_are_evaluated_at_the_first_call", || {
        assert_eq!(CALLS.load(Relaxed), 0);
        assert_eq!((function(1), function(1), function(2)), (1, 1, 2));
        assert_eq!(CALLS.load(Relaxed), 1);
    });
}

/// A value that a process meets is used by that, and once: it decodes it, and the region is told.
/// Of two that were used equally often either may go, as each process has ticks of its own.
#[test]
fn a_first_meeting_is_one_use() {
    elsewhere("a_first_meeting_is_one_use", || {
        for (name, uses, expected) in [("less often", 1, 2), ("more often", 3, 1)] {
            let open = || {
                let builder = SharedCache::<u32, Vec<u32>>::builder(name);
                builder.max_size(2).strategy(Strategy::Lfu).build().expect("a region")
            };
            let one = open();
            one.insert(&1, vec![1]);
            one.insert(&2, vec![2]);
            // Of the same region, each with values of its own, as other processes have.
            for other in [open(), open()] {
                assert_eq!(other.get(&1), Some(vec![1]));
            }
            for _ in 0..uses {
                assert_eq!(one.get(&2), Some(vec![2]));
            }
            one.insert(&3, vec![3]);
            let gone: Vec<u32> = (1..=3).filter(|key| !one.contains(key)).collect();
            assert_eq!(gone, [expected], "{name}");
        }
    });
}

#[test]
fn the_cache_by_itself_has_the_same_options() {
    elsewhere("the_cache_by_itself_has_the_same_options", || {
        let builder = || SharedCache::<String, Vec<u32>>::builder("by itself");
        let cache = builder().max_size(2).strategy(Strategy::Fifo).build().expect("a region");
        cache.insert("a", vec![1]);
        assert_eq!((cache.get("a"), cache.get("b")), (Some(vec![1]), None));
        assert_eq!(cache.get_or_insert_with("b", || vec![2]), [2]);
        assert_eq!(cache.try_get_or_insert_with("c", || Err("no")), Err("no"));
        assert_eq!((cache.peek("b"), cache.contains("c")), (Some(vec![2]), false));
        cache.insert("c", vec![3]);
        assert!(!cache.contains("a") && cache.invalidate("b") && !cache.invalidate("b"));
        let info = cache.info();
        assert_eq!((info.info.hits, info.info.misses, info.info.errors), (1, 3, 1));
        assert_eq!((info.info.len, info.info.evictions, info.processes), (1, 1, 1));
        assert!(format!("{cache:?}").starts_with("SharedCache { name: \"by itself\""));
        cache.clear();
        assert_eq!(cache.info().info.len, 0);

        // What tells caches apart.
        cache.insert("x", vec![1]);
        let same = builder().max_size(2).strategy(Strategy::Fifo).build().expect("a region");
        let others = [
            builder().build(),
            builder().max_size(2).strategy(Strategy::Fifo).version("2").build(),
            builder().max_size(2).strategy(Strategy::Fifo).ttl(Duration::from_secs(1)).build(),
            builder().max_size(2).strategy(Strategy::Fifo).ttl_by(|_| None).build(),
            builder().max_size(2).strategy(Strategy::Fifo).bytes(1 << 20).build(),
        ];
        assert_eq!(same.get("x"), Some(vec![1]));
        for other in others {
            assert_eq!(other.expect("a region").get("x"), None);
        }
        let other = SharedCache::<String, Vec<u64>>::builder("by itself").max_size(2);
        assert_eq!(other.strategy(Strategy::Fifo).build().expect("a region").get("x"), None);

        let refused = |error: std::io::Error| error.to_string();
        let error = builder().bytes(1).build().map_err(refused).unwrap_err();
        assert!(error.starts_with("size: 1 bytes"), "{error}");
        let error = builder().ttl(Duration::ZERO).build().map_err(refused).unwrap_err();
        assert!(error.starts_with("ttl: 0 s"), "{error}");
    });
}
