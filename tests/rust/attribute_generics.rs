//! One store per instantiation, be the parameters those of the function or of what surrounds it,
//! and whether or not an argument shows them.
#![cfg(not(loom))]
#![allow(clippy::extra_unused_type_parameters, reason = "odd shapes are the point")]

use std::any::type_name;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::marker::PhantomData;

use warp_cache::warp_cache;
use warp_tests::computed::{computations, computed};
use warp_tests::executor::block_on;

#[warp_cache]
fn shown<T: Debug + Hash + Eq + Clone + Send + 'static>(value: T) -> String {
    computed(format!("{value:?}"))
}

#[warp_cache]
fn shown_by_reference<T: Debug + Hash + Eq + Clone + Send + 'static>(value: &T) -> String {
    computed(format!("{value:?}"))
}

#[test]
fn the_type_of_an_argument_chooses_the_store() {
    let calls = || {
        assert_eq!([shown(1_u8), shown(1_u8), shown(1_u16)], ["1", "1", "1"]);
        assert_eq!([shown("a"), shown("a")], ["\"a\""; 2]);
        assert_eq!(shown(String::from("a")), "\"a\"");
        assert_eq!([shown_by_reference(&1_u8), shown_by_reference(&1_u8)], ["1", "1"]);
    };
    assert_eq!(computations(calls), 5);
    assert_eq!(shown::info().len, 4);
}

#[warp_cache]
fn name_of<T>(n: u32) -> String {
    computed(format!("{} {n}", type_name::<T>()))
}

#[warp_cache]
fn repeated<const N: usize, const UPPER: bool>(text: &str) -> String {
    let text = text.repeat(N);
    computed(if UPPER { text.to_uppercase() } else { text })
}

#[warp_cache]
fn default_of<T>() -> T
where
    T: Default + Clone + Send + 'static,
{
    computed(T::default())
}

#[test]
fn parameters_that_no_argument_shows_separate_stores() {
    struct NotStaticAtHeart;
    let calls = || {
        assert_eq!(
            [name_of::<u8>(1), name_of::<u16>(1), name_of::<u8>(1)],
            ["u8 1", "u16 1", "u8 1"]
        );
        assert!(name_of::<NotStaticAtHeart>(1).ends_with("NotStaticAtHeart 1"));
        assert_eq!(repeated::<2, false>("ab"), "abab");
        assert_eq!(repeated::<3, false>("ab"), "ababab");
        assert_eq!(repeated::<2, true>("ab"), "ABAB");
        assert_eq!(repeated::<2, true>("ab"), "ABAB");
        assert_eq!((default_of::<u8>(), default_of::<u64>(), default_of::<u8>()), (0, 0, 0));
    };
    assert_eq!(computations(calls), 3 + 3 + 2);
}

#[warp_cache(key = (text.to_string()))]
fn size_of_shown(text: impl Display) -> (String, usize) {
    computed((text.to_string(), std::mem::size_of_val(&text)))
}

#[warp_cache(skip(_by))]
fn size_of_skipped(n: u32, _by: &(impl Display + ?Sized)) -> (u32, usize) {
    computed((n, std::mem::size_of_val(_by)))
}

/// `impl Trait` in the place of an argument's type is a type parameter without a name.
#[test]
fn anonymous_parameters_separate_stores_too() {
    let calls = || {
        assert_eq!(
            [size_of_shown(7_u8).1, size_of_shown(7_u64).1, size_of_shown(7_u8).1],
            [1, 8, 1]
        );
        assert_eq!([size_of_skipped(1, &7_u8).1, size_of_skipped(1, &7_u16).1], [1, 2]);
        assert_eq!(size_of_skipped(1, &9_u8).1, 1);
    };
    assert_eq!(computations(calls), 4);
    assert_eq!(size_of_shown::get(7_u8), Some(("7".into(), 1)));
    assert_eq!(size_of_shown::get(7_u16), None);
    assert!(size_of_shown::contains(7_u64));
}

#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct Tagged<T, const N: usize>(PhantomData<T>);

impl<T: 'static, const N: usize> Tagged<T, N> {
    #[warp_cache(skip(self))]
    fn alone(&self, n: usize) -> String {
        computed(format!("{} {}", type_name::<T>(), N * n))
    }
}

#[warp_cache::methods]
impl<T: 'static, const N: usize> Tagged<T, N> {
    #[warp_cache]
    fn of(n: usize) -> String {
        computed(format!("{} {}", type_name::<T>(), N * n))
    }

    #[warp_cache(skip(self))]
    fn with<U: 'static>(&self, n: usize) -> String {
        computed(format!("{} {} {}", type_name::<T>(), type_name::<U>(), N * n))
    }

    #[warp_cache(skip(self))]
    async fn later<U: 'static>(&self, n: usize) -> String {
        computed(format!("{} {} {}", type_name::<T>(), type_name::<U>(), N * n))
    }
}

#[test]
fn parameters_of_an_impl_separate_stores() {
    let (a, b, c) =
        (Tagged::<u8, 1>(PhantomData), Tagged::<u16, 1>(PhantomData), Tagged::<u8, 2>(PhantomData));
    let calls = || {
        for _ in 0..2 {
            assert_eq!([a.alone(3), b.alone(3), c.alone(3)], ["u8 3", "u16 3", "u8 6"]);
            assert_eq!(Tagged::<u8, 1>::of(3), "u8 3");
            assert_eq!(Tagged::<u16, 1>::of(3), "u16 3");
            assert_eq!(
                [a.with::<i8>(1), a.with::<i16>(1), b.with::<i8>(1)],
                ["u8 i8 1", "u8 i16 1", "u16 i8 1"]
            );
            assert_eq!(block_on(a.later::<i8>(1)), "u8 i8 1");
            assert_eq!(block_on(c.later::<i8>(1)), "u8 i8 2");
        }
    };
    assert_eq!(computations(calls), 3 + 2 + 3 + 2);
    assert_eq!(Tagged::<u8, 1>::with_cache().get::<i16>(&a, 1), Some("u8 i16 1".into()));
    assert_eq!(Tagged::<u8, 1>::with_cache().get::<i32>(&a, 1), None);
    assert_eq!(Tagged::<u8, 1>::of_cache().get(3), Some("u8 3".into()));
}

#[warp_cache]
fn lengths<'a, 'b: 'a>(a: &'a str, b: &'b [u8]) -> usize {
    computed(a.len() + b.len())
}

struct View<'a>(&'a str);

impl<'a> View<'a> {
    #[warp_cache(skip(self))]
    fn add(&self, other: &'a str) -> usize {
        computed(self.0.len() + other.len())
    }

    #[warp_cache(key = (self.0, other))]
    fn both(&self, other: &str) -> String {
        computed(format!("{}{other}", self.0))
    }
}

#[test]
fn lifetimes_are_no_part_of_anything() {
    let calls = || {
        for _ in 0..2 {
            let (text, bytes) = (String::from("ab"), vec![1, 2, 3]);
            assert_eq!(lengths(&text, &bytes), 5);
            assert_eq!(View(&text).add("c"), 3);
            assert_eq!([View(&text).both("c"), View("ab").both("c")], ["abc"; 2]);
        }
    };
    assert_eq!(computations(calls), 3);
}

trait Codec {
    const NAME: &'static str;
}
struct Plain;
impl Codec for Plain {
    const NAME: &'static str = "plain";
}
struct Loud;
impl Codec for Loud {
    const NAME: &'static str = "LOUD";
}

/// As `name_of`, for an async function and a type whose only use is a constant.
#[warp_cache(single_flight)]
async fn encoded<C: Codec>(text: &str) -> String {
    computed(format!("{}:{text}", C::NAME))
}

#[test]
fn async_functions_have_a_store_per_instantiation() {
    let calls = || {
        assert_eq!(block_on(encoded::<Plain>("a")), "plain:a");
        assert_eq!(block_on(encoded::<Loud>("a")), "LOUD:a");
        assert_eq!(block_on(encoded::<Plain>("a")), "plain:a");
    };
    assert_eq!(computations(calls), 2);
}
