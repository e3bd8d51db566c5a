//! Regions that nobody needs any more go; one that a process has open, or is just opening, never.
#![cfg(all(unix, not(any(loom, miri))))]

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;
use warp_cache::Strategy;
use warp_cache::shm::{Config, HEADER, Identity, LEAST_BYTES, Listed, Region, list, remove_stale};
use warp_tests::children::{Running, child, get, orders, set};
use warp_tests::scratch::Scratch;
use warp_tests::watchdog::watched;
use xxhash_rust::xxh3::xxh3_64;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Where a region says when it was opened or closed last; see FORMAT.md.
const USED_LAST: u64 = (HEADER as u64 + 16 + 1) * 8;

/// Opens a function's region, as its code has it.
fn open(directory: &Path, function: &str, code: &str) -> io::Result<Region> {
    let parts = [function.as_bytes(), code.as_bytes()];
    let identity = Identity::new(function, "tests:stale", &parts[..1], &parts);
    Region::open(&Config {
        directory: Some(directory),
        identity: &identity,
        bytes: LEAST_BYTES,
        max_size: Some(100),
        strategy: Strategy::Lru,
        ttl: None,
    })
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let listing = list(Some(directory)).unwrap();
    listing.regions.into_iter().map(|listed| listed.path).collect()
}

/// Makes a region one that was used so long ago.
fn age(path: &Path, time: Duration) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let now = now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64;
    // May be before the machine was started: it wraps around.
    let then = now.wrapping_sub(time.as_nanos() as u64);
    file.write_all_at(&then.to_le_bytes(), USED_LAST)
}

/// Removes what is stale.
fn remove(directory: &Path) -> Vec<Listed> {
    remove_stale(Some(directory)).unwrap().regions
}

fn open_and_close(directory: &Path, function: &str, code: &str) -> PathBuf {
    let before = files(directory);
    drop(open(directory, function, code).unwrap());
    files(directory).into_iter().find(|path| !before.contains(path)).expect("a new one")
}

#[test]
fn a_new_one_removes_those_before_it() {
    let scratch = Scratch::new();
    let directory = scratch.path();
    let old = ["1", "2"].map(|code| open_and_close(directory, "f", code));
    let other = open_and_close(directory, "g", "1");
    for path in old.iter().chain([&other]) {
        age(path, 11 * MINUTE).unwrap();
    }
    // What is only found removes nothing.
    drop(open(directory, "f", "2").unwrap());
    assert!(old[0].exists());
    age(&old[1], 9 * MINUTE).unwrap();
    let new = open(directory, "f", "3").unwrap();
    assert!(!old[0].exists(), "not used for eleven minutes");
    assert!(old[1].exists(), "used nine minutes ago");
    assert!(other.exists(), "of another family");
    drop(new);
}

#[test]
fn what_is_stale_is_shown_and_removed() {
    let scratch = Scratch::new();
    let directory = scratch.path();
    let [followed, follower, recent, alone, forgotten] =
        [("f", "1"), ("f", "2"), ("f", "3"), ("g", "1"), ("h", "1")]
            .map(|(function, code)| open_and_close(directory, function, code));
    let ages = [(&followed, 6 * DAY), (&follower, 11 * MINUTE), (&recent, 9 * MINUTE)];
    for (path, time) in ages.into_iter().chain([(&alone, 6 * DAY), (&forgotten, 8 * DAY)]) {
        age(path, time).unwrap();
    }
    let expected = [&followed, &follower, &forgotten];
    let listing = list(Some(directory)).unwrap();
    for listed in &listing.regions {
        assert_eq!(listed.is_stale, expected.contains(&&listed.path), "{listed:?}");
    }
    let mut removed: Vec<PathBuf> =
        remove(directory).into_iter().map(|listed| listed.path).collect();
    removed.sort();
    let mut expected = expected.map(Clone::clone);
    expected.sort();
    assert_eq!(removed, expected);
    assert!(recent.exists() && alone.exists());
    assert!(remove(directory).is_empty());
}

#[test]
fn opening_and_closing_are_uses() {
    let scratch = Scratch::new();
    let directory = scratch.path();
    let path = open_and_close(directory, "f", "1");
    age(&path, 8 * DAY).unwrap();
    let region = open(directory, "f", "1").unwrap();
    age(&path, 8 * DAY).unwrap();
    assert!(remove(directory).is_empty(), "it is open");
    drop(region);
    assert!(remove(directory).is_empty(), "it was closed just now");
    age(&path, 8 * DAY).unwrap();
    // To look at it is no use.
    for _ in 0..2 {
        assert!(list(Some(directory)).unwrap().regions[0].is_stale);
    }
    assert_eq!(remove(directory).len(), 1);
}

#[test]
fn what_another_boot_left_goes() {
    let scratch = Scratch::new();
    let path = open_and_close(scratch.path(), "f", "1");
    let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    let mut page = [0; 4096];
    file.read_exact_at(&mut page, 0).unwrap();
    // Words 13 and 14; see `header.rs`.
    page[13 * 8] ^= 1;
    let checksum = xxh3_64(&page[..4088]).to_le_bytes();
    page[4088..].copy_from_slice(&checksum);
    file.write_all_at(&page, 0).unwrap();
    let removed = remove(scratch.path());
    assert_eq!(removed.len(), 1);
    assert!(removed[0].path == path && removed[0].name == "f" && !path.exists());
}

/// A child that has a region open until it is told to end.
#[test]
fn user() {
    let Some(orders) = orders() else { return };
    let region = open(Path::new(&orders), "f", "old").unwrap();
    assert!(set(&region, b"key", b"value"));
    println!("\nopened");
    let mut line = String::new();
    io::stdin().read_line(&mut line).unwrap();
}

#[test]
fn what_a_living_process_has_open_stays_and_a_dead_one_holds_nothing() {
    watched(|| {
        let scratch = Scratch::new();
        let directory = scratch.path();
        let mut user = child("user", &directory.display().to_string());
        let mut lines = BufReader::new(user.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "opened"));
        let [path] = &files(directory)[..] else { panic!("one region") };
        for stopped in [false, true] {
            if stopped {
                user.signal(Signal::STOP);
            }
            age(path, 8 * DAY).unwrap();
            drop(open(directory, "f", "new").unwrap());
            assert!(remove(directory).is_empty());
            assert!(path.exists(), "stopped: {stopped}");
            for path in files(directory).iter().filter(|other| *other != path) {
                fs::remove_file(path).unwrap();
            }
        }
        let region = open(directory, "f", "old").unwrap();
        assert_eq!(get(&region, b"key").unwrap(), b"value");
        drop(region);
        user.kill().unwrap();
        user.wait().unwrap();
        age(path, 8 * DAY).unwrap();
        assert_eq!(remove(directory).len(), 1);
        assert!(!path.exists());
    });
}

/// A child that opens a region again and again, each time with a newcomer that has to find what it
/// has kept: neither has a file of its own.
#[test]
fn opener() {
    let Some(orders) = orders() else { return };
    let (directory, number) = orders.split_once('|').unwrap();
    let directory = Path::new(directory);
    for round in 0..150 {
        let region = open(directory, "f", "old").unwrap();
        let key = format!("{number} {round}");
        // Another may hold the lock at this instant.
        while !set(&region, key.as_bytes(), b"here") {}
        let newcomer = open(directory, "f", "old").unwrap();
        let found = get(&newcomer, key.as_bytes());
        assert_eq!(found.as_deref(), Some(&b"here"[..]), "it was removed while it was open");
    }
    println!("\ndone");
}

#[test]
fn none_goes_that_is_just_being_opened() {
    watched(|| {
        let scratch = Scratch::new();
        let directory = scratch.path();
        let mut openers: Vec<Running> = (0..3)
            .map(|number| child("opener", &format!("{}|{number}", directory.display())))
            .collect();
        let (mut removed, mut running) = (0, openers.len());
        while running > 0 {
            let names = fs::read_dir(directory).unwrap().flatten().flat_map(|ours| {
                fs::read_dir(ours.path()).into_iter().flatten().flatten().map(|file| file.path())
            });
            for path in names.filter(|path| path.extension().is_none()) {
                // It may be gone meanwhile.
                if path.metadata().is_ok_and(|file| file.len() == LEAST_BYTES && file.nlink() == 1)
                {
                    let _ = age(&path, 8 * DAY);
                }
            }
            removed += remove(directory).len();
            let has_ended = |one: &mut Running| one.try_wait().unwrap().is_some();
            running = openers.iter_mut().map(has_ended).filter(|ended| !ended).count();
        }
        for opener in &mut openers {
            assert!(opener.wait().unwrap().success());
        }
        assert!(removed > 0, "some were stale between two openings");
    });
}
