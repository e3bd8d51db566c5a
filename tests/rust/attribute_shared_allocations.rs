//! A repeated hit in shared memory allocates nothing, whatever the arguments look like. Alone in its
//! process, which counts every allocation.
#![cfg(all(unix, not(any(loom, miri))))]
#![allow(
    clippy::extra_unused_type_parameters,
    clippy::ptr_arg,
    reason = "odd shapes are the point"
)]

use std::alloc::System;
use std::borrow::Cow;
use std::sync::Arc;

use cap::Cap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use warp_cache::warp_cache;
use warp_tests::allocations::{self, now};
use warp_tests::elsewhere::elsewhere;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// The bytes that were allocated meanwhile, given back or not.
fn allocated<T>(call: impl FnOnce() -> T) -> usize {
    allocations::allocated(&ALLOCATOR, call)
}

#[derive(Clone, Serialize, Deserialize)]
struct Point {
    x: f64,
    label: String,
}

#[warp_cache(shared = "text")]
fn text(a: &str) -> usize {
    a.len()
}
#[warp_cache(shared = "owned")]
fn owned(a: String) -> usize {
    a.len()
}
#[warp_cache(shared = "references")]
fn references(a: &&str, b: &Vec<u8>, c: &'static str, d: &[u64], e: &[String; 2]) -> usize {
    a.len() + b.len() + c.len() + d.len() + e.len()
}
#[warp_cache(shared = "optional")]
fn optional(a: Option<&str>, b: &Option<&[u8]>, c: Option<f64>, d: Option<Option<&str>>) -> usize {
    a.map_or(0, str::len) + b.map_or(0, <[u8]>::len) + c.map_or(0, |_| 1) + d.map_or(0, |_| 1)
}
#[warp_cache(shared = "cow")]
fn cow(a: Cow<'_, str>, b: (f32, (u8, &[u8])), c: &std::path::Path) -> usize {
    a.len() + b.1.1.len() + c.as_os_str().len()
}
#[warp_cache(shared = "structs")]
fn structs(a: &Point, b: &Result<Point, String>) -> usize {
    a.label.len() + usize::from(b.is_ok())
}
#[warp_cache(shared = "generic")]
fn generic<T: Serialize + DeserializeOwned + Clone + 'static, U: 'static>(_: &T, n: u32) -> u32 {
    n
}
#[warp_cache(shared = "nothing")]
fn no_arguments() -> u64 {
    4
}
#[warp_cache(shared = "by key", key = (point.label, point.x, &point.label))]
fn by_key(point: &Point) -> usize {
    point.label.len()
}
#[warp_cache(shared = "ttl", ttl = 1h, cache_if = |n| *n < 100)]
fn with_conditions(a: &str) -> usize {
    a.len()
}
#[warp_cache(shared = "alone", single_flight, strategy = Lfu)]
fn alone(a: &str) -> Result<usize, String> {
    Ok(a.len())
}
#[warp_cache(shared = "later", single_flight)]
async fn later(a: &str, b: f64) -> std::io::Result<u64> {
    Ok(a.len() as u64 + b as u64)
}
#[warp_cache(shared = "arcs")]
fn arc(a: &str) -> Shared {
    Shared(Arc::new(a.to_owned()))
}

/// The decoded value is cloned, not decoded again.
#[derive(Clone)]
struct Shared(Arc<String>);

impl Serialize for Shared {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_str().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Shared {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Shared(Arc::new(text)))
    }
}

#[test]
fn no_repeated_hit_allocates() {
    macro_rules! no_hit_allocates {
        ($($call:expr),+ $(,)?) => {$({
            let _first = $call;
            assert_eq!(allocated(|| $call), 0, "{}", stringify!($call));
        })+};
    }
    elsewhere("no_repeated_hit_allocates", || {
        // What counts does count.
        assert_ne!(allocated(|| text("a miss owns its key")), 0);
        assert_eq!(allocated(|| text("a miss owns its key")), 0);
        let name = String::from("a name that is too long to be kept inline");
        let long = name.repeat(1000);
        let bytes = vec![1_u8, 2, 3];
        let pair = [name.clone(), name.clone()];
        let point = Point { x: 1.5, label: name.clone() };
        let result = Ok(point.clone());
        no_hit_allocates![
            text(&name),
            text(&long),
            references(&&*name, &bytes, "static", &[1, 2], &pair),
            optional(Some(&name), &Some(&bytes), Some(1.5), Some(Some(&name))),
            optional(None, &None, None, Some(None)),
            cow(Cow::Borrowed(&name), (f32::NAN, (1, &bytes)), name.as_ref()),
            structs(&point, &result),
            generic::<_, u8>(&name, 1),
            generic::<_, u16>(&bytes, 1),
            no_arguments(),
            by_key(&point),
            with_conditions(&name),
            with_conditions::contains(&name),
            with_conditions::get(&name),
            with_conditions::get("nothing is kept for it"),
            alone(&name),
            now(later(&name, 1.0)),
            arc(&name),
        ];
        owned(name.clone());
        let argument = name.clone();
        assert_eq!(allocated(|| owned(argument)), 0);
        // One object for all hits.
        assert!(Arc::ptr_eq(&arc(&name).0, &arc(&name).0));
    });
}
