//! Keys and values that panic wherever they can, and many threads at once: every call counts once,
//! the bound holds, and nothing is poisoned.
#![cfg(not(loom))]

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use warp_cache::warp_cache;
use warp_tests::executor::{block_on, yield_now};
use warp_tests::random::Random;
use warp_tests::watchdog::watched;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fuse {
    Hash,
    Eq,
    CloneKey,
    CloneValue,
    DropKey,
    DropValue,
    Function,
    Condition,
}
const FUSES: [Fuse; 8] = [
    Fuse::Hash,
    Fuse::Eq,
    Fuse::CloneKey,
    Fuse::CloneValue,
    Fuse::DropKey,
    Fuse::DropValue,
    Fuse::Function,
    Fuse::Condition,
];

thread_local! {
    /// What panics next, once.
    static LIT: Cell<Option<Fuse>> = const { Cell::new(None) };
}

fn burn(fuse: Fuse) {
    if LIT.get() == Some(fuse) && !thread::panicking() {
        LIT.set(None);
        panic!("expected by this test");
    }
}

#[derive(Debug)]
struct Key(u32);
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        burn(Fuse::Hash);
        // Few hashes, so that many keys are compared.
        (self.0 % 3).hash(state);
    }
}
impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        burn(Fuse::Eq);
        self.0 == other.0
    }
}
impl Eq for Key {}
impl Clone for Key {
    fn clone(&self) -> Key {
        burn(Fuse::CloneKey);
        Key(self.0)
    }
}
impl Drop for Key {
    fn drop(&mut self) {
        burn(Fuse::DropKey);
    }
}

#[derive(Debug, PartialEq)]
struct Value(u32);
impl Clone for Value {
    fn clone(&self) -> Value {
        burn(Fuse::CloneValue);
        Value(self.0)
    }
}
impl Drop for Value {
    fn drop(&mut self) {
        burn(Fuse::DropValue);
    }
}

fn condition(_: &Value) -> bool {
    burn(Fuse::Condition);
    true
}

macro_rules! survives {
    ($($name:ident $options:tt)*) => {$(
        #[test]
        fn $name() {
            #[warp_cache $options]
            fn cached(key: &Key) -> Value {
                burn(Fuse::Function);
                Value(key.0)
            }
            watched(|| {
                let mut random = Random::new(3);
                let (mut panics, mut calls) = (0, 0);
                for round in 0..if cfg!(miri) { 100 } else { 4_000 } {
                    let key = Key(random.below(9));
                    LIT.set(random.percent(50).then(|| FUSES[round % FUSES.len()]));
                    let hashes = LIT.get() != Some(Fuse::Hash) && LIT.get() != Some(Fuse::Eq);
                    let before = cached::info();
                    let outcome = catch_unwind(AssertUnwindSafe(|| match round % 7 {
                        0 => drop(cached::refresh(&key)),
                        1 => drop(cached::set(&key, Value(key.0))),
                        2 => drop(cached::invalidate(&key)),
                        3 => drop(cached::get(&key)),
                        _ => {
                            let value = cached(&key);
                            assert_eq!(value.0, key.0);
                        }
                    }));
                    LIT.set(None);
                    panics += u32::from(outcome.is_err());
                    let after = cached::info();
                    assert!(after.len <= 4);
                    let counted = after.hits + after.misses - before.hits - before.misses;
                    if round % 7 > 3 && outcome.is_ok() && hashes {
                        calls += 1;
                        assert_eq!(counted, 1);
                    } else {
                        assert!(counted <= 1);
                    }
                    assert_eq!(cached(&key).0, key.0, "after {outcome:?}");
                }
                assert!(panics > 20 && calls > 20, "{panics} panics in {calls} calls");
                catch_unwind(AssertUnwindSafe(|| {
                    LIT.set(Some(Fuse::DropValue));
                    cached::clear();
                }))
                .expect_err("a value panics when it is dropped");
                LIT.set(None);
                assert_eq!((cached::info().len, cached(&Key(1)).0), (0, 1));
            });
        }
    )*};
}

survives! {
    a_shared_cache_survives(max_size = 4, cache_if = condition)
    one_with_single_flight_survives(max_size = 4, cache_if = condition, single_flight)
    one_in_parts_survives(max_size = 4, cache_if = condition, shards = 2, ttl = 1h)
    one_that_counts_uses_survives(max_size = 4, cache_if = condition, strategy = Lfu)
    one_of_a_thread_survives(max_size = 4, cache_if = condition, local)
}

#[test]
fn a_future_that_panics_is_one_that_failed() {
    #[warp_cache(single_flight, skip(panics))]
    async fn cached(n: u32, panics: bool) -> u32 {
        yield_now().await;
        assert!(!panics, "expected by this test");
        n
    }
    watched(|| {
        assert!(catch_unwind(|| block_on(cached(1, true))).is_err());
        assert!(catch_unwind(|| block_on(cached::refresh(1, true))).is_err());
        assert_eq!(cached::info().errors, 2);
        assert_eq!((block_on(cached(1, false)), cached::info().len), (1, 1));
    });
}

/// A value whose destructor calls the function, at the end of its thread at the latest.
#[test]
fn a_destructor_may_call_the_function() {
    static CALLED_AT_THE_END: AtomicBool = AtomicBool::new(false);
    #[derive(Clone)]
    struct Calls(u32);
    impl Drop for Calls {
        fn drop(&mut self) {
            if self.0 > 0 {
                let other = local(0);
                assert_eq!(other.0, 0);
                CALLED_AT_THE_END.store(true, Relaxed);
            }
        }
    }
    #[warp_cache(local, max_size = 2)]
    fn local(n: u32) -> Calls {
        Calls(n)
    }
    thread::spawn(|| {
        for n in 1..6 {
            drop(local(n));
        }
        local::clear();
        drop(local(7));
        CALLED_AT_THE_END.store(false, Relaxed);
    })
    .join()
    .unwrap();
    assert!(CALLED_AT_THE_END.load(Relaxed));
}

#[warp_cache(max_size = 16)]
fn plain(n: u32) -> Result<u32, u32> {
    if n % 5 == 0 { Err(n) } else { Ok(n) }
}
#[warp_cache(max_size = 16, single_flight, shards = 4)]
fn alone(n: u32) -> Result<u32, u32> {
    assert!(n % 11 != 0, "expected by this test");
    if n % 5 == 0 { Err(n) } else { Ok(n) }
}
#[warp_cache(max_size = 16, strategy = Lfu, ttl = 1us)]
fn expiring(n: u32) -> Result<u32, u32> {
    if n % 5 == 0 { Err(n) } else { Ok(n) }
}

#[test]
fn hits_and_misses_are_the_calls_of_all_threads() {
    const CALLS: u32 = if cfg!(miri) { 30 } else { 3_000 };
    watched(|| {
        thread::scope(|scope| {
            for seed in 0..8 {
                scope.spawn(move || {
                    let mut random = Random::new(seed);
                    for _ in 0..CALLS {
                        let n = random.below(40);
                        let expected = if n % 5 == 0 { Err(n) } else { Ok(n) };
                        assert_eq!((plain(n), expiring(n)), (expected, expected));
                        match catch_unwind(|| alone(n)) {
                            Ok(result) => assert_eq!(result, expected),
                            Err(_) => assert_eq!(n % 11, 0),
                        }
                        if random.percent(2) {
                            plain::invalidate(n);
                            alone::refresh(n % 10 + 1).ok();
                            expiring::set(n, expected);
                        }
                        for info in [plain::info(), alone::info(), expiring::info()] {
                            assert!(info.len <= 16);
                        }
                    }
                });
            }
        });
        for info in [plain::info(), alone::info(), expiring::info()] {
            assert_eq!(info.hits + info.misses, u64::from(8 * CALLS));
            assert!(info.errors > 0);
        }
    });
}
