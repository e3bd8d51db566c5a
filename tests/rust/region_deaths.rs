//! A writer of a shared region that dies after each of its stores: nothing wrong is ever read, the
//! next writer goes on, and nothing is lost but the entries of the shard.
#![cfg(not(loom))]

use warp_cache::Strategy;
use warp_cache::shm::{Claim, Died, Geometry, IfPresent, LEAST_BYTES, NotKept, Region, die_after};
use warp_tests::processes::{self, PROCESSES};
use warp_tests::watchdog::watched;

const FOREVER: u64 = u64::MAX;
const ENTRIES: u8 = 8;

/// What a key may have: its own letter, and how often it was set.
fn value(key: u8, version: u8, length: usize) -> Vec<u8> {
    let mut value = vec![key, version];
    value.resize(length.max(2), key ^ version);
    value
}

fn lengths(key: u8) -> usize {
    if key % 2 == 0 { 4 } else { 300 }
}

fn set(region: &Region, key: u8, value: &[u8], now: u64) -> Result<(), NotKept> {
    let deadline = if key == 3 { 50 } else { FOREVER };
    let hash = region.hash(&[key]);
    region.insert(hash, &[key], value, deadline, now, None, IfPresent::Replace).map(drop)
}

fn get(region: &Region, key: u8, now: u64) -> Option<Vec<u8>> {
    let mut value = Vec::new();
    region.peek(region.hash(&[key]), &[key], now, &mut value).map(|_| value)
}

fn keep(kept: Result<(), NotKept>) {
    kept.expect("it is kept");
}

/// A full region, with something of every kind.
fn filled(strategy: Strategy) -> Region {
    let geometry = Geometry::new(LEAST_BYTES, Some(ENTRIES.into()), strategy).expect("a geometry");
    let region = Region::on_heap(geometry, PROCESSES);
    for key in 0..ENTRIES {
        set(&region, key, &value(key, 0, lengths(key)), 0).expect("it is kept");
    }
    region
}

type Work = fn(&Region);

/// What a writer is busy with when it dies, and after how many more stores it does each time.
const WORKS: [(&str, usize, Work); 10] = [
    ("a new small entry", 1, |region| keep(set(region, 20, &value(20, 1, 4), 0))),
    ("a new large entry", 1, |region| keep(set(region, 21, &value(21, 1, 900), 0))),
    ("some that push others out", 67, |region| {
        let length = region.geometry().limit() - 1;
        for key in 10..16 {
            keep(set(region, key, &value(key, 1, length), 0));
        }
    }),
    ("a new entry after uses", 1, |region| {
        for key in 0..ENTRIES {
            let stamp = region.peek(region.hash(&[key]), &[key], 0, &mut Vec::new());
            region.touch(&stamp.expect("it is there"));
        }
        keep(set(region, 22, &value(22, 1, 4), 0));
    }),
    ("a replacement", 1, |region| keep(set(region, 1, &value(1, 1, 500), 0))),
    ("a replacement of the expired", 1, |region| keep(set(region, 3, &value(3, 1, 30), 60))),
    ("the next after an expiry", 1, |region| keep(set(region, 23, &value(23, 1, 4), 60))),
    ("an invalidation", 1, |region| assert!(region.invalidate(region.hash(&[1]), &[1], 0))),
    ("a clear and what follows", 5, |region| {
        region.clear();
        keep(set(region, 24, &value(24, 1, 70), 0));
    }),
    ("a claim", 1, |region| {
        if let Claim::Leads(lead) = region.claim(7) {
            lead.keep();
        }
    }),
];

fn every_key() -> impl Iterator<Item = u8> {
    (0..25).chain(100..108)
}

/// All that may be read: the value from before, or the one that was being written.
fn check(region: &Region, now: u64) {
    for key in every_key() {
        if let Some(found) = get(region, key, now) {
            let (version, length) = (found.get(1).copied().unwrap_or(9), found.len());
            assert_eq!(found, value(key, version, length), "key {key}");
            assert!(version <= 1, "key {key}");
        }
    }
}

fn dies_in(name: &str, stride: usize, work: Work, strategy: Strategy) {
    let mut deaths_with_the_lock = 0;
    for steps in (1..).step_by(if cfg!(miri) { 29 * stride } else { stride }) {
        let region = filled(strategy);
        let watching = region.again(PROCESSES);
        let mut value_of_1 = Vec::new();
        let stamp = region.peek(region.hash(&[1]), &[1], 0, &mut value_of_1).expect("it is there");
        processes::become_another();
        let died = die_after(steps, || work(&region)) == Err(Died);
        processes::die();

        check(&watching, 0);
        check(&watching, 60);
        if watching.is_current(&stamp, 0) {
            assert_eq!(get(&watching, 1, 0), Some(value_of_1), "{name}, step {steps}");
        }
        // Whoever writes next finds the lock of a dead owner, if that had it.
        let next = set(&watching, 100, &value(100, 0, 400), 60);
        assert_eq!(next, Ok(()), "{name}, step {steps}");
        assert_eq!(get(&watching, 100, 60), Some(value(100, 0, 400)), "{name}, step {steps}");
        let recoveries = watching.info().recoveries;
        assert!(recoveries <= 1, "{name}, step {steps}: {recoveries} recoveries");
        deaths_with_the_lock += recoveries;
        watching.validate();
        check(&watching, 60);
        // There is room for all as before: nothing has been lost for good.
        watching.clear();
        for key in 100..108 {
            set(&watching, key, &value(key, 0, 500), 60).expect("it is kept");
        }
        assert!((100..108).all(|key| get(&watching, key, 60).is_some()), "{name}, step {steps}");
        assert_eq!(watching.info().info.len, ENTRIES.into());
        assert!(matches!(watching.claim(7), Claim::Leads(_)), "the leader is dead");
        if !died {
            assert!(steps > 2, "{name} takes some steps");
            assert_eq!(recoveries, 0, "{name}: nobody died");
            break;
        }
    }
    assert!(deaths_with_the_lock > 0, "{name}: nobody died with the lock");
}

macro_rules! tests_of {
    ($($policy:ident $store:ident,)*) => {
        $(#[allow(non_snake_case, reason = "named as the strategy is")]
        #[test]
        fn $policy() {
            if Strategy::$policy.shared_order().is_some() {
                watched(|| {
                    for (name, stride, work) in WORKS {
                        dies_in(name, stride, work, Strategy::$policy);
                    }
                });
            }
        })*
    };
}
warp_cache::with_strategy!(tests_of);

#[test]
fn a_stopped_writer_holds_up_nobody() {
    watched(|| {
        let region = filled(Strategy::Lru);
        let other = region.again(PROCESSES);
        // It stops in the middle of a write, and lives.
        processes::become_another();
        let steps = (1..).find(|&steps| {
            let region = filled(Strategy::Lru);
            die_after(steps, || keep(set(&region, 2, &value(2, 1, 4), 0))).is_ok()
        });
        let half = steps.expect("it ends") / 2;
        assert_eq!(die_after(half, || keep(set(&region, 2, &value(2, 1, 4), 0))), Err(Died));
        let stopped = processes::current();
        assert_ne!(processes::become_another(), stopped);

        check(&other, 0);
        let mut found = Vec::new();
        let stamp = other.get(other.hash(&[1]), &[1], 0, &mut found).expect("reads go on");
        assert_eq!(found, value(1, 0, 300));
        assert_eq!(set(&other, 4, &value(4, 1, 4), 0), Err(NotKept::Busy));
        assert_eq!(set(&other, 4, &value(4, 1, 4), 0), Err(NotKept::Busy));
        assert_eq!(other.info().dropped, 2);
        assert!(matches!(other.claim(7), Claim::Full));
        // What must not be read any more is not read.
        assert!(other.invalidate(other.hash(&[1]), &[1], 0));
        assert!(!other.invalidate(other.hash(&[1]), &[1], 0));
        assert!(!other.is_current(&stamp, 0) && get(&other, 1, 0).is_none());
        let discard = |ticket| other.discard(other.hash(&[6]), &[6], 0, ticket);
        let before = other.ticket(other.hash(&[6]));
        assert!(discard(before) && get(&other, 6, 0).is_none());
        assert!(!discard(before), "it is gone");
        assert!(get(&other, 5, 0).is_some());
        other.clear();
        assert!(get(&other, 5, 0).is_none());
        assert_eq!(other.info().info.len, 0);
    });
}
