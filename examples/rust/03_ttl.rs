//! Results that are good for a while only.
//!
//! cargo run --example 03_ttl

use std::time::Duration;

use warp_cache::Cache;
use warp_cache::clock::Clock;

/// Says by itself how long it is valid.
#[derive(Clone, Debug, PartialEq)]
struct Token {
    text: &'static str,
    valid: Duration,
}

fn main() {
    // A clock that a test moves by hand; without this line it is the machine's.
    let clock = Clock::manual();
    let prices = Cache::builder()
        .ttl(Duration::from_secs(60))
        .clock(clock.clone())
        .build()
        .expect("a ttl is more than 0");
    assert_eq!(prices.get_or_insert_with("tea", || 3), 3);
    clock.advance(Duration::from_secs(59));
    assert_eq!(prices.get_or_insert_with("tea", || 4), 3);
    clock.advance(Duration::from_secs(1));
    assert_eq!(prices.get_or_insert_with("tea", || 5), 5);
    println!("after a minute: {:?}", prices.info());
    assert_eq!((prices.info().expirations, prices.info().evictions), (1, 0));

    // Each entry for as long as its value says: none is for good, zero is not kept at all.
    let tokens = Cache::builder()
        .ttl_by(|token: &Token| Some(token.valid))
        .clock(clock.clone())
        .build()
        .expect("valid options");
    let short = Token { text: "guest", valid: Duration::from_secs(1) };
    let long = Token { text: "member", valid: Duration::from_secs(3600) };
    tokens.insert(1, short);
    tokens.insert(2, long.clone());
    tokens.insert(3, Token { text: "used once", valid: Duration::ZERO });
    assert_eq!(tokens.len(), 2);
    clock.advance(Duration::from_secs(10));
    assert_eq!((tokens.get(&1), tokens.get(&2)), (None, Some(long)));
    println!("still valid: {:?}", tokens.iter().map(|(_, token)| token.text).collect::<Vec<_>>());
}
