//! What uses leave in a region: in an order that processes use at the same time, as little as will
//! do; in one that they use one after the other, all of it.
#![cfg(not(any(loom, miri)))]

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;

use warp_cache::Strategy;
use warp_cache::shm::{Geometry, HEADER, IfPresent, LEAST_BYTES, Processes, Region};

const CAPACITY: u64 = 64;
const HOT: u64 = 16;
/// More uses than it takes to see whether others come between.
const MANY: u64 = 4096;
/// From here on there is nothing but what tells of processes and moments, before that of entries.
const AFTER_MOMENTS: usize = HEADER + 32;

/// Two processes that have one region open.
fn two() -> [Region; 2] {
    let geometry = Geometry::new(LEAST_BYTES, Some(CAPACITY as usize), Strategy::Lru);
    let processes = |current| Processes { current, is_alive: |_| true };
    let one = Region::on_heap(geometry.expect("a geometry"), processes(|| 0xAAAA));
    let other = one.again(processes(|| 0xBBBB));
    [one, other]
}

fn set(region: &Region, key: u64) {
    let key = key.to_le_bytes();
    let kept = region.insert(region.hash(&key), &key, b"", u64::MAX, 0, None, IfPresent::Keep);
    kept.expect("kept");
}

fn is_used(region: &Region, key: u64) -> bool {
    let key = key.to_le_bytes();
    region.get(region.hash(&key), &key, 0, &mut Vec::new()).is_some()
}

fn is_there(region: &Region, key: u64) -> bool {
    let key = key.to_le_bytes();
    region.peek(region.hash(&key), &key, 0, &mut Vec::new()).is_some()
}

/// Both use the same keys, in turns.
fn crowd(regions: &[Region; 2]) {
    for number in 0..MANY {
        for region in regions {
            assert!(is_used(region, number % HOT));
        }
    }
}

fn words(region: &Region) -> Vec<u64> {
    region.words()[AFTER_MOMENTS..].iter().map(|word| word.load(Relaxed)).collect()
}

#[test]
fn what_several_use_again_and_again_is_not_written() {
    let regions = two();
    (0..CAPACITY).for_each(|key| set(&regions[0], key));
    crowd(&regions);
    let before = words(&regions[0]);
    crowd(&regions);
    assert!(words(&regions[0]) == before, "a use has been stored");
}

#[test]
fn what_several_use_stays() {
    let regions = two();
    (0..CAPACITY).for_each(|key| set(&regions[0], key));
    for round in 0..200 {
        crowd(&regions);
        // So many come that all the others go.
        let first = CAPACITY * (round + 1);
        for key in first..first + CAPACITY {
            set(&regions[key as usize % 2], key);
            for hot in 0..HOT {
                assert!(is_used(&regions[(key + hot) as usize % 2], hot), "{hot} is gone");
            }
        }
    }
    assert_eq!(regions[0].info().info.len as u64, CAPACITY);
}

#[test]
fn the_order_of_one_after_the_other_is_exact() {
    let regions = two();
    let mut order = VecDeque::new();
    let (mut random, mut fresh) = (1_u64, 0);
    for turn in 0..20 {
        let region = &regions[turn % 2];
        for left in (0..MANY).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            match order.len() as u64 {
                // The last one is an insertion, which tells the other of the moment.
                CAPACITY if random >> 60 != 0 && left != 0 => {
                    let key = order.remove((random >> 40) as usize % order.len()).expect("a key");
                    assert!(is_used(region, key));
                    order.push_back(key);
                }
                len => {
                    set(region, fresh);
                    order.push_back(fresh);
                    fresh += 1;
                    if len == CAPACITY {
                        let gone = order.pop_front().expect("a key");
                        assert!(!is_there(region, gone), "another than {gone} has been evicted");
                    }
                }
            }
        }
    }
}

#[test]
fn who_is_left_alone_is_exact_again() {
    let regions = two();
    (0..CAPACITY).for_each(|key| set(&regions[0], key));
    crowd(&regions);
    (0..MANY * 2).for_each(|number| assert!(is_used(&regions[0], number % HOT)));
    (0..CAPACITY).rev().for_each(|key| assert!(is_used(&regions[0], key)));
    for key in (0..CAPACITY).rev() {
        set(&regions[0], CAPACITY + key);
        assert!(!is_there(&regions[0], key));
    }
}
