//! What a cache counts, and what that says about its size.
//!
//! cargo run --example 07_statistics

use warp_cache::{Cache, Info, warp_cache};

#[warp_cache(max_size = 2)]
fn negate(x: i64) -> i64 {
    -x
}

fn ratio(info: &Info) -> f64 {
    info.hits as f64 / (info.hits + info.misses) as f64
}

/// Requests for 200 keys, of which the lower ones are more popular.
fn requests() -> impl Iterator<Item = u64> {
    let mut state = 1_u64;
    (0..20_000).map(move |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((state >> 33) % 200).min((state >> 45) % 200)
    })
}

fn main() {
    println!(
        "{:>8} {:>9} {:>9} {:>9} {:>9}",
        "max_size", "hits", "misses", "evictions", "hit ratio"
    );
    let mut ratios = Vec::new();
    for max_size in [0, 4, 16, 64, 256] {
        let cache = Cache::new(max_size);
        for request in requests() {
            assert_eq!(cache.get_or_insert_with(request, || !request), !request);
        }
        let info = cache.info();
        assert_eq!(info.hits + info.misses, 20_000, "each call is the one or the other");
        assert_eq!((info.len, info.max_size), (cache.len(), Some(max_size)));
        assert!(info.len <= max_size);
        let Info { hits, misses, evictions, .. } = info;
        println!("{max_size:>8} {hits:>9} {misses:>9} {evictions:>9} {:>9.3}", ratio(&info));
        ratios.push(ratio(&info));
    }
    assert!(ratios.is_sorted(), "more room, more hits");

    // Looking without using: counts nothing and keeps the order.
    negate::set(1, -1);
    negate::set(2, -2);
    assert_eq!((negate::get(1), negate::contains(3)), (Some(-1), false));
    assert_eq!((negate::info().hits, negate::info().misses), (0, 0));
    assert_eq!(negate(3), -3);
    assert!(!negate::contains(1), "it was not used");

    // All functions at once, and a clear starts again.
    println!("{:?}", warp_cache::functions());
    assert_eq!(warp_cache::functions()[0].1, negate::info());
    warp_cache::clear_all();
    assert_eq!(negate::info(), Cache::<i64, i64>::new(2).info());
}
