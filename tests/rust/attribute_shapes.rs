//! `#[warp_cache]` wherever a function can stand: each shape computes once per key, and what is not
//! the same function or the same receiver shares nothing.
#![cfg(not(loom))]
#![allow(clippy::too_many_arguments, reason = "a key takes 12")]

use std::rc::Rc;
use std::sync::Arc;

use warp_cache::warp_cache;
use warp_tests::computed::{computations, computed};
use warp_tests::executor::block_on;

#[warp_cache]
fn free(n: u64) -> u64 {
    computed(n * 2)
}

#[test]
fn a_free_function_computes_once_per_argument() {
    assert_eq!(computations(|| assert_eq!([free(1), free(1), free(2)], [2, 2, 4])), 2);
    let info = free::info();
    assert_eq!((info.hits, info.misses, info.len, info.max_size), (1, 2, 2, Some(128)));
}

#[test]
fn nested_functions_of_one_name_are_two() {
    fn first() -> &'static str {
        #[warp_cache]
        fn nested(_: u8) -> &'static str {
            computed("first")
        }
        nested(1)
    }
    fn second() -> &'static str {
        #[warp_cache]
        fn nested(_: u8) -> &'static str {
            computed("second")
        }
        nested(1)
    }
    let calls =
        || assert_eq!([first(), second(), first(), second()], ["first", "second"].repeat(2)[..]);
    assert_eq!(computations(calls), 2);
}

#[warp_cache]
fn no_arguments() -> String {
    computed("alone".to_owned())
}

#[warp_cache]
fn patterns((a, mut b): (u8, u8), [c, _]: [u8; 2], mut d: u8, _: u8) -> u32 {
    b += 1;
    d += 1;
    computed(u32::from(a) + u32::from(b) + u32::from(c) + u32::from(d))
}

#[warp_cache]
fn twelve(
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
    j: u8,
    k: u8,
    l: u8,
) -> u32 {
    computed([a, b, c, d, e, f, g, h, i, j, k, l].map(u32::from).into_iter().sum())
}

#[test]
fn arguments_of_every_number_and_pattern_are_the_key() {
    assert_eq!(
        computations(|| assert_eq!([no_arguments(), no_arguments()], ["alone", "alone"])),
        1
    );
    let calls = || {
        assert_eq!(patterns((1, 2), [3, 4], 5, 6), 1 + 3 + 3 + 6);
        assert_eq!(patterns((1, 2), [3, 4], 5, 6), 1 + 3 + 3 + 6);
        // Also what the pattern ignores.
        patterns((1, 2), [3, 9], 5, 6);
        patterns((1, 2), [3, 4], 5, 9);
    };
    assert_eq!(computations(calls), 3);
    let calls = || {
        assert_eq!(twelve(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 12);
        assert_eq!(twelve(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 12);
        assert_eq!(twelve(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2), 13);
    };
    assert_eq!(computations(calls), 2);
}

/// `?`, `return` and recursion mean what they mean without the attribute.
#[warp_cache]
fn collatz(n: u64) -> Result<u32, std::num::TryFromIntError> {
    if n == 1 {
        return Ok(computed(0));
    }
    let rest = collatz(if n % 2 == 0 { n / 2 } else { 3 * n + 1 })?;
    let _: u8 = computed(n % 200).try_into()?;
    Ok(rest + 1)
}

#[test]
fn bodies_mean_what_they_meant() {
    assert_eq!(collatz(27), Ok(111));
    assert_eq!(computations(|| assert_eq!(collatz(27), Ok(111))), 0);
}

#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct Point {
    x: i64,
    y: i64,
}

impl Point {
    #[warp_cache]
    fn scaled(&self, by: i64) -> i64 {
        computed((self.x + self.y) * by)
    }

    #[warp_cache(skip(self))]
    fn tripled(&self, n: i64) -> i64 {
        computed(n * 3)
    }

    #[warp_cache]
    fn taken(self, by: i64) -> i64 {
        computed(self.x * by)
    }

    #[warp_cache]
    fn in_an_arc(self: &Arc<Self>, by: i64) -> i64 {
        computed(self.y * by)
    }

    #[warp_cache(local)]
    fn for_one_thread(self: Rc<Self>) -> Rc<i64> {
        Rc::new(computed(self.x))
    }
}

#[test]
fn a_receiver_is_part_of_the_key_unless_it_is_skipped() {
    let [a, same, b] = [(1, 2), (1, 2), (3, 4)].map(|(x, y)| Point { x, y });
    let calls =
        || assert_eq!([a.scaled(2), same.scaled(2), b.scaled(2), a.scaled(3)], [6, 6, 14, 9]);
    assert_eq!(computations(calls), 3);
    assert_eq!(
        computations(|| assert_eq!([a.tripled(1), b.tripled(1), b.tripled(2)], [3, 3, 6])),
        2
    );
}

#[test]
fn receivers_of_every_kind_work() {
    let [a, b] = [(1, 2), (3, 4)].map(|(x, y)| Point { x, y });
    let calls = || {
        assert_eq!([a.clone().taken(2), a.clone().taken(2), b.clone().taken(2)], [2, 2, 6]);
        let [one, equal] = [Arc::new(a.clone()), Arc::new(a.clone())];
        assert_eq!([one.in_an_arc(5), equal.in_an_arc(5)], [10, 10]);
        let kept = [Rc::new(b.clone()).for_one_thread(), Rc::new(b.clone()).for_one_thread()];
        assert!(Rc::ptr_eq(&kept[0], &kept[1]));
    };
    assert_eq!(computations(calls), 4);
}

trait Shape {
    const SIDES: u32;

    fn sides(&self, scale: u32) -> u32;

    /// One static for all implementors, and a store for each.
    #[warp_cache(skip(self))]
    fn angles(&self, scale: u32) -> u32
    where
        Self: Sized,
    {
        computed((Self::SIDES - 2) * 180 * scale)
    }

    #[warp_cache]
    fn named(&self, name: &str) -> String
    where
        Self: std::fmt::Debug + Clone + std::hash::Hash + Eq + Send + 'static,
    {
        computed(format!("{self:?} {name}"))
    }
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
struct Triangle;
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
struct Square;

impl Shape for Triangle {
    const SIDES: u32 = 3;

    #[warp_cache]
    fn sides(&self, scale: u32) -> u32 {
        computed(3 * scale)
    }
}

impl Shape for Square {
    const SIDES: u32 = 4;

    #[warp_cache]
    fn sides(&self, scale: u32) -> u32 {
        computed(4 * scale)
    }
}

#[test]
fn traits_impls_and_default_methods_are_cached_by_type() {
    let calls = || {
        assert_eq!([Triangle.sides(1), Square.sides(1), Triangle.sides(1)], [3, 4, 3]);
        assert_eq!([Triangle.angles(1), Square.angles(1), Square.angles(1)], [180, 360, 360]);
        assert_eq!([Triangle.named("a"), Square.named("a")], ["Triangle a", "Square a"]);
        assert_eq!([Triangle.named("a"), Square.named("a")], ["Triangle a", "Square a"]);
    };
    assert_eq!(computations(calls), 6);
}

#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct Account {
    id: u32,
}

#[warp_cache::methods]
impl Account {
    #[warp_cache]
    fn open(id: u32) -> Self {
        computed(Account { id })
    }

    #[warp_cache]
    fn parse(text: &str) -> Result<Self, std::num::ParseIntError> {
        Ok(computed(Account { id: text.parse()? }))
    }

    #[warp_cache]
    fn limit() -> u32 {
        computed(1000)
    }

    #[warp_cache]
    async fn balance(&self, year: u32) -> u32 {
        computed(self.id + year)
    }

    /// Not cached.
    fn doubled(&self) -> u32 {
        self.id * 2
    }
}

#[test]
fn associated_functions_are_cached_in_an_impl_with_methods() {
    let calls = || {
        assert_eq!(Account::open(1), Account::open(1));
        assert_eq!(Account::parse("7"), Ok(Account { id: 7 }));
        assert_eq!(Account::parse("7").map(|account| account.doubled()), Ok(14));
        assert!(Account::parse("x").is_err());
        assert_eq!([Account::limit(), Account::limit()], [1000, 1000]);
        assert_eq!(block_on(Account { id: 3 }.balance(2000)), 2003);
        assert_eq!(block_on(Account { id: 3 }.balance(2000)), 2003);
    };
    assert_eq!(computations(calls), 4);
}

#[warp_cache]
async fn later(n: u64, text: &str) -> String {
    warp_tests::executor::yield_now().await;
    computed(format!("{n}{text}"))
}

impl Point {
    #[warp_cache]
    async fn later(&self, by: i64) -> Result<i64, String> {
        warp_tests::executor::yield_now().await;
        if by == 0 {
            return Err("nothing".into());
        }
        let product = self.x.checked_mul(by).ok_or("too large")?;
        Ok(computed(product))
    }
}

#[test]
fn async_functions_and_methods_compute_when_awaited() {
    let calls = || drop(later(1, "a"));
    assert_eq!(computations(calls), 0, "nothing happens before the first poll");
    let calls = || {
        assert_eq!(block_on(later(1, "a")), "1a");
        assert_eq!(block_on(later(1, "a")), "1a");
        let point = Point { x: 2, y: 0 };
        assert_eq!([block_on(point.later(3)), block_on(point.later(3))], [Ok(6), Ok(6)]);
        assert_eq!(block_on(point.later(0)), Err("nothing".into()));
        assert_eq!(block_on(Point { x: i64::MAX, y: 0 }.later(2)), Err("too large".into()));
    };
    assert_eq!(computations(calls), 2);
}

mod elsewhere {
    /// Found by one `use`, controls and all.
    #[warp_cache::warp_cache]
    pub(crate) extern "C" fn priced(n: u64) -> u64 {
        warp_tests::computed::computed(n + 1)
    }
}
use elsewhere::priced;

/// What a user has by that name clashes with nothing.
const PRICED: u64 = 5;

#[test]
fn a_function_is_imported_with_its_controls() {
    assert_eq!([priced(PRICED), priced(PRICED)], [6, 6]);
    assert_eq!((priced::info().hits, priced::get(PRICED)), (1, Some(6)));
    let pointer: extern "C" fn(u64) -> u64 = priced;
    assert_eq!(computations(|| assert_eq!(pointer(PRICED), 6)), 0);
}
