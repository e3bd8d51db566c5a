//! The controls: what each does, and what it leaves alone.
#![cfg(not(loom))]

use std::cell::Cell;
use std::panic::catch_unwind;
use std::thread;

use warp_cache::{Info, warp_cache};
use warp_tests::computed::{a_moment, computations, computed};
use warp_tests::executor::block_on;

#[test]
fn a_free_function_has_all_of_them() {
    #[warp_cache(max_size = 3)]
    fn cached(n: u64, text: &str) -> u64 {
        computed(n + text.len() as u64)
    }
    assert_eq!(cached::info(), Info { max_size: Some(3), ..Info::default() });
    assert!(!cached::contains(1, "a") && cached::get(1, "a").is_none());
    assert!(!cached::invalidate(1, "a"));
    assert_eq!(cached(1, "a"), 2);
    assert!(cached::contains(1, "a"));
    assert_eq!(cached::get(1, "a"), Some(2));
    cached::set(1, "a", 50);
    assert_eq!(computations(|| assert_eq!(cached(1, "a"), 50)), 0);
    assert_eq!(computations(|| assert_eq!(cached::uncached(1, "a"), 2)), 1);
    assert_eq!(cached(1, "a"), 50);
    assert_eq!(computations(|| assert_eq!(cached::refresh(1, "a"), 2)), 1);
    assert_eq!(computations(|| assert_eq!(cached::refresh(7, "a"), 8)), 1);
    assert_eq!(computations(|| assert_eq!([cached(1, "a"), cached(7, "a")], [2, 8])), 0);
    assert!(cached::invalidate(1, "a"));
    assert!(!cached::contains(1, "a") && !cached::invalidate(1, "a"));
    let info = cached::info();
    assert_eq!((info.hits, info.misses, info.len, info.evictions), (4, 1, 1, 0));
    cached::clear();
    assert_eq!(cached::info(), Info { max_size: Some(3), ..Info::default() });
    assert_eq!(computations(|| cached(7, "a")), 1);
}

#[test]
fn what_only_looks_is_neither_a_use_nor_counted() {
    #[warp_cache(max_size = 2)]
    fn cached(n: u32) -> u32 {
        computed(n)
    }
    cached(1);
    cached(2);
    let before = cached::info();
    for _ in 0..5 {
        assert!(cached::contains(1) && cached::get(1) == Some(1) && !cached::invalidate(3));
    }
    assert_eq!(cached::info(), before);
    cached(3);
    assert!(!cached::contains(1), "it is the one that was used longest ago");
    assert!(cached::contains(2));
}

#[test]
fn what_is_set_counts_as_used() {
    #[warp_cache(max_size = 2)]
    fn cached(n: u32) -> u32 {
        computed(n)
    }
    cached(1);
    cached(2);
    let before = cached::info();
    cached::set(1, 10);
    assert_eq!(cached::info(), before);
    cached::set(3, 30);
    assert!(!cached::contains(2));
    assert_eq!((cached(1), cached(3), cached::info().evictions), (10, 30, 1));
}

#[test]
fn an_expired_result_is_not_there() {
    #[warp_cache(ttl = |n| std::time::Duration::from_nanos(*n))]
    fn cached(n: u64) -> u64 {
        computed(n)
    }
    cached(1);
    a_moment();
    assert!(!cached::contains(1) && cached::get(1).is_none() && !cached::invalidate(1));
    cached(1);
    a_moment();
    assert_eq!(computations(|| cached::refresh(1)), 1);
    // A ttl of zero: nothing is kept by hand either, and what was there is gone.
    cached::set(u64::MAX, u64::MAX);
    assert!(cached::contains(u64::MAX));
    cached::set(u64::MAX, 0);
    assert!(!cached::contains(u64::MAX));
}

thread_local! {
    static FAILS: Cell<bool> = const { Cell::new(false) };
}

#[test]
fn a_refresh_that_fails_leaves_what_is_there() {
    #[warp_cache]
    fn failing(n: u32) -> Result<u32, String> {
        if FAILS.get() { Err("no luck".into()) } else { Ok(computed(n)) }
    }
    #[warp_cache]
    fn panicking(n: u32) -> u32 {
        assert!(!FAILS.get(), "expected by this test");
        computed(n)
    }
    assert_eq!((failing(1), panicking(1)), (Ok(1), 1));
    failing::set(1, Ok(10));
    panicking::set(1, 10);
    FAILS.set(true);
    assert_eq!(failing::refresh(1), Err("no luck".into()));
    assert!(catch_unwind(|| panicking::refresh(1)).is_err());
    assert_eq!(failing::refresh(2), Err("no luck".into()));
    FAILS.set(false);
    assert_eq!((failing(1), panicking(1)), (Ok(10), 10));
    assert!(!failing::contains(2));
    // They are computations that failed, as those of calls are.
    assert_eq!((failing::info().errors, panicking::info().errors), (2, 1));
    assert_eq!((failing::refresh(1), panicking::refresh(1)), (Ok(1), 1));
    assert_eq!(failing::get(1), Some(Ok(1)));
}

#[test]
fn a_refresh_whose_value_is_declined_leaves_nothing_old() {
    #[warp_cache(cache_if = |_| !FAILS.get())]
    fn cached(n: u32) -> u32 {
        n
    }
    cached(1);
    FAILS.set(true);
    assert_eq!(cached::refresh(1), 1);
    assert!(!cached::contains(1));
}

#[test]
fn generic_functions_choose_the_store_by_the_arguments() {
    #[warp_cache(max_size = 2)]
    fn size<T: std::hash::Hash + Eq + Clone + Send + 'static>(value: T) -> usize {
        let _ = value;
        computed(size_of::<T>())
    }
    assert_eq!([size(1_u8), size(2_u8), size(1_u64), size(1_u64)], [1, 1, 8, 8]);
    let info = size::info();
    assert_eq!((info.hits, info.misses, info.len, info.max_size), (1, 3, 3, Some(2)));
    assert_eq!((size::get(1_u8), size::get(1_u16), size::get(1_u64)), (Some(1), None, Some(8)));
    assert!(size::invalidate(1_u8) && size::contains(1_u64));
    size::set(1_u16, 16);
    assert_eq!((size(1_u16), size::refresh(1_u16), size::uncached(1_u16)), (16, 2, 2));
    size::clear();
    assert_eq!((size::info().len, size::info().misses), (0, 0));
}

#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct Store {
    rate: u64,
}

#[warp_cache::methods]
impl Store {
    #[warp_cache]
    fn rate(&self, item: &str) -> u64 {
        computed(self.rate * item.len() as u64)
    }
    #[warp_cache(max_size = 5)]
    fn with(rate: u64) -> Self {
        computed(Store { rate })
    }
    #[warp_cache]
    async fn later(&self, item: u64) -> Option<Self> {
        computed((item > 0).then(|| self.clone()))
    }
}

#[test]
fn methods_have_them_by_an_accessor_that_takes_the_receiver_first() {
    let [a, b] = [Store { rate: 2 }, Store { rate: 3 }];
    let rate = Store::rate_cache;
    assert_eq!(rate().info().max_size, Some(128));
    assert_eq!((a.rate("xy"), rate().get(&a, "xy"), rate().get(&b, "xy")), (4, Some(4), None));
    rate().set(&b, "xy", 100);
    assert_eq!((b.rate("xy"), rate().uncached(&b, "xy"), rate().refresh(&b, "xy")), (100, 6, 6));
    assert!(rate().contains(&a, "xy") && rate().invalidate(&a, "xy") && !rate().contains(&a, "xy"));
    assert_eq!((rate().info().hits, rate().info().misses), (1, 1));
    rate().clear();
    assert_eq!(rate().info().len, 0);

    let with = Store::with_cache;
    assert_eq!((Store::with(2), with().get(2)), (a.clone(), Some(a.clone())));
    with().set(2, b.clone());
    assert_eq!((Store::with(2), with().refresh(2), with().uncached(4).rate), (b, a.clone(), 4));
    assert_eq!(with().info().max_size, Some(5));

    let later = Store::later_cache;
    assert_eq!(block_on(a.later(1)), Some(a.clone()));
    assert_eq!(later().get(&a, 1), Some(Some(a.clone())));
    assert_eq!(block_on(later().refresh(&a, 1)), block_on(later().uncached(&a, 1)));
    assert!(later().invalidate(&a, 1));
    later().set(&a, 0, Some(a.clone()));
    assert_eq!(block_on(a.later(0)), Some(a));
}

#[test]
fn of_an_async_function_only_what_computes_is_async() {
    #[warp_cache(single_flight)]
    async fn cached(n: &str) -> Result<usize, String> {
        warp_tests::executor::yield_now().await;
        computed(if n.is_empty() { Err("empty".into()) } else { Ok(n.len()) })
    }
    assert_eq!(block_on(cached("ab")), Ok(2));
    assert_eq!((cached::get("ab"), cached::contains("a")), (Some(Ok(2)), false));
    cached::set("ab", Ok(10));
    assert_eq!((block_on(cached("ab")), block_on(cached::uncached("ab"))), (Ok(10), Ok(2)));
    assert_eq!((block_on(cached::refresh("ab")), cached::get("ab")), (Ok(2), Some(Ok(2))));
    cached::set("", Ok(7));
    assert_eq!(block_on(cached::refresh("")), Err("empty".into()));
    assert_eq!(cached::get(""), Some(Ok(7)));
    drop(cached::refresh("never polled"));
    assert!(cached::invalidate("ab"));
    cached::clear();
    assert_eq!(cached::info().len, 0);
}

#[test]
fn local_ones_are_of_their_thread() {
    #[warp_cache(local, max_size = 7)]
    fn cached(n: u32) -> std::rc::Rc<u32> {
        computed(n.into())
    }
    assert_eq!(cached::info().max_size, Some(7));
    cached(1);
    thread::spawn(|| {
        assert_eq!((cached::info().len, cached::contains(1)), (0, false));
        assert_eq!(computations(|| cached(1)), 1);
        cached::set(2, 20.into());
        assert_eq!(*cached(2), 20);
        cached::clear();
    })
    .join()
    .unwrap();
    assert_eq!((cached::info().len, cached::get(2)), (1, None));
    cached::set(1, 10.into());
    assert_eq!((*cached(1), *cached::refresh(1), *cached::uncached(1)), (10, 1, 1));
    assert!(cached::invalidate(1) && !cached::contains(1));
    assert_eq!(cached::info().hits, 1);
}

/// They take what is no part of the key as well, and do nothing with it.
#[test]
fn controls_take_every_argument() {
    struct Pool;
    #[warp_cache(skip(_pool))]
    fn cached(_pool: &Pool, n: u32) -> u32 {
        n
    }
    cached(&Pool, 1);
    cached::set(&Pool, 1, 5);
    assert_eq!((cached::get(&Pool, 1), cached::refresh(&Pool, 1)), (Some(5), 1));
    assert!(cached::contains(&Pool, 1) && cached::invalidate(&Pool, 1));
    assert_eq!(cached::uncached(&Pool, 2), 2);
}
