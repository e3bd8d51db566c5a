//! Writers that are killed at random instants, while others read and write: nobody sees a wrong
//! value, and nobody hangs. How long a call takes is told and not judged, as a busy machine may let
//! a process stand still at any instruction; what is judged is what takes the time: how many words
//! a call stores, and how often it waits for a lock, which is for twenty to eighty milliseconds
//! each time.
//!
//! A short storm here; `make storm` has the long one (`WARP_STORM_KILLS`).
#![cfg(all(unix, not(any(loom, miri))))]

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use warp_cache::Strategy;
use warp_cache::shm::{IfPresent, effort};
use warp_tests::children::{Running, Subject, child, orders};
use warp_tests::load::{KEYS, key, read, value, write};
use warp_tests::random::Random;
use warp_tests::scratch::Scratch;
use warp_tests::watchdog::watched;

/// Writers that live until they are killed, at a time.
const VICTIMS: usize = 3;
/// Of what lives on, how long it may take to come to an end. A hang is longer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Calls that take longer are counted, by the clock and by what they had of the processor.
const LONG: Duration = Duration::from_millis(100);
/// How often a call of [`write()`] waits at most: for a claim, and for an insertion that has to begin
/// anew as the shard turned out to be damaged.
const WAITS: u64 = 3;

/// The regions that storms go over: one shard that evicts by number, one that evicts for room,
/// several shards, and one whose order is of lists, which readers change too.
fn subjects(directory: &Path) -> [Subject; 4] {
    let subject = |strategy: Strategy, bytes, max_size| Subject {
        name: format!("{strategy} {bytes}"),
        bytes,
        max_size,
        strategy,
        ..Subject::new(directory)
    };
    [
        subject(Strategy::Lru, 1 << 20, Some(200)),
        subject(Strategy::Lru, 256 << 10, None),
        subject(Strategy::Lru, 4 << 20, Some(10_000)),
        subject(Strategy::Arc, 1 << 20, Some(200)),
    ]
}

/// A child that does one of the two until it is killed or its standard input ends, and then tells
/// how it went.
#[test]
fn survivor() {
    let Some(orders) = orders() else { return };
    let orders: Vec<&str> = orders.split('|').collect();
    let [role, which, seed, directory] = orders[..] else { panic!("{orders:?}") };
    let region = subjects(Path::new(directory))[which.parse::<usize>().unwrap()].open().unwrap();
    let mut random = Random::new(seed.parse().unwrap());
    let done = Arc::new(AtomicBool::new(false));
    thread::spawn({
        let done = done.clone();
        move || {
            let _ = io::stdin().read_to_end(&mut Vec::new());
            done.store(true, Ordering::Relaxed);
        }
    });
    println!("\nready");
    let mut report = Report::default();
    let mut found = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let (started, began, before) = (Instant::now(), processor_time(), effort());
        match role {
            "writer" => write(&region, &mut random),
            // Readers that are killed hold a lock now and then.
            "victim" if random.percent(50) => write(&region, &mut random),
            _ => report.hits += u64::from(read(&region, &mut random, &mut found)),
        }
        let (took, busy, after) = (started.elapsed(), processor_time() - began, effort());
        report.calls += 1;
        report.long += u64::from(took > LONG);
        report.long_busy += u64::from(busy > LONG);
        report.longest = report.longest.max(took.as_micros() as u64);
        report.busiest = report.busiest.max(busy.as_micros() as u64);
        report.stores = report.stores.max(after.stores - before.stores);
        report.waits = report.waits.max(after.waits - before.waits);
        // Leaves the processor to those that are to be killed.
        if role != "victim" && report.calls % 100 == 0 {
            thread::sleep(Duration::from_micros(200));
        }
    }
    println!("\n{role} {report}");
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn start(role: &str, which: usize, seed: u64, directory: &Path) -> Running {
    child("survivor", &format!("{role}|{which}|{seed}|{}", directory.display()))
}

fn wait_until_ready(child: &mut Running) {
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "ready"), "a writer has ended by itself: {:?}", child.wait());
}

/// How it went: two sums, and for one call the most of each of the others.
#[derive(Clone, Copy, Default)]
struct Report {
    calls: u64,
    hits: u64,
    /// Calls that took long, and that had the processor for as long.
    long: u64,
    long_busy: u64,
    /// Microseconds of one call, and of these the processor's: the rest is what the system gave to
    /// others.
    longest: u64,
    busiest: u64,
    stores: u64,
    waits: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { calls, hits, long, long_busy, longest, busiest, stores, waits } = self;
        write!(f, "{calls} {hits} {long} {long_busy} {longest} {busiest} {stores} {waits}")
    }
}

impl Report {
    fn parse(line: &str) -> Report {
        let numbers = line.split(' ').map(|number| number.parse().expect("a number"));
        let [calls, hits, long, long_busy, longest, busiest, stores, waits] =
            numbers.collect::<Vec<u64>>()[..]
        else {
            panic!("{line}")
        };
        Report { calls, hits, long, long_busy, longest, busiest, stores, waits }
    }

    fn and(self, other: Report) -> Report {
        Report {
            calls: self.calls + other.calls,
            hits: self.hits + other.hits,
            long: self.long + other.long,
            long_busy: self.long_busy + other.long_busy,
            longest: self.longest.max(other.longest),
            busiest: self.busiest.max(other.busiest),
            stores: self.stores.max(other.stores),
            waits: self.waits.max(other.waits),
        }
    }
}

/// Ends a child in peace.
fn end(mut child: Running) -> Report {
    drop(child.stdin.take());
    let mut stdout = child.stdout.take().unwrap();
    let text = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let started = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => assert!(started.elapsed() < PATIENCE, "it hangs"),
        }
        thread::sleep(Duration::from_millis(1));
    };
    let text = text.join().unwrap().unwrap();
    assert!(status.success(), "{status}: {text}");
    let is_report = |line: &&str| line.starts_with("reader ") || line.starts_with("writer ");
    let (_, report) = text.lines().find(is_report).expect("a report").split_once(' ').unwrap();
    Report::parse(report)
}

/// How many recoveries there were.
fn storm(which: usize, kills: u64) -> u64 {
    let scratch = Scratch::new();
    let directory = scratch.path();
    let subject = &subjects(directory)[which];
    let region = subject.open().unwrap();
    let roles = ["reader", "writer"].repeat(4);
    let survivors: Vec<Running> =
        (0..).zip(&roles).map(|(seed, role)| start(role, which, seed, directory)).collect();
    let mut random = Random::new(which as u64);
    let mut victims: Vec<Running> = Vec::new();
    for kill in 0..kills {
        while victims.len() < VICTIMS {
            victims.push(start(
                "victim",
                which,
                1000 + kill * 10 + victims.len() as u64,
                directory,
            ));
        }
        let mut victim = victims.remove(0);
        wait_until_ready(&mut victim);
        thread::sleep(Duration::from_micros(random.below(700).into()));
        // Killed, and waited for, by being dropped.
        drop(victim);
    }
    drop(victims);

    let words = region.geometry().words() as u64;
    let mut total = Report::default();
    for (child, role) in survivors.into_iter().zip(roles) {
        let report = end(child);
        let is_reader = role == "reader";
        assert!(report.calls > 0 && (!is_reader || report.hits > 0), "{role}: {report}");
        // No hang: a call does no more than this, however long others let it stand still.
        assert!(report.waits <= if is_reader { 0 } else { WAITS }, "{role}: {report}");
        assert!(report.stores <= words, "{role}: {report}");
        total = total.and(report);
    }
    watched(move || {
        let info = region.info();
        let Report { calls, hits, long, long_busy, longest, busiest, stores, waits } = total;
        println!(
            "{kills} kills: {} recoveries, {} insertions dropped, {calls} calls, {hits} hits; the \
             longest call {longest} us ({busiest} us of the processor), {long} over 100 ms \
             ({long_busy} of the processor); up to {stores} stores and {waits} waits in one",
            info.recoveries, info.dropped
        );
        assert_eq!(info.processes, 1);
        // Whatever was left in it, all of it still works.
        region.clear();
        let mut found = Vec::new();
        for number in 0..KEYS {
            let (key, value) = (key(number), value(number, number.into()));
            let hash = region.hash(&key);
            region.insert(hash, &key, &value, u64::MAX, 0, None, IfPresent::Replace).unwrap();
            assert!(region.get(hash, &key, 0, &mut found).is_some() && found == value, "{number}");
        }
        let len = region.info().info.len;
        assert!(region.geometry().max_size().is_none_or(|max_size| len <= max_size), "{len}");
        info.recoveries
    })
}

/// How many are killed.
fn kills() -> u64 {
    match std::env::var("WARP_STORM_KILLS") {
        Ok(kills) => kills.parse().expect("WARP_STORM_KILLS is a number"),
        Err(_) => 200,
    }
}

#[test]
fn killed_writers_harm_nobody() {
    if orders().is_some() {
        return;
    }
    let started = Instant::now();
    let recoveries: u64 = (0..4).map(|which| storm(which, kills().div_ceil(4))).sum();
    // One in thirty dies in the middle of a change, or fewer where the machine is busy.
    assert!(kills() < 1000 || recoveries > 0);
    println!("{:?}", started.elapsed());
}
