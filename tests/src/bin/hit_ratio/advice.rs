//! Whether advice on a trace is what the table of all strategies says.

use std::ops::ControlFlow;
use std::time::Instant;

use warp_cache::Strategy;
use warp_cache::simulate::{Curves, Function, Options, Trace, WORTH, advise, curves};

use super::figures::{Figures, Point};
use super::promises::Replayed;
use super::{Mixing, read};
use std::hash::BuildHasher;
use std::path::Path;

/// The traces that advice is asked on.
const TRACES: [&str; 2] = ["orm-busy", "oltp"];

/// Prints the advice for an LRU of each size that the table has, and returns where it is another.
pub(crate) fn wrong(
    folder: &Path,
    known: &Figures,
    replayed: &Replayed,
) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for name in TRACES {
        let requests = read(&folder.join(format!("{name}.u32.zst")))?;
        let hashes: Vec<u64> =
            requests.iter().map(|request| Mixing::default().hash_one(request)).collect();
        let points = known.points.iter().enumerate().filter(|(_, point)| point.trace == name);
        for (index, point) in points {
            let function = Function {
                name: name.to_owned(),
                strategy: Strategy::Lru,
                max_size: Some(point.size),
            };
            let trace = Trace { function, hashes: hashes.clone() };
            let start = Instant::now();
            let curves = curves(&trace, &Options::default(), &mut |_| ControlFlow::Continue(()));
            let curves = curves.expect("it is not cancelled");
            let seconds = start.elapsed().as_secs_f64();
            let advice = advise(&curves);
            println!(
                "{name} at {}: {advice} ({} sizes in {seconds:.0} s)",
                point.size,
                curves.sizes.len()
            );
            wrong.extend(compare(&curves, index, point, replayed));
        }
    }
    Ok(wrong)
}

/// What is wrong with the strategy advised for a size: it has to have as many hits as the best in the
/// table, by chance; where that is not worth a change, LRU stays.
fn compare(curves: &Curves, index: usize, point: &Point, replayed: &Replayed) -> Option<String> {
    let share = |strategy| replayed.hits(strategy, index) as f64 / point.requests as f64;
    let best = Strategy::ALL.iter().copied().max_by_key(|&at| replayed.hits(at, index))?;
    let advised = advise(curves).recommended.strategy;
    let chance = 0.5 / (point.requests as f64).sqrt();
    let may_stay = advised == Strategy::Lru && share(best) - share(advised) < WORTH;
    (share(best) - share(advised) >= chance && !may_stay).then(|| {
        format!("{advised} is advised for {} at {}, {best} is best", point.trace, point.size)
    })
}
