//! Results that are good for a while only.
//!
//! cargo run --example 03_ttl

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use warp_cache::clock::Clock;
use warp_cache::{Cache, warp_cache};

static COMPUTED: AtomicU32 = AtomicU32::new(0);

/// Kept for a minute from the moment it was computed. `Duration::from_secs(60)` says the same.
#[warp_cache(ttl = 60s)]
fn price(_item: &str) -> u32 {
    COMPUTED.fetch_add(1, Ordering::Relaxed) + 1
}

/// Says by itself for how long it is valid: none is for good, zero is not kept at all.
#[derive(Clone, Debug, PartialEq)]
struct Token(Option<Duration>);

#[warp_cache(ttl = |token: &Token| token.0)]
fn token(user: &str) -> Token {
    Token(match user {
        "guest" => Some(Duration::from_secs(300)),
        "member" => Some(Duration::from_secs(3600)),
        "used once" => Some(Duration::ZERO),
        _ => None,
    })
}

fn main() {
    assert_eq!((price("tea"), price("tea")), (1, 1));
    // Before its time is over, one entry can be dropped, or computed anew in its place.
    assert!(price::invalidate("tea"));
    assert_eq!(price("tea"), 2);
    assert_eq!(price::refresh("tea"), 3);
    assert_eq!(price("tea"), 3);
    println!("price: {:?}", price::info());

    let users = ["guest", "member", "owner", "used once"];
    let tokens = users.map(token);
    let kept: Vec<_> = users.into_iter().filter(|user| token::contains(user)).collect();
    println!("kept: {kept:?} of {tokens:?}");
    assert_eq!(kept, ["guest", "member", "owner"]);

    // A cache by itself also takes a clock that a test moves by hand.
    let clock = Clock::manual();
    let builder = Cache::builder().ttl(Duration::from_secs(60)).clock(clock.clone());
    let prices = builder.build().expect("a ttl is more than 0");
    assert_eq!(prices.get_or_insert_with("tea", || 3), 3);
    clock.advance(Duration::from_secs(59));
    assert_eq!(prices.get_or_insert_with("tea", || 4), 3);
    clock.advance(Duration::from_secs(1));
    assert_eq!(prices.get_or_insert_with("tea", || 5), 5);
    println!("after a minute: {:?}", prices.info());
    assert_eq!((prices.info().expirations, prices.info().evictions), (1, 0));
}
