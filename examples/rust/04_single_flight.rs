//! Many ask for the same at the same time: one computes, the others wait for its result.
//!
//! cargo run --example 04_single_flight

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use warp_cache::Cache;

static QUERIES: AtomicU32 = AtomicU32::new(0);

fn main() {
    let cache = Cache::builder().single_flight(true).build().expect("valid options");
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let rows = cache.get_or_insert_with("report", || {
                    // Slow enough for the seven others to come.
                    while cache.info().waits < 7 {
                        thread::yield_now();
                    }
                    QUERIES.fetch_add(1, Ordering::Relaxed);
                    vec![1, 2, 3]
                });
                assert_eq!(rows, [1, 2, 3]);
            });
        }
    });
    let info = cache.info();
    println!("8 callers, {} query: {info:?}", QUERIES.load(Ordering::Relaxed));
    assert_eq!(QUERIES.load(Ordering::Relaxed), 1);
    assert_eq!((info.misses, info.hits, info.waits), (1, 7, 7));

    // A computation that needs its own result is no deadlock: where waiting would never end, it
    // computes.
    let cache = Cache::builder().single_flight(true).build().expect("valid options");
    let value = cache.get_or_insert_with(1, || cache.get_or_insert_with(1, || 10) + 1);
    println!("an inner and an outer computation: {value}");
    assert_eq!(value, 11);

    // What is being computed when the cache is cleared goes to its callers and is not kept.
    let stale = cache.get_or_insert_with(2, || {
        cache.clear();
        20
    });
    assert_eq!((stale, cache.get(&2)), (20, None));
}
