//! What a shared region knows of changes: a computation is kept if its own key has not changed
//! since it began, however many others have; and whatever dies or flips, never one whose key has.
#![cfg(not(loom))]

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use warp_cache::Strategy;
use warp_cache::shm::{
    Claim, Died, Geometry, IfPresent, LEAST_BYTES, NotKept, Region, Ticket, die_after,
};
use warp_tests::processes::{self, PROCESSES};
use warp_tests::random::Random;
use warp_tests::watchdog::watched;

fn region(bytes: u64) -> Region {
    let geometry = Geometry::new(bytes, Some(100), Strategy::Lru).expect("a geometry");
    Region::on_heap(geometry, PROCESSES)
}

fn hash(region: &Region, key: u64) -> u64 {
    region.hash(&key.to_le_bytes())
}

fn ticket(region: &Region, key: u64) -> Ticket {
    region.ticket(hash(region, key))
}

fn is_unchanged(region: &Region, key: u64, ticket: Ticket) -> bool {
    region.is_unchanged(hash(region, key), ticket)
}

fn change(region: &Region, key: u64) {
    region.invalidate(hash(region, key), &key.to_le_bytes(), 0);
}

fn keep(region: &Region, key: u64, ticket: Option<Ticket>) -> Result<(), NotKept> {
    let (hash, key) = (hash(region, key), key.to_le_bytes());
    region.insert(hash, &key, b"value", u64::MAX, 0, ticket, IfPresent::Replace).map(drop)
}

#[test]
fn changes_of_many_others_leave_a_computation_alone() {
    // The region that a small cache has, where nobody says how large it is to be.
    let region = region(4 << 20);
    let before = ticket(&region, 0);
    for other in 1..=if cfg!(miri) { 300 } else { 5000 } {
        if other % 2 == 0 {
            change(&region, other);
        } else {
            keep(&region, other, None).expect("kept");
        }
    }
    assert_eq!(keep(&region, 0, Some(before)), Ok(()));
    change(&region, 0);
    assert_eq!(keep(&region, 0, Some(before)), Err(NotKept::Changed));
}

#[test]
fn a_key_that_changes_all_the_time_concerns_few_others() {
    let region = region(LEAST_BYTES);
    let before: Vec<Ticket> = (1..=64).map(|key| ticket(&region, key)).collect();
    for _ in 0..1000 {
        change(&region, 0);
    }
    let kept = (1..=64).zip(before).filter(|&(key, before)| is_unchanged(&region, key, before));
    assert!(kept.count() > 48);
}

/// Against an oracle: true only where it is right, and right as long as few changes came.
#[test]
fn what_is_forgotten_counts_as_changed() {
    for (bytes, remembered) in [(LEAST_BYTES, 8), (4 << 20, 512)] {
        let region = region(bytes);
        let mut random = Random::new(bytes);
        let mut last = BTreeMap::new();
        let mut tickets = Vec::new();
        let (mut unchanged, mut changed) = (0, 0);
        for now in 0..if cfg!(miri) { 200 } else { 20_000 } {
            let key = u64::from(random.below(300));
            match random.below(4) {
                0 => tickets.push((key, now, ticket(&region, key))),
                1 | 2 => {
                    change(&region, key);
                    last.insert(key, now);
                }
                _ if !tickets.is_empty() => {
                    let one = random.below(tickets.len() as u32) as usize;
                    let (key, drawn, ticket) = tickets.swap_remove(one);
                    let is_right = last.get(&key).is_none_or(|last| *last < drawn);
                    let says = is_unchanged(&region, key, ticket);
                    assert!(is_right || !says, "key {key} has changed since {drawn}, at {now}");
                    assert!(says || !is_right || now - drawn >= remembered, "at {now}");
                    *if says { &mut unchanged } else { &mut changed } += 1;
                }
                _ => {}
            }
        }
        assert!(cfg!(miri) || unchanged > 50 && changed > 50, "{unchanged}, {changed}");
    }
}

#[test]
fn whoever_dies_in_a_change_hides_none() {
    watched(|| {
        for steps in 1.. {
            let region = region(LEAST_BYTES);
            let before: Vec<Ticket> = (0..20).map(|key| ticket(&region, key)).collect();
            processes::become_another();
            let died = die_after(steps, || change(&region, 0));
            processes::die();
            // The next of the same log finds what was written and not counted.
            for key in 1..10 {
                change(&region, key);
            }
            for (key, before) in (0..).zip(before) {
                let says = is_unchanged(&region, key, before);
                assert!(!says || !(1..10).contains(&key), "step {steps}: {key} has changed");
                assert!(says || key < 10, "step {steps}: {key} has not changed");
                assert!(!says || key > 0 || died == Err(Died), "step {steps}");
            }
            if died.is_ok() {
                assert!(steps > 3, "a change has some stores");
                break;
            }
        }
    });
}

/// Each bit of each word that is not empty, one at a time.
#[test]
fn a_flipped_bit_hides_no_change() {
    const KEYS: u64 = 12;
    let changed = |region: &Region| -> Vec<Ticket> {
        let before = (0..KEYS).map(|key| ticket(region, key)).collect();
        (0..KEYS).for_each(|key| change(region, key));
        before
    };
    let places: Vec<usize> = {
        let region = region(LEAST_BYTES);
        changed(&region);
        let words = region.words().iter().map(|word| word.load(Relaxed));
        (0..).zip(words).filter(|&(_, word)| word != 0).map(|(place, _)| place).collect()
    };
    for place in places {
        for bit in (0..64).step_by(if cfg!(miri) { 13 } else { 1 }) {
            let region = region(LEAST_BYTES);
            let before = changed(&region);
            region.words()[place].fetch_xor(1 << bit, Relaxed);
            // And whatever comes after it.
            for more in 0..10 {
                for (key, before) in (0..).zip(&before) {
                    assert!(!is_unchanged(&region, key, *before), "{place}, {bit}: {key}");
                }
                // It goes on: what begins now is told by its own key.
                let now = ticket(&region, 50);
                change(&region, 51 + more);
                assert!(is_unchanged(&region, 50, now), "{place}, {bit}");
                change(&region, 50);
                assert!(!is_unchanged(&region, 50, now), "{place}, {bit}");
            }
        }
    }
}

#[test]
fn changes_at_the_same_time_are_all_remembered() {
    const THREADS: u64 = 4;
    let (region, barrier) = (region(4 << 20), Barrier::new(THREADS as usize));
    let rounds = if cfg!(miri) { 3 } else { 300 };
    thread::scope(|scope| {
        for own in 0..THREADS {
            let (region, barrier) = (&region, &barrier);
            scope.spawn(move || {
                for round in 0..rounds {
                    let before = ticket(region, own);
                    let of_others: Vec<_> =
                        (THREADS..THREADS + 8).map(|key| (key, ticket(region, key))).collect();
                    barrier.wait();
                    // All change the same keys, so that they meet in the logs.
                    of_others.iter().for_each(|&(key, _)| change(region, key));
                    for &(key, before) in &of_others {
                        assert!(!is_unchanged(region, key, before), "round {round}");
                    }
                    barrier.wait();
                    assert!(is_unchanged(region, own, before), "round {round}");
                    change(region, own);
                    assert!(!is_unchanged(region, own, before), "round {round}");
                    barrier.wait();
                }
            });
        }
    });
}

#[test]
fn nobody_follows_what_began_before_a_change_of_the_key() {
    let region = region(LEAST_BYTES);
    let key = hash(&region, 1);
    let Claim::Leads(_first) = region.claim(key) else { panic!("nobody else does") };
    for other in 2..20 {
        change(&region, other);
    }
    assert!(matches!(region.claim(key), Claim::Follows), "it is no other computation by that");
    change(&region, 1);
    let Claim::Leads(_second) = region.claim(key) else { panic!("it is another one now") };
    assert!(matches!(region.claim(key), Claim::Follows));
    region.clear();
    assert!(matches!(region.claim(key), Claim::Leads(_)));
}
