//! What the READMEs of `cached`, `memoize` and `comemo` show, written anew with this attribute.
#![cfg(not(loom))]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use warp_cache::warp_cache;
use warp_tests::computed::{a_moment, computations, computed};
use warp_tests::executor::block_on;

/// `#[cached]` on a recursive function: the statistics are there without a generated static.
#[test]
fn cached_a_function_that_calls_itself() {
    #[warp_cache(max_size = 50)]
    fn slow(n: u32) -> String {
        if n == 0 { computed("done".into()) } else { computed(slow(n - 1)) }
    }
    assert_eq!(computations(|| slow(10)), 11);
    assert_eq!(computations(|| slow(10)), 0);
    let info = slow::info();
    assert_eq!((info.hits, info.misses), (1, 11));
}

/// `#[cached(size = 1, time = 60)]`: one entry that the next argument evicts.
#[test]
fn cached_with_a_size_and_a_time() {
    #[warp_cache(max_size = 1, ttl = 60s)]
    fn keyed(a: usize, b: usize) -> usize {
        computed(a + b)
    }
    #[warp_cache(max_size = 1, ttl = 1ns)]
    fn soon_over(a: usize, b: usize) -> usize {
        computed(a + b)
    }
    assert_eq!(computations(|| (keyed(1, 2), keyed(1, 2))), 1);
    assert_eq!(computations(|| (keyed(2, 1), keyed(1, 2))), 2);
    assert_eq!(computations(|| (soon_over(1, 2), a_moment(), soon_over(1, 2))), 2);
}

/// `#[cached(key = "String", convert = r#"{ format!("{a}{b}") }"#)]`: the key is an expression.
#[test]
fn cached_with_a_key_of_ones_own() {
    #[warp_cache(max_size = 100, key = format!("{a}{b}"))]
    fn keyed(a: &str, b: &str) -> usize {
        computed(a.len() + b.len())
    }
    assert_eq!(computations(|| (keyed("a", "bc"), keyed("ab", "c"))), 1);
}

/// `#[cached(result = true)]` and `option = true` are what happens without a word.
#[test]
fn cached_only_what_succeeds() {
    #[warp_cache]
    fn keyed(a: &str) -> Result<usize, ()> {
        computed(if a.is_empty() { Err(()) } else { Ok(a.len()) })
    }
    #[warp_cache]
    fn maybe(a: &str) -> Option<usize> {
        computed((!a.is_empty()).then_some(a.len()))
    }
    assert_eq!(computations(|| (keyed(""), keyed(""), keyed("a"), keyed("a"))), 3);
    assert_eq!(computations(|| (maybe(""), maybe(""), maybe("a"), maybe("a"))), 3);
}

/// `#[once]`: the first result for all arguments.
#[test]
fn once_for_all_arguments() {
    #[warp_cache(key = ())]
    fn once(n: u32) -> Option<String> {
        computed(Some(n.to_string()))
    }
    assert_eq!(computations(|| assert_eq!(once(10), once(20))), 1);
    assert_eq!(once(30).as_deref(), Some("10"));
}

/// `#[cached(sync_writes = "by_key")]` is `single_flight`; `_no_cache` and `_prime_cache` are
/// `uncached` and `refresh`.
#[test]
fn cached_synchronized_bypassed_and_primed() {
    #[warp_cache(single_flight)]
    fn cached(n: u32) -> u32 {
        thread::yield_now();
        computed(n)
    }
    thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(|| cached(1)))));
    assert_eq!(cached::info().misses, 1);
    assert_eq!(computations(|| (cached::uncached(1), cached::refresh(1), cached(1))), 2);
}

/// `#[cached] async fn`.
#[test]
fn cached_async() {
    #[warp_cache(ttl = 1h, key = true)]
    async fn only_once_an_hour(text: String) -> Result<Vec<String>, &'static str> {
        computed(Ok(vec![text]))
    }
    let calls = || {
        assert_eq!(block_on(only_once_an_hour("a".into())), Ok(vec!["a".into()]));
        assert_eq!(block_on(only_once_an_hour("b".into())), Ok(vec!["a".into()]));
    };
    assert_eq!(computations(calls), 1);
}

/// `#[memoize]`, whose caches belong to a thread: `local`. `memoized_original_hello` is `uncached`,
/// `memoized_flush_hello` is `clear`.
#[test]
fn memoize_hello() {
    #[warp_cache(local, max_size = unbounded)]
    fn hello(text: String, n: usize) -> bool {
        computed(text.len() % 2 == n)
    }
    let twice = || assert!(!hello("World".into(), 0) && !hello("World".into(), 0));
    assert_eq!(computations(twice), 1);
    assert_eq!(computations(|| assert!(!hello::uncached("World".into(), 0))), 1);
    thread::spawn(move || assert_eq!(computations(twice), 1)).join().unwrap();
    hello::clear();
    assert_eq!(computations(twice), 1);
}

/// `#[memoize(Capacity: 123, TimeToLive: Duration::from_secs(2))]`; the value need not be Hash.
#[test]
fn memoize_with_a_capacity_and_a_time() {
    #[derive(Clone, Debug)]
    struct Complex {
        text: String,
        number: f64,
    }
    #[warp_cache(max_size = 123, ttl = Duration::from_secs(2))]
    fn hello(key: String) -> Complex {
        computed(Complex { text: key, number: 1.5 })
    }
    assert_eq!(computations(|| (hello("ABC".into()), hello("DEF".into()), hello("ABC".into()))), 2);
    assert_eq!((hello("ABC".into()).text.as_str(), hello("ABC".into()).number), ("ABC", 1.5));
}

/// `#[memoize(Ignore: log)]`: what is ignored need be neither Clone nor Hash. `SharedCache` is what
/// there is without `local`.
#[test]
fn memoize_with_an_ignored_argument() {
    struct Log(RefCell<Vec<u32>>);
    #[warp_cache(skip(log))]
    fn add(a: u32, b: u32, log: &Log) -> u32 {
        log.0.borrow_mut().push(a);
        a + b
    }
    let log = Log(RefCell::default());
    assert_eq!([add(1, 2, &log), add(1, 2, &log), add(2, 2, &log)], [3, 3, 4]);
    assert_eq!(log.0.into_inner(), [1, 2]);
}

/// The scripts of `comemo`: it finds out by itself what a script has read; here the key says it.
#[test]
fn comemo_scripts_that_include_others() {
    #[derive(Default)]
    struct Files(BTreeMap<&'static str, &'static str>);
    impl Files {
        /// All that a script leads to.
        fn closure(&self, script: &str) -> Vec<&'static str> {
            let included = script.split('+').filter_map(|part| part.trim().strip_prefix("eval "));
            included
                .flat_map(|path| {
                    let text = self.0[path];
                    std::iter::once(text).chain(self.closure(text))
                })
                .collect()
        }
    }
    #[warp_cache(key = (script, files.closure(script)))]
    fn evaluate(script: &str, files: &Files) -> i32 {
        let parts = script.split('+').map(str::trim);
        computed(parts.map(|part| match part.strip_prefix("eval ") {
            Some(path) => evaluate(files.0[path], files),
            None => part.parse().unwrap(),
        }))
        .sum()
    }
    let mut files = Files::default();
    files.0.extend([("alpha", "2 + eval beta"), ("beta", "2 + 3"), ("gamma", "8 + 3")]);
    assert_eq!(computations(|| assert_eq!(evaluate("eval alpha", &files), 7)), 3);
    assert_eq!(computations(|| assert_eq!(evaluate("eval beta", &files), 5)), 1);
    files.0.insert("gamma", "42");
    assert_eq!(computations(|| assert_eq!(evaluate("eval alpha", &files), 7)), 0);
    files.0.insert("beta", "4 + eval gamma");
    assert_eq!(computations(|| assert_eq!(evaluate("eval alpha", &files), 48)), 4);
}
