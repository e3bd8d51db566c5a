//! Which window is best: miniatures of several, asked for a sample of the keys, and their hit ratios
//! compared.
//!
//! A cache of 16384 entries and more is sampled by its keys alone: each miniature has 1/64 of its
//! entries, and 1/64 of the keys is asked for there. In smaller ones a miniature has 256 entries, or
//! all of them, and so large a share of the keys would cost more than the cache itself. So they are
//! sampled in time too: the miniatures follow the requests in bursts, after a long one at the start,
//! and rest between, so that in the long run one request in 16 is for them. A burst begins with a
//! part that only warms them up. While nothing has to go there is nothing to find out: without an
//! eviction for as many requests as the cache has entries, twice, they rest until there is one.

use super::super::segments::NOTE_BITS;
use super::miniature::Miniature;
use super::sketch::Sketch;

/// The windows tried, in percent of the entries.
const WINDOWS: [usize; 5] = [1, 10, 30, 60, 100];
/// The window to begin with, of those.
const FIRST: usize = 1;

/// The share of the entries that a miniature has: one in so many.
const SHARE: usize = 64;
/// How many entries a miniature has at least, if the cache has as many.
const SMALLEST: usize = 256;
/// The share of the requests that reaches the miniatures in the long run: one in so many.
const PACE: usize = 16;

/// How long the first burst is, each of the others, and their beginning that is not counted: in
/// requests per entry of a miniature.
const FIRST_BURST: usize = 25;
const BURST: usize = 4;
const WARM_UP: usize = 1;
/// After how many requests without an eviction there is nothing to find out, in the same measure.
const IDLE: usize = 2;

/// How much of a hit ratio comes from the last round, of as many requests as a miniature has entries.
const SMOOTHING: f64 = 0.03;
/// By how much a hit ratio has to be ahead.
const MARGIN: f64 = 0.002;

/// How long the miniatures rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// For so many requests for sampled keys.
    Requests(usize),
    /// Until an entry has to go.
    UntilEviction,
}

impl Default for Pause {
    fn default() -> Self {
        Pause::Requests(0)
    }
}

/// The miniatures and their hit ratios.
#[derive(Debug)]
pub(super) struct Chooser {
    miniatures: [Miniature; 5],
    /// How many entries each has.
    size: usize,
    /// How many requests for sampled keys pass between two bursts.
    pause: usize,
    /// How many requests are left of the burst.
    left: usize,
    /// How many of these are not counted.
    uncounted: usize,
    /// How many requests were followed since the last eviction.
    idle: usize,
    /// How many requests were counted in this round.
    requests: usize,
    /// How many of them were hits.
    hits: [usize; 5],
    /// The hit ratios, smoothed; none before the first round has ended.
    ratios: Option<[f64; 5]>,
    chosen: usize,
}

/// How many entries a miniature of a cache has.
fn size_of_miniature(max_size: usize) -> usize {
    (max_size / SHARE).max(SMALLEST).min(max_size)
}

/// The last of the keys, which are evenly distributed, that a cache's miniatures are asked for.
pub(super) fn last_sampled(max_size: usize) -> u32 {
    let share = size_of_miniature(max_size) as f64 / max_size as f64;
    (share * f64::from((1_u32 << NOTE_BITS) - 1)) as u32
}

/// The window that a cache begins with, in percent.
pub(super) fn first_window() -> usize {
    WINDOWS[FIRST]
}

impl Chooser {
    pub(super) fn new(max_size: usize) -> Self {
        let size = size_of_miniature(max_size);
        let burst = BURST * size;
        // A sample that is small enough is followed all the time.
        let is_large = size * PACE > max_size;
        let pause = if is_large { burst * size * PACE / max_size - burst } else { 0 };
        Chooser {
            miniatures: WINDOWS.map(|percent| Miniature::new(size, percent)),
            size,
            pause,
            left: FIRST_BURST * size,
            uncounted: 0,
            idle: 0,
            requests: 0,
            hits: [0; 5],
            ratios: None,
            chosen: FIRST,
        }
    }

    /// Follows a request for a sampled key; the new window, in percent, if another one has turned
    /// out to be better.
    #[inline]
    pub(super) fn follow(&mut self, key: u32, sketch: &Sketch) -> Option<usize> {
        let counts = self.uncounted == 0;
        for (miniature, hits) in self.miniatures.iter_mut().zip(&mut self.hits) {
            *hits += usize::from(miniature.request(key, sketch) && counts);
        }
        self.left = self.left.saturating_sub(1);
        self.uncounted = self.uncounted.saturating_sub(1);
        self.requests += usize::from(counts);
        if self.requests < self.size { None } else { self.compare() }
    }

    /// How long to rest before the next request. `has_evicted` says whether an entry had to go
    /// since this was asked.
    #[inline]
    pub(super) fn rest(&mut self, has_evicted: bool) -> Pause {
        self.idle = if has_evicted { 0 } else { self.idle + 1 };
        if self.idle >= IDLE * self.size {
            self.idle = 0;
            self.uncounted = WARM_UP * self.size;
            return Pause::UntilEviction;
        }
        if self.left > 0 {
            return Pause::default();
        }
        self.left = BURST * self.size;
        self.uncounted = if self.pause == 0 { 0 } else { WARM_UP * self.size };
        Pause::Requests(self.pause)
    }

    /// Ends a round.
    fn compare(&mut self) -> Option<usize> {
        let requests = self.requests as f64;
        let round = self.hits.map(|hits| hits as f64 / requests);
        let ratios = self.ratios.get_or_insert(round);
        for (ratio, latest) in ratios.iter_mut().zip(round) {
            *ratio += SMOOTHING * (latest - *ratio);
        }
        (self.requests, self.hits) = (0, [0; 5]);
        let mut best = self.chosen;
        for (index, ratio) in ratios.iter().enumerate() {
            if *ratio > ratios[best] {
                best = index;
            }
        }
        if ratios[best] <= ratios[self.chosen] + MARGIN {
            return None;
        }
        self.chosen = best;
        Some(WINDOWS[best])
    }

    pub(super) fn validate(&self) {
        self.miniatures.iter().for_each(Miniature::validate);
    }
}
