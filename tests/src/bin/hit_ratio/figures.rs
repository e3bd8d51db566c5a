//! What is known of the traces: hits by trace, size and policy, as the files beside them have it.

use std::collections::BTreeMap;

/// A trace and a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    /// The trace's name.
    pub(crate) trace: String,
    /// How many entries the cache has.
    pub(crate) size: usize,
    /// How many requests the trace has.
    pub(crate) requests: usize,
}

impl Point {
    /// Whether the trace was recorded, and not made up or put together.
    pub(crate) fn is_natural(&self) -> bool {
        !["loop", "2_pools"].contains(&&*self.trace) && !self.trace.starts_with("stress")
    }

    /// Hits in percent of the requests.
    pub(crate) fn percent(&self, hits: usize) -> f64 {
        100.0 * hits as f64 / self.requests as f64
    }
}

/// The points, and what is known of each by policy: the hits, in the order of the points.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Every point, sizes of one trace together.
    pub(crate) points: Vec<Point>,
    hits: BTreeMap<String, BTreeMap<usize, usize>>,
}

impl Figures {
    /// Adds the lines of a file: trace, size, policy, hits and requests, after a line of titles.
    pub(crate) fn read(&mut self, text: &str) -> Result<(), String> {
        for line in text.lines().skip(1) {
            let fields: Vec<_> = line.split('\t').collect();
            let wrong = || format!("no figures: {line}");
            let &[trace, size, policy, hits, requests] = &fields[..] else { return Err(wrong()) };
            let number = |field: &str| field.parse::<usize>().map_err(|_| wrong());
            let point =
                Point { trace: trace.to_owned(), size: number(size)?, requests: number(requests)? };
            let index = self.points.iter().position(|known| *known == point).unwrap_or_else(|| {
                self.points.push(point);
                self.points.len() - 1
            });
            self.hits.entry(policy.to_owned()).or_default().insert(index, number(hits)?);
        }
        Ok(())
    }

    /// The policies, by name.
    pub(crate) fn policies(&self) -> impl Iterator<Item = &str> {
        self.hits.keys().map(String::as_str)
    }

    /// How many hits a policy is known to have at a point.
    pub(crate) fn hits(&self, policy: &str, point: usize) -> Option<usize> {
        self.hits.get(policy)?.get(&point).copied()
    }

    /// The means of a policy's hit ratios, over all points and over the natural ones; `hits` says
    /// how many it has at each.
    pub(crate) fn means(&self, hits: impl Fn(usize) -> Option<usize>) -> [f64; 2] {
        let mean = |natural_only: bool| {
            let points = self.points.iter().enumerate();
            let ratios: Vec<_> = points
                .filter(|(_, point)| !natural_only || point.is_natural())
                .filter_map(|(index, point)| Some(point.percent(hits(index)?)))
                .collect();
            ratios.iter().sum::<f64>() / ratios.len() as f64
        };
        [mean(false), mean(true)]
    }
}
