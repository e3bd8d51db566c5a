//! Regions as files: made once, found again, replaced where they are of no use.
#![cfg(all(unix, not(any(loom, miri))))]

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::process::ChildStdout;
use std::time::Duration;

use warp_cache::Strategy;
use warp_cache::shm::{Config, Identity, LEAST_BYTES, Region, attach, list, process, remove};
use warp_tests::children::{Running, Subject, child, get, orders, set};
use warp_tests::scratch::Scratch;
use warp_tests::watchdog::watched;
use xxhash_rust::xxh3::xxh3_64;

/// Whether the region that is open now is another than the one in which the mark was set.
fn is_fresh(region: &Region) -> bool {
    get(region, b"mark").is_none()
}

/// A region with a mark in it, closed again.
fn marked(subject: &Subject) {
    assert!(set(&subject.open().unwrap(), b"mark", b"here"));
}

/// Opens it after something was done to its file: a fresh one that works, and is found again.
fn expect_fresh(subject: &Subject, what: &str) {
    let region = subject.open().unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(is_fresh(&region), "{what}");
    assert!(set(&region, b"mark", b"anew"), "{what}");
    assert!(!is_fresh(&subject.open().unwrap()), "{what}: the fresh one is not found");
}

#[test]
fn a_region_outlives_who_made_it() {
    let scratch = Scratch::new();
    let subject = Subject::new(scratch.path());
    marked(&subject);
    assert_eq!(get(&subject.open().unwrap(), b"mark").unwrap(), b"here");
}

#[test]
fn a_region_opened_twice_is_one() {
    let scratch = Scratch::new();
    let subject = Subject::new(scratch.path());
    let (one, other) = (subject.open().unwrap(), subject.open().unwrap());
    assert!(set(&one, b"a", b"1") && set(&other, b"b", b"2"));
    assert_eq!(get(&other, b"a").unwrap(), b"1");
    assert_eq!(get(&one, b"b").unwrap(), b"2");
    drop(one);
    assert_eq!(get(&other, b"a").unwrap(), b"1");
    other.clear();
    assert!(get(&subject.open().unwrap(), b"a").is_none());
}

#[test]
fn every_configuration_has_a_region_of_its_own() {
    let scratch = Scratch::new();
    let one = Identity::new("f", "m:f", &[b"f"], &[b"m", b"f"]);
    let other = Identity::new("f", "m:f", &[b"f"], &[b"mf", b""]);
    let first = Config {
        directory: Some(scratch.path()),
        identity: &one,
        bytes: 1 << 20,
        max_size: Some(100),
        strategy: Strategy::Lru,
        ttl: None,
    };
    let configurations = [
        first,
        Config { identity: &other, ..first },
        Config { bytes: 2 << 20, ..first },
        Config { max_size: Some(101), ..first },
        Config { max_size: None, ..first },
        Config { strategy: Strategy::Lfu, ..first },
        Config { ttl: Some(Duration::from_secs(60)), ..first },
        Config { ttl: Some(Duration::from_secs(61)), ..first },
    ];
    let open = |config| Region::open(config).unwrap();
    let regions: Vec<_> = configurations.iter().map(open).collect();
    for (number, region) in regions.iter().enumerate() {
        assert!(get(region, b"key").is_none(), "{:?}", configurations[number]);
        assert!(set(region, b"key", &[number as u8]));
    }
    for (number, config) in configurations.iter().enumerate() {
        assert_eq!(get(&open(config), b"key").unwrap(), [number as u8]);
    }
    assert_eq!(list(Some(scratch.path())).unwrap().regions.len(), configurations.len());
}

#[test]
fn a_configuration_that_cannot_be_is_told() {
    let scratch = Scratch::new();
    let subject = Subject { bytes: LEAST_BYTES - 1, ..Subject::new(scratch.path()) };
    let error = subject.open().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert!(error.to_string().starts_with("size:"), "{error}");
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn names_and_modes_tell_nothing() {
    let scratch = Scratch::new();
    let subject = Subject { name: "secret".into(), ..Subject::new(scratch.path()) };
    let _region = subject.open().unwrap();
    let path = subject.path();
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
    let file = fs::metadata(&path).unwrap();
    assert_eq!((file.mode() & 0o7777, file.nlink(), file.len()), (0o600, 1, subject.bytes));
    let directory = fs::metadata(path.parent().unwrap()).unwrap();
    assert_eq!(directory.mode() & 0o777, 0o700);
    // All of it has room already.
    assert!(file.blocks() * 512 >= subject.bytes, "{} blocks", file.blocks());
}

#[test]
fn a_file_of_another_length_is_replaced() {
    let scratch = Scratch::new();
    let subject = Subject::new(scratch.path());
    marked(&subject);
    let path = subject.path();
    let bytes = subject.bytes;
    for length in [0, 1, 100, 4095, 4096, bytes / 2, bytes - 4096, bytes - 1, bytes + 1, bytes * 2]
    {
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(length).unwrap();
        expect_fresh(&subject, &format!("{length} bytes"));
    }
}

#[test]
fn a_header_with_any_byte_changed_is_replaced() {
    let scratch = Scratch::new();
    let subject = Subject { bytes: LEAST_BYTES, ..Subject::new(scratch.path()) };
    marked(&subject);
    let path = subject.path();
    for at in 0..4096 {
        let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ (1 << (at % 8))], at).unwrap();
        let region = subject.open().unwrap_or_else(|error| panic!("byte {at}: {error}"));
        assert!(is_fresh(&region) && set(&region, b"mark", b"anew"), "byte {at}");
    }
}

#[test]
fn garbage_is_replaced() {
    let scratch = Scratch::new();
    let subject = Subject { bytes: LEAST_BYTES, ..Subject::new(scratch.path()) };
    marked(&subject);
    let path = subject.path();
    for filling in [0, 1, 0x7F, 0xFF] {
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(&vec![filling; subject.bytes as usize], 0).unwrap();
        expect_fresh(&subject, &format!("all {filling}"));
    }
}

/// Headers whose checksum is right, as another version, machine or boot would write them, or
/// somebody who means ill.
#[test]
fn a_header_that_says_something_else_is_replaced() {
    let scratch = Scratch::new();
    let subject = Subject { bytes: LEAST_BYTES, ..Subject::new(scratch.path()) };
    marked(&subject);
    let path = subject.path();
    // All words but the seed, which may be any; see FORMAT.md.
    let words =
        (0..11).chain(13..21).flat_map(|word| [(word, 1), (word, 1 << 40), (word, u64::MAX)]);
    for (word, change) in words {
        let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let mut page = [0; 4096];
        file.read_exact_at(&mut page, 0).unwrap();
        let (start, end) = (word * 8, word * 8 + 8);
        let before = u64::from_le_bytes(page[start..end].try_into().unwrap());
        page[start..end].copy_from_slice(&(before ^ change).to_le_bytes());
        let checksum = xxh3_64(&page[..4088]).to_le_bytes();
        page[4088..].copy_from_slice(&checksum);
        file.write_all_at(&page, 0).unwrap();
        expect_fresh(&subject, &format!("word {word} changed by {change:#x}"));
    }
}

/// Other versions of this crate read it: a change of it is a change of the format's version.
#[test]
fn the_first_page_is_as_it_is_drawn() {
    let scratch = Scratch::new();
    let subject = Subject { name: "a stand".into(), ..Subject::new(scratch.path()) };
    drop(subject.open().unwrap());
    let file = fs::read(subject.path()).unwrap();
    let words =
        file[..4096].chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap()));
    let words: Vec<u64> = words.collect();
    assert_eq!(&file[..8], b"warp shm");
    assert_eq!(words[1], warp_cache::shm::VERSION);
    if cfg!(all(target_endian = "little", target_pointer_width = "64")) {
        assert_eq!(words[2], 0x4C00_0040);
    }
    assert_eq!(&words[3..6], [1 << 20, 1000, Strategy::Lru as u64]);
    assert_eq!(words[10], u64::MAX);
    assert_eq!(words[21..23], [7, u64::from_le_bytes(*b"a stand\0")]);
    assert_eq!(&file[23 * 8..26 * 8], b"\x0D\0\0\0\0\0\0\0tests:subject\0\0\0");
    assert!(words[26..511].iter().all(|word| *word == 0));
    assert_eq!(words[511], xxh3_64(&file[..511 * 8]));
}

#[test]
fn what_is_replaced_stays_with_those_who_have_it() {
    let scratch = Scratch::new();
    let subject = Subject::new(scratch.path());
    let old = subject.open().unwrap();
    assert!(set(&old, b"mark", b"here"));
    let file = OpenOptions::new().write(true).open(subject.path()).unwrap();
    file.write_all_at(b"!", 0).unwrap();
    expect_fresh(&subject, "a new one");
    assert_eq!(get(&old, b"mark").unwrap(), b"here");
    assert!(set(&old, b"more", b"of it"));
}

#[test]
fn what_a_dead_maker_left_is_swept_away() {
    let scratch = Scratch::new();
    let subject = Subject::new(scratch.path());
    marked(&subject);
    let path = subject.path();
    let mut dead = std::process::Command::new("true").spawn().unwrap();
    dead.wait().unwrap();
    let left = |word: u64| {
        let name = format!("{}.{word:016x}.0.new", path.file_name().unwrap().to_str().unwrap());
        fs::write(path.with_file_name(&name), "begun").unwrap();
        path.with_file_name(name)
    };
    let (dead, alive) = (left(1 << 24 | u64::from(dead.id())), left(process::current()));
    fs::remove_file(&path).unwrap();
    expect_fresh(&subject, "made anew");
    assert!(!dead.exists() && alive.exists());
}

#[test]
fn regions_are_listed_and_removed() {
    let scratch = Scratch::new();
    let empty = list(Some(scratch.path())).unwrap();
    assert!(empty.regions.is_empty() && empty.errors.is_empty());
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0, "a listing makes nothing");

    let subject = Subject { name: "stand".into(), ..Subject::new(scratch.path()) };
    let region = subject.open().unwrap();
    assert!(set(&region, b"a", b"1") && set(&region, b"b", b"2"));
    region.count(warp_cache::shm::Counter::Hits);
    let listing = list(Some(scratch.path())).unwrap();
    let [one] = &listing.regions[..] else { panic!("{listing:?}") };
    assert_eq!((&one.name[..], &one.function[..]), ("stand", "tests:subject"));
    assert_eq!((one.bytes, one.entries, one.max_size), (1 << 20, 2, Some(1000)));
    assert_eq!((one.strategy, one.ttl), (Strategy::Lru, None));
    assert_eq!((one.hits, one.misses, one.evictions, one.recoveries), (1, 0, 0, 0));

    attach(&one.path).unwrap().clear();
    assert!(get(&region, b"a").is_none());

    let useless = Subject { name: "other".into(), ..subject.clone() };
    marked(&useless);
    let listing = list(Some(scratch.path())).unwrap();
    let useless = &listing.regions.iter().find(|one| one.name == "other").unwrap().path;
    fs::write(useless, "cut").unwrap();
    let listing = list(Some(scratch.path())).unwrap();
    assert_eq!((listing.regions.len(), &listing.useless[..]), (1, &[useless.clone()][..]));
    assert!(attach(useless).is_err());

    for path in [useless, &listing.regions[0].path] {
        assert!(remove(path).unwrap());
        assert!(!remove(path).unwrap());
    }
    assert!(list(Some(scratch.path())).unwrap().regions.is_empty());
    // Who has it keeps it.
    assert!(set(&region, b"c", b"3") && get(&region, b"c").is_some());
    for wrong in ["/etc/passwd", "relative", "/"] {
        assert!(remove(Path::new(wrong)).is_err(), "{wrong}");
    }
}

/// A child that opens the region when told to, sets its own key, and then looks for everybody's.
#[test]
fn creator() {
    let Some(orders) = orders() else { return };
    let (directory, number) = orders.split_once('|').unwrap();
    let subject = Subject { bytes: LEAST_BYTES, ..Subject::new(Path::new(directory)) };
    let mut lines = std::io::stdin().lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert_eq!(next(), "open");
    let region = subject.open().unwrap();
    // Another may hold the lock at this instant.
    while !set(&region, number.as_bytes(), b"here") {}
    println!("\nopened");
    let count: u32 = next().parse().unwrap();
    let found = (0..count).filter(|key| get(&region, key.to_string().as_bytes()).is_some()).count();
    println!("\nfound {found}");
}

fn expect_line(lines: &mut std::io::Lines<BufReader<ChildStdout>>, expected: &str) {
    let line = lines.by_ref().map(Result::unwrap).find(|line| line.starts_with(&expected[..3]));
    assert_eq!(line.as_deref(), Some(expected));
}

#[test]
fn who_opens_at_once_opens_one_region() {
    const CREATORS: usize = 4;
    watched(|| {
        for round in 0..12 {
            let scratch = Scratch::new();
            let subject = Subject { bytes: LEAST_BYTES, ..Subject::new(scratch.path()) };
            // Nothing there, or one to be replaced.
            if round % 2 == 1 {
                marked(&subject);
                fs::write(subject.path(), "cut").unwrap();
            }
            let start =
                |number| child("creator", &format!("{}|{number}", scratch.path().display()));
            let mut children: Vec<Running> = (0..CREATORS).map(start).collect();
            let mut lines: Vec<_> = children
                .iter_mut()
                .map(|child| BufReader::new(child.stdout.take().unwrap()).lines())
                .collect();
            for order in ["open".to_owned(), CREATORS.to_string()] {
                for child in &mut children {
                    writeln!(child.stdin.as_mut().unwrap(), "{order}").unwrap();
                }
                let answer = if order == "open" { "opened" } else { "found 4" };
                lines.iter_mut().for_each(|lines| expect_line(lines, answer));
            }
            for child in &mut children {
                assert!(child.wait().unwrap().success());
            }
            let names = fs::read_dir(subject.path().parent().unwrap()).unwrap().count();
            assert_eq!(names, 1, "nothing but the region is left");
        }
    });
}
