//! Regions and processes that die, stop and fork.
#![cfg(all(unix, not(any(loom, miri))))]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use warp_cache::shm::process;
use warp_tests::children::{Running, Subject, child, get, orders, set};
use warp_tests::scratch::Scratch;
use warp_tests::watchdog::watched;

/// Looks again and again, for as long as the watchdog lets it.
fn wait_for(mut what: impl FnMut() -> bool) {
    while !what() {
        thread::sleep(Duration::from_millis(1));
    }
}

/// A child that says its word and waits to be told to go.
#[test]
fn worded() {
    if orders().is_none() {
        return;
    }
    println!("\nword {}", process::current());
    let _ = std::io::stdin().lines().next();
}

fn word_of(child: &mut Running) -> u64 {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut words =
        lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("word ")?.parse().ok());
    words.next().expect("its word")
}

#[test]
fn a_process_is_known_by_its_word() {
    watched(|| {
        let own = process::current();
        assert!(own != 0 && own == process::current() && process::is_alive(own));
        assert!((0..64).all(|bit| !process::is_alive(1 << bit)) && !process::is_alive(0));
        let mut one = child("worded", "");
        let word = word_of(&mut one);
        assert!(word != own && process::is_alive(word));
        // The same number, given to another process at another time.
        if cfg!(target_os = "linux") {
            let start = 1 << 24;
            assert!(!process::is_alive(word + start) && !process::is_alive(word - start));
            assert!(!process::is_alive(own + start));
        }
        one.signal(Signal::STOP);
        assert!(process::is_alive(word), "a stopped process is alive");
        one.kill().unwrap();
        // A zombie until it is waited for.
        wait_for(|| !process::is_alive(word));
        one.wait().unwrap();
        assert!(!process::is_alive(word));
    });
}

#[test]
fn processes_that_have_a_region_open_are_counted() {
    watched(|| {
        let scratch = Scratch::new();
        let subject = Subject::new(scratch.path());
        let region = subject.open().unwrap();
        assert_eq!(region.info().processes, 1);
        let start = |_| child("holder", &scratch.path().display().to_string());
        let mut children: Vec<_> = (0..3).map(start).collect();
        wait_for(|| region.info().processes == 4);
        let mut killed = children.pop().unwrap();
        killed.kill().unwrap();
        wait_for(|| region.info().processes == 3);
        drop(children.pop().unwrap().stdin.take());
        wait_for(|| region.info().processes == 2);
        drop(children.pop().unwrap().stdin.take());
        wait_for(|| region.info().processes == 1);
        killed.wait().unwrap();
    });
}

/// A child that has the region open until it is told to go.
#[test]
fn holder() {
    let Some(directory) = orders() else { return };
    let _region = Subject::new(Path::new(&directory)).open().unwrap();
    let _ = std::io::stdin().lines().next();
}

/// A child that writes without end.
#[test]
fn writer() {
    let Some(directory) = orders() else { return };
    let region = stopped_subject(Path::new(&directory)).open().unwrap();
    for number in 0_u64.. {
        set(&region, &(number % 500).to_le_bytes(), &[1; 400][..(number as usize * 37) % 400]);
    }
}

/// One shard, so that whoever holds a lock holds the lock of all.
fn stopped_subject(directory: &Path) -> Subject {
    Subject { max_size: Some(100), ..Subject::new(directory) }
}

#[test]
fn who_is_stopped_stops_nobody() {
    watched(|| {
        let scratch = Scratch::new();
        let subject = stopped_subject(scratch.path());
        let region = subject.open().unwrap();
        let mut writer = child("writer", &scratch.path().display().to_string());
        wait_for(|| region.info().info.len > 50);
        let mut dropped = 0;
        for round in 0..60_u64 {
            // At another instruction each time.
            thread::sleep(Duration::from_micros(round * 37 % 1000));
            writer.signal(Signal::STOP);
            for number in 0..20_u64 {
                let key = (1000 + number).to_le_bytes();
                // Dropped where the stopped process holds the lock, after a bounded wait.
                dropped += u32::from(!set(&region, &key, &round.to_le_bytes()));
                if let Some(value) = get(&region, &key) {
                    let value = u64::from_le_bytes(value.try_into().unwrap());
                    assert!(value <= round);
                }
                get(&region, &number.to_le_bytes());
            }
            writer.signal(Signal::CONT);
        }
        println!("{dropped} insertions were dropped");
        assert_eq!(region.info().recoveries, 0, "a stopped process is not a dead one");
        // Going on, it finds all in order.
        wait_for(|| set(&region, b"last", b"one"));
        assert_eq!(get(&region, b"last").unwrap(), b"one");
        writer.signal(Signal::STOP);
        writer.kill().unwrap();
        writer.wait().unwrap();
        wait_for(|| set(&region, b"after", b"it"));
    });
}

/// What a forked child does, and what it leaves with.
#[cfg(target_os = "linux")]
mod forked {
    #![allow(unsafe_code)]

    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// Runs `work` in a forked child, and returns its exit status.
    fn fork(work: impl FnOnce() -> bool) -> i32 {
        // SAFETY: the child only runs `work`, which takes no lock that another thread of the parent
        // may hold (the allocator is made for forks), and leaves by `_exit`.
        let child = unsafe { libc::fork() };
        assert!(child >= 0);
        if child == 0 {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            // SAFETY: ends the process and nothing else.
            unsafe { libc::_exit(i32::from(!result.unwrap_or(false))) };
        }
        let mut status = 0;
        // SAFETY: `status` is a live int, the only thing that the call writes.
        let waited = unsafe { libc::waitpid(child, &mut status, 0) };
        assert_eq!(waited, child);
        status
    }

    /// In a process of its own, which forks while its other threads write.
    #[test]
    fn forker() {
        let Some(directory) = orders() else { return };
        let region = Arc::new(stopped_subject(Path::new(&directory)).open().unwrap());
        let parent = process::current();
        let done = Arc::new(AtomicBool::new(false));
        let threads: Vec<_> = (0..2_u64)
            .map(|thread| {
                let (region, done) = (region.clone(), done.clone());
                std::thread::spawn(move || {
                    for number in 0_u64.. {
                        if done.load(Ordering::Relaxed) {
                            break;
                        }
                        let key = (thread * 1000 + number % 70).to_le_bytes();
                        set(&region, &key, &key.repeat(300));
                        if let Some(value) = get(&region, &key) {
                            assert_eq!(value, key.repeat(300));
                        }
                    }
                })
            })
            .collect();
        for round in 0..100_u64 {
            let status = fork(|| {
                let is_other =
                    process::current() != parent && process::is_alive(process::current());
                for number in 0..50_u64 {
                    let key = (5000 + number).to_le_bytes();
                    set(&region, &key, &round.to_le_bytes());
                    get(&region, &key);
                    if let Some(value) = get(&region, &number.to_le_bytes()) {
                        assert_eq!(value, number.to_le_bytes().repeat(300));
                    }
                }
                is_other && process::is_alive(parent)
            });
            assert_eq!(status, 0, "round {round}");
        }
        done.store(true, Ordering::Relaxed);
        for thread in threads {
            thread.join().unwrap();
        }
        println!("\nrecoveries {}", region.info().recoveries);
    }

    #[test]
    fn a_fork_at_any_point_is_harmless() {
        watched(|| {
            let scratch = Scratch::new();
            let mut forker = child("forked::forker", &scratch.path().display().to_string());
            let mut text = String::new();
            forker.stdout.take().unwrap().read_to_string(&mut text).unwrap();
            assert!(forker.wait().unwrap().success(), "{text}");
            // Nobody died, so that there is nothing to recover from.
            assert!(text.contains("\nrecoveries 0"), "{text}");
            let region = stopped_subject(scratch.path()).open().unwrap();
            assert!(set(&region, b"after", b"it"));
        });
    }
}
