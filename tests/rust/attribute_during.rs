//! What was computed before a clear, an invalidation or a set is returned and not kept: whoever does
//! it, and however the function is computed.
#![cfg(not(loom))]

use std::cell::Cell;
use std::thread;

use warp_cache::warp_cache;
use warp_tests::executor::{block_on, yield_now};
use warp_tests::watchdog::watched;

/// What happens to the entry while it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Change {
    Nothing,
    Clear,
    ClearAll,
    Invalidate,
    Set,
    OfAnotherKey,
}
use Change::*;

thread_local! {
    static CHANGE: Cell<Change> = const { Cell::new(Nothing) };
}

macro_rules! during {
    ($($name:ident: $options:tt,)*) => {$(
        mod $name {
            use super::*;

            #[warp_cache $options]
            pub(super) fn cached(n: u32) -> u32 {
                change(CHANGE.get());
                n
            }

            fn change(change: Change) {
                match change {
                    Nothing => {}
                    Clear => cached::clear(),
                    ClearAll => warp_cache::clear_all(),
                    Invalidate => _ = cached::invalidate(1),
                    Set => cached::set(1, 100),
                    OfAnotherKey => {
                        cached::set(2, 200);
                        cached::invalidate(2);
                    }
                }
            }

            /// What is kept after a call, or after a refresh of what is there.
            pub(super) fn after(change: Change, refresh: bool) -> Option<u32> {
                cached::clear();
                if refresh {
                    cached::set(1, 50);
                }
                CHANGE.set(change);
                assert_eq!(if refresh { cached::refresh(1) } else { cached(1) }, 1);
                CHANGE.set(Nothing);
                cached::get(1)
            }
        }
    )*};
}

during! {
    shared: (max_size = 10),
    alone: (single_flight),
    sharded: (shards = 4),
    local: (local),
    lfu: (strategy = Lfu, ttl = 1h),
}

#[cfg(all(unix, not(miri)))]
during! {
    in_a_region: (shared = "during"),
    alone_in_a_region: (shared = "during alone", single_flight),
}

/// In the same memory that other processes have.
#[cfg(all(unix, not(miri)))]
#[test]
fn the_same_holds_in_shared_memory() {
    warp_tests::elsewhere::elsewhere("the_same_holds_in_shared_memory", || {
        for after in [in_a_region::after, alone_in_a_region::after] {
            expect_all(after, "shared");
        }
        assert_eq!(refreshed_in_vain::shared(), Some(7));
    });
}

/// A refresh that keeps nothing is no change: a computation that goes on meanwhile is kept.
mod refreshed_in_vain {
    use super::*;

    macro_rules! functions {
        ($($name:ident: $options:tt,)*) => {$(
            pub(super) fn $name() -> Option<u32> {
                #[warp_cache $options]
                fn cached(n: u32) -> u32 {
                    match CHANGE.replace(Nothing) {
                        Set => {
                            assert_eq!(cached::refresh(n), 0);
                            n
                        }
                        _ => 0,
                    }
                }
                CHANGE.set(Set);
                assert_eq!(cached(7), 7);
                cached::get(7)
            }
        )*};
    }
    functions! {
        in_process: (cache_if = |kept: &u32| *kept > 0),
    }
    #[cfg(all(unix, not(miri)))]
    functions! {
        shared: (shared = "in vain", cache_if = |kept: &u32| *kept > 0),
    }
}

fn expect_all(after: fn(Change, bool) -> Option<u32>, name: &str) {
    for refresh in [false, true] {
        let what = format!("{name}, refresh: {refresh}");
        assert_eq!(after(Nothing, refresh), Some(1), "{what}");
        assert_eq!(after(Clear, refresh), None, "{what}");
        assert_eq!(after(Invalidate, refresh), None, "{what}");
        assert_eq!(after(Set, refresh), Some(100), "{what}");
        assert_eq!(after(OfAnotherKey, refresh), Some(1), "{what}");
        if name != "local" {
            assert_eq!(after(ClearAll, refresh), None, "{what}");
        }
    }
}

/// One test, since `clear_all` is everybody's.
#[test]
fn a_function_may_change_what_it_is_computed_for() {
    watched(|| {
        for (name, after) in [
            ("shared", shared::after as fn(Change, bool) -> Option<u32>),
            ("alone", alone::after),
            ("sharded", sharded::after),
            ("local", local::after),
            ("lfu", lfu::after),
        ] {
            expect_all(after, name);
        }
        assert_eq!(refreshed_in_vain::in_process(), Some(7));
        by_another_thread();
        of_a_future();
    });
}

fn by_another_thread() {
    #[warp_cache(skip(change))]
    fn cached(n: u32, change: fn()) -> u32 {
        thread::spawn(change).join().unwrap();
        n
    }
    fn nothing() {}
    for (change, kept) in [
        (nothing as fn(), Some(1)),
        (cached::clear, None),
        (|| _ = cached::invalidate(1, nothing), None),
        (|| cached::set(1, nothing, 100), Some(100)),
    ] {
        cached::clear();
        assert_eq!((cached(1, change), cached::get(1, nothing)), (1, kept));
        cached::set(1, nothing, 50);
        assert_eq!((cached::refresh(1, change), cached::get(1, nothing)), (1, kept));
    }
}

fn of_a_future() {
    macro_rules! of_a_future {
        ($options:tt) => {{
            #[warp_cache $options]
            async fn cached(n: u32, change: fn()) -> u32 {
                yield_now().await;
                change();
                yield_now().await;
                n
            }
            fn nothing() {}
            for (change, kept) in [
                (nothing as fn(), Some(1)),
                (cached::clear, None),
                (|| _ = cached::invalidate(1, nothing), None),
                (|| cached::set(1, nothing, 100), Some(100)),
            ] {
                cached::clear();
                assert_eq!((block_on(cached(1, change)), cached::get(1, nothing)), (1, kept));
                cached::set(1, nothing, 50);
                let refreshed = block_on(cached::refresh(1, change));
                assert_eq!((refreshed, cached::get(1, nothing)), (1, kept));
            }
        }};
    }
    of_a_future!((skip(change)));
    of_a_future!((skip(change), single_flight));
}
