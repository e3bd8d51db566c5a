//! What to take, of what was simulated.

use std::fmt;

use super::curves::{Curves, Point};
use crate::strategy::Strategy;

/// Of fewer calls nothing is said.
pub const LEAST_CALLS: usize = 1000;
/// What another strategy has to gain to be worth a change: this share of all calls.
pub const WORTH: f64 = 0.005;
/// A size is enough if it hits this share of what room for all keys would hit.
pub const ENOUGH: f64 = 0.95;

/// A strategy and a bound, and what they come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// The strategy.
    pub strategy: Strategy,
    /// The bound, if there is one.
    pub max_size: Option<usize>,
    /// Hits over calls.
    pub hit_ratio: f64,
    /// How far from that it may be, by the samples; 0 where it is exact.
    pub error: f64,
}

/// What the advice comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There are fewer than [`LEAST_CALLS`].
    TooFewCalls,
    /// Hardly any call was made twice: no cache would help.
    NothingRepeats,
    /// No other strategy is worth a change. More room may be: see [`Advice::with_more_room`].
    Keep,
    /// Another strategy is better at today's `max_size`.
    Change,
}

/// Which strategy and `max_size` to take. Prints as sentences.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// How many calls it stands on.
    pub calls: usize,
    /// How many different keys they had.
    pub keys: usize,
    /// The hit ratio with room for all of them.
    pub highest: f64,
    /// What it comes to.
    pub verdict: Verdict,
    /// What the function has.
    pub today: Choice,
    /// The strategy to take with today's `max_size`, which costs no more entries; `today`, if none
    /// gains enough or nothing can be said.
    pub recommended: Choice,
    /// The strategy and the larger `max_size` to take if there is room for more, if they gain enough
    /// over `recommended`.
    pub with_more_room: Option<Choice>,
    /// The smallest size that hits as often as today's does, if a smaller one does and today's hits
    /// at all.
    pub smaller: Option<Choice>,
}

/// Says which strategy and `max_size` the function should have, of those of the curves.
///
/// * **Recommended** is the strategy with the highest hit ratio at today's `max_size`. Today's stays
///   unless another one gains [`WORTH`]; of several that are alike, the first in [`Strategy::ALL`]
///   is taken, which begins with the plain ones.
/// * **With more room** it is the smallest of the sizes that is [`ENOUGH`], with the strategy that is
///   best there: if that is larger than today's, and gains `WORTH`.
///
/// Two hit ratios are alike if they differ by less than 1 / (2 sqrt(calls)), which is the most that
/// the standard error of a share of so many calls can be, and what is uncertain of each.
pub fn advise(curves: &Curves) -> Advice {
    let (calls, keys) = (curves.calls, curves.keys);
    let max_size = curves.function.max_size;
    let size = max_size.unwrap_or(keys);
    let is_here = |point: Point| Choice { max_size, ..point.into() };
    let today = curves.point(curves.function.strategy, size).copied().map_or(
        Choice { strategy: curves.function.strategy, max_size, hit_ratio: 0.0, error: 0.0 },
        is_here,
    );
    let nothing = Advice {
        calls,
        keys,
        highest: curves.highest(),
        verdict: Verdict::Keep,
        today,
        recommended: today,
        with_more_room: None,
        smaller: None,
    };
    if calls < LEAST_CALLS {
        return Advice { verdict: Verdict::TooFewCalls, ..nothing };
    }
    if curves.highest() < chance(calls) {
        return Advice { verdict: Verdict::NothingRepeats, ..nothing };
    }
    let recommended = curves.best(size).map_or(today, is_here);
    let more = curves.enough().filter(|point| point.max_size > size).map(Choice::from);
    let with_more_room = more.filter(|more| more.hit_ratio - recommended.hit_ratio >= WORTH);
    let hits_at_all = today.hit_ratio > chance(calls);
    let smaller = curves.as_good_as(today, size.min(keys)).filter(|_| hits_at_all);
    let smaller = smaller.map(Choice::from);
    let verdict = if recommended == today { Verdict::Keep } else { Verdict::Change };
    Advice { verdict, recommended, with_more_room, smaller, ..nothing }
}

/// The most that the standard error of a share of so many calls can be.
fn chance(calls: usize) -> f64 {
    0.5 / (calls.max(1) as f64).sqrt()
}

impl From<Point> for Choice {
    fn from(point: Point) -> Self {
        let Point { strategy, max_size, hit_ratio, error } = point;
        Choice { strategy, max_size: Some(max_size), hit_ratio, error }
    }
}

impl Curves {
    /// The hit ratio with room for all keys.
    fn highest(&self) -> f64 {
        1.0 - self.keys as f64 / self.calls.max(1) as f64
    }

    fn at(&self, max_size: usize) -> impl Iterator<Item = Point> {
        self.points.iter().copied().filter(move |point| point.max_size == max_size)
    }

    /// The strategy to take for a size.
    fn best(&self, max_size: usize) -> Option<Point> {
        let top = self.at(max_size).max_by(|a, b| a.hit_ratio.total_cmp(&b.hit_ratio))?;
        let alike = |point: &Point| chance(self.calls) + point.error + top.error;
        let today = self.point(self.function.strategy, max_size).copied();
        let stays = |today: &Point| top.hit_ratio - today.hit_ratio < WORTH.max(alike(today));
        let is_first = |point: &Point| top.hit_ratio - point.hit_ratio < alike(point);
        today.filter(stays).or_else(|| self.at(max_size).find(is_first))
    }

    /// The smallest size that is enough, and the strategy to take for it.
    fn enough(&self) -> Option<Point> {
        let is_enough = |point: &Point| point.hit_ratio >= ENOUGH * self.highest();
        let size = self.sizes.iter().find(|&&size| self.at(size).any(|point| is_enough(&point)))?;
        self.best(*size)
    }

    /// The smallest size below `size` at which a strategy hits as often as `today` does.
    fn as_good_as(&self, today: Choice, size: usize) -> Option<Point> {
        let smaller = self.sizes.iter().filter(|&&smaller| smaller < size);
        let mut best = smaller.filter_map(|&smaller| self.best(smaller));
        best.find(|point| {
            today.hit_ratio - point.hit_ratio < chance(self.calls) + point.error + today.error
        })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.max_size {
            Some(max_size) => write!(f, "{} with max_size {max_size}", self.strategy),
            None => write!(f, "{} without a bound", self.strategy),
        }
    }
}

/// In percent, with what is uncertain of it.
struct Percent(f64, f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Percent(ratio, 0.0) => write!(f, "{:.1} %", 100.0 * ratio),
            Percent(ratio, error) => write!(f, "{:.1} ± {:.1} %", 100.0 * ratio, 100.0 * error),
        }
    }
}

impl Choice {
    fn percent(&self) -> Percent {
        Percent(self.hit_ratio, self.error)
    }

    /// How many more of a hundred calls it hits than another does.
    fn gain_over(&self, other: &Choice) -> f64 {
        100.0 * (self.hit_ratio - other.hit_ratio)
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Advice { calls, keys, highest, verdict, today, recommended, with_more_room, smaller } =
            self;
        match verdict {
            Verdict::TooFewCalls => {
                return write!(
                    f,
                    "{calls} calls are too few to tell: record {LEAST_CALLS} or more."
                );
            }
            Verdict::NothingRepeats => {
                return write!(
                    f,
                    "No cache would help: {calls} calls had {keys} different keys, so that hardly \
                     any was made twice."
                );
            }
            Verdict::Keep | Verdict::Change => {}
        }
        let has_room = today.max_size.is_none_or(|size| size >= *keys);
        let (hits, gain) = (recommended.percent(), recommended.gain_over(today));
        if *verdict == Verdict::Change {
            let (before, hit) = (today.strategy, today.percent());
            write!(f, "Take {recommended}: it would hit {hits} of the calls, ")?;
            write!(f, "{gain:.1} points more than {before} does today ({hit}).")?;
        } else if has_room {
            write!(f, "Keep {today}: it hits {hits} of the calls, with room for all {keys} keys.")?;
        } else {
            write!(f, "Keep {today}: it hits {hits} of the calls, and no strategy much more.")?;
        }
        if let Some(more) = with_more_room {
            let (hits, gain) = (more.percent(), more.gain_over(today));
            write!(f, " If there is room for more, take {more}: it would hit {hits}, ")?;
            write!(f, "{gain:.1} points more than today.")?;
        }
        let largest = with_more_room.unwrap_or(*recommended);
        if !has_room && largest.max_size.is_some_and(|size| size < *keys) {
            let hits = Percent(*highest, 0.0);
            write!(f, " Room for all {keys} keys would hit {hits}.")?;
        }
        if let Some(smaller) = smaller {
            write!(f, " As many hits as today need no more than {smaller}.")?;
        }
        Ok(())
    }
}
