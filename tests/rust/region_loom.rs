//! A shared region under every order in which threads, which stand for processes, can meet in it,
//! and with a writer that dies after any store: `make loom`.
#![cfg(loom)]

use std::cell::Cell;

use loom::sync::Arc;
use loom::thread;
use warp_cache::Strategy;
use warp_cache::shm::{
    Died, Geometry, IfPresent, LEAST_BYTES, NotKept, Processes, Region, die_after,
};

const FOREVER: u64 = u64::MAX;

/// The process that dies, if there is one.
const MORTAL: u64 = 0xBAD;

loom::thread_local! {
    static CURRENT: Cell<u64> = Cell::new(1);
}
std::thread_local! {
    /// Whether it has died. All threads of a model are one to the operating system.
    static DEAD: Cell<bool> = const { Cell::new(false) };
}

const PROCESSES: Processes = Processes {
    current: || CURRENT.with(Cell::get),
    is_alive: |word| word != MORTAL || !DEAD.get(),
};

fn explore(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 20_000;
    // A bound that two writers reach, where one of them dies; all else is explored to its end.
    builder.max_permutations = Some(100_000);
    builder.check(move || {
        DEAD.set(false);
        model();
    });
}

fn region(max_size: usize) -> Arc<Region> {
    region_of(Strategy::Lru, max_size)
}

fn region_of(strategy: Strategy, max_size: usize) -> Arc<Region> {
    let geometry = Geometry::new(LEAST_BYTES, Some(max_size), strategy).expect("a geometry");
    Arc::new(Region::on_heap(geometry, PROCESSES))
}

fn set(region: &Region, key: &[u8], value: &[u8]) -> Result<(), NotKept> {
    let hash = region.hash(key);
    region.insert(hash, key, value, FOREVER, 0, None, IfPresent::Replace).map(drop)
}

fn get(region: &Region, key: &[u8]) -> Option<Vec<u8>> {
    let mut value = Vec::new();
    region.get(region.hash(key), key, 0, &mut value).map(|_| value)
}

/// A value that needs a block: with its key of one byte, more than 16.
const LONG: [&[u8]; 2] = [&[1; 20], &[2; 20]];

#[test]
fn a_reader_sees_an_old_value_or_a_new_one_or_none() {
    for (preemptions, values) in [(2, [b"1".as_slice(), b"2".as_slice()]), (1, LONG)] {
        explore(preemptions, move || {
            let region = region(1);
            set(&region, b"k", values[0]).unwrap();
            let reader = thread::spawn({
                let region = region.clone();
                move || {
                    let found = get(&region, b"k");
                    assert!(found.as_deref().is_none_or(|found| values.contains(&found)));
                }
            });
            set(&region, b"k", values[1]).unwrap();
            assert_eq!(get(&region, b"k").as_deref(), Some(values[1]));
            reader.join().unwrap();
            region.validate();
            assert_eq!(region.info().recoveries, 0);
        });
    }
}

#[test]
fn a_stamp_is_good_only_while_its_entry_is() {
    explore(2, || {
        let region = region(1);
        let stamp = region
            .insert(region.hash(b"a"), b"a", b"1", FOREVER, 0, None, IfPresent::Keep)
            .unwrap();
        let writer = thread::spawn({
            let region = region.clone();
            // The one entry becomes another key's, and the first one's again.
            move || {
                set(&region, b"b", b"2").unwrap();
                set(&region, b"a", b"3").unwrap();
            }
        });
        let found = get(&region, b"a");
        if region.is_current(&stamp, 0) {
            assert!(found.is_none_or(|found| found == b"1"));
        }
        writer.join().unwrap();
        assert!(!region.is_current(&stamp, 0));
    });
}

/// What was computed before an invalidation or a clear is not kept after it.
#[test]
fn a_change_is_seen_by_the_computation_or_sees_its_result() {
    for clears in [false, true] {
        explore(3, move || {
            let region = region(1);
            let hash = region.hash(b"k");
            let ticket = region.ticket(hash);
            let computing = thread::spawn({
                let region = region.clone();
                move || {
                    let kept =
                        region.insert(hash, b"k", b"1", FOREVER, 0, Some(ticket), IfPresent::Keep);
                    assert!(matches!(kept, Ok(_) | Err(NotKept::Changed | NotKept::Busy)));
                }
            });
            if clears {
                region.clear();
            } else {
                region.invalidate(hash, b"k", 0);
            }
            computing.join().unwrap();
            assert_eq!(get(&region, b"k"), None);
        });
    }
}

/// Two change keys of one log at the same time, and one of them may die after any store: the other's
/// change is remembered, and that no third key has changed.
#[test]
fn a_change_beside_a_death_is_remembered() {
    for steps in 1..6 {
        explore(2, move || {
            let region = region(1);
            let [own, other, third] = [b"k", b"j", b"i"].map(|key| region.hash(key));
            let (ticket, of_third) = (region.ticket(own), region.ticket(third));
            let changes = thread::spawn({
                let region = region.clone();
                move || region.invalidate(own, b"k", 0)
            });
            CURRENT.with(|current| current.set(MORTAL));
            let _ = die_after(steps, || region.invalidate(other, b"j", 0));
            DEAD.set(true);
            CURRENT.with(|current| current.set(1));
            changes.join().unwrap();
            assert!(!region.is_unchanged(own, ticket));
            assert!(region.is_unchanged(third, of_third));
        });
    }
}

#[test]
fn two_shards_never_hold_more_than_they_may() {
    explore(2, || {
        let region = region(3);
        assert_eq!(region.geometry().shards(), 2);
        let keys: Vec<[u8; 1]> = (0..6).map(|key| [key]).collect();
        for key in &keys[..2] {
            set(&region, key, b"1").unwrap();
        }
        let writer = thread::spawn({
            let (region, key) = (region.clone(), keys[2]);
            move || assert!(matches!(set(&region, &key, b"2"), Ok(()) | Err(NotKept::Busy)))
        });
        let _ = set(&region, &keys[3], b"2");
        writer.join().unwrap();
        let len = keys.iter().filter(|key| get(&region, *key).is_some()).count();
        assert!(len <= 3 && len == region.info().info.len);
        region.validate();
    });
}

/// Marks are left, and uses told by a reader whose notes are full, beside a writer that evicts.
#[test]
fn uses_reach_an_order_of_lists_without_harm() {
    for strategy in [Strategy::Sieve, Strategy::TwoQ] {
        explore(2, move || {
            let region = region_of(strategy, 1);
            set(&region, b"a", b"1").unwrap();
            let reader = thread::spawn({
                let region = region.clone();
                move || {
                    for _ in 0..2 {
                        assert!(get(&region, b"a").is_none_or(|found| found == b"1"));
                    }
                }
            });
            // The reader may have the lock.
            let kept = set(&region, b"b", b"2");
            assert!(matches!(kept, Ok(()) | Err(NotKept::Busy)), "{kept:?}");
            reader.join().unwrap();
            region.validate();
            let info = region.info();
            assert_eq!((info.info.len, info.recoveries), (1, 0));
        });
    }
}

/// A writer dies after any of its stores, beside a reader and before another writer.
#[test]
fn whoever_dies_misleads_nobody() {
    dies(1, 2, false);
}

/// The same beside another writer; not after each store and not to the end, as there is much more
/// to explore.
#[test]
fn whoever_dies_holds_up_no_writer() {
    dies(11, 1, true);
}

/// The writer comes first, and is the model's own thread: of accesses before a store the checker
/// remembers the last one only, and a reader's would be hidden by the writer's own.
fn dies(stride: usize, preemptions: usize, beside_a_writer: bool) {
    let values = [b"1".as_slice(), b"2".as_slice()];
    let has_survived = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let runs = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    for steps in (1..).step_by(stride) {
        let (survived, runs) = (has_survived.clone(), runs.clone());
        explore(preemptions, move || {
            runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let region = region(1);
            set(&region, b"k", values[0]).unwrap();
            let other = thread::spawn({
                let region = region.clone();
                move || {
                    let found = get(&region, b"k");
                    assert!(found.as_deref().is_none_or(|found| values.contains(&found)));
                    if beside_a_writer {
                        let kept = set(&region, b"j", b"3");
                        assert!(matches!(kept, Ok(()) | Err(NotKept::Busy)), "{kept:?}");
                    }
                }
            });
            CURRENT.with(|current| current.set(MORTAL));
            let died = die_after(steps, || set(&region, b"k", values[1]));
            DEAD.set(true);
            CURRENT.with(|current| current.set(1));
            survived.store(died != Err(Died), std::sync::atomic::Ordering::Relaxed);
            other.join().unwrap();
            set(&region, b"l", b"4").unwrap();
            assert_eq!(get(&region, b"l").as_deref(), Some(b"4".as_slice()));
            assert_eq!(get(&region, b"k"), None, "there is room for one");
            region.validate();
        });
        if has_survived.load(std::sync::atomic::Ordering::Relaxed) {
            assert!(steps > 20, "a write has some stores");
            break;
        }
    }
    assert!(runs.load(std::sync::atomic::Ordering::Relaxed) > 100, "it was explored");
}
