//! A computation that fails: its error is returned and not kept, the next call tries again.
//!
//! cargo run --example 06_errors

use std::num::ParseIntError;
use std::panic::catch_unwind;
use std::time::Duration;

use warp_cache::Cache;

fn parse(cache: &Cache<&'static str, i32>, text: &'static str) -> Result<i32, ParseIntError> {
    cache.try_get_or_insert_with(text, || text.parse())
}

fn main() {
    let cache = Cache::new(100);
    assert_eq!(parse(&cache, "42"), Ok(42));
    assert_eq!(parse(&cache, "42"), Ok(42));
    println!("{}", parse(&cache, "many").unwrap_err());
    assert!(parse(&cache, "many").is_err());
    let info = cache.info();
    println!("{info:?}");
    assert_eq!((info.hits, info.misses, info.errors, info.len), (1, 3, 2, 1));

    // An Option is a value like any other: that there is nothing is kept too.
    let owners: Cache<&str, Option<&str>> = Cache::new(100);
    assert_eq!(owners.get_or_insert_with("house", || Some("Ada")), Some("Ada"));
    assert_eq!(owners.get_or_insert_with("moon", || None), None);
    assert_eq!(owners.get(&"moon"), Some(None));
    assert_eq!(owners.get(&"sun"), None);

    // A panic goes to its caller, and leaves the cache as it was.
    let panicking = || owners.get_or_insert_with("sun", || panic!("it is hot"));
    assert!(catch_unwind(std::panic::AssertUnwindSafe(panicking)).is_err());
    assert_eq!(owners.get_or_insert_with("sun", || Some("nobody")), Some("nobody"));

    // What cannot be is refused when the cache is built.
    let refused = Cache::<u32, u32>::builder().ttl(Duration::ZERO).build().unwrap_err();
    println!("{refused}");
    assert_eq!(refused.argument(), "ttl");
}
