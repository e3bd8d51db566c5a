//! Decorated objects that many threads call.
//!
//! In the free-threaded build a thread counts references to an object of another one atomically,
//! and threads that call the same function share that count's cache line. Deferred counting, which
//! the interpreter uses for its own functions, leaves it alone; the collector settles it.
#![allow(unsafe_code)]

use pyo3::prelude::*;

/// Asks the interpreter to count references to the object as it does for functions, where it lets
/// an extension ask.
#[cfg(all(Py_GIL_DISABLED, Py_3_14, not(windows)))]
pub(super) fn share_between_threads(object: &Bound<'_, PyAny>) {
    unsafe extern "C" {
        fn PyUnstable_Object_EnableDeferredRefcount(
            object: *mut pyo3::ffi::PyObject,
        ) -> std::ffi::c_int;
    }
    // SAFETY: the object is alive, tracked by the collector, and nobody else has seen it yet.
    unsafe { PyUnstable_Object_EnableDeferredRefcount(object.as_ptr()) };
}

#[cfg(not(all(Py_GIL_DISABLED, Py_3_14, not(windows))))]
pub(super) fn share_between_threads(_object: &Bound<'_, PyAny>) {}
