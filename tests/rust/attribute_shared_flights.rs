//! `shared` with `single_flight`: one computation for all threads, tasks and processes that ask at
//! the same time.
#![cfg(all(unix, not(any(loom, miri))))]

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use warp_cache::{SharedCache, warp_cache};
use warp_tests::children::child;
use warp_tests::elsewhere::{elsewhere, role};
use warp_tests::executor::{block_on, join_all, yield_now};

/// Where processes note what they compute, beside their regions.
fn notes() -> PathBuf {
    PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR").expect("it is elsewhere")).join("notes")
}

fn note(what: &str) {
    let notes = OpenOptions::new().create(true).append(true).open(notes());
    writeln!(notes.expect("it can be made"), "{what}").expect("it can be written");
}

fn noted() -> Vec<String> {
    let text = std::fs::read_to_string(notes()).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[warp_cache(shared = "slow", single_flight)]
fn slow(n: u32) -> u32 {
    note(&n.to_string());
    while slow::info().waits < 3 {
        thread::yield_now();
    }
    n
}

#[test]
fn calls_slow() {
    role(|n| assert_eq!(slow(n.parse().expect("a number")).to_string(), n));
}

#[test]
fn processes_share_one_computation() {
    elsewhere("processes_share_one_computation", || {
        let children: Vec<_> = (0..4).map(|_| child("calls_slow", "7")).collect();
        for mut child in children {
            assert!(child.wait().expect("it ends").success());
        }
        assert_eq!(noted(), ["7"]);
        let info = slow::info();
        assert_eq!((info.hits, info.misses, info.waits, info.errors), (3, 1, 3, 0));
    });
}

#[test]
fn threads_share_one_computation() {
    elsewhere("threads_share_one_computation", || {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(slow(1), 1));
            }
        });
        let info = slow::info();
        assert_eq!((info.hits, info.misses, info.waits, noted().len()), (3, 1, 3, 1));
    });
}

#[warp_cache(shared = "later", single_flight)]
async fn later(n: u32) -> std::io::Result<u32> {
    note(&n.to_string());
    while later::info().waits < 3 {
        yield_now().await;
    }
    Ok(n)
}

#[test]
fn awaits_later() {
    role(|_| {
        let calls = (0..2).map(|_| Box::pin(later(1)) as _).collect();
        assert_eq!(block_on(join_all(calls)).iter().flatten().sum::<u32>(), 2);
    });
}

#[test]
fn futures_of_processes_share_one_computation() {
    elsewhere("futures_of_processes_share_one_computation", || {
        let mut child = child("awaits_later", "");
        let calls = (0..2).map(|_| Box::pin(later(1)) as _).collect();
        assert_eq!(block_on(join_all(calls)).iter().flatten().sum::<u32>(), 2);
        assert!(child.wait().expect("it ends").success());
        let info = later::info();
        assert_eq!((info.hits, info.misses, info.waits, noted().len()), (3, 1, 3, 1));
    });
}

#[warp_cache(shared = "mortal", single_flight)]
fn mortal(n: u32) -> u32 {
    println!("\ncomputing");
    std::io::stdin().lines().next();
    n
}

#[test]
fn leads_for_ever() {
    role(|_| assert_eq!(mortal(1), 1));
}

#[test]
fn another_takes_the_place_of_a_dead_leader() {
    elsewhere("another_takes_the_place_of_a_dead_leader", || {
        let mut leader = child("leads_for_ever", "");
        let mut lines = BufReader::new(leader.stdout.take().expect("piped")).lines();
        assert!(lines.any(|line| line.expect("a line") == "computing"));
        let follower = thread::spawn(|| mortal::info().waits < 1 && { mortal(1) == 1 });
        while mortal::info().waits < 1 {
            thread::yield_now();
        }
        leader.kill().expect("it runs");
        leader.wait().expect("it has ended");
        assert!(follower.join().expect("it does not panic"));
        assert_eq!((mortal::info().misses, mortal::info().waits), (2, 1));
    });
}

fn stubborn() -> SharedCache<u32, u32> {
    let builder = SharedCache::builder("stubborn").single_flight(true);
    builder.flight_timeout(Duration::from_millis(20)).build().expect("a region")
}

#[test]
fn leads_and_stops() {
    role(|_| {
        stubborn().get_or_insert_with(&1, || {
            println!("\ncomputing");
            std::io::stdin().lines().next();
            1
        });
    });
}

#[test]
fn a_stopped_leader_holds_nobody_for_ever() {
    elsewhere("a_stopped_leader_holds_nobody_for_ever", || {
        let mut leader = child("leads_and_stops", "");
        let mut lines = BufReader::new(leader.stdout.take().expect("piped")).lines();
        assert!(lines.any(|line| line.expect("a line") == "computing"));
        leader.signal(Signal::STOP);
        let cache = stubborn();
        assert_eq!(cache.get_or_insert_with(&1, || 2), 2);
        assert_eq!(cache.get(&1), Some(2), "it is kept");
        leader.signal(Signal::CONT);
        drop(leader.stdin.take());
        assert!(leader.wait().expect("it ends").success());
        assert_eq!(cache.get(&1), Some(2), "and stays");
    });
}

#[test]
fn leaders_that_fail_keep_it_to_themselves() {
    static LEADS: Barrier = Barrier::new(2);
    #[warp_cache(shared = "failing", single_flight, skip(first))]
    fn failing(n: u32, first: bool) -> Result<u32, String> {
        if first {
            LEADS.wait();
            while failing::info().waits < 2 {
                thread::yield_now();
            }
            assert_ne!(n, 0, "expected by this test");
            return Err("the leader's own".into());
        }
        Ok(n)
    }
    elsewhere("leaders_that_fail_keep_it_to_themselves", || {
        for n in [0, 1] {
            failing::clear();
            let leader = thread::spawn(move || failing(n, true));
            LEADS.wait();
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| assert_eq!(failing(n, false), Ok(n)));
                }
            });
            assert_eq!(leader.join().is_err(), n == 0);
            let info = failing::info();
            assert_eq!((info.hits, info.misses, info.errors), (1, 2, 1));
        }
    });
}

/// For the same key too, and after a clear of its own.
#[test]
fn recursion_computes() {
    #[warp_cache(shared = "down", single_flight, skip(depth))]
    fn down(key: u32, depth: u32) -> u32 {
        if depth % 3 == 0 {
            down::clear();
        }
        if depth == 0 { key } else { down(key, depth - 1) }
    }
    #[warp_cache(shared = "fibonacci", single_flight, max_size = 1000)]
    fn fibonacci(n: u64) -> u64 {
        if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
    }
    elsewhere("recursion_computes", || {
        assert_eq!(down(7, 10), 7);
        assert_eq!((fibonacci(80), fibonacci::info().misses), (23_416_728_348_467_685, 81));
    });
}

/// A call after a clear has nothing of before it, and what was computed before is not kept.
#[test]
fn a_clear_parts_before_from_after() {
    static BEGUN: Barrier = Barrier::new(2);
    static CLEARED: Barrier = Barrier::new(2);
    #[warp_cache(shared = "parted", single_flight, skip(before))]
    fn parted(key: u32, before: bool) -> String {
        if before {
            BEGUN.wait();
            CLEARED.wait();
            return "before".into();
        }
        let _ = key;
        "after".into()
    }
    elsewhere("a_clear_parts_before_from_after", || {
        let changes: [fn(); 3] = [
            parted::clear,
            || assert!(!parted::invalidate(1, false)),
            || parted::set(1, false, "set".into()),
        ];
        for (change, kept) in changes.into_iter().zip(["after", "after", "set"]) {
            parted::invalidate(1, true);
            let first = thread::spawn(|| parted(1, true));
            BEGUN.wait();
            change();
            let second = thread::spawn(|| parted(1, false));
            CLEARED.wait();
            assert_eq!(first.join().expect("it does not panic"), "before");
            assert_eq!(second.join().expect("it does not panic"), kept);
            assert_eq!(parted::get(1, true).as_deref(), Some(kept));
        }
    });
}

/// A leader that is dropped lets others lead.
#[test]
fn a_dropped_future_leads_no_more() {
    #[warp_cache(shared = "dropped", single_flight, skip(for_ever))]
    async fn dropped(n: u32, for_ever: bool) -> u32 {
        if for_ever {
            std::future::pending::<()>().await;
        }
        n
    }
    elsewhere("a_dropped_future_leads_no_more", || {
        block_on(async {
            let mut leader = Box::pin(dropped(1, true));
            std::future::poll_fn(|context| {
                assert!(leader.as_mut().poll(context).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
            drop(leader);
            assert_eq!(dropped(1, false).await, 1);
        });
        let info = dropped::info();
        assert_eq!((info.misses, info.waits, info.errors), (2, 0, 0));
    });
}
