//! The way from a slot of CPython's into safe code and back: no panic gets past.
#![allow(unsafe_code)]

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use pyo3::exceptions::PySystemError;
use pyo3::ffi;
use pyo3::prelude::*;

use super::hash::Raised;
use super::object::Owned;
use super::python;

/// Runs the body of a slot that returns an object; null says that an exception is set.
#[inline]
pub(crate) fn returning_object(body: impl FnOnce() -> Result<Owned, Raised>) -> *mut ffi::PyObject {
    returning(body).map_or(ptr::null_mut(), Owned::into_ptr)
}

/// Runs the body of a slot.
#[inline]
pub(crate) fn returning<T>(body: impl FnOnce() -> Result<T, Raised>) -> Result<T, Raised> {
    // What a panic may leave half done is locked, and locks are let go.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(panic) => Err(raise_panic(&*panic)),
    }
}

/// Runs code that uses PyO3, and raises the error that it returns.
///
/// The interpreter called the slot that runs this, so the thread is attached; PyO3's own `attach`
/// would ask for the thread's state once more, which fails in a thread that is ended while the
/// interpreter exits, and in one that is not the interpreter's main one.
pub(crate) fn attached<T>(body: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T, Raised> {
    // SAFETY: slots are called attached.
    let py = unsafe { Python::assume_attached() };
    body(py).map_err(|error| {
        error.restore(py);
        Raised
    })
}

/// Runs code that needs no interpreter while other threads use it.
pub(crate) fn detached<T>(_py: Python<'_>, body: impl FnOnce() -> T) -> T {
    if python::is_finalizing() {
        return body(); // There is no other thread to let in, and this one would not get back.
    }
    // SAFETY: the thread is attached, detaches, and attaches again by the same state.
    unsafe {
        let state = ffi::PyEval_SaveThread();
        let result = body();
        python::restore_thread(state);
        result
    }
}

#[cold]
fn raise_panic(panic: &(dyn Any + Send)) -> Raised {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    let message = format!("warp_cache has a bug, please report it: {message}");
    match attached(|_| Err::<(), _>(PySystemError::new_err(message))) {
        Err(raised) => raised,
        Ok(()) => Raised,
    }
}
