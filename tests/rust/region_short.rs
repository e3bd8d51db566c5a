//! Look-ups of keys and values that an entry holds itself: they find what the longer way finds, and
//! nothing else.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use warp_cache::Strategy;
use warp_cache::shm::{Geometry, HEADER, IfPresent, LEAST_BYTES, Region, Short, Stamp};
use warp_tests::processes::PROCESSES;
use warp_tests::watchdog::watched;

const FOREVER: u64 = u64::MAX;

fn region(max_size: usize) -> Region {
    let geometry = Geometry::new(LEAST_BYTES, Some(max_size), Strategy::Lru).expect("a geometry");
    Region::on_heap(geometry, PROCESSES)
}

fn set(region: &Region, key: &[u8], value: &[u8], deadline: u64) {
    let hash = region.hash(key);
    region.insert(hash, key, value, deadline, 0, None, IfPresent::Replace).expect("kept");
}

/// The key as the look-up takes it; behind it stand other bytes than in the entry.
fn short(key: &[u8]) -> Option<Short> {
    let mut bytes = [0xEE; 16];
    bytes.get_mut(..key.len())?.copy_from_slice(key);
    Short::new(u128::from_le_bytes(bytes), key.len())
}

fn find(region: &Region, key: &[u8], now: u64) -> Option<(Stamp, Vec<u8>)> {
    let (stamp, value) = region.peek_short(short(key)?, now)?;
    Some((stamp, value.bytes().to_le_bytes()[..value.length()].to_vec()))
}

/// The same by the longer way.
fn find_any(region: &Region, key: &[u8], now: u64) -> Option<(Stamp, Vec<u8>)> {
    let mut value = Vec::new();
    region.peek(region.hash(key), key, now, &mut value).map(|stamp| (stamp, value))
}

#[test]
fn it_finds_what_the_longer_way_finds() {
    let region = region(400);
    for key_length in 0..=17_u8 {
        for value_length in 0..=17_u8 {
            let key: Vec<u8> = (0..key_length).map(|place| place ^ value_length << 3).collect();
            let value: Vec<u8> = (100..100 + value_length).collect();
            set(&region, &key, &value, FOREVER);
            let found = find_any(&region, &key, 0);
            assert_eq!(found.as_ref().map(|(_, value)| value), Some(&value));
            let is_short = key_length > 0 && value_length > 0 && key_length + value_length <= 16;
            let expected = if is_short { found } else { None };
            assert_eq!(find(&region, &key, 0), expected, "{key_length} and {value_length} bytes");
        }
    }
}

#[test]
fn it_finds_nothing_that_is_not_there() {
    let region = region(4);
    set(&region, b"key", b"value", 10);
    assert!(find(&region, b"key", 9).is_some() && find(&region, b"key", 10).is_none());
    for other in [&b"k"[..], b"ke", b"keys", b"kez", b"key\0"] {
        assert_eq!(find(&region, other, 0), None);
    }
    set(&region, b"key", b"other", FOREVER);
    assert_eq!(find(&region, b"key", 10).expect("replaced").1, b"other");
    assert!(region.invalidate(region.hash(b"key"), b"key", 0));
    assert_eq!(find(&region, b"key", 0), None);
    set(&region, b"key", b"value", FOREVER);
    region.clear();
    assert_eq!(find(&region, b"key", 0), None);
    for key in 0..5_u8 {
        set(&region, &[key], &[key], FOREVER);
    }
    assert_eq!(find(&region, &[0], 0), None, "it has been evicted");
    assert_eq!(find(&region, &[4], 0).expect("the last one").1, [4]);
}

#[test]
fn a_look_is_no_use() {
    let region = region(2);
    set(&region, b"a", b"1", FOREVER);
    set(&region, b"b", b"2", FOREVER);
    assert!(find(&region, b"a", 0).is_some());
    set(&region, b"c", b"3", FOREVER);
    assert!(find(&region, b"a", 0).is_none() && find(&region, b"b", 0).is_some());
}

/// Whichever bit flips, what is found is right or nothing.
#[test]
#[cfg_attr(miri, ignore = "takes too long")]
fn no_flipped_bit_makes_another_value() {
    let region = region(8);
    let keys: Vec<[u8; 5]> = (0..8).map(|number| [2, number, 7, 0, number]).collect();
    for key in &keys {
        set(&region, key, &[key[1]; 9], FOREVER);
    }
    for (place, word) in region.words().iter().enumerate().skip(HEADER) {
        let before = word.load(Ordering::Relaxed);
        for bit in 0..64 {
            word.store(before ^ 1 << bit, Ordering::Relaxed);
            for key in &keys {
                if let Some((_, value)) = find(&region, key, 0) {
                    assert_eq!(value, [key[1]; 9], "bit {bit} of word {place}");
                }
            }
        }
        word.store(before, Ordering::Relaxed);
    }
    assert!(keys.iter().all(|key| find(&region, key, 0).is_some()));
}

/// Values are their key and a number, twice: none is half of one and half of another.
#[test]
fn a_value_that_changes_meanwhile_is_whole() {
    watched(|| {
        let (region, done) = (region(4), AtomicBool::new(false));
        let value = |key: u8, number: u32| {
            let [a, b, c, _] = number.to_le_bytes();
            [key, a, b, c, 1, 2, key, a, b, c]
        };
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        for key in 0..6 {
                            if let Some((_, found)) = find(&region, &[9, key], 0) {
                                let number = [found[1], found[2], found[3], 0];
                                assert_eq!(found, value(key, u32::from_le_bytes(number)));
                            }
                        }
                    }
                });
            }
            for number in 0..if cfg!(miri) { 20 } else { 50_000 } {
                let key = (number % 6) as u8;
                set(&region, &[9, key], &value(key, number), FOREVER);
            }
            done.store(true, Ordering::Relaxed);
        });
    });
}
