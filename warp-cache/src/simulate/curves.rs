//! Hit ratios by size, one curve for each strategy.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::recording::{Function, Trace};
use super::replay::{replay_in_parts, scales};
use super::sample::Sample;
use crate::key::brought::Brought;
use crate::strategy::Strategy;

/// How many calls are replayed exactly, unless [`Options`] say otherwise; of more, samples are.
pub const EXACT_CALLS: usize = 5_000_000;
/// How many samples there are of each point then, unless [`Options`] say otherwise.
pub const SEEDS: u32 = 5;

/// How many sizes are tried, beside today's, unless [`Options`] name them.
const SIZES: u32 = 10;
/// The smallest of them.
const SMALLEST: usize = 16;

/// What to simulate, and how exactly.
#[derive(Clone, Debug)]
pub struct Options {
    /// The strategies: all, unless some are named. Today's is there in any case.
    pub strategies: Vec<Strategy>,
    /// The sizes. None given: about ten, each by the same factor larger than the one before it,
    /// from 16 to the number of different keys. Today's is there in any case; where that has no
    /// bound, the number of different keys.
    pub sizes: Vec<usize>,
    /// A trace of more calls is simulated by samples.
    pub exact_calls: usize,
    /// How many samples there are for each point then, at least 1.
    pub seeds: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            strategies: Strategy::ALL.to_vec(),
            sizes: Vec::new(),
            exact_calls: EXACT_CALLS,
            seeds: SEEDS,
        }
    }
}

/// How far it is, in calls replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Until now.
    pub done: usize,
    /// In all, about where there are samples.
    pub total: usize,
}

/// A strategy at a size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The strategy.
    pub strategy: Strategy,
    /// The cache's bound.
    pub max_size: usize,
    /// Hits over calls, the first call of each key included; the mean over all samples.
    pub hit_ratio: f64,
    /// How far from that the sample is that is furthest, which is an estimate of the error and no
    /// bound; 0 where it is exact.
    pub error: f64,
}

/// The hit ratios of a trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// The function that was called.
    pub function: Function,
    /// How many calls there were.
    pub calls: usize,
    /// How many different keys: the size of a cache from which nothing has to go.
    pub keys: usize,
    /// The strategies, in the order of their numbers; the function's own is there.
    pub strategies: Vec<Strategy>,
    /// The sizes, rising; the function's own is there, or `keys` where it has no bound.
    pub sizes: Vec<usize>,
    /// Whether samples stand for some of the points.
    pub is_sampled: bool,
    /// Every point: by strategy, and for each by size, in the order of both lists.
    pub points: Vec<Point>,
}

impl Curves {
    /// The point of a strategy at a size, if both were simulated.
    pub fn point(&self, strategy: Strategy, max_size: usize) -> Option<&Point> {
        self.points.iter().find(|at| at.strategy == strategy && at.max_size == max_size)
    }
}

/// Simulates a trace's calls for each strategy and size. `progress` is told every few milliseconds
/// how far it is; None if it breaks off.
///
/// A trace of up to `exact_calls` is replayed as it is; of a longer one, those calls whose keys'
/// hashes fall into a sample, on a cache that is smaller by the same factor (see `sample.rs`), for
/// several seeds, so that these take no longer for more calls. Sizes of a few thousand and less
/// stay exact: their miniatures would be too small. So do MRU and LFU, whose miniatures hit several
/// points more or less often than they do (see [`Policy::SCALES`](crate::strategy::Policy::SCALES)).
///
/// Takes as long as [`replay`](super::replay) for each strategy and each size that is below the
/// number of different keys, and 24 bytes for each key, beside a cache at a time.
pub fn curves(
    trace: &Trace,
    options: &Options,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Option<Curves> {
    let hashes = &trace.hashes[..];
    let calls = hashes.len();
    let keys = count_keys(hashes);
    let strategies = strategies(trace, options);
    let sizes = sizes(trace, options, keys);
    let seeds = options.seeds.max(1);
    let plans: Vec<Plan> = sizes
        .iter()
        .map(|&size| Plan::new(size, calls, keys, options.exact_calls, seeds))
        .collect();
    let replayed = |strategy| plans.iter().map(move |plan| plan.replayed(strategy, calls, seeds));
    let total = strategies.iter().flat_map(|&strategy| replayed(strategy)).sum();
    let mut told = Progress { done: 0, total };
    let mut done = |count: usize| {
        told.done = (told.done + count).min(told.total);
        progress(told)
    };
    let exact = |misses| hit_ratio(misses, calls);
    let mut by_size: Vec<Vec<Point>> = Vec::new();
    for (&max_size, plan) in sizes.iter().zip(&plans) {
        // Hit ratios of each strategy, one for each seed.
        let mut ratios = vec![Vec::new(); strategies.len()];
        let mut replay_those = |those: &dyn Fn(Strategy) -> bool,
                                hashes: &[u64],
                                size: usize,
                                ratio: &dyn Fn(u64) -> f64| {
            let with_ratios = strategies.iter().zip(&mut ratios);
            for (&strategy, ratios) in with_ratios.filter(|(strategy, _)| those(**strategy)) {
                let stats = replay_in_parts(strategy, size, hashes, &mut done)?;
                ratios.push(ratio(stats.misses));
            }
            Some(())
        };
        match plan {
            Plan::Known => ratios.fill(vec![hit_ratio(keys as u64, calls)]),
            Plan::Exact => replay_those(&|_| true, hashes, max_size, &exact)?,
            Plan::Sampled(sample) => {
                for seed in 0..seeds {
                    let ratio = |misses| sample.hit_ratio(misses, calls);
                    let (sample, size) = (sample.of(hashes, seed), sample.max_size(max_size));
                    replay_those(&scales, &sample, size, &ratio)?;
                }
                replay_those(&|strategy| !scales(strategy), hashes, max_size, &exact)?;
            }
        }
        let points = strategies.iter().zip(&ratios);
        by_size.push(points.map(|(&strategy, ratios)| point(strategy, max_size, ratios)).collect());
    }
    let points = (0..strategies.len()).flat_map(|index| by_size.iter().map(move |at| at[index]));
    let points = points.collect();
    let is_sampled = plans.iter().any(|plan| matches!(plan, Plan::Sampled(_)));
    let function = trace.function.clone();
    Some(Curves { function, calls, keys, strategies, sizes, is_sampled, points })
}

/// How a size is simulated.
#[derive(Clone, Copy, Debug)]
enum Plan {
    /// Nothing has to go: every call but the first of each key is a hit, whatever the strategy.
    Known,
    Exact,
    Sampled(Sample),
}

impl Plan {
    fn new(max_size: usize, calls: usize, keys: usize, exact_calls: usize, seeds: u32) -> Plan {
        if max_size >= keys {
            return Plan::Known;
        }
        Sample::new(max_size, calls, exact_calls, seeds).map_or(Plan::Exact, Plan::Sampled)
    }

    /// How many calls are replayed for a strategy.
    fn replayed(self, strategy: Strategy, calls: usize, seeds: u32) -> usize {
        match self {
            Plan::Known => 0,
            Plan::Sampled(sample) if scales(strategy) => sample.calls(calls) * seeds as usize,
            Plan::Exact | Plan::Sampled(_) => calls,
        }
    }
}

/// Hits over calls; 0 without a call.
fn hit_ratio(misses: u64, calls: usize) -> f64 {
    (calls as f64 - misses as f64) / calls.max(1) as f64
}

fn point(strategy: Strategy, max_size: usize, ratios: &[f64]) -> Point {
    let hit_ratio = ratios.iter().sum::<f64>() / ratios.len() as f64;
    let error = ratios.iter().map(|ratio| (ratio - hit_ratio).abs()).fold(0.0, f64::max);
    Point { strategy, max_size, hit_ratio, error }
}

fn strategies(trace: &Trace, options: &Options) -> Vec<Strategy> {
    let is_asked_for = |strategy: &Strategy| {
        options.strategies.contains(strategy) || *strategy == trace.function.strategy
    };
    Strategy::ALL.iter().copied().filter(is_asked_for).collect()
}

fn sizes(trace: &Trace, options: &Options, keys: usize) -> Vec<usize> {
    let mut sizes = if options.sizes.is_empty() { some_sizes(keys) } else { options.sizes.clone() };
    sizes.push(trace.function.max_size.unwrap_or(keys));
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// Up to ten sizes, the largest of which has room for all keys; the others are rounded to two
/// digits, for people.
fn some_sizes(keys: usize) -> Vec<usize> {
    if keys <= SMALLEST {
        return vec![keys];
    }
    let factor = (keys as f64 / SMALLEST as f64).powf(1.0 / f64::from(SIZES - 1));
    let size = |step| {
        let size = SMALLEST as f64 * factor.powf(f64::from(step));
        let unit = 10_f64.powf(size.log10().floor() - 1.0).max(1.0);
        ((size / unit).round() * unit) as usize
    };
    (0..SIZES - 1).map(size).filter(|&size| size < keys).chain([keys]).collect()
}

fn count_keys(hashes: &[u64]) -> usize {
    hashes.iter().copied().collect::<HashSet<u64, Brought>>().len()
}
