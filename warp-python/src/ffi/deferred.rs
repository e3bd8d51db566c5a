//! Decorated objects that many threads call.
//!
//! In the free-threaded build a thread counts references to an object of another one atomically,
//! and threads that call the same function share that count's cache line. Deferred counting, which
//! the interpreter uses for its own functions, leaves it alone; the collector settles it. 3.13 has
//! but the beginnings of that: from the start of its second thread on, its functions are immortal.
#![allow(unsafe_code)]

use pyo3::prelude::*;

use super::object::Ref;

/// Asks the interpreter to count references to the object as it does for functions, where it lets
/// an extension ask.
#[cfg(all(Py_GIL_DISABLED, Py_3_14, not(windows)))]
pub(super) fn share_between_threads(object: &Bound<'_, PyAny>, _wrapped: Ref<'_>) {
    unsafe extern "C" {
        fn PyUnstable_Object_EnableDeferredRefcount(
            object: *mut pyo3::ffi::PyObject,
        ) -> std::ffi::c_int;
    }
    // SAFETY: the object is alive, tracked by the collector, and nobody else has seen it yet.
    unsafe { PyUnstable_Object_EnableDeferredRefcount(object.as_ptr()) };
}

/// Counts references to the object as 3.13 does those to the function that it wraps.
///
/// CPython marks the functions of modules and classes, not those made within other functions, and
/// makes all that are marked immortal once a second thread starts. An immortal object is never
/// collected, and neither is what its cache keeps at the end: so this is only for what is decorated
/// where modules and classes are made, and lives as long as they do.
#[cfg(all(Py_GIL_DISABLED, not(Py_3_14)))]
pub(super) fn share_between_threads(object: &Bound<'_, PyAny>, wrapped: Ref<'_>) {
    use std::sync::atomic::Ordering::Relaxed;

    use pyo3::ffi;

    /// `_PyGC_BITS_DEFERRED`
    const DEFERRED: u8 = 64;
    /// `_Py_REF_QUEUED`
    const QUEUED: isize = 2;
    /// `_Py_IMMORTAL_REFCNT_LOCAL`
    const IMMORTAL: u32 = u32::MAX;

    let is_function = wrapped.type_ptr() == std::ptr::addr_of_mut!(ffi::PyFunction_Type);
    if !is_function || !is_called_by_a_body(object.py()).unwrap_or(false) {
        return;
    }
    let object = object.as_ptr();
    // SAFETY: both are alive. Nobody else has seen the object yet, and this thread made it, so that
    // its fields are ours to write: they get what `_PyObject_SetDeferredRefcount` and
    // `_Py_SetImmortal` of 3.13 write there. The function's change with the world stopped only.
    unsafe {
        if (*wrapped.as_ptr()).ob_ref_local.load(Relaxed) == IMMORTAL {
            ffi::PyObject_GC_UnTrack(object.cast());
            (*object).ob_tid = 0;
            (*object).ob_ref_local.store(IMMORTAL, Relaxed);
            (*object).ob_ref_shared.store(0, Relaxed);
        } else if (*wrapped.as_ptr()).ob_gc_bits & DEFERRED != 0 {
            (*object).ob_gc_bits |= DEFERRED;
            (*object).ob_ref_local.fetch_add(1, Relaxed);
            (*object).ob_ref_shared.store(QUEUED, Relaxed);
        }
    }
}

/// Whether the code that decorates is the body of a module or of a class: no function's.
#[cfg(all(Py_GIL_DISABLED, not(Py_3_14)))]
fn is_called_by_a_body(py: Python<'_>) -> PyResult<bool> {
    const CO_OPTIMIZED: u32 = 1;
    let mut frame = py.import("sys")?.call_method0("_getframe")?;
    loop {
        let module = frame.getattr("f_globals")?.call_method1("get", ("__name__", ""))?;
        if !module.extract::<String>()?.starts_with("warp_cache.") {
            let flags = frame.getattr("f_code")?.getattr("co_flags")?.extract::<u32>()?;
            return Ok(flags & CO_OPTIMIZED == 0);
        }
        frame = frame.getattr("f_back")?;
    }
}

#[cfg(any(not(Py_GIL_DISABLED), all(Py_3_14, windows)))]
pub(super) fn share_between_threads(_object: &Bound<'_, PyAny>, _wrapped: Ref<'_>) {}
