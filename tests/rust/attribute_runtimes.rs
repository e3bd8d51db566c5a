//! Async functions belong to no runtime: the same one works in all of them, in turn and at once.
#![cfg(not(any(loom, miri)))]

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

use async_executor::{Executor, LocalExecutor};
use tokio::runtime::{Builder, Runtime};
use warp_cache::warp_cache;
use warp_tests::executor::{self, yield_now};
use warp_tests::watchdog::watched;

static COMPUTED: AtomicU32 = AtomicU32::new(0);

#[warp_cache(single_flight, max_size = unbounded)]
async fn shared(key: u32) -> Result<u32, String> {
    for _ in 0..key % 5 {
        yield_now().await;
    }
    COMPUTED.fetch_add(1, Relaxed);
    if key >= 10 {
        // Computations await others.
        return Ok(Box::pin(shared(key - 10)).await? + 10);
    }
    Ok(key)
}

const KEYS: u32 = 200;

fn multi() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().expect("a runtime")
}

fn current() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

async fn all_on_tokio(offset: u32) {
    let tasks: Vec<_> = (0..KEYS).map(|n| tokio::spawn(shared((n + offset) % KEYS))).collect();
    for (n, task) in (0..).zip(tasks) {
        assert_eq!(task.await.expect("it does not panic"), Ok((n + offset) % KEYS));
    }
}

fn all_on_async_executor() {
    let executor = Executor::new();
    let tasks: Vec<_> = (0..KEYS).map(|key| executor.spawn(shared(key))).collect();
    thread::scope(|scope| {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        scope.spawn(|| {
            pollster::block_on(executor.run(async {
                for (key, task) in (0..).zip(tasks) {
                    assert_eq!(task.await, Ok(key));
                }
            }));
            drop(stop);
        });
        assert!(stopped.recv().is_err());
    });
}

fn all_on_a_local_executor() {
    let executor = LocalExecutor::new();
    let tasks: Vec<_> = (0..KEYS).rev().map(|key| executor.spawn(shared(key))).collect();
    pollster::block_on(executor.run(async {
        for (key, task) in (0..KEYS).rev().zip(tasks) {
            assert_eq!(task.await, Ok(key));
        }
    }));
}

fn all_one_by_one(block_on: impl Fn(u32) -> Result<u32, String>) {
    for key in 0..KEYS {
        assert_eq!(block_on(key), Ok(key));
    }
}

/// One test, since they share the function on purpose.
#[test]
fn every_runtime_computes_each_key_once() {
    watched(|| {
        let runtimes: [(&str, fn()); 6] = [
            ("tokio with threads", || multi().block_on(all_on_tokio(0))),
            ("tokio with one thread", || current().block_on(all_on_tokio(0))),
            ("async-executor", all_on_async_executor),
            ("its local executor", all_on_a_local_executor),
            ("pollster", || all_one_by_one(|key| pollster::block_on(shared(key)))),
            ("by hand", || all_one_by_one(|key| executor::block_on(shared(key)))),
        ];
        for (name, run) in runtimes {
            shared::clear();
            COMPUTED.store(0, Relaxed);
            run();
            let info = shared::info();
            assert_eq!((COMPUTED.load(Relaxed), info.misses), (KEYS, KEYS.into()), "{name}");
            // A call in each computation from 10 on.
            assert_eq!(info.hits + info.misses, u64::from(KEYS + KEYS - 10), "{name}");
            run();
            assert_eq!(COMPUTED.load(Relaxed), KEYS, "{name}: all are hits");
        }
        all_at_once(&runtimes.map(|(_, run)| run));
    });
}

/// A leader in one runtime, its followers in others.
fn all_at_once(runtimes: &[fn()]) {
    for _ in 0..5 {
        shared::clear();
        COMPUTED.store(0, Relaxed);
        thread::scope(|scope| {
            for run in runtimes {
                scope.spawn(run);
            }
        });
        assert_eq!(shared::info().len, KEYS as usize);
        assert_eq!(shared::info().errors, 0);
    }
}

/// A runtime that is shut down drops its leaders; followers elsewhere take over.
#[test]
fn a_runtime_that_goes_takes_no_follower_with_it() {
    #[warp_cache(single_flight, skip(for_ever))]
    async fn cached(n: u32, for_ever: bool) -> u32 {
        if for_ever {
            std::future::pending::<()>().await;
        }
        n
    }
    watched(|| {
        let runtime = multi();
        runtime.spawn(cached(1, true));
        while cached::info().misses == 0 {
            thread::yield_now();
        }
        let follower = thread::spawn(|| pollster::block_on(cached(1, false)));
        while cached::info().waits == 0 {
            thread::yield_now();
        }
        drop(runtime);
        assert_eq!(follower.join().expect("it does not panic"), 1);
        assert_eq!(cached::info().errors, 0);
    });
}
