//! A shared region as the battery's subject, with values of many lengths.

use std::cell::Cell;

use warp_cache::Strategy;
use warp_cache::clock::Time;
use warp_cache::shm::{Counter, Geometry, IfPresent, LEAST_BYTES, Region};
use warp_cache::stats::Stats;

use crate::processes::PROCESSES;
use crate::subject::{Subject, Value};

/// A region on the heap, and how often it was to be validated.
#[derive(Debug)]
pub struct OnHeap(pub Region, Cell<u32>);

impl OnHeap {
    /// A region of the least size.
    ///
    /// # Panics
    /// If there is no such region.
    pub fn new(max_size: usize, strategy: Strategy) -> OnHeap {
        let geometry = Geometry::new(LEAST_BYTES, Some(max_size), strategy).expect("a geometry");
        OnHeap(Region::on_heap(geometry, PROCESSES), Cell::new(0))
    }
}

/// A value as bytes, with a tail that says whether it was kept whole.
fn encode(value: &Value) -> Vec<u8> {
    let ttl = value.ttl.map_or(0, |ttl| ttl.as_nanos() as u64);
    let tail = (value.id * 7919 % 300) as usize;
    // Every third one is so short that it needs no block.
    if value.id % 3 == 0 {
        return [&(value.id as u32).to_le_bytes()[..], &(ttl as u32).to_le_bytes()].concat();
    }
    let mut bytes = [value.id.to_le_bytes(), ttl.to_le_bytes()].concat();
    bytes.extend((0..tail).map(|place| (value.id as usize + place) as u8));
    bytes
}

fn decode(bytes: &[u8]) -> Value {
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
    let half = if bytes.len() == 8 { 4 } else { 8 };
    let ttl = number(&bytes[half..2 * half]);
    let ttl = (ttl > 0).then(|| std::time::Duration::from_nanos(ttl));
    let value = Value { id: number(&bytes[..half]), ttl };
    assert_eq!(encode(&value), bytes, "a value that is not whole");
    value
}

/// A key as bytes: short ones and long ones.
pub fn key(number: u32) -> Vec<u8> {
    let mut key = number.to_le_bytes().to_vec();
    key.extend((0..number % 5 * 17).map(|place| place as u8));
    key
}

impl Subject for OnHeap {
    const EXPIRES_AS_A_STORE: bool = false;
    fn get(&mut self, number: u32, now: Time) -> Option<Value> {
        let (key, mut value) = (key(number), Vec::new());
        let found = self.0.get(self.0.hash(&key), &key, now.as_nanos(), &mut value).is_some();
        self.0.count(if found { Counter::Hits } else { Counter::Misses });
        found.then(|| decode(&value))
    }

    fn peek(&self, number: u32, now: Time) -> Option<Value> {
        let (key, mut value) = (key(number), Vec::new());
        let stamp = self.0.peek(self.0.hash(&key), &key, now.as_nanos(), &mut value)?;
        assert!(self.0.is_current(&stamp, now.as_nanos()));
        Some(decode(&value))
    }

    fn insert(&mut self, number: u32, value: Value, now: Time) -> Option<Value> {
        let old = self.peek(number, now);
        let deadline = value.deadline(now).as_nanos();
        let (key, bytes, now) = (key(number), encode(&value), now.as_nanos());
        let hash = self.0.hash(&key);
        let kept = self.0.insert(hash, &key, &bytes, deadline, now, None, IfPresent::Replace);
        assert_eq!(kept.is_err(), self.0.geometry().max_size() == Some(0));
        old
    }

    fn remove(&mut self, number: u32, now: Time) -> bool {
        let key = key(number);
        self.0.invalidate(self.0.hash(&key), &key, now.as_nanos())
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    fn len(&self) -> usize {
        self.0.info().info.len
    }

    fn stats(&self) -> Stats {
        let info = self.0.info();
        assert_eq!(info.recoveries, 0, "nothing was damaged");
        let info = info.info;
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
        // All of the region: not at every step.
        self.1.set(self.1.get() + 1);
        if self.1.get() % 8 == 0 {
            self.0.validate();
        }
    }
}
