//! What a cache counts, and what that says about its size.
//!
//! cargo run --example 07_statistics

use warp_cache::{Cache, Info};

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
    let cache = Cache::new(10);
    cache.insert("a", 1);
    assert_eq!((cache.peek("a"), cache.contains("b")), (Some(1), false));
    assert_eq!((cache.info().hits, cache.info().misses), (0, 0));

    // A clear starts again.
    assert_eq!(cache.get("a"), Some(1));
    cache.clear();
    assert_eq!(cache.info(), Cache::<&str, i32>::new(10).info());
}
