//! More processes than a region has places for in its table: all of them have the cache, and it
//! stays as long as one of them lives.
#![cfg(not(any(loom, miri)))]

use std::sync::atomic::Ordering::Relaxed;

use warp_cache::Strategy;
use warp_cache::shm::{
    Claim, Counter, Died, Geometry, HEADER, IfPresent, LEAST_BYTES, NotKept, Region, die_after,
};
use warp_tests::processes::{self, PROCESSES};
use warp_tests::watchdog::watched;

/// The table, and how many places it has; see FORMAT.md.
const TABLE: usize = HEADER + 32;
const PLACES: usize = 256;
const CROWD: usize = PLACES + 20;

fn set(region: &Region, key: usize) -> Result<(), NotKept> {
    let key = key.to_le_bytes();
    region.insert(region.hash(&key), &key, &key, u64::MAX, 0, None, IfPresent::Replace).map(drop)
}

fn has(region: &Region, key: usize) -> bool {
    let (key, mut found) = (key.to_le_bytes(), Vec::new());
    region.get(region.hash(&key), &key, 0, &mut found).is_some() && found == key
}

/// A process, and its view of the region.
struct One(u64, Region);

impl One {
    /// The thread is this process from here on.
    fn acts(&self) -> &Region {
        processes::become_again(self.0);
        &self.1
    }

    fn leaves(self) {
        self.acts();
    }
}

/// That many processes that open a region.
fn crowd(first: &Region, count: usize) -> Vec<One> {
    (0..count).map(|_| One(processes::become_another(), first.again(PROCESSES))).collect()
}

/// The first of them, and enough others that the last ones have no place.
fn crowded() -> (One, Vec<One>) {
    let geometry = Geometry::new(LEAST_BYTES, Some(400), Strategy::Lru).expect("a geometry");
    let first = Region::on_heap(geometry, PROCESSES);
    let others = crowd(&first, CROWD - 1);
    (One(processes::become_another(), first), others)
}

#[test]
fn those_without_a_place_have_the_cache_as_all_others() {
    watched(|| {
        let (first, others) = crowded();
        for (key, other) in others.iter().enumerate() {
            assert_eq!(set(other.acts(), key), Ok(()));
            other.1.count(Counter::Misses);
        }
        for (key, other) in others.iter().enumerate() {
            assert!(has(other.acts(), key) && has(first.acts(), key), "{key}");
            other.1.count(Counter::Hits);
        }
        let all = others.len() as u64;
        let info = first.acts().info();
        assert_eq!((info.info.hits, info.info.misses, info.info.len), (all, all, all as usize));
        assert_eq!((info.processes, info.recoveries), (CROWD, 0));
        others[CROWD - 2].acts().clear();
        assert!(!has(first.acts(), 0) && !has(others[CROWD - 3].acts(), 1));
    });
}

#[test]
fn those_without_a_place_are_waited_for_until_they_are_dead() {
    watched(|| {
        let (first, mut others) = crowded();
        let hash = first.1.hash(b"key");
        let leader = others.pop().expect("one");
        let Claim::Leads(lead) = leader.acts().claim(hash) else { panic!("nobody else does") };
        lead.keep();
        assert!(matches!(first.acts().claim(hash), Claim::Follows));
        leader.acts();
        processes::die();
        assert!(matches!(first.acts().claim(hash), Claim::Leads(_)));
    });
}

#[test]
fn who_dies_without_a_place_holds_up_nobody() {
    watched(|| {
        let (first, others) = crowded();
        for (recoveries, other) in (1..).zip(others.into_iter().rev().take(10)) {
            assert_eq!(die_after(9, || set(other.acts(), 1)), Err(Died));
            processes::die();
            assert_eq!(set(first.acts(), 2), Ok(()));
            assert!(has(&first.1, 2) && !has(&first.1, 1));
            assert_eq!(first.1.info().recoveries, recoveries);
        }
    });
}

/// One that is given back, or whose holder has died, at one of its next changes.
#[test]
fn who_has_no_place_takes_one_that_is_free() {
    watched(|| {
        for dies in [false, true] {
            let (first, mut others) = crowded();
            let late = others.pop().expect("one");
            assert_eq!(first.acts().info().processes, CROWD);
            let one = others.remove(77);
            if dies {
                one.acts();
                processes::die();
            } else {
                one.leaves();
            }
            assert_eq!(first.acts().info().processes, CROWD - 1);
            let has_place = || {
                let table = &first.1.words()[TABLE..TABLE + PLACES];
                table.iter().filter(|word| word.load(Relaxed) == late.0).count()
            };
            assert_eq!(has_place(), 0);
            for _ in 0..PLACES {
                assert_eq!(set(late.acts(), 1), Ok(()));
            }
            assert_eq!((has_place(), first.acts().info().processes), (1, CROWD - 1));
            late.leaves();
            assert_eq!(first.acts().info().processes, CROWD - 2);
            for other in others {
                other.leaves();
            }
            assert_eq!(first.acts().info().processes, 1);
        }
    });
}

#[cfg(unix)]
mod files {
    use std::io::{self, BufRead, BufReader};
    use std::path::Path;
    use std::time::Duration;

    use warp_cache::shm::{list, process, remove_stale};
    use warp_tests::children::{Running, Subject, child, orders};
    use warp_tests::scratch::Scratch;

    use super::*;

    /// A child that has the region open until it is told to end.
    #[test]
    fn user() {
        let Some(directory) = orders() else { return };
        let region = Subject::new(Path::new(&directory)).open().unwrap();
        println!("\nopened");
        io::stdin().read_line(&mut String::new()).unwrap();
        drop(region);
    }

    fn start(directory: &Path) -> Running {
        let mut user = child("files::user", &directory.display().to_string());
        let mut lines = BufReader::new(user.stdout.as_mut().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "opened"));
        user
    }

    /// The region of one process for which there was no place, after all others have ended.
    #[test]
    fn a_region_stays_as_long_as_one_has_it_who_has_no_place() {
        for killed in [false, true] {
            watched(move || {
                let scratch = Scratch::new();
                let subject = Subject::new(scratch.path());
                let region = subject.open().unwrap();
                let words = region.words();
                for place in 0..PLACES {
                    words[TABLE + place].store(process::current(), Relaxed);
                }
                let mut user = start(scratch.path());
                for place in 0..PLACES {
                    words[TABLE + place].store(0, Relaxed);
                }
                // It was opened last more than a week ago.
                let age = Duration::from_secs(8 * 24 * 60 * 60).as_nanos() as u64;
                words[HEADER + 17].fetch_sub(age, Relaxed);
                assert!(remove_stale(Some(scratch.path())).unwrap().regions.is_empty());
                let [listed] = &list(Some(scratch.path())).unwrap().regions[..] else { panic!() };
                assert_eq!((listed.processes, listed.is_stale), (1, false));
                if killed {
                    user.kill().unwrap();
                } else {
                    drop(user.stdin.take());
                }
                user.wait().unwrap();
                words[HEADER + 17].fetch_sub(age, Relaxed);
                // In doubt it stays: a killed one cannot be told from one that lives.
                let removed = remove_stale(Some(scratch.path())).unwrap().regions.len();
                assert_eq!(removed, usize::from(!killed));
            });
        }
    }
}
