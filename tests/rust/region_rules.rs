//! What a shared region promises to who computes, invalidates, clears and waits.
#![cfg(not(loom))]

use std::thread;

use warp_cache::Strategy;
use warp_cache::shm::{
    Claim, Counter, Geometry, IfPresent, LEAST_BYTES, NotKept, Region, SharedOrder, Stamp,
};
use warp_tests::processes::{self, PROCESSES};
use warp_tests::watchdog::watched;

const FOREVER: u64 = u64::MAX;

fn region(max_size: Option<usize>) -> Region {
    let geometry = Geometry::new(LEAST_BYTES, max_size, Strategy::Lru).expect("a geometry");
    Region::on_heap(geometry, PROCESSES)
}

fn set(region: &Region, key: &str, value: &str) -> Result<Stamp, NotKept> {
    let (hash, key, value) = (region.hash(key.as_bytes()), key.as_bytes(), value.as_bytes());
    region.insert(hash, key, value, FOREVER, 0, None, IfPresent::Replace)
}

fn get(region: &Region, key: &str) -> Option<(Stamp, String)> {
    let mut value = Vec::new();
    let stamp = region.get(region.hash(key.as_bytes()), key.as_bytes(), 0, &mut value)?;
    Some((stamp, String::from_utf8(value).expect("text")))
}

fn text(region: &Region, key: &str) -> Option<String> {
    get(region, key).map(|(_, text)| text)
}

fn invalidate(region: &Region, key: &str) -> bool {
    region.invalidate(region.hash(key.as_bytes()), key.as_bytes(), 0)
}

#[test]
fn a_stamp_is_good_until_its_entry_changes() {
    let region = region(Some(2));
    let stamp = set(&region, "a", "one").expect("kept");
    assert!(region.is_current(&stamp, 0));
    assert_eq!(get(&region, "a"), Some((stamp, "one".into())));
    set(&region, "b", "other").expect("kept");
    assert!(region.is_current(&stamp, 0), "another entry is none of its affair");
    // The same value again is another entry all the same.
    let again = set(&region, "a", "one").expect("kept");
    assert!(!region.is_current(&stamp, 0) && region.is_current(&again, 0));
    assert!(invalidate(&region, "a") && !invalidate(&region, "a"));
    assert!(!region.is_current(&again, 0));

    let cleared = set(&region, "a", "two").expect("kept");
    region.clear();
    assert!(!region.is_current(&cleared, 0) && get(&region, "a").is_none());
    // Reused by another key.
    let before = set(&region, "a", "three").expect("kept");
    for key in ["x", "y", "z"] {
        set(&region, key, "more").expect("kept");
    }
    assert!(!region.is_current(&before, 0));
}

#[test]
fn touching_a_stamp_is_a_use() {
    let region = region(Some(2));
    let a = set(&region, "a", "one").expect("kept");
    set(&region, "b", "two").expect("kept");
    region.touch(&a);
    set(&region, "c", "three").expect("kept");
    assert_eq!((text(&region, "a"), text(&region, "b")), (Some("one".into()), None));
}

#[test]
fn an_entry_ends_at_its_deadline() {
    let region = region(Some(2));
    let (key, mut value) = (b"key", Vec::new());
    let hash = region.hash(key);
    let stamp = region.insert(hash, key, b"value", 10, 0, None, IfPresent::Keep).expect("kept");
    assert_eq!(stamp.deadline(), 10);
    assert!(region.is_current(&stamp, 9) && !region.is_current(&stamp, 10));
    assert!(region.peek(hash, key, 9, &mut value).is_some());
    assert!(region.peek(hash, key, 10, &mut value).is_none());
    assert_eq!(region.info().info.len, 1, "a look without a use leaves it there");
    assert!(region.get(hash, key, 10, &mut value).is_none());
    let info = region.info().info;
    assert_eq!((info.len, info.expirations, info.evictions), (0, 1, 0));
    // An expired one is in nobody's way.
    region.insert(hash, key, b"old", 20, 11, None, IfPresent::Keep).expect("kept");
    region.insert(hash, key, b"new", 30, 21, None, IfPresent::Keep).expect("kept");
    assert!(!region.invalidate(hash, key, 30));
    region.validate();
}

#[test]
fn what_was_computed_before_a_change_is_not_kept() {
    let region = region(Some(10));
    let hash = region.hash(b"a");
    let keep = |ticket| region.insert(hash, b"a", b"late", FOREVER, 0, ticket, IfPresent::Replace);
    type Change = fn(&Region);
    let changes: [Change; 4] = [
        |region| region.clear(),
        |region| assert!(invalidate(region, "a") || text(region, "a").is_none()),
        |region| assert!(set(region, "a", "set").is_ok()),
        |region| {
            let _ = (set(region, "a", "x"), invalidate(region, "a"));
        },
    ];
    for change in changes {
        let ticket = region.ticket(hash);
        assert!(region.is_unchanged(hash, ticket));
        change(&region);
        assert!(!region.is_unchanged(hash, ticket));
        assert_eq!(keep(Some(ticket)), Err(NotKept::Changed));
        assert_ne!(text(&region, "a").as_deref(), Some("late"));
    }
    let ticket = region.ticket(hash);
    keep(Some(ticket)).expect("nothing came between");
    assert_eq!(text(&region, "a").as_deref(), Some("late"));
    // Another computation of the same, begun at the same time.
    keep(Some(ticket)).expect("a result is no change");
    region.validate();
}

#[test]
fn what_is_there_may_stay() {
    let region = region(Some(10));
    let stamp = set(&region, "a", "one").expect("kept");
    let hash = region.hash(b"a");
    let kept = region.insert(hash, b"a", b"two", FOREVER, 0, None, IfPresent::Keep);
    assert_eq!(kept, Err(NotKept::Present(stamp)));
    assert_eq!(text(&region, "a").as_deref(), Some("one"));
}

#[test]
fn a_cache_of_nothing_keeps_nothing() {
    let region = region(Some(0));
    assert_eq!(set(&region, "a", "one"), Err(NotKept::NoRoom));
    assert_eq!((text(&region, "a"), region.info().info.max_size), (None, Some(0)));
}

#[test]
fn bounds_that_cannot_be_are_refused_with_a_sentence() {
    let error = Geometry::new(1000, Some(1), Strategy::Lru).expect_err("too small");
    assert!(error.to_string().contains("size") && error.to_string().contains("65536"), "{error}");
    Geometry::new(u64::MAX, None, Strategy::Lru).expect_err("too large");
    for (bytes, max_size) in [(LEAST_BYTES, None), (100_000_000, Some(1_000_000)), (1 << 30, None)]
    {
        for &strategy in Strategy::ALL {
            let Ok(geometry) = Geometry::new(bytes, max_size, strategy) else { continue };
            assert!(geometry.bytes() <= bytes && bytes - geometry.bytes() < 4096);
            assert_eq!(Geometry::from_words(geometry.to_words()), Some(geometry));
            for place in 0..Geometry::WORDS {
                let mut words = geometry.to_words();
                words[place] ^= 1 << 7;
                assert_ne!(Geometry::from_words(words), Some(geometry));
            }
        }
    }
}

#[test]
fn a_size_that_nobody_gave_is_enough_for_small_entries_and_not_too_much() {
    const MIB: u64 = 1 << 20;
    let sizes = [
        (Some(1), 4 * MIB),
        (Some(128), 4 * MIB),
        (Some(100_000), 51_200_000),
        (Some(1 << 19), 256 * MIB),
        (Some(1_000_000), 256 * MIB),
        (Some(10_000_000), 1_000_001_536),
        // Whoever says so means that there is no bound.
        (Some(1_000_000_000_000), 256 * MIB),
        (Some(usize::MAX), 256 * MIB),
        (None, 256 * MIB),
    ];
    for (max_size, bytes) in sizes {
        assert_eq!(Geometry::usual_bytes(max_size, Strategy::Lru), bytes, "{max_size:?}");
        let geometry = Geometry::new(bytes, max_size, Strategy::Lru).expect("a geometry");
        let asked = max_size.filter(|&asked| asked <= 10_000_000).unwrap_or(1_000_000);
        assert!(geometry.capacity() >= asked, "{max_size:?}: {}", geometry.capacity());
    }
    // An order with ghosts takes more than a rank.
    for strategy in SharedOrder::strategies() {
        for asked in [500, 50_000, 1_500_000, 6_000_000] {
            let bytes = Geometry::usual_bytes(Some(asked), strategy);
            let geometry = Geometry::new(bytes, Some(asked), strategy).expect("a geometry");
            assert!(geometry.capacity() >= asked, "{strategy}, {asked}: {}", geometry.capacity());
        }
    }
}

#[test]
fn one_process_leads_and_the_others_follow() {
    let region = region(Some(10));
    let others = region.again(PROCESSES);
    let hash = region.hash(b"key");
    let Claim::Leads(lead) = region.claim(hash) else { panic!("nobody else does") };
    thread::scope(|scope| {
        scope.spawn(|| assert!(matches!(others.claim(hash), Claim::Follows)));
    });
    assert!(matches!(others.claim(others.hash(b"other")), Claim::Leads(_)));
    drop(lead);
    let Claim::Leads(lead) = others.claim(hash) else { panic!("the first is done") };
    let held = lead.keep();
    assert!(matches!(region.claim(hash), Claim::Follows));
    others.release(held);
    assert!(matches!(region.claim(hash), Claim::Leads(_)));
}

#[test]
fn a_dead_leader_is_followed_by_nobody() {
    watched(|| {
        let region = region(Some(10));
        let hash = region.hash(b"key");
        let Claim::Leads(lead) = region.claim(hash) else { panic!("nobody else does") };
        let held = lead.keep();
        processes::die();
        let Claim::Leads(_lead) = region.claim(hash) else { panic!("the leader is dead") };
        // Whoever wakes up in the place of the dead ends nobody else's claim.
        region.release(held);
        assert!(matches!(region.claim(hash), Claim::Follows));
    });
}

#[test]
fn more_claims_than_there_is_room_for_are_refused() {
    let region = region(Some(10));
    let claims: Vec<_> =
        (0..17).map(|key: u64| region.claim(region.hash(&key.to_le_bytes()))).collect();
    assert!(claims[..16].iter().all(|claim| matches!(claim, Claim::Leads(_))));
    assert!(matches!(claims[16], Claim::Full));
    drop(claims);
    assert!(matches!(region.claim(region.hash(b"key")), Claim::Leads(_)));
}

#[test]
fn all_processes_count_together() {
    watched(|| {
        let region = region(Some(10));
        region.count(Counter::Hits);
        let process = {
            let region = region.again(PROCESSES);
            thread::spawn(move || {
                processes::become_another();
                region.count(Counter::Hits);
                region.count(Counter::Waits);
                set(&region, "a", "one").expect("kept");
                assert_eq!(region.info().processes, 2);
                processes::die();
            })
        };
        process.join().expect("no panic");
        let info = region.info();
        assert_eq!((info.info.hits, info.info.waits, info.info.len), (2, 1, 1));
        assert_eq!(info.processes, 1, "one has ended without a word");
        region.clear();
        assert_eq!(region.info().info.hits, 0);
        assert_eq!(region.info().bytes, LEAST_BYTES);
    });
}

#[test]
fn the_clock_goes_on() {
    let region = region(Some(1));
    assert!(region.now() > 0 && region.now() <= region.now());
}
