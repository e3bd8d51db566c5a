//! Calls into the interpreter that may run Python code, and so may never come back.
//!
//! Once the interpreter has begun to exit, a daemon thread that waits for it runs no Python code any
//! more. From 3.14 on it is held where it waits. Before, its stack is unwound from there, through
//! whatever frames it has, and Rust aborts the process where such an unwinding meets a frame that
//! catches panics, or a call that was declared never to unwind. So every such call is declared here
//! as one that may, and the thread is held at the call itself, as later versions do.
#![allow(unsafe_code)]

use std::ffi::c_int;
use std::mem::forget;
use std::ptr::NonNull;

use pyo3::ffi;

mod raw {
    use super::{c_int, ffi};

    unsafe extern "C-unwind" {
        pub(super) fn PyEval_RestoreThread(state: *mut ffi::PyThreadState);
        pub(super) fn PyDict_SetItem(
            dict: *mut ffi::PyObject,
            key: *mut ffi::PyObject,
            value: *mut ffi::PyObject,
        ) -> c_int;
        pub(super) fn PySet_Add(set: *mut ffi::PyObject, element: *mut ffi::PyObject) -> c_int;
        pub(super) fn PyObject_Hash(object: *mut ffi::PyObject) -> ffi::Py_hash_t;
        pub(super) fn PyObject_IsTrue(object: *mut ffi::PyObject) -> c_int;
        pub(super) fn PyObject_RichCompareBool(
            a: *mut ffi::PyObject,
            b: *mut ffi::PyObject,
            operation: c_int,
        ) -> c_int;
        pub(super) fn Py_DecRef(object: *mut ffi::PyObject);
        #[cfg(Py_3_11)]
        pub(super) fn PyObject_Vectorcall(
            callable: *mut ffi::PyObject,
            arguments: *const *mut ffi::PyObject,
            count: usize,
            names: *mut ffi::PyObject,
        ) -> *mut ffi::PyObject;
        #[cfg(not(Py_3_11))]
        pub(super) fn _PyObject_MakeTpCall(
            state: *mut ffi::PyThreadState,
            callable: *mut ffi::PyObject,
            arguments: *const *mut ffi::PyObject,
            count: ffi::Py_ssize_t,
            names: *mut ffi::PyObject,
        ) -> *mut ffi::PyObject;
        #[cfg(not(Py_3_11))]
        pub(super) fn _Py_CheckFunctionResult(
            state: *mut ffi::PyThreadState,
            callable: *mut ffi::PyObject,
            result: *mut ffi::PyObject,
            place: *const std::ffi::c_char,
        ) -> *mut ffi::PyObject;
    }
}

/// As `ffi::vectorcallfunc`, for functions that may run Python code.
#[cfg(not(Py_3_11))]
type Vectorcall = unsafe extern "C-unwind" fn(
    *mut ffi::PyObject,
    *const *mut ffi::PyObject,
    usize,
    *mut ffi::PyObject,
) -> *mut ffi::PyObject;

/// Holds its thread for good where the stack is unwound. None of the calls above panics, so nothing
/// else unwinds it than the interpreter that exits.
struct Held;

impl Drop for Held {
    fn drop(&mut self) {
        loop {
            std::thread::park();
        }
    }
}

#[inline(always)]
fn held<T>(call: impl FnOnce() -> T) -> T {
    let guard = Held;
    let result = call();
    forget(guard);
    result
}

/// Whether the interpreter is exiting: an attached thread that sees it is the only one that still
/// runs.
#[cfg(Py_3_13)]
pub(crate) fn is_finalizing() -> bool {
    // SAFETY: may be called at any time.
    unsafe { ffi::Py_IsFinalizing() != 0 }
}

/// Whether the interpreter is exiting: an attached thread that sees it is the only one that still
/// runs.
#[cfg(all(not(Py_3_13), not(windows)))]
pub(crate) fn is_finalizing() -> bool {
    unsafe extern "C" {
        fn _Py_IsFinalizing() -> c_int;
    }
    // SAFETY: may be called at any time.
    unsafe { _Py_IsFinalizing() != 0 }
}

/// Where an extension cannot ask.
#[cfg(all(not(Py_3_13), windows))]
pub(crate) fn is_finalizing() -> bool {
    false
}

/// Attaches the thread to the interpreter again.
///
/// # Safety
/// The state is the one that this thread was detached with, and it is detached.
pub(super) unsafe fn restore_thread(state: *mut ffi::PyThreadState) {
    if is_finalizing() {
        // The state may be gone already.
        drop(Held);
    }
    // SAFETY: as the caller says.
    held(|| unsafe { raw::PyEval_RestoreThread(state) });
}

/// `hash(object)`, or -1 with an exception set.
///
/// # Safety
/// The object is alive, and this thread is attached.
#[inline]
pub(super) unsafe fn hash(object: *mut ffi::PyObject) -> ffi::Py_hash_t {
    // SAFETY: as the caller says.
    held(|| unsafe { raw::PyObject_Hash(object) })
}

/// `a is b or a == b` as 0 or 1, or -1 with an exception set.
///
/// # Safety
/// Both objects are alive, and this thread is attached.
pub(super) unsafe fn equal(a: *mut ffi::PyObject, b: *mut ffi::PyObject) -> c_int {
    // SAFETY: as the caller says.
    held(|| unsafe { raw::PyObject_RichCompareBool(a, b, ffi::Py_EQ) })
}

/// `bool(object)` as 0 or 1, or -1 with an exception set.
///
/// # Safety
/// The object is alive, and this thread is attached.
pub(super) unsafe fn is_true(object: *mut ffi::PyObject) -> c_int {
    // SAFETY: as the caller says.
    held(|| unsafe { raw::PyObject_IsTrue(object) })
}

/// `dict[key] = value`: 0, or -1 with an exception set.
///
/// # Safety
/// All are alive, the first is a dict, and this thread is attached.
#[inline]
pub(super) unsafe fn set_item(
    dict: *mut ffi::PyObject,
    key: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
) -> c_int {
    // SAFETY: as the caller says.
    held(|| unsafe { raw::PyDict_SetItem(dict, key, value) })
}

/// `set.add(element)`, of a frozenset too that nobody else knows: 0, or -1 with an exception set.
///
/// # Safety
/// Both are alive, the first is such a set, and this thread is attached.
#[inline]
pub(super) unsafe fn add(set: *mut ffi::PyObject, element: *mut ffi::PyObject) -> c_int {
    // SAFETY: as the caller says.
    held(|| unsafe { raw::PySet_Add(set, element) })
}

/// Calls an object by the protocol of vectorcall; returns a new reference, or null with an exception
/// set.
///
/// # Safety
/// As of `PyObject_Vectorcall`: all are alive, and this thread is attached.
#[inline(always)]
pub(super) unsafe fn call(
    callable: *mut ffi::PyObject,
    arguments: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    #[cfg(Py_3_11)]
    // SAFETY: as the caller says.
    return held(|| unsafe { raw::PyObject_Vectorcall(callable, arguments, count, names) });
    // Before 3.11 the interpreter has it in its headers only.
    #[cfg(not(Py_3_11))]
    // SAFETY: as the caller says; a slot for vectorcall is called by its protocol.
    unsafe {
        let state = ffi::PyThreadState_Get();
        match ffi::PyVectorcall_Function(callable) {
            Some(function) => {
                let function = std::mem::transmute::<ffi::vectorcallfunc, Vectorcall>(function);
                let result = held(|| function(callable, arguments, count, names));
                raw::_Py_CheckFunctionResult(state, callable, result, std::ptr::null())
            }
            None => {
                let count = ffi::PyVectorcall_NARGS(count);
                held(|| raw::_PyObject_MakeTpCall(state, callable, arguments, count, names))
            }
        }
    }
}

/// Gives a reference back. With the last one the object goes, which may run its `__del__`.
///
/// # Safety
/// The reference is the caller's, and this thread is attached.
#[inline]
pub(super) unsafe fn release(object: NonNull<ffi::PyObject>) {
    let object = object.as_ptr();
    // SAFETY: as the caller says.
    unsafe {
        if cfg!(not(Py_GIL_DISABLED)) && ffi::Py_REFCNT(object) != 1 {
            ffi::Py_DECREF(object);
        } else {
            held(|| raw::Py_DecRef(object));
        }
    }
}
