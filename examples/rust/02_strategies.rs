//! Which entry goes when a cache is full: the same calls, one strategy after the other.
//!
//! cargo run --example 02_strategies

use warp_cache::{Cache, LruStore, Strategy, warp_cache};

/// An attribute names its strategy by a word. A use keeps an entry under LRU.
#[warp_cache(max_size = 2, strategy = Lru)]
fn cube(x: u32) -> u32 {
    x.pow(3)
}

/// Where it is chosen at run time, there is the builder. How many of the calls are hits in a cache of 4.
fn hits(strategy: Strategy, calls: &[u32]) -> u64 {
    let cache = Cache::builder().max_size(4).strategy(strategy).build().expect("valid options");
    for &call in calls {
        cache.get_or_insert_with(call, || call * call);
    }
    cache.info().hits
}

fn main() {
    // Two favourites, among what is asked for once.
    let favourites: Vec<u32> = (10..40).flat_map(|once| [1, 2, 1, 2, once, once + 100]).collect();
    // A loop over one key more than there is room for.
    let round: Vec<u32> = (0..100).map(|call| call % 5).collect();

    println!("{:10} favourites  loop", "");
    for &strategy in Strategy::ALL {
        println!("{strategy:10} {:>10} {:>5}", hits(strategy, &favourites), hits(strategy, &round));
    }
    assert!(hits(Strategy::Lfu, &favourites) > hits(Strategy::Fifo, &favourites));
    assert_eq!(hits(Strategy::Lru, &round), 0);
    assert!(hits(Strategy::Mru, &round) > 70);

    // By name, as from a configuration file.
    assert_eq!("lfu".parse(), Ok(Strategy::Lfu));
    let error = "lifo".parse::<Strategy>().unwrap_err();
    println!("{error}");

    // 2 goes, as 1 was used after it.
    assert_eq!([cube(1), cube(2), cube(1), cube(3)], [1, 8, 1, 27]);
    assert_eq!([1, 2, 3].map(cube::contains), [true, false, true]);
    assert_eq!(cube::info().evictions, 1);

    // For one thread there is each strategy's own store, without a lock.
    let mut store = LruStore::new(2);
    drop(store.insert("a", 1));
    drop(store.insert("b", 2));
    assert_eq!(store.get("a"), Some(&1));
    let evicted = store.insert("c", 3);
    assert_eq!(evicted.iter().map(|entry| entry.key).collect::<Vec<_>>(), ["b"]);
}
