//! What the hits are held against: the truth, count for count, where a strategy has one definition;
//! another's figures, nearly, where it has not; and what ADAPTIVE promises.

use std::collections::BTreeMap;

use warp_cache::Strategy;

use super::figures::Figures;

/// Strategies of which another's figures are known, and by how many percent of the requests ours
/// may differ.
const NEARLY: [(Strategy, &str, f64); 2] =
    [(Strategy::S3Fifo, "s3-fifo (SOSP23 algorithm 1)", 0.1), (Strategy::Lirs, "lirs", 1.0)];

/// The means of ADAPTIVE, over all points and over the natural ones.
const MEANS: [f64; 2] = [45.3, 43.7];
/// How far it may be below the best of the other strategies at any point.
const BEHIND: f64 = 5.1;

/// How many hits each strategy had, point by point.
#[derive(Debug, Default)]
pub(crate) struct Replayed(BTreeMap<&'static str, Vec<usize>>);

impl Replayed {
    /// Adds the next point's hits.
    pub(crate) fn push(&mut self, strategy: Strategy, hits: usize) {
        self.0.entry(strategy.name()).or_default().push(hits);
    }

    /// The hits at a point.
    pub(crate) fn hits(&self, strategy: Strategy, point: usize) -> usize {
        self.0[strategy.name()][point]
    }
}

/// What is not as it should be.
pub(crate) fn broken(known: &Figures, others: &Figures, replayed: &Replayed) -> Vec<String> {
    let mut broken = Vec::new();
    for policy in known.policies() {
        let name = if policy == "2q" { "two_q" } else { policy };
        // The others are bounds, not strategies.
        let Ok(strategy) = name.parse::<Strategy>() else { continue };
        let mut exact = 0;
        for (index, point) in known.points.iter().enumerate() {
            let hits = replayed.hits(strategy, index);
            match known.hits(policy, index) {
                Some(truth) if truth == hits => exact += 1,
                Some(truth) => broken.push(format!(
                    "{strategy}: {hits} hits, and {truth} are true, for {} at {}",
                    point.trace, point.size
                )),
                None => {}
            }
        }
        println!("{strategy} is exact at {exact} points");
    }
    for (strategy, policy, most) in NEARLY {
        let mut furthest = (0.0, String::new());
        for (index, point) in others.points.iter().enumerate() {
            let Some(hits) = others.hits(policy, index) else { continue };
            // The files name the points in orders of their own.
            let Some(ours) = known.points.iter().position(|known| known == point) else { continue };
            let ours = point.percent(replayed.hits(strategy, ours));
            let off = ours - point.percent(hits);
            let place = format!("{} at {}", point.trace, point.size);
            if off.abs() > most {
                broken.push(format!("{strategy} is {off:+.2} off the reference for {place}"));
            }
            if off.abs() > f64::abs(furthest.0) {
                furthest = (off, place);
            }
        }
        println!("{strategy} is {:+.2} off the reference at most, {}", furthest.0, furthest.1);
    }
    broken.extend(adaptive(known, replayed));
    broken
}

fn adaptive(known: &Figures, replayed: &Replayed) -> Vec<String> {
    let ours = |point| replayed.hits(Strategy::Adaptive, point);
    let mut broken = Vec::new();
    let mut furthest = (0.0, String::new());
    for (index, point) in known.points.iter().enumerate() {
        let others = Strategy::ALL.iter().filter(|strategy| **strategy != Strategy::Adaptive);
        let best = others.max_by_key(|strategy| replayed.hits(**strategy, index));
        let Some(&best) = best else { continue };
        let behind = point.percent(replayed.hits(best, index)) - point.percent(ours(index));
        if behind > furthest.0 {
            furthest = (behind, format!("{best} for {} at {}", point.trace, point.size));
        }
    }
    let (behind, place) = furthest;
    println!("{} is {behind:.2} behind at most, behind {place}", Strategy::Adaptive);
    if behind > BEHIND {
        broken.push(format!("{} is {behind:.2} behind {place}", Strategy::Adaptive));
    }
    for (mean, promised) in known.means(|point| Some(ours(point))).into_iter().zip(MEANS) {
        if mean < promised {
            broken.push(format!("{}'s mean is {mean:.2} of {promised}", Strategy::Adaptive));
        }
    }
    broken
}
