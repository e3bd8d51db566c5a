//! `with f.cache_record() as recording:`, the recording of one function.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use pyo3::exceptions::{PyOSError, PyRuntimeError, PyTypeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use warp_cache::simulate;

use super::CallLog;
use super::tape::Tape;
use crate::ffi::callable::{self, function_of};
use crate::simulate::Trace;

/// The longest name of a function that is recorded, in bytes.
const LONGEST_NAME: usize = 1000;

/// The calls of one cached function: what `cache_record()` returns, to be entered once.
#[pyclass(frozen, module = "warp_cache")]
pub(crate) struct Recording {
    /// The decorated function.
    function: Py<PyAny>,
    path: Option<PathBuf>,
    was_entered: AtomicBool,
    /// There from the beginning on.
    tape: OnceLock<Arc<Tape>>,
    /// There from the end on, unless it is in a file.
    trace: OnceLock<Py<Trace>>,
    is_finished: AtomicBool,
}

impl Recording {
    pub(crate) fn new(function: Py<PyAny>, path: Option<PathBuf>) -> Recording {
        Recording {
            function,
            path,
            was_entered: AtomicBool::new(false),
            tape: OnceLock::new(),
            trace: OnceLock::new(),
            is_finished: AtomicBool::new(false),
        }
    }

    /// How many calls are recorded, and how many are lost.
    fn counts(&self, py: Python<'_>) -> (u64, u64) {
        if let Some(log) = log_of(self.function.bind(py)) {
            log.hand_on();
        }
        self.tape.get().map_or((0, 0), |tape| tape.counts())
    }
}

#[pymethods]
impl Recording {
    fn __enter__(slf: PyRef<'_, Self>) -> PyResult<PyRef<'_, Self>> {
        if slf.was_entered.swap(true, Ordering::AcqRel) {
            return Err(PyRuntimeError::new_err(
                "recording: was begun before, and is made once; call cache_record() for another",
            ));
        }
        let tape = match &slf.path {
            None => Tape::in_memory()?,
            Some(path) => Tape::create(path).map_err(|error| os_error(error, path))?,
        };
        let tape = slf.tape.get_or_init(|| Arc::new(tape));
        start(slf.function.bind(slf.py()), tape.clone())?;
        Ok(slf)
    }

    #[pyo3(signature = (*_error))]
    fn __exit__(&self, py: Python<'_>, _error: &Bound<'_, PyTuple>) -> PyResult<()> {
        let function = self.function.bind(py);
        let (Some(tape), Some(log)) = (self.tape.get(), log_of(function)) else { return Ok(()) };
        log.stop(tape, || callable::choose_vectorcall::<false>(function.into()));
        tape.finish();
        tape.warn();
        if let Some(hashes) = tape.take_hashes()? {
            let trace = simulate::Trace { function: log.function.clone(), hashes };
            let _ = self.trace.set(Py::new(py, Trace(trace))?);
        }
        self.is_finished.store(true, Ordering::Release);
        Ok(())
    }

    /// What was recorded to memory; None if it is in a file.
    fn _trace(&self, py: Python<'_>) -> PyResult<Option<Py<Trace>>> {
        if !self.is_finished.load(Ordering::Acquire) {
            return Err(PyRuntimeError::new_err(
                "recording: has not ended; ask for advice behind its with block",
            ));
        }
        Ok(self.trace.get().map(|trace| trace.clone_ref(py)))
    }

    /// The function's name.
    #[getter]
    fn function(&self, py: Python<'_>) -> PyResult<String> {
        name_of(self.function.bind(py))
    }

    /// The file; None if it is in memory.
    #[getter]
    fn path(&self) -> Option<std::ffi::OsString> {
        self.path.clone().map(PathBuf::into_os_string)
    }

    /// How many calls are recorded.
    #[getter]
    fn calls(&self, py: Python<'_>) -> u64 {
        self.counts(py).0
    }

    /// How many calls could not be written.
    #[getter]
    fn lost(&self, py: Python<'_>) -> u64 {
        self.counts(py).1
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (name, calls) = (self.function(py)?, self.calls(py));
        let place = match &self.path {
            Some(path) => format!("in {}", path.display()),
            None => "in memory".to_owned(),
        };
        Ok(format!("<warp_cache recording of {name}, {calls} calls {place}>"))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.function)
    }
}

/// Begins to record a decorated function.
pub(super) fn start(function: &Bound<'_, PyAny>, tape: Arc<Tape>) -> PyResult<()> {
    let Some(cached) = function_of(function.into()) else {
        return Err(PyTypeError::new_err("function: it takes a cached function"));
    };
    let log = match cached.log.get() {
        Some(log) => log,
        None => {
            let description = simulate::Function {
                name: name_of(function)?,
                strategy: cached.store.strategy(),
                max_size: cached.options.max_size,
            };
            cached.log.get_or_init(|| CallLog::new(description))
        }
    };
    log.start(tape, || callable::choose_vectorcall::<true>(function.into()));
    Ok(())
}

fn log_of<'a>(function: &'a Bound<'_, PyAny>) -> Option<&'a Arc<CallLog>> {
    function_of(function.into())?.log.get()
}

/// What a user knows a decorated function by: its module and qualified name, or how it prints.
fn name_of(function: &Bound<'_, PyAny>) -> PyResult<String> {
    let qualified = |function: &Bound<'_, PyAny>| -> PyResult<String> {
        let module = function.getattr("__module__")?.str()?;
        let name = function.getattr("__qualname__")?.str()?;
        Ok(format!("{}:{}", module.to_string_lossy(), name.to_string_lossy()))
    };
    let mut name = qualified(function)
        .or_else(|_| PyResult::Ok(function.repr()?.to_string_lossy().into_owned()))?;
    let end = (0..=LONGEST_NAME.min(name.len())).rev().find(|&end| name.is_char_boundary(end));
    name.truncate(end.unwrap_or(0));
    Ok(name)
}

/// An error as Python raises it for a file.
fn os_error(error: io::Error, path: &std::path::Path) -> PyErr {
    let path = path.to_owned().into_os_string();
    match error.raw_os_error() {
        Some(number) => PyOSError::new_err((number, os_message(&error), path)),
        None => error.into(),
    }
}

/// What the system says, without the number that Rust puts behind it.
fn os_message(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
