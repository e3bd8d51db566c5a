//! A mapped region whose bits change by themselves: a miss, never a wrong value, a hang or a signal.
#![cfg(all(unix, not(any(loom, miri))))]

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;

use warp_cache::Strategy;
use warp_cache::shm::{Config, Identity, IfPresent, Region, list};
use warp_tests::load::{KEYS, key, read, value, write};
use warp_tests::random::Random;
use warp_tests::scratch::Scratch;
use warp_tests::watchdog::watched;

struct Damaged {
    region: Region,
    file: File,
    bytes: u64,
}

impl Damaged {
    fn new(scratch: &Scratch, bytes: u64, max_size: Option<usize>, strategy: Strategy) -> Damaged {
        let identity = Identity::new("damaged", "tests:damaged", &[], &[]);
        let directory = Some(scratch.path());
        let config =
            Config { directory, identity: &identity, bytes, max_size, strategy, ttl: None };
        let region = Region::open(&config).unwrap();
        let path = &list(directory).unwrap().regions[0].path;
        let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
        Damaged { region, file, bytes }
    }

    fn fill(&self) {
        for number in 0..KEYS {
            let (key, value) = (key(number), value(number, number.into()));
            let hash = self.region.hash(&key);
            // May find no room, as it evicts by itself.
            let _ = self.region.insert(hash, &key, &value, u64::MAX, 0, None, IfPresent::Replace);
        }
    }

    /// Changes eight bytes that begin anywhere.
    fn change(&self, random: &mut Random, change: impl Fn(u64, &mut Random) -> u64) {
        let at = random.draw() % (self.bytes - 8);
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes, at).unwrap();
        let changed = change(u64::from_le_bytes(bytes), random);
        self.file.write_all_at(&changed.to_le_bytes(), at).unwrap();
    }

    fn use_it(&self, random: &mut Random) {
        let mut found = Vec::new();
        for _ in 0..15 {
            read(&self.region, random, &mut found);
            write(&self.region, random);
        }
        self.region.info();
    }

    /// Whatever was done to it: it keeps what it is given.
    fn expect_works(&self) {
        self.region.clear();
        let mut found = Vec::new();
        for number in 0..20 {
            let (key, value) = (key(number), value(number, 1));
            let hash = self.region.hash(&key);
            let keep = || {
                self.region
                    .insert(hash, &key, &value, u64::MAX, 0, None, IfPresent::Replace)
                    .is_ok()
            };
            // What is damaged is noticed on the way, and given up.
            assert!((0..20).any(|_| keep()), "it keeps nothing any more");
            assert!(self.region.get(hash, &key, 0, &mut found).is_some() && found == value);
        }
    }
}

fn regions(scratch: [&Scratch; 3]) -> [Damaged; 3] {
    [
        Damaged::new(scratch[0], 64 << 10, Some(200), Strategy::Lru),
        Damaged::new(scratch[1], 64 << 10, None, Strategy::Lfu),
        Damaged::new(scratch[2], 1 << 20, Some(5000), Strategy::Mru),
    ]
}

#[test]
fn a_flipped_bit_misleads_nobody() {
    watched(|| {
        let scratch = [Scratch::new(), Scratch::new(), Scratch::new()];
        let mut random = Random::new(1);
        for damaged in regions(scratch.each_ref()) {
            for _ in 0..10 {
                damaged.fill();
                for _ in 0..67 {
                    damaged.change(&mut random, |word, random| word ^ (1 << random.below(64)));
                    damaged.use_it(&mut random);
                }
                damaged.expect_works();
            }
            println!("{:?}", damaged.region.info());
        }
    });
}

#[test]
fn words_of_any_kind_mislead_nobody() {
    watched(|| {
        let scratch = [Scratch::new(), Scratch::new(), Scratch::new()];
        let mut random = Random::new(2);
        for damaged in regions(scratch.each_ref()) {
            for _ in 0..10 {
                damaged.fill();
                for _ in 0..20 {
                    damaged.change(&mut random, |word, random| match random.below(5) {
                        0 => 0,
                        1 => u64::MAX,
                        2 => random.draw(),
                        3 => word.wrapping_add(1),
                        // A number that may well be somewhere in the region.
                        _ => random.below(5000).into(),
                    });
                    damaged.use_it(&mut random);
                }
                damaged.expect_works();
            }
        }
    });
}

/// Another process that has the file open for writing may put anything there at any time.
#[test]
fn overwritten_from_end_to_end_it_begins_anew() {
    watched(|| {
        let scratch = [Scratch::new(), Scratch::new(), Scratch::new()];
        let mut random = Random::new(3);
        for damaged in regions(scratch.each_ref()) {
            for filling in [0, 0xFF, 0x55, 1] {
                damaged.fill();
                let bytes = vec![filling; damaged.bytes as usize];
                damaged.file.write_all_at(&bytes, 0).unwrap();
                damaged.use_it(&mut random);
                damaged.expect_works();
            }
        }
    });
}
