//! Which computation waits for which: so that no wait closes a cycle.

use std::collections::{BTreeMap, BTreeSet};

use crate::flight::running::{self, FlightId, Path};
use crate::sync::{LazyLock, Mutex, MutexGuard};

/// The computations that wait, each with those that it waits for: several where its body awaits
/// several futures at once. The caches of a process have one graph, for a cycle may lead through
/// many.
///
/// Only waits are edges. A computation that runs another within itself waits when that one does,
/// and both are on the path that is noted then; so nested flights touch nothing shared, and a
/// flight that has landed leaves no edge behind.
#[derive(Debug, Default)]
struct Graph {
    next: u64,
    /// By the computation that waits and the number of the wait.
    edges: BTreeMap<(FlightId, u64), FlightId>,
}

impl Graph {
    fn global() -> MutexGuard<'static, Graph> {
        static GLOBAL: LazyLock<Mutex<Graph>> = LazyLock::new(|| Mutex::new(Graph::default()));
        LazyLock::force(&GLOBAL).lock().unwrap_or_else(|poison| poison.into_inner())
    }

    /// Whether `flight` is one of the path, or waits for one of it, at however many removes.
    fn reaches(&self, flight: FlightId, path: &[FlightId]) -> bool {
        let mut to_visit = vec![flight];
        let mut seen = BTreeSet::from([flight]);
        while let Some(flight) = to_visit.pop() {
            if path.contains(&flight) {
                return true;
            }
            let edges = self.edges.range((flight, 0)..=(flight, u64::MAX));
            to_visit.extend(edges.map(|(_, &next)| next).filter(|&next| seen.insert(next)));
        }
        false
    }
}

/// The computations of a path wait for a flight as long as this is there.
#[derive(Debug)]
pub(super) struct Waiting {
    path: Path,
    number: u64,
}

impl Waiting {
    /// Notes that what the calling thread computes waits for `flight`; none if that would close a
    /// cycle, as then nobody would ever wake it. A caller that computes nothing is waited for by
    /// nobody, and is not noted.
    pub(super) fn enter(flight: FlightId) -> Option<Waiting> {
        let path = running::path();
        if path.is_empty() {
            return Some(Waiting { path, number: 0 });
        }
        let mut graph = Graph::global();
        if graph.reaches(flight, &path) {
            return None;
        }
        let number = graph.next;
        graph.next += 1;
        graph.edges.extend(path.iter().map(|&waiting| ((waiting, number), flight)));
        Some(Waiting { path, number })
    }

    /// Whether what waits is what the calling thread computes now.
    pub(super) fn is_here(&self) -> bool {
        running::is_path(&self.path)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.path.is_empty() {
            return;
        }
        let mut graph = Graph::global();
        for &waiting in &self.path {
            graph.edges.remove(&(waiting, self.number));
        }
    }
}
