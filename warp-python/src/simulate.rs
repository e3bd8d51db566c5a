//! Recorded calls, read and replayed: what the facade's `advise` stands on. Strategies are numbers
//! here, as everywhere below the facade.

use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use warp_cache::Strategy;
use warp_cache::simulate::{self, Advice, Choice, Function, Options, Progress, Recording, Verdict};

/// How often a long simulation looks for signals, and tells how far it is.
const TELL: Duration = Duration::from_millis(50);

/// The calls of one function, as hashes of their keys.
#[pyclass(frozen, module = "warp_cache._warp_cache")]
pub(crate) struct Trace(pub(crate) simulate::Trace);

#[pymethods]
impl Trace {
    /// Of hashes that are well mixed in all bits.
    #[new]
    fn new(
        name: String,
        strategy: usize,
        max_size: Option<usize>,
        hashes: Vec<u64>,
    ) -> PyResult<Self> {
        let function = Function { name, strategy: numbered(strategy)?, max_size };
        Ok(Trace(simulate::Trace { function, hashes }))
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.function.name
    }

    #[getter]
    fn strategy(&self) -> usize {
        self.0.function.strategy as usize
    }

    #[getter]
    fn max_size(&self) -> Option<usize> {
        self.0.function.max_size
    }

    /// How many calls there are.
    fn __len__(&self) -> usize {
        self.0.hashes.len()
    }

    /// Hits, misses and evictions of an empty cache that is asked for all of it.
    fn replay(
        &self,
        py: Python<'_>,
        strategy: usize,
        max_size: usize,
    ) -> PyResult<(u64, u64, u64)> {
        let strategy = numbered(strategy)?;
        let stats = py.detach(|| simulate::replay(strategy, max_size, &self.0.hashes));
        Ok((stats.hits, stats.misses, stats.evictions))
    }

    /// Simulates strategies and sizes; what is None is as the engine chooses. `progress` is called
    /// with the calls replayed and those in all, some twenty times a second. What it raises ends
    /// the simulation, as a signal does.
    #[pyo3(signature = (*, strategies=None, sizes=None, exact_calls=None, seeds=None, progress=None))]
    fn curves(
        &self,
        py: Python<'_>,
        strategies: Option<Vec<usize>>,
        sizes: Option<Vec<usize>>,
        exact_calls: Option<usize>,
        seeds: Option<u32>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Curves> {
        let mut options = Options { sizes: sizes.unwrap_or_default(), ..Options::default() };
        if let Some(strategies) = strategies {
            options.strategies = strategies.into_iter().map(numbered).collect::<PyResult<_>>()?;
        }
        options.exact_calls = exact_calls.unwrap_or(options.exact_calls);
        options.seeds = seeds.unwrap_or(options.seeds);
        let mut watch = Watch { progress, told: Instant::now(), outcome: Ok(()) };
        let curves =
            py.detach(|| simulate::curves(&self.0, &options, &mut |progress| watch.tell(progress)));
        watch.outcome?;
        curves.map(Curves).ok_or_else(|| PyValueError::new_err("the simulation was broken off"))
    }
}

/// Who is told how far a simulation is, and what came of it.
struct Watch {
    progress: Option<Py<PyAny>>,
    told: Instant,
    outcome: PyResult<()>,
}

impl Watch {
    fn tell(&mut self, Progress { done, total }: Progress) -> ControlFlow<()> {
        if self.told.elapsed() < TELL && done < total {
            return ControlFlow::Continue(());
        }
        self.outcome = Python::attach(|py| {
            py.check_signals()?;
            self.progress.iter().try_for_each(|call| call.call1(py, (done, total)).map(drop))
        });
        self.told = Instant::now();
        if self.outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// The hit ratios of a trace by strategy and size.
#[pyclass(frozen, module = "warp_cache._warp_cache")]
pub(crate) struct Curves(simulate::Curves);

#[pymethods]
impl Curves {
    #[getter]
    fn calls(&self) -> usize {
        self.0.calls
    }

    /// How many different ones there are.
    #[getter]
    fn keys(&self) -> usize {
        self.0.keys
    }

    #[getter]
    fn is_sampled(&self) -> bool {
        self.0.is_sampled
    }

    /// Strategy, size, hit ratio and what is uncertain of it, by strategy and then by size.
    #[getter]
    fn points(&self) -> Vec<(usize, usize, f64, f64)> {
        let tuple = |point: &simulate::Point| {
            (point.strategy as usize, point.max_size, point.hit_ratio, point.error)
        };
        self.0.points.iter().map(tuple).collect()
    }

    /// What to take, as a dict, with the sentences that say it.
    fn advice<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let advice = simulate::advise(&self.0);
        let sentence = advice.to_string();
        let Advice { calls, keys, highest, verdict, today, recommended, with_more_room, smaller } =
            advice;
        let dict = PyDict::new(py);
        dict.set_item("calls", calls)?;
        dict.set_item("keys", keys)?;
        dict.set_item("highest", highest)?;
        dict.set_item("verdict", word(verdict))?;
        dict.set_item("today", choice(py, today)?)?;
        dict.set_item("recommended", choice(py, recommended)?)?;
        for (name, may_be) in [("with_more_room", with_more_room), ("smaller", smaller)] {
            dict.set_item(name, may_be.map(|may_be| choice(py, may_be)).transpose()?)?;
        }
        dict.set_item("sentence", sentence)?;
        Ok(dict)
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::TooFewCalls => "too few calls",
        Verdict::NothingRepeats => "nothing repeats",
        Verdict::Keep => "keep",
        Verdict::Change => "change",
    }
}

fn choice(py: Python<'_>, choice: Choice) -> PyResult<Bound<'_, PyDict>> {
    let Choice { strategy, max_size, hit_ratio, error } = choice;
    let dict = PyDict::new(py);
    dict.set_item("strategy", strategy as usize)?;
    dict.set_item("max_size", max_size)?;
    dict.set_item("hit_ratio", hit_ratio)?;
    dict.set_item("error", error)?;
    Ok(dict)
}

/// Reads a recording from a file. A truncated or damaged one is refused, or with `partial` what is
/// intact is returned with the sentence that says what is wrong.
#[pyfunction]
#[pyo3(signature = (path, *, partial=false))]
pub(crate) fn open_recording(
    py: Python<'_>,
    path: PathBuf,
    partial: bool,
) -> PyResult<(Vec<Trace>, Option<String>)> {
    let (recording, error) = py.detach(|| Recording::salvage(&path)).map_err(raised)?;
    match error {
        Some(error) if !partial => Err(raised(error)),
        error => Ok((traces(recording), error.map(|error| error.to_string()))),
    }
}

/// Reads a recording that is in memory; errors call it `name`.
#[pyfunction]
pub(crate) fn read_recording(py: Python<'_>, bytes: &[u8], name: &str) -> PyResult<Vec<Trace>> {
    py.detach(|| Recording::read(bytes, name)).map(traces).map_err(raised)
}

fn traces(recording: Recording) -> Vec<Trace> {
    recording.traces.into_iter().map(Trace).collect()
}

fn numbered(strategy: usize) -> PyResult<Strategy> {
    let known = Strategy::ALL.get(strategy).copied();
    known.ok_or_else(|| PyValueError::new_err(format!("strategy: there is no strategy {strategy}")))
}

/// The engine's sentence as the exception that fits it.
fn raised(error: io::Error) -> PyErr {
    match error.kind() {
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
            PyValueError::new_err(error.to_string())
        }
        _ => error.into(),
    }
}
