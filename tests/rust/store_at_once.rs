//! The shortest ways into a store and through it do what the long ones do, for every strategy: two
//! stores, one for each, hold the same after every step.
#![cfg(not(loom))]

use std::collections::BTreeMap;

use warp_cache::clock::Time;
use warp_cache::store::{Bag, Entry, Insertion, Lookup, OwnRoom, Store};
use warp_cache::strategy::Policy;
use warp_cache::with_strategy;
use warp_tests::random::Random;

const MAX_SIZE: usize = 20;
const ROOM: OwnRoom = OwnRoom(MAX_SIZE);

/// Two keys in seven have the hash of another, so that the shortest way has to give up.
fn hash(key: u64) -> u64 {
    (key - key % 7 / 6).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// How often a shortest way was gone.
#[derive(Default)]
struct Ways {
    hits: u32,
    additions: u32,
    replacements: u32,
}

struct Pair<P> {
    short: Store<P, u64, u64>,
    long: Store<P, u64, u64>,
    ways: Ways,
}

impl<P: Policy + Default> Pair<P> {
    fn new() -> Self {
        let store = || Store::new(MAX_SIZE, P::default());
        Pair { short: store(), long: store(), ways: Ways::default() }
    }

    /// A look-up, as a use.
    fn get(&mut self, key: u64) -> Option<u64> {
        let (hash, eq) = (hash(key), |kept: &u64| *kept == key);
        let long = match self.long.hit(hash, Time::ZERO, eq, |value| *value) {
            Lookup::Live(value) => Some(value),
            _ => None,
        };
        let short = match self.short.first(hash).map(|(slot, entry)| (slot, entry.key, entry.value))
        {
            None => None,
            Some((slot, kept, value)) if kept == key => {
                self.short.count_hit(slot);
                self.ways.hits += 1;
                Some(value)
            }
            Some(_) => match self.short.hit(hash, Time::ZERO, eq, |value| *value) {
                Lookup::Live(value) => Some(value),
                _ => None,
            },
        };
        assert_eq!(short, long, "key {key}");
        short
    }

    /// Adds a key that is not there.
    fn add(&mut self, key: u64, value: u64) {
        let new = || Some(Entry { hash: hash(key), deadline: Time::NEVER, key, value });
        let mut bag = Bag::default();
        let kept = self.long.insert_absent(&mut new(), Time::ZERO, &ROOM, &mut bag);
        let gone: Vec<u64> = bag.iter().map(|gone| gone.key).collect();
        if self.short.len() < MAX_SIZE {
            if self.short.add_at_once(hash(key), &ROOM, || (key, value)) {
                self.ways.additions += 1;
                return assert_eq!(kept, Insertion::Kept);
            }
        } else if let Some(replaced) = self.short.replace_victim(hash(key), || Some((key, value))) {
            self.ways.replacements += 1;
            assert_eq!(replaced.map(|(key, _)| key), gone.first().copied());
            return assert_eq!(kept == Insertion::Kept, replaced.is_some());
        }
        let mut bag = Bag::default();
        assert_eq!(self.short.insert_absent(&mut new(), Time::ZERO, &ROOM, &mut bag), kept);
        assert_eq!(bag.iter().map(|gone| gone.key).collect::<Vec<_>>(), gone);
    }

    fn remove(&mut self, key: u64) {
        let removed = [&mut self.short, &mut self.long]
            .map(|store| store.remove(hash(key), |kept| *kept == key));
        assert_eq!(removed[0], removed[1]);
    }

    fn validate(&self) {
        self.short.validate();
        let contents = [&self.short, &self.long].map(|store| {
            store.iter().map(|(key, value)| (*key, *value)).collect::<BTreeMap<_, _>>()
        });
        assert_eq!(contents[0], contents[1]);
        assert_eq!(self.short.stats, self.long.stats);
        assert_eq!(self.short.insertions(), self.long.insertions());
        assert!(self.short.len() <= MAX_SIZE);
    }
}

fn goes_either_way<P: Policy + Default>() {
    let mut pair = Pair::<P>::new();
    let mut random = Random::new(11);
    for step in 0..if cfg!(miri) { 300 } else { 4000 } {
        let key = u64::from(random.below(60));
        match random.below(100) {
            0 if random.percent(10) => {
                drop((pair.short.clear(), pair.long.clear()));
            }
            0..10 => pair.remove(key),
            _ if pair.get(key).is_none() => pair.add(key, step),
            _ => {}
        }
        pair.validate();
    }
    let Ways { hits, additions, replacements } = pair.ways;
    assert!(cfg!(miri) || hits > 200 && additions > 10 && replacements > 50);
}

macro_rules! tests_of {
    ($($policy:ident $store:ident,)*) => {
        $(#[allow(non_snake_case, reason = "named as the strategy is")]
        #[test]
        fn $policy() {
            goes_either_way::<warp_cache::strategy::$policy>();
        })*
    };
}
with_strategy!(tests_of);
