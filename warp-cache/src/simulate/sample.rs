//! A small part of the calls that stands for all of them: those of some keys, chosen by their
//! hashes, on a cache that is smaller by the same factor.
//!
//! C. Waldspurger, N. Park, A. Garthwaite, I. Ahmad, "Efficient MRC Construction with SHARDS", FAST
//! 2015; C. Waldspurger, T. Saemundsson, I. Ahmad, N. Park, "Cache Modeling and Optimization using
//! Miniature Simulations", USENIX ATC 2017.
//!
//! The miniature's misses are taken as its share of all misses, and not its hit ratio as the hit
//! ratio: whether the few keys that are asked for most are in the sample changes how many calls it
//! has, and hardly how many misses (SHARDS-adj).

/// How many entries a miniature has at least: with fewer, the parts into which some strategies
/// divide their entries are too small to be what they are in a large cache.
const SMALLEST: usize = 1024;

/// How a size is simulated by samples: each with this share of the keys and of the entries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    share: f64,
}

impl Sample {
    /// The samples for a cache of `max_size` that is asked `calls` times, `exact` of which would be
    /// replayed exactly; none where `seeds` samples would take as long as all calls.
    pub(super) fn new(max_size: usize, calls: usize, exact: usize, seeds: u32) -> Option<Sample> {
        let share = exact as f64 / (f64::from(seeds) * calls as f64);
        let share = share.max(SMALLEST as f64 / max_size as f64);
        (calls > exact && share * f64::from(seeds) < 1.0).then_some(Sample { share })
    }

    /// How many calls the sample of one seed has, about.
    pub(super) fn calls(self, calls: usize) -> usize {
        (self.share * calls as f64) as usize
    }

    /// The calls of one seed's sample.
    pub(super) fn of(self, hashes: &[u64], seed: u32) -> Vec<u64> {
        let last = (self.share * u64::MAX as f64) as u64;
        let mut sample = Vec::with_capacity(self.calls(hashes.len()));
        sample.extend(hashes.iter().copied().filter(|&hash| scatter(hash, seed) <= last));
        sample
    }

    /// The bound of a miniature.
    pub(super) fn max_size(self, max_size: usize) -> usize {
        (self.share * max_size as f64).round() as usize
    }

    /// The hit ratio of `calls` calls, a miniature of which had so many misses.
    pub(super) fn hit_ratio(self, misses: u64, calls: usize) -> f64 {
        (1.0 - misses as f64 / (self.share * calls as f64)).max(0.0)
    }
}

/// Another hash for each seed: the finalizer of splitmix64, by G. Steele, D. Lea, C. Flood, "Fast
/// Splittable Pseudorandom Number Generators", 2014.
fn scatter(hash: u64, seed: u32) -> u64 {
    let mut hash = hash ^ (u64::from(seed) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    hash = (hash ^ hash >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ hash >> 31
}
