//! A claim that a task of asyncio holds, or waits for.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use warp_cache::shm::{self, Held};

use super::Shared;
use crate::ffi::callable::function_of;

/// The claim of a key's computation among all processes: `with call.claim() as claim`. It is given
/// back at the end, whatever happens.
#[pyclass(frozen, module = "warp_cache._warp_cache")]
pub(crate) struct Claim {
    /// The decorated function.
    function: Py<PyAny>,
    hash: u64,
    state: Mutex<State>,
}

/// The hashes of the keys whose claims tasks of this process have.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<Vec<u64>>);

impl Tasks {
    fn hashes(&self) -> MutexGuard<'_, Vec<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, hash: u64) {
        self.hashes().push(hash);
    }

    fn has(&self, hash: u64) -> bool {
        self.hashes().contains(&hash)
    }

    fn remove(&self, hash: u64) {
        let mut hashes = self.hashes();
        if let Some(index) = hashes.iter().position(|&known| known == hash) {
            hashes.swap_remove(index);
        }
    }
}

#[derive(Clone, Copy)]
enum State {
    /// This task computes, and the others wait.
    Leads(Held),
    /// Another has it.
    Follows,
    /// This task computes, and nobody knows: there are too many claims, or it is over.
    Alone,
}

impl Claim {
    /// Claims the computation of a call of the function.
    pub(crate) fn new(py: Python<'_>, function: Py<PyAny>, hash: u64) -> Self {
        let claim = Claim { function, hash, state: Mutex::new(State::Follows) };
        claim.renew(py);
        claim
    }

    fn with_shared<T>(&self, py: Python<'_>, use_it: impl FnOnce(&Shared) -> T) -> Option<T> {
        let function = function_of(self.function.bind(py).into())?;
        function.shared.as_deref().map(use_it)
    }

    fn exchange(&self, state: State) -> State {
        std::mem::replace(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner), state)
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Claim {
    /// Whether another has it.
    #[getter]
    fn follows(&self) -> bool {
        matches!(self.state(), State::Follows)
    }

    /// Tries again to have it.
    fn renew(&self, py: Python<'_>) {
        if !self.follows() {
            return;
        }
        let state = self.with_shared(py, |shared| {
            match shared.region.claim(self.hash) {
                shm::Claim::Leads(lead) => {
                    let held = lead.keep();
                    shared.tasks.add(self.hash);
                    State::Leads(held)
                }
                // Another loop of this process has it, which may never run again.
                shm::Claim::Follows if shared.tasks.has(self.hash) => State::Alone,
                shm::Claim::Follows => State::Follows,
                shm::Claim::Full => State::Alone,
            }
        });
        self.exchange(state.unwrap_or(State::Alone));
    }

    fn __enter__(this: Py<Self>) -> Py<Self> {
        this
    }

    #[pyo3(signature = (*_error))]
    fn __exit__(&self, py: Python<'_>, _error: &Bound<'_, PyAny>) {
        if let State::Leads(held) = self.exchange(State::Alone) {
            self.with_shared(py, |shared| {
                shared.region.release(held);
                shared.tasks.remove(self.hash);
            });
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.function)
    }
}
