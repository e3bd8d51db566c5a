//! `shared` between processes: what one does, the next call of every other sees.
#![cfg(all(unix, not(any(loom, miri))))]

use std::io::{BufRead, BufReader, Write};
use std::process;

use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use warp_cache::warp_cache;
use warp_tests::children::{Running, child};
use warp_tests::elsewhere::{elsewhere, role};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Made {
    n: u32,
    by: u32,
}

/// Says which process computed it.
#[warp_cache(shared = "made")]
fn made(n: u32) -> Made {
    Made { n, by: process::id() }
}

/// A child that does what it is told, line by line, and answers each.
#[test]
fn does() {
    role(|_| {
        // The test program has begun a line of its own.
        println!();
        for line in std::io::stdin().lines() {
            let line = line.expect("a line");
            let (what, n) = line.split_once(' ').expect("a word and a number");
            let n = n.parse().expect("a number");
            let answer = match what {
                "call" => made(n).by,
                "get" => made::get(n).map_or(0, |made| made.by),
                "set" => {
                    made::set(n, Made { n, by: 0 });
                    0
                }
                "invalidate" => made::invalidate(n).into(),
                "refresh" => made::refresh(n).by,
                "clear" => {
                    made::clear();
                    0
                }
                other => panic!("{other}"),
            };
            println!("answer {answer}");
        }
    });
}

struct Other {
    child: Running,
    answers: Box<dyn Iterator<Item = u32>>,
}

impl Other {
    fn start() -> Other {
        let mut child = child("does", "");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let lines = lines.map_while(Result::ok);
        let answers = lines.filter_map(|line| line.strip_prefix("answer ")?.parse().ok());
        Other { child, answers: Box::new(answers) }
    }

    fn ask(&mut self, what: &str, n: u32) -> u32 {
        let mut orders = self.child.stdin.as_ref().expect("piped");
        writeln!(orders, "{what} {n}").expect("it listens");
        self.answers.next().expect("an answer")
    }

    fn id(&self) -> u32 {
        self.child.id()
    }
}

#[test]
fn what_one_computes_all_have() {
    elsewhere("what_one_computes_all_have", || {
        let (mut a, mut b) = (Other::start(), Other::start());
        assert_eq!(a.ask("call", 1), a.id());
        assert_eq!((b.ask("call", 1), made(1).by), (a.id(), a.id()));
        assert_eq!(made(2).by, process::id());
        assert_eq!((a.ask("get", 2), b.ask("call", 2)), (process::id(), process::id()));
        let info = made::info();
        assert_eq!((info.hits, info.misses, info.len), (3, 2, 2));
    });
}

/// Also where this process has the decoded value before it.
#[test]
fn what_one_changes_the_next_call_of_every_other_sees() {
    elsewhere("what_one_changes_the_next_call_of_every_other_sees", || {
        let mut other = Other::start();
        let own = process::id();
        for _ in 0..3 {
            assert_eq!((made(1).by, made(1).by), (own, own));
            assert_eq!(other.ask("set", 1), 0);
            assert_eq!((made(1).by, made::get(1).expect("it is there").by), (0, 0));
            assert_eq!(other.ask("refresh", 1), other.id());
            assert_eq!(made(1).by, other.id());
            assert_eq!(other.ask("invalidate", 1), 1);
            assert!(!made::contains(1));
            assert_eq!((made(1).by, other.ask("call", 1)), (own, own));
            other.ask("clear", 0);
            assert!(!made::contains(1));
            assert_eq!(other.ask("call", 1), other.id());
            made::clear();
            assert_eq!(other.ask("get", 1), 0);
        }
    });
}

#[test]
fn statistics_add_up_over_processes_that_have_died() {
    elsewhere("statistics_add_up_over_processes_that_have_died", || {
        for n in 0..4 {
            let mut other = Other::start();
            other.ask("call", n);
            other.ask("call", n);
            other.ask("call", 0);
            if n % 2 == 0 {
                other.child.signal(Signal::KILL);
            }
        }
        let info = made::info();
        assert_eq!((info.hits, info.misses, info.len), (4 + 4, 4, 4));
        for n in 0..4 {
            made(n);
        }
        assert_eq!((made::info().hits, made::info().misses), (12, 4));
    });
}

/// What one process has decoded is used in the region too.
#[test]
fn uses_of_one_process_keep_entries_for_all() {
    #[warp_cache(shared = "small", max_size = 2)]
    fn small(n: u32) -> u32 {
        n
    }
    elsewhere("uses_of_one_process_keep_entries_for_all", || {
        small(1);
        small(2);
        for _ in 0..3 {
            small(1);
        }
        small(3);
        assert!(small::contains(1) && !small::contains(2));
        let info = small::info();
        assert_eq!((info.evictions, info.len), (1, 2));
    });
}

/// Values that check themselves, while all processes write, invalidate and clear.
#[test]
fn nobody_gets_a_wrong_value() {
    elsewhere("nobody_gets_a_wrong_value", || {
        let children: Vec<_> = (0..3).map(|seed| child("storms", &seed.to_string())).collect();
        storm(3);
        for mut child in children {
            drop(child.stdin.take());
            assert!(child.wait().expect("it ends").success());
        }
        let info = checked::info();
        assert!(info.len <= 64 && info.errors == 0, "{info:?}");
    });
}

#[warp_cache(shared = "checked", max_size = 64, single_flight)]
fn checked(n: u32) -> (u32, String) {
    (n, n.to_string().repeat(n as usize % 50))
}

#[test]
fn storms() {
    role(|seed| storm(seed.parse().expect("a seed")));
}

fn storm(seed: u64) {
    let mut random = warp_tests::random::Random::new(seed);
    for _ in 0..3000 {
        let n = random.below(100);
        match random.below(100) {
            0 => checked::clear(),
            1..10 => drop(checked::invalidate(n)),
            10..15 => checked::set(n, checked::uncached(n)),
            15..20 => assert!(checked::get(n).is_none_or(|value| value == checked::uncached(n))),
            _ => assert_eq!(checked(n), checked::uncached(n)),
        }
    }
}
