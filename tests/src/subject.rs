//! What the battery can be run on: every generated store, and the cache.

use std::time::Duration;

use warp_cache::Cache;
use warp_cache::clock::{Clock, Time};
use warp_cache::stats::Stats;
use warp_cache::strategy::Cause;

/// A value that says how long it is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Tells this value from all others.
    pub id: u64,
    /// Its time to live; none for good.
    pub ttl: Option<Duration>,
}

impl Value {
    /// When the value expires if it is kept at `now`.
    pub fn deadline(&self, now: Time) -> Time {
        self.ttl.map_or(Time::NEVER, |ttl| now.after(ttl))
    }
}

/// A bounded map under test. `now` is what its clock shows.
pub trait Subject {
    /// Whether expired entries are given back when a store does so; else at any time before a live
    /// one is evicted.
    const EXPIRES_AS_A_STORE: bool = true;
    /// The value, as a use.
    fn get(&mut self, key: u32, now: Time) -> Option<Value>;
    /// The value, not as a use.
    fn peek(&self, key: u32, now: Time) -> Option<Value>;
    /// Keeps a value; returns the live one that it replaces.
    fn insert(&mut self, key: u32, value: Value, now: Time) -> Option<Value>;
    /// Removes an entry; returns whether there was a live one.
    fn remove(&mut self, key: u32, now: Time) -> bool;
    /// Removes all.
    fn clear(&mut self);
    /// How many entries there are, expired ones included.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// What was counted.
    fn stats(&self) -> Stats;
    /// Panics if the structure is damaged.
    fn validate(&self);
    /// The value, or else the given one, which is then kept.
    fn get_or_insert(&mut self, key: u32, value: Value, now: Time) -> Value {
        self.get(key, now).unwrap_or_else(|| {
            self.insert(key, value.clone(), now);
            value
        })
    }
}

macro_rules! subjects {
    ($($policy:ident $store:ident,)*) => {
        $(impl Subject for warp_cache::$store<u32, Value> {
            fn get(&mut self, key: u32, now: Time) -> Option<Value> {
                self.get_at(&key, now).cloned()
            }
            fn peek(&self, key: u32, now: Time) -> Option<Value> {
                self.peek_at(&key, now).cloned()
            }
            fn insert(&mut self, key: u32, value: Value, now: Time) -> Option<Value> {
                let deadline = value.deadline(now);
                let bag = self.insert_until(key, value, deadline, now);
                bag.into_iter().find(|old| old.cause == Cause::Replaced).map(|old| old.value)
            }
            fn remove(&mut self, key: u32, now: Time) -> bool {
                let live = self.peek_at(&key, now).is_some();
                self.remove(&key);
                live
            }
            fn clear(&mut self) {
                self.clear();
            }
            fn len(&self) -> usize {
                self.len()
            }
            fn stats(&self) -> Stats {
                self.stats()
            }
            fn validate(&self) {
                self.validate();
            }
        })*
    };
}
warp_cache::with_strategy!(subjects);

/// A cache whose entries live as long as their values say, with the clock that it goes by.
#[derive(Debug)]
pub struct Clocked {
    /// The cache.
    pub cache: Cache<u32, Value>,
    /// Its clock, which shows the battery's time.
    pub clock: Clock,
}

impl Clocked {
    fn set(&self, now: Time) {
        let passed = now.as_nanos() - self.clock.now().as_nanos();
        self.clock.advance(Duration::from_nanos(passed));
    }
}

impl Subject for Clocked {
    fn get(&mut self, key: u32, now: Time) -> Option<Value> {
        self.set(now);
        self.cache.get(&key)
    }
    fn peek(&self, key: u32, now: Time) -> Option<Value> {
        self.set(now);
        self.cache.peek(&key)
    }
    fn insert(&mut self, key: u32, value: Value, now: Time) -> Option<Value> {
        self.set(now);
        self.cache.insert(key, value)
    }
    fn remove(&mut self, key: u32, now: Time) -> bool {
        self.set(now);
        self.cache.invalidate(&key)
    }
    fn clear(&mut self) {
        self.cache.clear();
    }
    fn len(&self) -> usize {
        self.cache.len()
    }
    fn stats(&self) -> Stats {
        let info = self.cache.info();
        Stats {
            hits: info.hits,
            misses: info.misses,
            evictions: info.evictions,
            expirations: info.expirations,
            errors: info.errors,
            waits: info.waits,
        }
    }
    fn validate(&self) {
        self.cache.validate();
    }
    fn get_or_insert(&mut self, key: u32, value: Value, now: Time) -> Value {
        self.set(now);
        self.cache.get_or_insert_with(key, || value)
    }
}
