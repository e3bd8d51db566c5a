//! `#[warp_cache]` wherever functions live.
#![cfg(not(loom))]

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use warp_cache::{Cause, warp_cache};

static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Doubles.
#[warp_cache]
pub fn double(n: u64) -> u64 {
    CALLS.fetch_add(1, Relaxed);
    n * 2
}

#[warp_cache(max_size = unbounded)]
fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

#[warp_cache(max_size = 10_000, strategy = Lfu, ttl = 60s)]
fn price(item: u64) -> f64 {
    item as f64 * 1.5
}

#[warp_cache]
fn parse(
    pattern: &str,
    n: Option<&str>,
    c: Cow<'_, str>,
    s: &[u8],
    f: f64,
    (a, b): (u8, &str),
) -> Arc<String> {
    let _ = (a, b, f, s);
    Arc::new(format!("{pattern}{n:?}{c}"))
}

type R<T> = std::io::Result<T>;
#[warp_cache]
fn fails(n: u64) -> R<u64> {
    CALLS.fetch_add(1, Relaxed);
    if n == 0 {
        Err(std::io::Error::other("x"))?
    }
    Ok(n)
}

#[warp_cache(cache_none)]
fn nothing(n: u64) -> Option<u64> {
    CALLS.fetch_add(1, Relaxed);
    (n > 3).then_some(n)
}

struct User {
    id: u64,
    name: String,
}
#[warp_cache(key = (user.id, lang.to_ascii_lowercase()))]
fn greet(user: &User, lang: &str) -> String {
    format!("{} {}", user.name, lang)
}

#[warp_cache(local, on_evict = gone)]
fn score(x: f64) -> std::rc::Rc<f64> {
    std::rc::Rc::new(x)
}
fn gone(_: &warp_cache::key::Float<f64>, _: &std::rc::Rc<f64>, _: Cause) {}

#[warp_cache]
fn generic<T: Default + Send + Clone + 'static + std::fmt::Display, const N: usize>(
    n: u32,
) -> String {
    format!("{}{}{n}", T::default(), N)
}

#[warp_cache(skip(pool), ttl = 1h30m)]
async fn user(pool: &u64, id: u64) -> std::io::Result<u64> {
    Ok(*pool + id)
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Store<T> {
    rate: T,
}
#[warp_cache::methods]
impl<T: Clone + Eq + std::hash::Hash + Send + 'static + Into<u64>> Store<T> {
    #[warp_cache(max_size = 10)]
    fn rate(&self, x: u64) -> u64 {
        self.rate.clone().into() + x
    }
    #[warp_cache(skip(self))]
    fn other(&self, mut x: u64) -> Result<Self, String> {
        x += 1;
        if x == 0 {
            return Err("x".into());
        }
        Ok(self.clone())
    }
    #[warp_cache]
    fn make(t: T) -> Self {
        Store { rate: t }
    }
    #[warp_cache]
    async fn later(&self, x: u64) -> u64 {
        x
    }
}
trait Area {
    fn area(&self, k: &str) -> u64;
}
impl Area for Store<u64> {
    #[warp_cache]
    fn area(&self, k: &str) -> u64 {
        self.rate + k.len() as u64
    }
}

#[test]
fn functions_of_every_shape_are_cached() {
    assert_eq!((double(4), double(4), CALLS.load(Relaxed)), (8, 8, 1));
    assert_eq!(fib(80), 23416728348467685);
    assert_eq!(double::get(4), Some(8));
    assert!(double::contains(4));
    double::set(5, 11);
    assert_eq!(double(5), 11);
    assert_eq!(double::refresh(5), 10);
    assert_eq!(double::uncached(6), 12);
    assert!(double::invalidate(5));
    price(3);
    parse("a", None, "x".into(), &[1], 0.0, (1, "z"));
    parse("a", None, "x".into(), &[1], -0.0, (1, "z"));
    assert_eq!(parse::info().hits, 1);
    assert!(fails(0).is_err());
    assert!(fails(0).is_err());
    assert_eq!(fails::info().errors, 2);
    nothing(1);
    nothing(1);
    assert_eq!(nothing::info().hits, 1);
    greet(&User { id: 1, name: "x".into() }, "EN");
    assert_eq!(greet(&User { id: 1, name: "y".into() }, "en"), "x EN");
    score(f64::NAN);
    score(f64::NAN);
    assert_eq!(score::info().hits, 1);
    assert_eq!(generic::<u8, 3>(1), "031");
    assert_eq!(generic::<String, 4>(1), "41");
    assert_eq!(generic::<u8, 4>(1), "041");
    let s = Store { rate: 3u64 };
    assert_eq!(s.rate(3), 6);
    assert_eq!(Store::<u64>::rate_cache().get(&s, 3), Some(6));
    assert_eq!(s.area("xx"), 5);
    s.other(3).ok();
    Store::make(4u64);
    drop((user(&3, 4), s.later(3)));
    warp_cache::clear_all();
    assert_eq!(double::info().len, 0);
}
