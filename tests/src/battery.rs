//! Random operations on a subject and on a naive model beside it: after each one, both must agree
//! on every key, and the subject must find its own structure sound.

use std::collections::BTreeMap;
use std::time::Duration;

use warp_cache::clock::Time;
use warp_cache::stats::Stats;

use crate::oracle::{self, Oracle, Victim};
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
            Lives::Fixed => Some(Duration::from_nanos(20 * MOMENT)),
            Lives::Mixed if random.percent(40) => None,
            Lives::Mixed => {
                Some(Duration::from_nanos(1 + u64::from(random.below(40 * MOMENT as u32))))
            }
        }
    }
}

/// A step in time, in nanoseconds. They are so many that no two entries expire at once: then it is
/// known which of them goes first.
const MOMENT: u64 = 1 << 20;

/// How many expired entries an insertion gives back.
const SWEEP: usize = 2;

/// The entries, and what the oracle says of them. One that has expired is there until it is met or
/// swept, as in a store: for some strategies it counts until then.
#[derive(Debug)]
struct Model<O> {
    max_size: usize,
    entries: BTreeMap<u32, (Value, Time)>,
    oracle: O,
    stats: Stats,
}

impl<O: Oracle> Model<O> {
    fn new(max_size: usize) -> Self {
        let stats = Stats::default();
        Model { max_size, entries: BTreeMap::new(), oracle: O::new(max_size), stats }
    }

    fn expire(&mut self, key: u32) {
        self.entries.remove(&key);
        self.oracle.removed(key, false);
        self.stats.expirations += 1;
    }

    /// Takes out the entry that has expired first.
    fn expire_first(&mut self, now: Time) -> bool {
        let deadlines = self.entries.iter().map(|(&key, &(_, deadline))| (deadline, key));
        let first = deadlines.min().filter(|&(deadline, _)| deadline <= now);
        if let Some((_, key)) = first {
            self.expire(key);
        }
        first.is_some()
    }

    fn peek(&self, key: u32, now: Time) -> Option<Value> {
        let entry = self.entries.get(&key).filter(|&&(_, deadline)| now < deadline);
        entry.map(|(value, _)| value.clone())
    }

    /// The live value of a key; an expired one goes.
    fn meet(&mut self, key: u32, now: Time) -> Option<Value> {
        let found = self.peek(key, now);
        if found.is_none() && self.entries.contains_key(&key) {
            self.expire(key);
        }
        found
    }

    fn get(&mut self, key: u32, now: Time) -> Option<Value> {
        let found = self.meet(key, now);
        if found.is_some() {
            self.stats.hits += 1;
            self.oracle.used(key);
        } else {
            self.stats.misses += 1;
        }
        found
    }

    /// `is_gone` says whether the subject has lost a key: where the oracle does not know which one
    /// has to go, it is the only one.
    fn insert(
        &mut self,
        key: u32,
        value: Value,
        now: Time,
        is_gone: impl Fn(u32) -> bool,
    ) -> Option<Value> {
        let entry = (value.clone(), value.deadline(now));
        if let Some(old) = self.meet(key, now) {
            self.oracle.used(key);
            self.entries.insert(key, entry);
            return Some(old);
        }
        if self.max_size == 0 {
            return None;
        }
        for _ in 0..SWEEP {
            self.expire_first(now);
        }
        if self.entries.len() == self.max_size && !self.expire_first(now) {
            let victim = match self.oracle.victim(key) {
                Victim::Key(victim) => victim,
                Victim::Any => {
                    let gone: Vec<_> =
                        self.entries.keys().copied().filter(|&key| is_gone(key)).collect();
                    assert_eq!(gone.len(), 1, "{gone:?} went for {key}");
                    gone[0]
                }
            };
            assert!(self.entries.remove(&victim).is_some(), "no entry: {victim}");
            self.oracle.removed(victim, true);
            self.stats.evictions += 1;
        }
        self.entries.insert(key, entry);
        self.oracle.inserted(key);
        None
    }

    fn remove(&mut self, key: u32, now: Time) -> bool {
        let live = self.meet(key, now).is_some();
        if live {
            self.entries.remove(&key);
            self.oracle.removed(key, false);
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
            let is_forever = matches!(lives, Lives::Forever);
            if S::EXPIRES_AS_A_STORE || is_forever || !O::COUNTS_EXPIRED {
                run_once::<S, O>(make(max_size), max_size, lives, operations, seed);
            } else {
                // Any may go, but only one, and only for lack of room.
                run_once::<S, oracle::Adaptive>(make(max_size), max_size, lives, operations, seed);
            }
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
    let mut model = Model::<O>::new(max_size);
    let keys = 2 * max_size as u32 + 3;
    let mut now = Time::ZERO;
    for id in 0..operations {
        if random.percent(30) {
            now = now.after(Duration::from_nanos(u64::from(random.below(8)) * MOMENT));
        }
        now = now.after(Duration::from_nanos(1));
        // Of two draws the lower: some keys are asked for more often than others.
        let key = random.below(keys).min(random.below(keys));
        let value = Value { id, ttl: lives.draw(&mut random) };
        let step = format!("max_size {max_size}, {lives:?}, step {id}, key {key}, at {now:?}");
        match random.below(100) {
            0..30 => assert_eq!(subject.get(key, now), model.get(key, now), "get: {step}"),
            30..60 => {
                let found = subject.get_or_insert(key, value.clone(), now);
                let is_gone = |key| subject.peek(key, now).is_none();
                let expected = model.get(key, now).unwrap_or_else(|| {
                    model.insert(key, value.clone(), now, is_gone);
                    value
                });
                assert_eq!(found, expected, "compute: {step}");
            }
            60..85 => {
                let replaced = subject.insert(key, value.clone(), now);
                let is_gone = |key| subject.peek(key, now).is_none();
                assert_eq!(replaced, model.insert(key, value, now, is_gone), "insert: {step}");
            }
            85..99 => {
                assert_eq!(subject.remove(key, now), model.remove(key, now), "remove: {step}")
            }
            _ => {
                subject.clear();
                model = Model::new(max_size);
            }
        }
        compare(&subject, &model, keys, now, &step);
    }
}

fn compare<S: Subject, O: Oracle>(subject: &S, model: &Model<O>, keys: u32, now: Time, step: &str) {
    subject.validate();
    for key in 0..keys {
        assert_eq!(subject.peek(key, now), model.peek(key, now), "key {key} after {step}");
    }
    let (stats, expected) = (subject.stats(), model.stats);
    assert_eq!(Stats { expirations: expected.expirations, ..stats }, expected, "after {step}");
    if S::EXPIRES_AS_A_STORE {
        // A store that removes an entry does not look whether it has expired.
        assert!(stats.expirations <= expected.expirations, "after {step}");
        assert_eq!(subject.len(), model.entries.len(), "after {step}");
    }
    let live = (0..keys).filter(|&key| model.peek(key, now).is_some()).count();
    assert!(subject.len() >= live, "fewer entries than live ones after {step}");
    assert!(subject.len() <= model.max_size, "over the bound after {step}");
}
