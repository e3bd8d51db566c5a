//! W-TinyLFU against a naive one that asks the same sketch, and what the choice of the window has to
//! find out.

use super::sketch::Sketch;
use super::windowed::Windowed;
use super::{Adaptive, key_of};
use crate::strategy::{Cause, Policy, Slot};

/// Window, probation and protected, least recently used first.
#[derive(Default)]
struct Naive {
    lists: [Vec<Slot>; 3],
    window: usize,
    protected: usize,
}

impl Naive {
    fn remove(&mut self, slot: Slot) {
        self.lists.iter_mut().for_each(|list| list.retain(|&other| other != slot));
    }

    fn spill(&mut self, list: usize, size: usize) {
        for _ in 0..4 {
            if self.lists[list].len() > size {
                let first = self.lists[list].remove(0);
                self.lists[1].push(first);
            }
        }
    }

    fn insert(&mut self, slot: Slot) {
        self.lists[0].push(slot);
        self.spill(0, self.window);
    }

    fn hit(&mut self, slot: Slot) {
        let list = if self.lists[0].contains(&slot) { 0 } else { 2 };
        self.remove(slot);
        self.lists[list].push(slot);
        self.spill(2, self.protected);
    }

    fn victim(&mut self, prefers: impl Fn(Slot, Slot) -> bool) -> Slot {
        let candidate = self.lists[0].first().copied();
        let main = self.lists[1].first().or(self.lists[2].first()).copied();
        match (candidate, main) {
            (Some(candidate), Some(victim)) if self.lists[0].len() >= self.window => {
                if !prefers(candidate, victim) {
                    return candidate;
                }
                self.remove(candidate);
                self.lists[1].push(candidate);
                victim
            }
            (candidate, main) => main.or(candidate).expect("it is full"),
        }
    }
}

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((self.0 >> 32) * bound) >> 32
    }
}

#[test]
fn the_lists_do_what_naive_ones_do() {
    let steps = if cfg!(miri) { 200 } else { 20_000 };
    for size in [1, 2, 5, 20] {
        let mut numbers = Numbers(size as u64);
        let (mut lists, mut naive) = (Windowed::default(), Naive::default());
        let mut sketch = Sketch::default();
        sketch.reach(1, size);
        let mut keys: Vec<Option<u64>> = vec![None; size];
        for step in 0..steps {
            if step % 500 == 0 {
                let percent = [1, 10, 30, 60, 100][numbers.below(5) as usize];
                lists.set_window(size, percent);
                naive.window = (size * percent / 100).max(1);
                naive.protected = (size - naive.window) / 5 * 4;
            }
            let key = numbers.below(3 * size as u64).min(numbers.below(3 * size as u64));
            sketch.add(key_of(key));
            if let Some(slot) = keys.iter().position(|&kept| kept == Some(key)) {
                let slot = slot as Slot;
                if numbers.below(20) == 0 {
                    lists.remove(slot);
                    naive.remove(slot);
                    keys[slot as usize] = None;
                } else {
                    lists.hit(slot);
                    naive.hit(slot);
                }
            } else {
                let slot = keys.iter().position(Option::is_none).unwrap_or_else(|| {
                    let hash = |slot: Slot| keys[slot as usize].map_or(0, key_of);
                    let prefers = |first, second| sketch.prefers(first, second);
                    let victim = lists.victim(prefers).expect("it is full");
                    let expected = naive.victim(|first, second| prefers(hash(first), hash(second)));
                    assert_eq!(victim, expected, "size {size}, step {step}");
                    lists.remove(victim);
                    naive.remove(victim);
                    victim as usize
                });
                keys[slot] = Some(key);
                lists.insert(slot as Slot, key_of(key));
                naive.insert(slot as Slot);
            }
            assert_eq!(lists.validate(), naive.lists.concat(), "size {size}, step {step}");
        }
    }
}

/// A store of keys alone.
struct Replay {
    policy: Adaptive,
    keys: Vec<u64>,
    slots: std::collections::HashMap<u64, Slot>,
    size: usize,
}

impl Replay {
    fn new(size: usize) -> Self {
        let mut policy = Adaptive::default();
        policy.bound(Some(size));
        Replay { policy, keys: Vec::new(), slots: std::collections::HashMap::new(), size }
    }

    fn hits(&mut self, requests: impl Iterator<Item = u64>) -> usize {
        requests.filter(|&key| self.request(key)).count()
    }

    fn request(&mut self, key: u64) -> bool {
        let hash = key.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        if let Some(&slot) = self.slots.get(&key) {
            self.policy.hit(slot);
            return true;
        }
        let slot = if self.keys.len() < self.size {
            self.keys.push(key);
            (self.keys.len() - 1) as Slot
        } else {
            let slot = self.policy.victim(hash).expect("it is full");
            let old = std::mem::replace(&mut self.keys[slot as usize], key);
            self.slots.remove(&old);
            self.policy.removed(slot, 0, Cause::Evicted);
            slot
        };
        self.slots.insert(key, slot);
        self.policy.inserted(slot, hash);
        false
    }
}

/// Each key twice, with twice as many others as `apart` between, and never again.
fn recent(first: u64, pairs: u64, apart: u64) -> impl Iterator<Item = u64> {
    (first..first + pairs).flat_map(move |key| [key, key.saturating_sub(apart).max(first)])
}

fn round(keys: u64, requests: u64) -> impl Iterator<Item = u64> {
    (0..requests).map(move |request| request % keys)
}

#[test]
#[cfg_attr(miri, ignore = "a hundred thousand requests")]
fn it_becomes_lru_where_only_recency_helps_and_leaves_it_for_a_loop() {
    for (size, pairs) in [(100, 40_000), (1000, 100_000)] {
        let mut replay = Replay::new(size);
        let apart = size as u64 * 4 / 10;
        replay.hits(recent(1 << 40, pairs, apart));
        let hits = replay.hits(recent(1 << 41, pairs, apart));
        assert!(hits as u64 > pairs * 9 / 10, "{size}: {hits} of {pairs} second requests");
        replay.hits(round(2 * size as u64, 5 * pairs));
        let hits = replay.hits(round(2 * size as u64, pairs));
        assert!(hits as u64 > pairs * 4 / 10, "{size}: {hits} of {pairs} in a loop");
        drop(replay.policy.validate());
    }
}

#[test]
fn the_same_requests_have_the_same_hits() {
    let requests = if cfg!(miri) { 500 } else { 50_000 };
    let run = || {
        let (mut replay, mut numbers) = (Replay::new(300), Numbers(9));
        let key = |_| numbers.below(2000).min(numbers.below(2000));
        replay.hits((0..requests).map(key))
    };
    assert_eq!(run(), run());
}

#[test]
fn without_a_bound_nothing_is_kept_of_the_keys() {
    let mut policy = Adaptive::default();
    policy.bound(None);
    for slot in 0..1000 {
        policy.inserted(slot, slot.into());
        policy.hit(slot / 2);
    }
    assert!(policy.chooser.is_none());
    assert_eq!(policy.validate().len(), 1000);
}
