//! The bytes of a shared region: values from nothing to an eighth of it, few and many shards.
#![cfg(not(loom))]

use std::collections::BTreeMap;

use warp_cache::Strategy;
use warp_cache::shm::{Geometry, IfPresent, LEAST_BYTES, NotKept, Region};
use warp_tests::oracle::{self, Oracle, Victim};
use warp_tests::processes::PROCESSES;
use warp_tests::random::Random;

const FOREVER: u64 = u64::MAX;

fn region(bytes: u64, max_size: Option<usize>, strategy: Strategy) -> Region {
    Region::on_heap(Geometry::new(bytes, max_size, strategy).expect("a geometry"), PROCESSES)
}

/// Bytes that tell a value from all others.
fn value(id: u64, length: usize) -> Vec<u8> {
    (0..length as u64).map(|place| (id.wrapping_mul(31) ^ place.wrapping_mul(7)) as u8).collect()
}

fn insert(region: &Region, key: u64, value: &[u8]) -> Result<(), NotKept> {
    let key = key.to_le_bytes();
    let hash = region.hash(&key);
    region.insert(hash, &key, value, FOREVER, 0, None, IfPresent::Replace).map(drop)
}

fn look(region: &Region, key: u64, is_use: bool) -> Option<Vec<u8>> {
    let key = key.to_le_bytes();
    let (hash, mut value) = (region.hash(&key), Vec::new());
    let stamp = if is_use {
        region.get(hash, &key, 0, &mut value)
    } else {
        region.peek(hash, &key, 0, &mut value)
    };
    stamp.map(|_| value)
}

fn invalidate(region: &Region, key: u64) -> bool {
    let key = key.to_le_bytes();
    region.invalidate(region.hash(&key), &key, 0)
}

/// Blocks of a value with a key of 8 bytes.
fn blocks(length: usize) -> usize {
    if length <= 8 { 0 } else { (8 + length).div_ceil(64) }
}

/// Under pressure of bytes, and of `max_size` now and then, entries go in the strategy's order until
/// there is room, and no further.
fn presses<O: Oracle>(strategy: Strategy) {
    let region = region(LEAST_BYTES, Some(40), strategy);
    let (room, limit) = (region.geometry().blocks(), region.geometry().limit());
    assert!(limit as u64 == LEAST_BYTES / 8 && room > 4 * limit / 64);
    let mut random = Random::new(5);
    let (mut model, mut oracle) = (BTreeMap::<u32, (u64, usize)>::new(), O::new(40));
    for id in 0..if cfg!(miri) { 100 } else { 4000 } {
        let key = random.below(60);
        if random.percent(40) {
            let expected = model.get(&key).map(|&(id, length)| value(id, length));
            if expected.is_some() {
                oracle.used(key);
            }
            assert_eq!(look(&region, key.into(), true), expected, "step {id}");
            continue;
        }
        let length = match random.below(10) {
            0..3 => random.below(9) as usize,
            3..9 => random.below(1500) as usize,
            _ => random.below(limit as u32 - 7) as usize,
        };
        // The oracles have no word for what stands aside while its value is replaced.
        if model.remove(&key).is_some() {
            oracle.removed(key, false);
            assert!(invalidate(&region, key.into()));
        }
        let taken = |model: &BTreeMap<_, (u64, usize)>| -> usize {
            model.values().map(|&(_, length)| blocks(length)).sum()
        };
        while model.len() == 40 || room - taken(&model) < blocks(length) {
            let Victim::Key(victim) = oracle.victim(key) else { panic!("an order names one") };
            oracle.removed(victim, true);
            model.remove(&victim);
        }
        oracle.inserted(key);
        insert(&region, key.into(), &value(id, length)).expect("it is kept");
        model.insert(key, (id, length));
        for key in 0..60 {
            let expected = model.get(&key).map(|&(id, length)| value(id, length));
            assert_eq!(look(&region, key.into(), false), expected, "key {key}, step {id}");
        }
        if id % 16 == 0 {
            region.validate();
        }
    }
    assert_eq!(region.info().recoveries, 0);
}

macro_rules! tests_of {
    ($($policy:ident $store:ident,)*) => {
        $(#[allow(non_snake_case, reason = "named as the strategy is")]
        #[test]
        fn $policy() {
            if Strategy::$policy.shared_order().is_some() {
                presses::<oracle::$policy>(Strategy::$policy);
            }
        })*
    };
}
warp_cache::with_strategy!(tests_of);

#[test]
fn many_shards_hold_what_one_would() {
    let max_size = if cfg!(miri) { 4100 } else { 20_000 };
    let region = region(16 << 20, Some(max_size), Strategy::Lru);
    assert!(region.geometry().shards() > 1);
    for key in 0..max_size as u64 {
        insert(&region, key, &value(key, (key % 200) as usize)).expect("it is kept");
    }
    let info = region.info().info;
    assert_eq!((info.len, info.evictions), (max_size, 0), "nothing goes while there is room");
    for key in 0..max_size as u64 {
        assert_eq!(look(&region, key, true), Some(value(key, (key % 200) as usize)));
    }
    for key in max_size as u64..2 * max_size as u64 {
        insert(&region, key, &value(key, (key % 200) as usize)).expect("it is kept");
        assert_eq!(region.info().info.len, max_size);
    }
    assert_eq!(region.info().info.evictions, max_size as u64);
    region.validate();
    region.clear();
    assert_eq!(region.info().info.len, 0);
    insert(&region, 1, b"").expect("it is kept");
    assert_eq!((region.info().info.len, look(&region, 1, false)), (1, Some(vec![])));
    region.validate();
    assert_eq!(region.info().recoveries, 0);
}

#[test]
fn an_eighth_fits_however_many_shards_there_are() {
    for max_size in [Some(10), Some(10_000), None] {
        let region = region(8 << 20, max_size, Strategy::Lru);
        let limit = region.geometry().limit();
        assert_eq!(limit, 1 << 20);
        // Something small in every place.
        for key in 0..8_000 {
            insert(&region, key, &value(key, 1000)).expect("it is kept");
        }
        let large = value(9, limit - 8);
        for key in 0..12 {
            insert(&region, key, &large).expect("it is kept");
            assert_eq!(look(&region, key, true).as_ref(), Some(&large), "{max_size:?}, key {key}");
        }
        let kept = (0..12).filter(|&key| look(&region, key, false).is_some()).count();
        // Of many shards, not each has the longest unused one of all.
        assert!(kept >= 3, "{kept} for {max_size:?}");
        region.validate();
        let too_large = NotKept::TooLarge { bytes: limit + 1, limit };
        assert_eq!(insert(&region, 1, &value(1, limit - 7)), Err(too_large));
        assert_eq!(region.info().recoveries, 0);
    }
}

#[test]
fn a_million_small_entries_take_100_bytes_each() {
    let (count, bytes) =
        if cfg!(any(miri, debug_assertions)) { (100_000, 10) } else { (1_000_000, 100) };
    let region = region(bytes * 1_000_000, Some(count), Strategy::Lru);
    for key in 0..count as u64 {
        insert(&region, key, &key.to_le_bytes()).expect("it is kept");
    }
    let info = region.info();
    assert_eq!((info.info.len, info.info.evictions), (count, 0));
    assert!(info.bytes <= 100 * count as u64);
    for key in 0..count as u64 {
        assert_eq!(look(&region, key, false), Some(key.to_le_bytes().to_vec()));
    }
    // And what is larger fits as well, in the place of some.
    let large = value(1, region.geometry().limit() - 8);
    insert(&region, u64::MAX, &large).expect("it is kept");
    assert_eq!(look(&region, u64::MAX, true), Some(large));
}
