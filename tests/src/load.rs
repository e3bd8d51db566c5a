//! Random use of a region with values that check themselves.

use warp_cache::shm::{Claim, IfPresent, Region};

use crate::random::Random;

/// How many keys there are.
pub const KEYS: u32 = 400;

/// The bytes of a key: from 4 to 40.
pub fn key(number: u32) -> Vec<u8> {
    let mut key = number.to_le_bytes().to_vec();
    key.resize(4 + (number as usize % 7) * 6, number as u8);
    key
}

/// A value that tells whether it is whole and whose it is: it follows from its first eight bytes
/// and its key.
pub fn value(number: u32, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed ^ u64::from(number) << 32);
    // Mostly small; now and then many blocks.
    let most = if random.percent(10) { 6000 } else { 120 };
    let length = random.below(most) as usize;
    let mut value = seed.to_le_bytes().to_vec();
    while value.len() < 8 + length {
        value.extend(random.draw().to_le_bytes());
    }
    value.truncate(8 + length);
    value
}

/// That a value is whole, and this key's.
///
/// # Panics
/// If it is not.
pub fn check(number: u32, found: &[u8]) {
    let seed = found.first_chunk().map(|seed| u64::from_le_bytes(*seed));
    assert_eq!(seed.map(|seed| value(number, seed)).as_deref(), Some(found), "key {number}");
}

/// One random operation of a writer.
pub fn write(region: &Region, random: &mut Random) {
    let number = random.below(KEYS);
    let (key, seed) = (key(number), random.draw());
    let hash = region.hash(&key);
    let keep = |ticket| {
        let value = value(number, seed);
        let if_present = if seed % 3 == 0 { IfPresent::Keep } else { IfPresent::Replace };
        let _ = region.insert(hash, &key, &value, u64::MAX, 0, ticket, if_present);
    };
    match random.below(1000) {
        0 => region.clear(),
        1..100 => {
            region.invalidate(hash, &key, 0);
        }
        100..300 => {
            let ticket = region.ticket(hash);
            if let Claim::Leads(_lead) = region.claim(hash) {
                keep(Some(ticket));
            }
        }
        300..500 => keep(Some(region.ticket(hash))),
        _ => keep(None),
    }
}

/// One look-up; whether it hit.
///
/// # Panics
/// If it found another value than one of this key.
pub fn read(region: &Region, random: &mut Random, found: &mut Vec<u8>) -> bool {
    let number = random.below(KEYS);
    let key = key(number);
    let Some(stamp) = region.get(region.hash(&key), &key, 0, found) else { return false };
    check(number, found);
    if region.is_current(&stamp, 0) {
        region.touch(&stamp);
    }
    true
}
