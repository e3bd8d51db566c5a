//! How often keys were asked for lately, roughly: a count-min sketch of 4-bit counters.
//!
//! G. Einziger, R. Friedman, B. Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM
//! Transactions on Storage 2017; the counters of a key stand in one block of 64 bytes, a cache line,
//! as F. Putze, P. Sanders, J. Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007,
//! have it for Bloom filters.
//!
//! A request counts in four counters of its key's block, up to 15; the least of them is the estimate,
//! never below what was counted. Two of them stand in one word, so that a request changes two words. So that the past fades, all counters are halved once in a while.
//! In one go that would make one call wait for the whole table, so a hand goes through the blocks,
//! at each step after as many requests; where two keys are compared and the hand has passed only the
//! block of one, the other's count is taken as halved too.

/// 128 counters.
type Block = [u64; 8];

/// How many entries one block is for: 16 counters each.
const ENTRIES_PER_BLOCK: usize = 8;
/// After how many requests per entry each counter has been halved once.
const PERIOD: usize = 16;
/// The lower three bits of each counter of a word.
const LOWER_BITS: u64 = 0x7777_7777_7777_7777;

/// See the file's head. Keys are hashes of 30 bits, mixed in all of them.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    /// A power of two of them, or none.
    blocks: Vec<Block>,
    /// The next block to be halved.
    hand: usize,
    /// Requests since the hand moved.
    requests: usize,
    /// After how many it moves.
    pace: usize,
}

impl Sketch {
    /// Has a block for each few of `len` entries; `max_size` is how many they will be at most. A
    /// larger table knows all that the smaller one knew.
    #[inline]
    pub(super) fn reach(&mut self, len: usize, max_size: usize) {
        if len > self.blocks.len() * ENTRIES_PER_BLOCK {
            self.grow(max_size);
        }
    }

    #[cold]
    fn grow(&mut self, max_size: usize) {
        if self.blocks.is_empty() {
            self.blocks.push([0; 8]);
        } else {
            // A key's block is chosen by the lowest bits of its hash, and now by one bit more.
            self.blocks.extend_from_within(..);
        }
        let count = self.blocks.len();
        self.pace = (PERIOD * max_size.min(count * ENTRIES_PER_BLOCK) / count).max(1);
        self.hand = 0;
    }

    fn block(&self, key: u32) -> usize {
        key as usize & self.blocks.len().wrapping_sub(1)
    }

    /// Counts a request.
    #[inline]
    pub(super) fn add(&mut self, key: u32) {
        let block = self.block(key);
        let Some(block) = self.blocks.get_mut(block) else { return };
        for Pair { word, first, second } in pairs(key) {
            let word = &mut block[word];
            // The lowest bit of each counter that is 15.
            let pairs_set = *word & *word >> 1;
            let at_most = pairs_set & pairs_set >> 2;
            *word += (1 << first | 1 << second) & !at_most;
        }
        self.requests += 1;
        if self.requests >= self.pace {
            self.halve_one();
        }
    }

    fn halve_one(&mut self) {
        self.requests = 0;
        for word in &mut self.blocks[self.hand] {
            *word = *word >> 1 & LOWER_BITS;
        }
        self.hand = (self.hand + 1) & (self.blocks.len() - 1);
    }

    /// How often a key was asked for lately.
    fn estimate(&self, key: u32) -> u64 {
        let Some(block) = self.blocks.get(self.block(key)) else { return 0 };
        let least = |Pair { word, first, second }| {
            (block[word] >> first & 15).min(block[word] >> second & 15)
        };
        pairs(key).map(least).into_iter().fold(15, u64::min)
    }

    /// Whether the first key was asked for more often than the second.
    pub(super) fn prefers(&self, first: u32, second: u32) -> bool {
        let is_halved = |key| self.block(key) < self.hand;
        let (first_halved, second_halved) = (is_halved(first), is_halved(second));
        let first = self.estimate(first) >> u32::from(second_halved && !first_halved);
        let second = self.estimate(second) >> u32::from(first_halved && !second_halved);
        first > second
    }
}

/// Two of a key's counters: their word in the block, and where in it each begins.
struct Pair {
    word: usize,
    first: u32,
    second: u32,
}

/// One pair in the first four words of the block and one in the others; in a word, one counter of
/// the lower eight and one of the upper.
#[inline]
fn pairs(key: u32) -> [Pair; 2] {
    // The highest bits of the product depend on all of the key's.
    let bits = key.wrapping_mul(0x9E37_79B1) >> 16;
    [0, 1].map(|pair| {
        let bits = bits >> (8 * pair);
        Pair {
            word: (4 * pair + (bits & 3)) as usize,
            first: (bits >> 2 & 7) * 4,
            second: (bits >> 5 & 7) * 4 + 32,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> u32 {
        number.wrapping_mul(0x85EB_CA6B) ^ number.wrapping_mul(0xC2B2_AE35) >> 15
    }

    fn sketch(entries: usize) -> Sketch {
        let mut sketch = Sketch::default();
        while sketch.blocks.len() * ENTRIES_PER_BLOCK < entries {
            sketch.reach(entries, entries);
        }
        sketch
    }

    #[test]
    fn an_empty_sketch_knows_nothing() {
        let mut sketch = Sketch::default();
        sketch.add(1);
        assert_eq!(sketch.estimate(1), 0);
        assert!(!sketch.prefers(1, 2));
    }

    #[test]
    fn an_estimate_is_never_below_the_count_and_mostly_exact() {
        let mut sketch = sketch(1024);
        sketch.pace = usize::MAX;
        let count = |number: u32| number % 20;
        for number in 0..1000 {
            (0..count(number)).for_each(|_| sketch.add(key(number)));
        }
        let mut exact = 0;
        for number in 0..1000 {
            let (estimate, count) =
                (sketch.estimate(key(number)), u64::from(count(number)).min(15));
            assert!(estimate >= count, "{number}: {estimate} for {count}");
            exact += u32::from(estimate == count);
        }
        assert!(exact > 800, "{exact} of 1000 are exact");
    }

    #[test]
    fn growing_keeps_the_counts() {
        let mut small = sketch(8);
        (0..5).for_each(|_| small.add(key(7)));
        small.reach(64, 64);
        assert_eq!((small.blocks.len(), small.estimate(key(7))), (2, 5));
    }

    #[test]
    fn keys_compare_alike_wherever_the_hand_is() {
        let mut sketch = sketch(64);
        sketch.pace = usize::MAX;
        for number in 0..64 {
            let count = if number == 0 { 12 } else { 5 };
            (0..count).for_each(|_| sketch.add(key(number)));
        }
        let before: Vec<_> = (1..64).map(|number| sketch.estimate(key(number))).collect();
        for _ in 0..sketch.blocks.len() {
            for number in 1..64 {
                if before[number as usize - 1] == 5 {
                    assert!(!sketch.prefers(key(number), key(0)), "{number}");
                    assert!(sketch.prefers(key(0), key(number)), "{number}");
                }
            }
            sketch.halve_one();
        }
        assert_eq!(sketch.estimate(key(0)), 6);
    }
}
