//! The recording of a whole program, every decorated function of it: `WARP_CACHE_RECORD=path`.
//!
//! The process that is started with the variable records to the path; each that it forks or starts
//! to the path with the process's number behind it, so that no two write to one file. What is
//! decorated is recorded from its first call on.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use pyo3::prelude::*;

use super::recording::start;
use super::{live_logs, tape::Tape};

static PROGRAM: OnceLock<Arc<Tape>> = OnceLock::new();

/// Records what is decorated from now on; `is_first` in the process that has the path for itself.
#[pyfunction]
pub(crate) fn _record_program(path: PathBuf, is_first: bool) {
    // There is one variable, and one import of the package.
    let _ = PROGRAM.set(Arc::new(Tape::of_processes(&path, is_first)));
}

/// Records a function that has just been decorated, if the program is recorded.
#[pyfunction]
pub(crate) fn _record_decorated(function: &Bound<'_, PyAny>) -> PyResult<()> {
    let Some(tape) = PROGRAM.get() else { return Ok(()) };
    tape.open_first();
    tape.warn();
    start(function, tape.clone())
}

/// Ends the recording of the program, when it exits.
#[pyfunction]
pub(crate) fn _finish_program() {
    if let Some(tape) = PROGRAM.get() {
        live_logs().iter().for_each(|log| log.hand_on());
        tape.finish();
        tape.warn();
    }
}

/// In a child process, leaves the parent's file to it.
pub(super) fn forked() {
    if let Some(tape) = PROGRAM.get() {
        tape.forked();
    }
}
