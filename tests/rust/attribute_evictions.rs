//! `on_evict`: told of every entry that leaves, why, and outside of locks.
#![cfg(not(loom))]

use std::cell::{Cell, RefCell};
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::Mutex;

use warp_cache::key::Float;
use warp_cache::{Cause, warp_cache};
use warp_tests::computed::{a_moment, computations, computed};
use warp_tests::watchdog::watched;

type Told<K, V> = Mutex<Vec<(K, V, Cause)>>;

fn take<K, V>(told: &Told<K, V>) -> Vec<(K, V, Cause)> {
    std::mem::take(&mut *told.lock().unwrap())
}

#[test]
fn each_cause_is_told_once() {
    static TOLD: Told<u32, u32> = Mutex::new(Vec::new());
    fn tell(key: &u32, value: &u32, cause: Cause) {
        TOLD.lock().unwrap().push((*key, *value, cause));
    }
    #[warp_cache(max_size = 2, on_evict = tell)]
    fn cached(n: u32) -> u32 {
        n * 10
    }
    cached(1);
    cached(2);
    cached(2);
    assert_eq!(take(&TOLD), []);
    cached(3);
    assert_eq!(take(&TOLD), [(1, 10, Cause::Evicted)]);
    cached::set(3, 31);
    assert_eq!(take(&TOLD), [(3, 30, Cause::Replaced)]);
    cached::refresh(3);
    assert_eq!(take(&TOLD), [(3, 31, Cause::Replaced)]);
    assert!(cached::invalidate(3) && !cached::invalidate(3));
    assert_eq!(take(&TOLD), [(3, 30, Cause::Removed)]);
    cached(1);
    cached::clear();
    let mut told = take(&TOLD);
    told.sort_by_key(|(key, ..)| *key);
    assert_eq!(told, [(1, 10, Cause::Removed), (2, 20, Cause::Removed)]);
}

#[test]
fn what_expires_is_told_when_it_is_met_or_swept() {
    static TOLD: Told<u32, u32> = Mutex::new(Vec::new());
    #[warp_cache(ttl = 1ns, on_evict = |key, value, cause| TOLD.lock().unwrap().push((*key, *value, cause)))]
    fn cached(n: u32) -> u32 {
        n
    }
    cached(1);
    a_moment();
    cached(1);
    assert_eq!(take(&TOLD), [(1, 1, Cause::Expired)]);
    a_moment();
    cached(2);
    assert_eq!(take(&TOLD), [(1, 1, Cause::Expired)]);
}

thread_local! {
    static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn seen() -> Vec<String> {
    SEEN.take()
}

/// The key's type is the owned one, a tuple for several arguments.
#[test]
fn keys_are_given_as_they_are_kept() {
    fn tell<T: std::fmt::Debug>(key: &T, cause: Cause) {
        SEEN.with_borrow_mut(|seen| seen.push(format!("{key:?} {cause:?}")));
    }
    #[warp_cache(max_size = 1, on_evict = |key: &String, _: &usize, cause| tell(key, cause))]
    fn one(text: &str) -> usize {
        text.len()
    }
    fn gone(key: &(Vec<u8>, Option<String>, Float<f64>), _: &u8, cause: Cause) {
        tell(key, cause);
    }
    #[warp_cache(max_size = 1, on_evict = gone)]
    fn many(bytes: &[u8], name: Option<&str>, x: f64) -> u8 {
        bytes.len() as u8 + name.map_or(0, |_| 1) + x as u8
    }
    #[warp_cache(local, max_size = 1, on_evict = |_: &(), value: &Rc<u8>, cause| tell(value, cause), key = ())]
    fn local(n: u8) -> Rc<u8> {
        n.into()
    }
    #[warp_cache(max_size = 1, on_evict = |key: &T, _: &(), cause| tell(key, cause))]
    fn generic<T: std::fmt::Debug + Clone + std::hash::Hash + Eq + Send + 'static>(
        _: &T,
    ) -> Result<(), u8> {
        Ok(())
    }
    one("a");
    one("b");
    assert_eq!(seen(), ["\"a\" Evicted"]);
    many(&[1], Some("x"), -0.0);
    many(&[], None, 1.0);
    assert_eq!(seen(), ["([1], Some(\"x\"), Float(-0.0)) Evicted"]);
    local(1);
    local::set(2, 7.into());
    assert_eq!(seen(), ["1 Replaced"]);
    generic(&1).unwrap();
    generic(&2).unwrap();
    generic(&'a').unwrap();
    assert_eq!(seen(), ["1 Evicted"]);
    assert_eq!(
        (one::info().evictions, many::info().evictions, generic::info().evictions),
        (1, 1, 1)
    );
}

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// No lock is held: it may call the function and its controls.
#[test]
fn a_callback_may_use_the_cache_that_calls_it() {
    macro_rules! reentrant {
        ($($option:tt)*) => {{
            fn gone(key: &u32, value: &u32, _: Cause) {
                assert_eq!(*value, key * 10);
                if DEPTH.replace(DEPTH.get() + 1) == 0 {
                    assert!(cached::info().len <= 2);
                    let _ = (cached::contains(*key), cached::get(*key));
                    cached(key + 100);
                    cached::set(*key, key * 10);
                    cached::refresh(*key);
                    cached::invalidate(*key);
                    cached::clear();
                }
                DEPTH.set(DEPTH.get() - 1);
            }
            #[warp_cache(max_size = 2, on_evict = gone $($option)*)]
            fn cached(n: u32) -> u32 {
                computed(n * 10)
            }
            for n in 0..10 {
                assert_eq!(cached(n), n * 10);
                cached::set(n, n * 10);
                assert_eq!(cached::refresh(n), n * 10);
                cached::invalidate(n);
                cached(n);
            }
            cached::clear();
            assert!(cached::info().len <= 2);
        }};
    }
    watched(|| reentrant!());
    watched(|| reentrant!(, single_flight));
    watched(|| reentrant!(, shards = 4));
    watched(|| reentrant!(, local));
    watched(|| reentrant!(, ttl = 1ns));
}

#[test]
fn a_callback_that_panics_harms_nobody() {
    macro_rules! panicking {
        ($($option:tt)*) => {{
            #[warp_cache(max_size = 2, on_evict = |_, _, _| panic!("expected by this test") $($option)*)]
            fn cached(n: u32) -> u32 {
                computed(n)
            }
            (cached(1), cached(2));
            assert!(catch_unwind(|| cached(3)).is_err());
            assert_eq!(computations(|| assert_eq!([cached(2), cached(3)], [2, 3])), 0);
            assert!(catch_unwind(|| cached::set(3, 30)).is_err());
            assert_eq!(cached(3), 30);
            assert!(catch_unwind(|| cached::refresh(3)).is_err());
            assert_eq!(cached(3), 3);
            assert!(catch_unwind(|| cached::invalidate(3)).is_err());
            assert!(!cached::contains(3));
            assert!(catch_unwind(cached::clear).is_err());
            assert_eq!((cached::info().len, cached(3)), (0, 3));
            let info = cached::info();
            assert_eq!((info.hits, info.misses), (0, 1));
        }};
    }
    watched(|| panicking!());
    watched(|| panicking!(, single_flight));
    watched(|| panicking!(, local));
}
