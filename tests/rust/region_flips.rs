//! Bits that flip anywhere in a shared region: never a panic, never a wrong value, and it goes on.
#![cfg(not(loom))]

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;

use warp_cache::Strategy;
use warp_cache::shm::{Claim, Counter, Geometry, IfPresent, LEAST_BYTES, Region, Stamp};
use warp_tests::processes::PROCESSES;
use warp_tests::random::Random;
use warp_tests::watchdog::watched;

fn value(key: u32, id: u64) -> Vec<u8> {
    let mut value = [key.to_le_bytes().as_slice(), &(id as u32).to_le_bytes()].concat();
    if id % 3 > 0 {
        value.extend((0..id * 131 % 700).map(|place| (place ^ id) as u8));
    }
    value
}

/// A bit of a word that somebody uses, more often than one of all.
fn flip(region: &Region, random: &mut Random) {
    let words = region.words();
    let mut place = random.below(words.len() as u32) as usize;
    for _ in 0..random.below(200) {
        if words[place].load(Relaxed) != 0 {
            break;
        }
        place = random.below(words.len() as u32) as usize;
    }
    words[place].fetch_xor(1 << random.below(64), Relaxed);
}

#[derive(Default)]
struct Model {
    latest: BTreeMap<u32, u64>,
    stamps: BTreeMap<u32, (Stamp, u64)>,
    kept: u64,
    found: u64,
}

fn operate(region: &Region, model: &mut Model, random: &mut Random, id: u64) {
    let key = random.below(60);
    let bytes = key.to_le_bytes();
    let (hash, now) = (region.hash(&bytes), id);
    match random.below(100) {
        0..50 => {
            let mut found = Vec::new();
            if let Some(stamp) = region.get(hash, &bytes, now, &mut found) {
                let latest = model.latest.get(&key).copied();
                assert_eq!(Some(found), latest.map(|id| value(key, id)), "step {id}");
                model.stamps.insert(key, (stamp, latest.unwrap_or_default()));
                model.found += 1;
            }
        }
        50..85 => {
            let ticket = random.percent(50).then(|| region.ticket(hash));
            let deadline = if random.percent(30) { now + 100 } else { u64::MAX };
            // Also when it is not kept, the old one is out of date: the caller has seen the new.
            model.latest.insert(key, id);
            let value = value(key, id);
            let kept =
                region.insert(hash, &bytes, &value, deadline, now, ticket, IfPresent::Replace);
            if let Ok(stamp) = kept {
                model.stamps.insert(key, (stamp, id));
                model.kept += 1;
            } else {
                model.latest.remove(&key);
            }
        }
        85..92 => {
            region.invalidate(hash, &bytes, now);
            model.latest.remove(&key);
        }
        92..97 => {
            if let Some((stamp, of)) = model.stamps.get(&key) {
                if region.is_current(stamp, now) {
                    assert_eq!(model.latest.get(&key), Some(of), "step {id}: a stamp came back");
                }
                region.touch(stamp);
            }
        }
        97..99 => drop(matches!(region.claim(hash), Claim::Leads(_))),
        _ => {
            region.count(Counter::Hits);
            if random.percent(20) {
                region.clear();
                model.latest.clear();
            }
            assert!(region.info().info.len <= 40);
        }
    }
}

fn endures(strategy: Strategy, seed: u64) {
    let geometry = Geometry::new(LEAST_BYTES, Some(40), strategy).expect("a geometry");
    let region = Region::on_heap(geometry, PROCESSES);
    let (mut random, mut model) = (Random::new(seed), Model::default());
    let flips = if cfg!(miri) { 30 } else { 2000 };
    let mut id = 0;
    for round in 0..flips {
        flip(&region, &mut random);
        for _ in 0..5 {
            id += 1;
            operate(&region, &mut model, &mut random, id);
        }
        // It works: what is kept now is found now, mostly.
        if round % 50 == 0 {
            let (mut kept, mut found) = (0, Vec::new());
            for id in id + 1..id + 9 {
                let bytes = (id as u32).to_le_bytes();
                let hash = region.hash(&bytes);
                let value = value(id as u32, id);
                let done =
                    region.insert(hash, &bytes, &value, u64::MAX, 0, None, IfPresent::Replace);
                kept += u32::from(
                    done.is_ok()
                        && region.get(hash, &bytes, 0, &mut found).is_some()
                        && found == value,
                );
                region.invalidate(hash, &bytes, 0);
            }
            assert!(kept >= 6, "round {round}: only {kept} of 8 were kept");
        }
    }
    assert!(
        model.kept > 3 * flips / 2 / 2 && model.found > flips / 4,
        "{} kept, {} found",
        model.kept,
        model.found
    );
    assert!(region.info().recoveries > 0 || cfg!(miri));
}

macro_rules! tests_of {
    ($($policy:ident $store:ident,)*) => {
        $(#[allow(non_snake_case, reason = "named as the strategy is")]
        #[test]
        fn $policy() {
            if Strategy::$policy.shared_order().is_some() {
                for seed in 1..if cfg!(miri) { 2 } else { 4 } {
                    watched(move || endures(Strategy::$policy, seed));
                }
            }
        })*
    };
}
warp_cache::with_strategy!(tests_of);
