//! Arguments that are no plain names, or have names that generated code could use.
use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;
use warp_cache::warp_cache;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Point {
    x: u64,
    y: u64,
}

#[warp_cache]
fn patterns(Point { x, y }: Point, (a, _): (u64, u8), [b, ..]: [u64; 3], _: u64, mut c: u64) -> u64 {
    c += 1;
    x + y + a + b + c
}

#[warp_cache]
fn whole(all @ (a, _): (u64, u64), &b: &u64) -> u64 {
    all.0 + all.1 + a + b
}

#[warp_cache]
fn borrowed(
    text: &str,
    twice: &&str,
    maybe: Option<Cow<'_, str>>,
    bytes: &[u8],
    path: &std::path::Path,
    vec: &Vec<String>,
    nested: Option<Option<&str>>,
    floats: (f32, Option<f64>),
) -> String {
    let _ = (bytes, path, vec, nested, floats);
    format!("{text}{twice}{}", maybe.unwrap_or_default())
}

#[warp_cache]
#[expect(clippy::too_many_arguments)]
fn names(
    key: u8,
    cache: u8,
    value: u8,
    settings: u8,
    purpose: u8,
    marker: u8,
    control: u8,
    new: u8,
    this: u8,
    function: u8,
    result: u8,
) -> u8 {
    key + cache + value + settings + purpose + marker + control + new + this + function + result
}

#[warp_cache(key = (begun, pending, element, value + 1), single_flight, cache_if = |value| *value > 1)]
async fn more_names(begun: u8, pending: &str, element: Option<&str>, value: u8) -> u8 {
    let _ = element;
    begun + pending.len() as u8 + value
}

#[warp_cache]
fn r#type(r#match: u8, argument0: u8) -> u8 {
    r#match + argument0
}

#[warp_cache(skip(call, f))]
fn closure<F: Fn(u8) -> u8>(call: impl Fn(u8) -> u8, f: F, n: u8) -> u8 {
    f(call(n))
}

const FUNCTION: usize = 10;
const SHARDS: usize = 1;

#[warp_cache(max_size = FUNCTION, shards = SHARDS)]
fn constants(n: u8) -> u8 {
    n
}

#[warp_cache]
fn none() -> Arc<str> {
    "none".into()
}

#[warp_cache(local)]
fn locals(n: &Rc<str>) -> Rc<str> {
    n.clone()
}

fn main() {
    patterns(Point { x: 1, y: 2 }, (3, 4), [5, 6, 7], 8, 9);
    whole((1, 2), &3);
    borrowed("a", &"b", None, &[1], "c".as_ref(), &vec![], Some(None), (1.0, None));
    names(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    names::set(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    assert_eq!(names(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), 12);
    drop(more_names(1, "a", None, 2));
    assert_eq!(r#type(1, 2), 3);
    assert_eq!(r#type::get(1, 2), Some(3));
    closure(|n| n, |n| n, 1);
    closure::info();
    assert_eq!((constants(1), constants::info().max_size), (1, Some(10)));
    none();
    assert_eq!(none::get(), Some(none()));
    locals(&"a".into());
}
