//! Which entry goes when a cache is full: the same calls, one strategy after the other.
//!
//! cargo run --example 02_strategies

use warp_cache::{Cache, LruStore, Strategy};

/// How many of the calls are hits in a cache of 4.
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

    // For one thread there is each strategy's own store, without a lock.
    let mut store = LruStore::new(2);
    drop(store.insert("a", 1));
    drop(store.insert("b", 2));
    assert_eq!(store.get("a"), Some(&1));
    let evicted = store.insert("c", 3);
    assert_eq!(evicted.iter().map(|entry| entry.key).collect::<Vec<_>>(), ["b"]);
}
