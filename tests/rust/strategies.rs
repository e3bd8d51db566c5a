//! Every strategy against its oracle: as a generated store, behind the cache, and against the
//! policy that is chosen at run time. The list is the engine's own, so that none is left out.
#![cfg(not(loom))]

use warp_cache::clock::{Clock, Time};
use warp_cache::store::{Bag, Entry, OwnRoom, Store};
use warp_cache::strategy::AnyPolicy;
use warp_cache::{Cache, Strategy};
use warp_tests::battery;
use warp_tests::oracle;
use warp_tests::random::Random;
use warp_tests::subject::{Clocked, Value};

fn clocked(strategy: Strategy, max_size: usize, single_flight: bool) -> Clocked {
    let clock = Clock::manual();
    let cache = Cache::builder()
        .max_size(max_size)
        .strategy(strategy)
        .shards(1)
        .single_flight(single_flight)
        .clock(clock.clone())
        .ttl_by(|value: &Value| value.ttl)
        .build()
        .expect("valid options");
    Clocked { cache, clock }
}

macro_rules! tests_of {
    ($($policy:ident $store:ident,)*) => {
        /// A module for each, where no other name is.
        mod each {
        $(#[allow(non_snake_case, reason = "named as the strategy is")]
        mod $policy {
            use super::super::*;

            #[test]
            fn the_store_does_what_the_oracle_says() {
                battery::run::<_, oracle::$policy>(warp_cache::$store::new);
            }

            #[test]
            fn the_cache_does_what_the_oracle_says() {
                for single_flight in [false, true] {
                    battery::run::<_, oracle::$policy>(|max_size| {
                        clocked(Strategy::$policy, max_size, single_flight)
                    });
                }
            }

            #[test]
            fn the_policy_chosen_at_run_time_evicts_the_same() {
                let mut generated = warp_cache::$store::with_hasher(16, Plain);
                let mut chosen = Store::new(16, AnyPolicy::new(Strategy::$policy));
                let mut random = Random::new(3);
                for step in 0..if cfg!(miri) { 100 } else { 10_000 } {
                    let key = random.below(40).min(random.below(40));
                    let now = Time::from_nanos(step);
                    let deadline = Time::from_nanos(step + u64::from(random.below(200)));
                    let entry = Entry { hash: key.into(), deadline, key, value: step };
                    let a = generated.insert_until(key, step, deadline, now);
                    let b = chosen.insert_local(entry, now);
                    assert!(a.iter().eq(b.iter()), "step {step}: {a:?}, {b:?}");
                }
                assert_eq!(generated.stats(), chosen.stats);
            }

            #[test]
            fn an_entry_in_its_victims_slot_is_an_insertion() {
                let policy = <warp_cache::strategy::$policy>::default;
                let (mut usual, mut short) = (Store::new(16, policy()), Store::new(16, policy()));
                let mut random = Random::new(5);
                for step in 0..if cfg!(miri) { 100 } else { 10_000_u64 } {
                    let key = random.below(60);
                    let (hash, now, room) = (u64::from(key), Time::ZERO, OwnRoom(16));
                    let mut bag = Bag::default();
                    let hit = usual.get(hash, now, &room, &mut bag, |other| *other == key).is_some();
                    let other = short.get(hash, now, &room, &mut bag, |other| *other == key);
                    assert_eq!(hit, other.is_some(), "step {step}");
                    if hit {
                        continue;
                    }
                    let entry = || Entry { hash, deadline: Time::NEVER, key, value: step };
                    let left = usual.insert_local(entry(), now);
                    let mut left = left.iter().map(|old| (old.key, old.value));
                    if short.len() < 16 {
                        short.insert_absent(&mut Some(entry()), now, &room, &mut bag);
                    } else {
                        let old = short.replace_victim(hash, || Some((key, step)));
                        let old = old.expect("nothing expires").or(Some((key, step)));
                        assert_eq!(left.next(), old, "step {step}");
                    }
                    assert_eq!(left.next(), None, "step {step}");
                }
                short.validate();
                assert_eq!(usual.stats, short.stats);
            }
        })*
        }

        #[test]
        fn the_list_is_complete_and_in_the_order_of_the_numbers() {
            let listed = [$(Strategy::$policy),*];
            assert_eq!(listed, Strategy::ALL);
            let numbers: Vec<_> = listed.iter().map(|&strategy| strategy as usize).collect();
            assert_eq!(numbers, (0..listed.len()).collect::<Vec<_>>());
        }
    };
}
warp_cache::with_strategy!(tests_of);

/// Hashes a number to itself, so that a test knows the hash.
#[derive(Clone, Default)]
struct Plain;

impl std::hash::BuildHasher for Plain {
    type Hasher = Itself;
    fn build_hasher(&self) -> Itself {
        Itself(0)
    }
}

struct Itself(u64);

impl std::hash::Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _bytes: &[u8]) {
        panic!("only numbers are hashed");
    }
    fn write_u32(&mut self, number: u32) {
        self.0 = number.into();
    }
}

#[test]
fn a_strategy_is_read_by_name_in_any_case_and_printed_in_capitals() {
    for &strategy in Strategy::ALL {
        assert_eq!(strategy.name().parse(), Ok(strategy));
        assert_eq!(strategy.name().to_lowercase().parse(), Ok(strategy));
        assert_eq!(strategy.to_string(), strategy.name());
        assert_eq!(format!("{strategy:>20}").len(), 20);
        assert_eq!(AnyPolicy::new(strategy).strategy(), strategy);
    }
    let error = "lur".parse::<Strategy>().unwrap_err();
    assert_eq!(error.argument(), "strategy");
    assert!(error.to_string().contains("\"lur\" is no strategy"), "{error}");
    assert!(error.to_string().contains("LRU, MRU, FIFO, LFU"), "{error}");
}

#[test]
fn a_shared_hit_is_a_hit_that_needs_no_exclusive_access() {
    let mut store = warp_cache::FifoStore::new(2);
    drop(store.insert_until(1, "one", Time::from_nanos(5), Time::ZERO));
    drop(store.insert(2, "two"));
    assert_eq!(store.get_shared(&1, Time::from_nanos(4)), Some(&"one"));
    assert_eq!(store.get_shared(&1, Time::from_nanos(5)), None);
    assert_eq!(store.get_shared(&2, Time::from_nanos(5)), Some(&"two"));
    assert_eq!(store.get_shared(&3, Time::ZERO), None);
}
