//! A computation that fails: its error is returned and not kept, the next call tries again.
//!
//! cargo run --example 06_errors

use std::num::ParseIntError;
use std::panic::{catch_unwind, set_hook};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use warp_cache::{Cache, warp_cache};

#[warp_cache]
fn parse(text: &str) -> Result<i32, ParseIntError> {
    text.parse()
}

static LANDED: AtomicBool = AtomicBool::new(false);

/// That there is nothing is not kept either.
#[warp_cache]
fn owner(of: &str) -> Option<String> {
    assert_ne!(of, "sun", "it is hot");
    LANDED.load(Ordering::Relaxed).then(|| "Neil".to_owned())
}

/// Unless it is told to.
#[warp_cache(cache_none)]
fn first_owner(of: &str) -> Option<String> {
    owner::uncached(of)
}

fn main() {
    assert_eq!((parse("42"), parse("42")), (Ok(42), Ok(42)));
    println!("{}", parse("many").unwrap_err());
    assert!(parse("many").is_err());
    let info = parse::info();
    println!("{info:?}");
    assert_eq!((info.hits, info.misses, info.errors, info.len), (1, 3, 2, 1));

    assert_eq!((owner("moon"), owner::contains("moon")), (None, false));
    assert_eq!((first_owner("moon"), first_owner::get("moon")), (None, Some(None)));
    LANDED.store(true, Ordering::Relaxed);
    assert_eq!((owner("moon").as_deref(), first_owner("moon")), (Some("Neil"), None));

    // A panic goes to its caller, and leaves the cache as it was.
    set_hook(Box::new(|_| println!("it is hot: that goes to the caller")));
    assert!(catch_unwind(|| owner("sun")).is_err());
    assert_eq!((owner::info().errors, owner::contains("sun")), (1, false));

    // A refresh that fails leaves the old result.
    parse::set("none", Ok(-1));
    assert!(parse::refresh("none").is_err());
    assert_eq!(parse("none"), Ok(-1));

    // What cannot be is no attribute that compiles, and no cache that is built.
    let refused = Cache::<u32, u32>::builder().ttl(Duration::ZERO).build().unwrap_err();
    println!("{refused}");
    assert_eq!(refused.argument(), "ttl");
}
