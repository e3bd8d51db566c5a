//! Random operations on a subject and on a naive model beside it: after each one, both must agree
//! on every key, and the subject must find its own structure sound.

use std::collections::BTreeMap;
use std::time::Duration;

use warp_cache::clock::Time;
use warp_cache::stats::Stats;

use crate::oracle::Oracle;
use crate::random::Random;
use crate::subject::{Subject, Value};

/// How long the entries of a run live.
#[derive(Clone, Copy, Debug)]
pub enum Lives {
    /// For good.
    Forever,
    /// All equally long.
    Fixed,
    /// Each as long as it likes.
    Mixed,
}

impl Lives {
    /// Every kind.
    pub const ALL: [Lives; 3] = [Lives::Forever, Lives::Fixed, Lives::Mixed];

    fn draw(self, random: &mut Random) -> Option<Duration> {
        match self {
            Lives::Forever => None,
            Lives::Fixed => Some(Duration::from_nanos(20)),
            Lives::Mixed if random.percent(40) => None,
            Lives::Mixed => Some(Duration::from_nanos(1 + u64::from(random.below(40)))),
        }
    }
}

/// The live entries, and what the oracle says of them.
#[derive(Debug, Default)]
struct Model<O> {
    max_size: usize,
    live: BTreeMap<u32, (Value, Time)>,
    oracle: O,
    stats: Stats,
}

impl<O: Oracle> Model<O> {
    fn expire(&mut self, now: Time) {
        let oracle = &mut self.oracle;
        let stats = &mut self.stats;
        self.live.retain(|&key, &mut (_, deadline)| {
            if deadline <= now {
                oracle.removed(key);
                stats.expirations += 1;
            }
            now < deadline
        });
    }

    fn peek(&self, key: u32) -> Option<Value> {
        self.live.get(&key).map(|(value, _)| value.clone())
    }

    fn get(&mut self, key: u32) -> Option<Value> {
        let found = self.peek(key);
        if found.is_some() {
            self.stats.hits += 1;
            self.oracle.used(key);
        } else {
            self.stats.misses += 1;
        }
        found
    }

    fn insert(&mut self, key: u32, value: Value, now: Time) -> Option<Value> {
        let entry = (value.clone(), value.deadline(now));
        if let Some(old) = self.live.get_mut(&key) {
            self.oracle.used(key);
            return Some(std::mem::replace(old, entry).0);
        }
        if self.max_size == 0 {
            return None;
        }
        if self.live.len() == self.max_size {
            let victim = self.oracle.victim().expect("a full model has a victim");
            self.live.remove(&victim);
            self.oracle.removed(victim);
            self.stats.evictions += 1;
        }
        self.live.insert(key, entry);
        self.oracle.inserted(key);
        None
    }

    fn remove(&mut self, key: u32) -> bool {
        let live = self.live.remove(&key).is_some();
        if live {
            self.oracle.removed(key);
        }
        live
    }
}

/// Runs the battery for small and not so small bounds and for every kind of life.
///
/// # Panics
/// If the subject and the model disagree, with the operations that led there.
pub fn run<S: Subject, O: Oracle>(make: impl Fn(usize) -> S) {
    let operations = if cfg!(miri) { 60 } else { 1000 };
    for (seed, max_size) in (1..).zip([0, 1, 2, 3, 7, 40]) {
        for lives in Lives::ALL {
            run_once::<S, O>(make(max_size), max_size, lives, operations, seed);
        }
    }
}

fn run_once<S: Subject, O: Oracle>(
    mut subject: S,
    max_size: usize,
    lives: Lives,
    operations: u64,
    seed: u64,
) {
    let mut random = Random::new(seed);
    let mut model = Model::<O> { max_size, ..Model::default() };
    let keys = 2 * max_size as u32 + 3;
    let mut now = Time::ZERO;
    for id in 0..operations {
        if random.percent(30) {
            now = now.after(Duration::from_nanos(u64::from(random.below(8))));
        }
        model.expire(now);
        // Of two draws the lower: some keys are asked for more often than others.
        let key = random.below(keys).min(random.below(keys));
        let value = Value { id, ttl: lives.draw(&mut random) };
        let step = format!("max_size {max_size}, {lives:?}, step {id}, key {key}, at {now:?}");
        match random.below(100) {
            0..30 => assert_eq!(subject.get(key, now), model.get(key), "get: {step}"),
            30..60 => {
                let expected = model.get(key).unwrap_or_else(|| {
                    model.insert(key, value.clone(), now);
                    value.clone()
                });
                assert_eq!(subject.get_or_insert(key, value, now), expected, "compute: {step}");
            }
            60..85 => assert_eq!(
                subject.insert(key, value.clone(), now),
                model.insert(key, value, now),
                "insert: {step}"
            ),
            85..99 => assert_eq!(subject.remove(key, now), model.remove(key), "remove: {step}"),
            _ => {
                subject.clear();
                model = Model { max_size, ..Model::default() };
            }
        }
        compare(&subject, &model, keys, now, &step);
    }
}

fn compare<S: Subject, O: Oracle>(subject: &S, model: &Model<O>, keys: u32, now: Time, step: &str) {
    subject.validate();
    for key in 0..keys {
        assert_eq!(subject.peek(key, now), model.peek(key), "key {key} after {step}");
    }
    let (stats, expected) = (subject.stats(), model.stats);
    // When an expired entry is met or swept is the store's affair; that it is no eviction is not.
    assert_eq!(Stats { expirations: expected.expirations, ..stats }, expected, "after {step}");
    let unswept = subject.len().checked_sub(model.live.len()).expect("fewer entries than live");
    let unmet = expected.expirations.checked_sub(stats.expirations).expect("expired live ones");
    assert!(unswept as u64 <= unmet, "{unswept} entries too many after {step}");
    assert!(subject.len() <= model.max_size, "over the bound after {step}");
}
