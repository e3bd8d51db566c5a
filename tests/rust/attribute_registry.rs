//! `functions()` and `clear_all()`, which are about all functions of a process. Alone in one.
#![cfg(not(loom))]
#![allow(clippy::extra_unused_type_parameters, reason = "odd shapes are the point")]

use warp_cache::{Info, clear_all, functions, warp_cache};

#[warp_cache(max_size = 5)]
fn zebra(n: u32) -> u32 {
    n
}
#[warp_cache(max_size = unbounded)]
fn ape(n: u32) -> u32 {
    n
}
#[warp_cache(local)]
fn of_one_thread(n: u32) -> u32 {
    n
}
#[warp_cache]
#[allow(dead_code, reason = "what this is about")]
fn never_called(n: u32) -> u32 {
    n
}
#[warp_cache]
async fn later(n: u32) -> u32 {
    n
}
#[warp_cache]
fn generic<T>(n: u32) -> usize {
    size_of::<T>() + n as usize
}

mod inner {
    #[warp_cache::warp_cache]
    pub(crate) fn r#fn(n: u32) -> u32 {
        n
    }
}

struct Store;
#[warp_cache::methods]
impl Store {
    #[warp_cache(skip(self))]
    fn method(&self, n: u32) -> u32 {
        n
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Shelf<T>(T);
impl<T: Clone + Eq + std::hash::Hash + Send + 'static> Shelf<T> {
    #[warp_cache]
    fn method(&self, n: u32) -> u32 {
        n
    }
}

trait Doubled {
    fn doubled(&self, n: u32) -> u32;
    fn tripled(n: u32) -> u32;
}
#[warp_cache::methods]
impl Doubled for u8 {
    #[warp_cache(ttl = 1h)]
    fn doubled(&self, n: u32) -> u32 {
        n * 2
    }
    #[warp_cache]
    fn tripled(n: u32) -> u32 {
        n * 3
    }
}

#[test]
fn functions_are_listed_once_called_and_cleared_together() {
    assert_eq!(functions(), []);
    for n in [1, 1, 2] {
        zebra(n);
        ape(n);
        of_one_thread(n);
        inner::r#fn(n);
        Store.method(n);
        Shelf(1_u8).method(n);
        Shelf(1_u16).method(n);
        1_u8.doubled(n);
        u8::tripled(n);
        generic::<u8>(n);
        generic::<u16>(n);
        warp_tests::executor::block_on(later(n));
    }
    let counted = Info { hits: 1, misses: 2, len: 2, max_size: Some(128), ..Info::default() };
    let two = Info { hits: 2, misses: 4, len: 4, ..counted };
    let expected = [
        ("attribute_registry::Shelf::method", two),
        ("attribute_registry::Store::method", counted),
        ("attribute_registry::ape", Info { max_size: None, ..counted }),
        ("attribute_registry::generic", two),
        ("attribute_registry::inner::fn", counted),
        ("attribute_registry::later", counted),
        ("attribute_registry::u8::doubled", counted),
        ("attribute_registry::u8::tripled", counted),
        ("attribute_registry::zebra", Info { max_size: Some(5), ..counted }),
    ];
    assert_eq!(functions(), expected);
    assert_eq!(never_called::info(), Info { max_size: Some(128), ..Info::default() });

    clear_all();
    let cleared =
        expected.map(|(name, info)| (name, Info { max_size: info.max_size, ..Info::default() }));
    assert_eq!(functions(), cleared);
    assert_eq!((zebra::contains(1), generic::contains::<u8>(1)), (false, false));
    assert!(of_one_thread::contains(1), "that of a thread is the thread's");
    assert_eq!(Store::method_cache().info().len, 0);
}
