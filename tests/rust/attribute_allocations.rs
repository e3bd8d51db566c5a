//! A hit allocates nothing, whatever the arguments look like. Alone in its process, which counts
//! every allocation.
#![cfg(not(any(loom, miri)))]
#![allow(
    clippy::extra_unused_type_parameters,
    clippy::ptr_arg,
    reason = "odd shapes are the point"
)]

use std::alloc::System;
use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use cap::Cap;
use warp_cache::warp_cache;
use warp_tests::allocations::{self, now};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// The bytes that were allocated meanwhile, given back or not.
fn allocated<T>(call: impl FnOnce() -> T) -> usize {
    allocations::allocated(&ALLOCATOR, call)
}

#[warp_cache]
fn text(a: &str) -> usize {
    a.len()
}
#[warp_cache]
fn owned(a: String) -> usize {
    a.len()
}
#[warp_cache]
fn reference_to_owned(a: &String, b: &Vec<u8>) -> usize {
    a.len() + b.len()
}
#[warp_cache]
fn slice(a: &[u64]) -> usize {
    a.len()
}
#[warp_cache]
fn array(a: &[String; 2], b: [u8; 4]) -> usize {
    a.len() + b.len()
}
#[warp_cache]
fn references(a: &&str, b: &&&[u8], c: &'static str) -> usize {
    a.len() + b.len() + c.len()
}
#[warp_cache]
fn optional(a: Option<&str>, b: &Option<&[u8]>, c: Option<f64>, d: Option<Option<&str>>) -> usize {
    a.map_or(0, str::len) + b.map_or(0, <[u8]>::len) + c.map_or(0, |_| 1) + d.map_or(0, |_| 1)
}
#[warp_cache]
fn optional_owned(a: &Option<String>, b: &Result<String, String>) -> usize {
    a.as_ref().map_or(0, String::len) + b.as_ref().map_or(0, String::len)
}
#[warp_cache]
fn cow(a: Cow<'_, str>, b: &Cow<'_, [u8]>) -> usize {
    a.len() + b.len()
}
#[warp_cache]
fn tuple(a: (&str, (u8, &[u8])), b: &(String, f32), c: (Cow<'_, str>, Option<&str>)) -> usize {
    a.0.len() + a.1.1.len() + b.0.len() + c.0.len()
}
#[warp_cache]
fn floats(a: f64, b: f32, c: &f64) -> u64 {
    (a + f64::from(b) + c) as u64
}
#[warp_cache]
fn several(a: &str, b: &str, c: u64, d: &[u8], e: char, f: bool) -> usize {
    a.len() + b.len() + c as usize + d.len() + e as usize + usize::from(f)
}
#[warp_cache]
fn path(a: &std::path::Path, b: &std::ffi::OsStr, c: &std::ffi::CStr) -> usize {
    a.as_os_str().len() + b.len() + c.count_bytes()
}
#[warp_cache]
fn generic<T: std::hash::Hash + Eq + Clone + Send + 'static, U>(_: &T, n: u32) -> u32 {
    n
}
#[warp_cache]
fn no_arguments() -> u64 {
    4
}

#[test]
fn no_hit_allocates() {
    macro_rules! no_hit_allocates {
        ($($call:expr),+ $(,)?) => {$({
            let first = $call;
            assert_eq!(allocated(|| assert_eq!($call, first)), 0, "{}", stringify!($call));
        })+};
    }

    // What counts does count.
    assert_ne!(allocated(|| text("a miss owns its key")), 0);
    assert_eq!(allocated(|| text("a miss owns its key")), 0);

    let name = String::from("a name that is too long to be kept inline");
    let bytes = vec![1_u8, 2, 3];
    let pair = [name.clone(), name.clone()];
    no_hit_allocates![
        text("a"),
        text(&name),
        reference_to_owned(&name, &bytes),
        slice(&[1, 2, 3]),
        array(&pair, [1, 2, 3, 4]),
        references(&&*name, &&&*bytes, "static"),
        optional(Some(&name), &Some(&bytes), Some(1.5), Some(Some(&name))),
        optional(None, &None, None, Some(None)),
        cow(Cow::Borrowed(&name), &Cow::Borrowed(&bytes)),
        floats(1.5, f32::NAN, &-0.0),
        several(&name, "b", 3, &bytes, 'c', true),
        generic::<_, u8>(&name, 1),
        generic::<_, u16>(&bytes, 1),
        no_arguments(),
        path(name.as_ref(), name.as_ref(), c"text"),
    ];

    // What the caller hands over has been allocated before.
    owned(name.clone());
    let argument = name.clone();
    assert_eq!(allocated(|| owned(argument)), 0);
    let (some, ok) = (Some(name.clone()), Ok(name.clone()));
    no_hit_allocates![optional_owned(&some, &ok)];
    let owned_cow = Cow::Owned(name.clone());
    assert_eq!(
        allocated(|| cow(owned_cow, &Cow::Borrowed(&bytes))),
        0,
        "one key with the borrowed"
    );
    let with_float = (name.clone(), 1.5);
    no_hit_allocates![tuple((&name, (1, &bytes)), &with_float, (Cow::Borrowed(&name), None))];

    methods();
    options();
    futures();
    controls();
}

#[derive(Clone, Hash, PartialEq, Eq)]
struct Store {
    name: String,
}

impl Store {
    #[warp_cache]
    fn alone(&self, key: &str) -> usize {
        self.name.len() + key.len()
    }
    #[warp_cache(skip(self))]
    fn skipping(&self, key: &str) -> usize {
        self.name.len() + key.len()
    }
}

#[warp_cache::methods]
impl Store {
    #[warp_cache]
    fn controlled(&self, key: &str) -> usize {
        self.name.len() + key.len()
    }
    #[warp_cache]
    fn of(key: &str) -> Arc<Self> {
        Arc::new(Store { name: key.into() })
    }
}

fn methods() {
    let store = Store { name: "a name that is too long to be kept inline".into() };
    let calls: [fn(&Store, &str) -> usize; 3] = [Store::alone, Store::skipping, Store::controlled];
    for call in calls {
        call(&store, "key");
        assert_eq!(allocated(|| call(&store, "key")), 0);
    }
    Store::of("a");
    assert_eq!(allocated(|| Store::of("a")), 0);
}

struct User {
    id: u64,
    name: String,
    weight: f64,
}

#[warp_cache(key = (user.id, user.name, &user.name, *language, user.weight))]
fn by_key(user: &User, language: &&str) -> u64 {
    user.id + language.len() as u64
}
#[warp_cache(key = name.to_ascii_lowercase())]
fn by_lower_case(name: &str) -> Arc<str> {
    name.into()
}
#[warp_cache(local)]
fn local(a: &str) -> Rc<str> {
    a.into()
}
#[warp_cache(ttl = 1h)]
fn with_ttl(a: &str) -> Arc<str> {
    a.into()
}
#[warp_cache(ttl = |_| Duration::from_secs(3600), cache_if = |a| !a.is_empty(), on_evict = |_, _, _| ())]
fn with_conditions(a: &str) -> Arc<str> {
    a.into()
}
#[warp_cache(single_flight, shards = 4)]
fn alone(a: &str) -> Result<Arc<str>, String> {
    Ok(a.into())
}
#[warp_cache(strategy = Lfu)]
fn counted(a: &str) -> Option<Arc<str>> {
    Some(a.into())
}

fn options() {
    let user =
        User { id: 1, name: "a name that is too long to be kept inline".into(), weight: 2.5 };
    by_key(&user, &"en");
    assert_eq!(allocated(|| by_key(&user, &"en")), 0);
    by_lower_case("KEY");
    assert_eq!(allocated(|| by_lower_case("KEY")), 3, "what the user's expression allocates");
    local("a");
    assert_eq!(allocated(|| local("a")), 0);
    for call in [with_ttl, with_conditions] {
        call("a");
        assert_eq!(allocated(|| call("a")), 0);
    }
    assert!(alone("a").is_ok() && counted("a").is_some());
    assert_eq!(allocated(|| alone("a")), 0);
    assert_eq!(allocated(|| counted("a")), 0);
}

#[warp_cache]
async fn later(a: &str, b: u64) -> Arc<str> {
    format!("{a}{b}").into()
}
#[warp_cache(single_flight, ttl = 1h)]
async fn later_alone(a: &str, b: f64) -> std::io::Result<Arc<str>> {
    Ok(format!("{a}{b}").into())
}

impl Store {
    #[warp_cache(single_flight)]
    async fn later(&self, a: &str) -> usize {
        self.name.len() + a.len()
    }
}

fn futures() {
    let store = Store { name: "a name that is too long to be kept inline".into() };
    now(later("a", 1));
    assert!(now(later_alone("a", 1.0)).is_ok());
    now(store.later("a"));
    assert_eq!(allocated(|| now(later("a", 1))), 0);
    assert_eq!(allocated(|| now(later_alone("a", 1.0))), 0);
    assert_eq!(allocated(|| now(store.later("a"))), 0);
}

fn controls() {
    assert_eq!(allocated(|| with_ttl::contains("a")), 0);
    assert_eq!(allocated(|| with_ttl::get("a")), 0);
    assert_eq!(allocated(with_ttl::info), 0);
    assert_eq!(allocated(|| with_ttl::get("nothing is kept for it")), 0);
}
