//! Results and options: an error or nothing is returned and not kept, unless it is asked for.
#![cfg(not(loom))]

use std::io;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use warp_cache::warp_cache;
use warp_tests::computed::{computations, computed};
use warp_tests::executor::block_on;
use warp_tests::watchdog::watched;

/// Neither Clone nor anything else.
#[derive(Debug)]
struct Odd;

type R = Result<u32, String>;
/// Its parameter is the error.
type Failing<E> = std::result::Result<u32, E>;
type Maybe = Option<u32>;
mod own {
    pub(crate) type Result<T, E = super::Odd> = core::result::Result<T, E>;
}

fn even(n: u32) -> Result<u32, Odd> {
    computed(if n % 2 == 0 { Ok(n) } else { Err(Odd) })
}

#[warp_cache]
fn plain(n: u32) -> Result<u32, Odd> {
    even(n)
}
#[warp_cache]
fn of_io(n: u32) -> io::Result<u32> {
    even(n).map_err(|_| io::Error::other("odd"))
}
#[warp_cache]
fn alias(n: u32) -> R {
    even(n).map_err(|_| "odd".into())
}
#[warp_cache]
fn alias_of_errors(n: u32) -> Failing<Odd> {
    even(n)
}
#[warp_cache]
fn alias_of_that_name(n: u32) -> own::Result<u32> {
    even(n)
}
#[warp_cache]
fn boxed(n: u32) -> Result<u32, Box<dyn std::error::Error>> {
    Ok(even(n).map_err(|_| "odd")?)
}
#[warp_cache]
fn option(n: u32) -> Option<u32> {
    even(n).ok()
}
#[warp_cache]
fn alias_of_option(n: u32) -> Maybe {
    even(n).ok()
}

#[test]
fn errors_and_nothing_are_not_kept_under_any_name() {
    macro_rules! not_kept {
        ($($function:ident fails: $fails:expr, counted: $errors:expr;)*) => {$({
            let ok = computations(|| ($function(2), $function(2)));
            let bad = computations(|| ($function(3), $function(3)));
            assert_eq!((ok, bad), (1, 2), stringify!($function));
            assert!($fails($function(3)));
            let info = $function::info();
            assert_eq!((info.hits, info.misses, info.errors, info.len), (1, 4, $errors, 1));
        })*};
    }
    not_kept! {
        plain fails: |r: Result<_, _>| r.is_err(), counted: 3;
        of_io fails: |r: Result<_, _>| r.is_err(), counted: 3;
        alias fails: |r: Result<_, _>| r.is_err(), counted: 3;
        alias_of_errors fails: |r: Result<_, _>| r.is_err(), counted: 3;
        alias_of_that_name fails: |r: Result<_, _>| r.is_err(), counted: 3;
        boxed fails: |r: Result<_, _>| r.is_err(), counted: 3;
        option fails: |r: Option<_>| r.is_none(), counted: 0;
        alias_of_option fails: |r: Option<_>| r.is_none(), counted: 0;
    }
}

#[warp_cache(cache_errors)]
fn keeps_errors(n: u32) -> Result<u32, String> {
    even(n).map_err(|_| "odd".into())
}
#[warp_cache(cache_none)]
fn keeps_none(n: u32) -> Option<u32> {
    even(n).ok()
}

#[test]
fn they_are_kept_where_that_is_asked_for() {
    assert_eq!(computations(|| assert_eq!(keeps_errors(1), keeps_errors(1))), 1);
    assert_eq!(keeps_errors::get(1), Some(Err("odd".into())));
    assert_eq!(computations(|| assert_eq!(keeps_none(1), keeps_none(1))), 1);
    assert_eq!((keeps_none::get(1), keeps_none::get(2)), (Some(None), None));
}

#[warp_cache]
fn optional_result(n: u32) -> Option<Result<u32, String>> {
    computed(match n {
        0 => None,
        1 => Some(Err("one".into())),
        n => Some(Ok(n)),
    })
}
#[warp_cache]
fn resulting_option(n: u32) -> Result<Option<u32>, Odd> {
    computed(match n {
        0 => Err(Odd),
        1 => Ok(None),
        n => Ok(Some(n)),
    })
}
#[warp_cache]
fn unit_result(n: u32) -> Result<(), Odd> {
    even(n).map(drop)
}

#[test]
fn of_two_layers_the_outer_one_decides() {
    assert_eq!(computations(|| (optional_result(0), optional_result(0))), 2);
    assert_eq!(computations(|| (optional_result(1), optional_result(1))), 1);
    assert_eq!(computations(|| (resulting_option(0), resulting_option(0))), 2);
    assert_eq!(computations(|| (resulting_option(1), resulting_option(1))), 1);
    assert_eq!(computations(|| (unit_result(2), unit_result(2))), 1);
}

#[warp_cache]
fn of_generic_error<E: From<u8>>(n: u8) -> Result<u8, E> {
    computed(if n == 0 { Err(n.into()) } else { Ok(n) })
}
#[warp_cache]
fn of_generic_value<T: From<u8> + Clone + Send + 'static>(n: u8) -> Result<T, Odd> {
    computed(if n == 0 { Err(Odd) } else { Ok(n.into()) })
}
/// Whose type is known to its caller only: it is a value like any other.
#[warp_cache]
fn identity<T: Clone + Send + 'static>(n: u8, make: fn(u8) -> T) -> T {
    computed(make(n))
}

#[test]
fn generic_results_are_results() {
    assert_eq!(computations(|| (of_generic_error::<u32>(0), of_generic_error::<u32>(0))), 2);
    assert_eq!(computations(|| (of_generic_error::<u32>(1), of_generic_error::<u32>(1))), 1);
    assert_eq!(computations(|| of_generic_error::<u64>(1)), 1);
    assert_eq!(
        computations(|| (of_generic_value::<u32>(0).is_ok(), of_generic_value::<u32>(0).is_ok())),
        2
    );
    assert_eq!(
        computations(|| (of_generic_value::<u32>(1).is_ok(), of_generic_value::<u32>(1).is_ok())),
        1
    );
    let err: fn(u8) -> Result<u8, String> = |_| Err("kept".into());
    assert_eq!(computations(|| assert_eq!(identity(0, err), identity(0, err))), 1);
}

#[warp_cache]
async fn later(n: u32) -> Result<u32, Odd> {
    even(n)
}

#[test]
fn the_same_holds_for_async_functions() {
    assert_eq!(
        computations(|| assert!(block_on(later(1)).is_err() && block_on(later(1)).is_err())),
        2
    );
    assert_eq!(
        computations(|| assert!(block_on(later(2)).is_ok() && block_on(later(2)).is_ok())),
        1
    );
    assert_eq!(later::info().errors, 2);
}

/// Conditions see what would be kept: the T of an Ok(T) or Some(T).
#[test]
fn conditions_see_the_value_that_would_be_kept() {
    #[warp_cache(cache_if = |n| *n > 10)]
    fn large(n: u32) -> Result<u32, Odd> {
        even(n)
    }
    #[warp_cache(cache_if = |n: &u32| n % 4 == 0, ttl = |n| (*n > 4).then_some(Duration::ZERO))]
    fn fourfold(n: u32) -> Option<u32> {
        even(n).ok()
    }
    #[warp_cache(cache_if = |result: &Result<u32, String>| result.is_err(), cache_errors)]
    fn only_errors(n: u32) -> Result<u32, String> {
        even(n).map_err(|_| "odd".into())
    }
    #[warp_cache(cache_if = Vec::is_empty)]
    fn empty(n: usize) -> Vec<u8> {
        computed(vec![0; n])
    }
    assert_eq!(computations(|| assert!(large(2).is_ok() && large(2).is_ok())), 2);
    assert_eq!(computations(|| assert!(large(12).is_ok() && large(12).is_ok())), 1);
    assert_eq!(computations(|| (fourfold(2), fourfold(2))), 2);
    assert_eq!(computations(|| (fourfold(4), fourfold(4))), 1);
    assert_eq!(computations(|| (fourfold(8), fourfold(8))), 2);
    assert_eq!(computations(|| assert_eq!(only_errors(1), only_errors(1))), 1);
    assert_eq!(computations(|| assert_eq!(only_errors(2), only_errors(2))), 2);
    assert_eq!(computations(|| (empty(0), empty(0), empty(1), empty(1))), 3);
    // What the function declines was computed, and no error; by hand it may be set all the same.
    assert_eq!((large::info().errors, large::info().len), (0, 1));
    large::set(2, Ok(2));
    assert_eq!(computations(|| large(2).is_ok()), 0);
}

/// Who waits gets a value that is not kept; the next call computes.
#[test]
fn a_value_that_is_declined_is_shared_with_those_who_wait() {
    static LEADS: Barrier = Barrier::new(2);

    #[warp_cache(single_flight, cache_if = |_| false)]
    fn declined(n: u32) -> u32 {
        if n == 0 {
            LEADS.wait();
            while declined::info().waits < 3 {
                thread::yield_now();
            }
        }
        n + 1
    }
    watched(|| {
        thread::scope(|scope| {
            scope.spawn(|| assert_eq!(declined(0), 1));
            LEADS.wait();
            for _ in 0..3 {
                scope.spawn(|| assert_eq!(declined(0), 1));
            }
        });
        let info = declined::info();
        assert_eq!((info.hits, info.misses, info.waits, info.errors, info.len), (3, 1, 3, 0, 0));
        assert_eq!([declined(1), declined(1)], [2, 2]);
        assert_eq!(declined::info().misses, 3);
    });
}

#[test]
fn what_is_set_is_what_the_function_would_have_returned() {
    #[warp_cache]
    fn cached(n: u32) -> Result<u32, Odd> {
        even(n)
    }
    cached::set(1, Ok(11));
    assert!(matches!(cached(1), Ok(11)));
    assert!(matches!(cached::get(1), Some(Ok(11))));
    // An error is not kept by hand either: it drops what is there.
    cached::set(1, Err(Odd));
    assert!(!cached::contains(1));
    assert!(cached::get(1).is_none());
}
