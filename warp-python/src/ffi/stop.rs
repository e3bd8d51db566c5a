//! The StopIteration in which a ready awaitable hands out its value.
//!
//! Making one costs more than all the rest of an `await` (3.4 against 1.3 times a hit of
//! functools.lru_cache on 3.13). So, where the interpreter needs one, it is kept and used again
//! while nobody else has it: without a GIL one for each thread, as what a thread has made is its
//! own to change while no other has a reference.
#![allow(unsafe_code)]

use std::ptr;

use pyo3::ffi;

use super::hash::Raised;
use super::object::Owned;

#[cfg(Py_3_12)]
pub(super) use again::{forget, raise};

#[cfg(not(Py_3_12))]
pub(super) fn raise(value: Owned) -> Raised {
    raise_new(value)
}

#[cfg(not(Py_3_12))]
pub(super) fn forget() {}

/// Raises a StopIteration of its own for the value.
pub(super) fn raise_new(value: Owned) -> Raised {
    // SAFETY: both objects are alive; the exception's reference is given up after it is set.
    unsafe {
        let stop = ffi::PyExc_StopIteration;
        let exception = ffi::PyObject_CallFunctionObjArgs(
            stop,
            value.as_ref().as_ptr(),
            ptr::null_mut::<ffi::PyObject>(),
        );
        if !exception.is_null() {
            ffi::PyErr_SetObject(stop, exception);
            ffi::Py_DECREF(exception);
        }
    }
    Raised
}

#[cfg(Py_3_12)]
mod again {
    use std::ptr::NonNull;

    use super::*;

    type Stop = ffi::PyStopIterationObject;

    /// The StopIteration, if nobody else has it and nothing was attached to it.
    fn unused() -> Option<NonNull<Stop>> {
        let stop = NonNull::new(kept::get())?;
        // SAFETY: the exception is alive, as we hold a reference.
        unsafe {
            let fields = stop.as_ref();
            let unused = is_unique(stop.as_ptr().cast())
                && fields.traceback.is_null()
                && fields.context.is_null()
                && fields.cause.is_null()
                && fields.notes.is_null()
                && fields.dict.is_null();
            unused.then_some(stop)
        }
    }

    /// Whether the only reference is ours.
    ///
    /// # Safety
    /// The object is alive, and this thread made it.
    #[cfg(not(Py_GIL_DISABLED))]
    unsafe fn is_unique(object: *mut ffi::PyObject) -> bool {
        // SAFETY: as the caller says.
        unsafe { ffi::Py_REFCNT(object) == 1 }
    }

    /// Whether the only reference is ours. As CPython's `_PyObject_IsUniquelyReferenced`: if all of
    /// the shared count is zero, its flags too, no other thread has a reference or could get one.
    ///
    /// # Safety
    /// The object is alive, and this thread made it.
    #[cfg(Py_GIL_DISABLED)]
    unsafe fn is_unique(object: *mut ffi::PyObject) -> bool {
        use std::sync::atomic::Ordering::Relaxed;
        // SAFETY: as the caller says; both counts are atomics.
        unsafe {
            (*object).ob_ref_local.load(Relaxed) == 1 && (*object).ob_ref_shared.load(Relaxed) == 0
        }
    }

    /// Raises the StopIteration that is kept, or a new one.
    pub(in super::super) fn raise(value: Owned) -> Raised {
        let Some(stop) = unused().or_else(renew) else { return raise_new(value) };
        // SAFETY: nobody else has the exception. It takes over the reference to the value; the
        // interpreter gets a reference of its own.
        unsafe {
            let old = std::mem::replace(&mut (*stop.as_ptr()).value, value.into_ptr());
            let raised = ffi::Py_NewRef(stop.as_ptr().cast());
            ffi::Py_XDECREF(old);
            ffi::PyErr_SetRaisedException(raised);
        }
        Raised
    }

    /// Lets go of the value that was raised last, once nobody looks at it any more.
    pub(in super::super) fn forget() {
        if let Some(stop) = unused() {
            // SAFETY: nobody else has the exception; without a value it means None.
            unsafe {
                let value = std::mem::replace(&mut (*stop.as_ptr()).value, ptr::null_mut());
                ffi::Py_XDECREF(value);
            }
        }
    }

    /// Leaves the exception to those who hold it, and keeps a new one.
    #[cold]
    fn renew() -> Option<NonNull<Stop>> {
        // SAFETY: a call without arguments makes a StopIteration, whose reference is kept; those to
        // its predecessors are given up.
        unsafe {
            let made = ffi::PyObject_CallNoArgs(ffi::PyExc_StopIteration);
            if made.is_null() {
                ffi::PyErr_Clear();
                return None;
            }
            for old in kept::replace(made.cast()) {
                ffi::Py_XDECREF(old.cast());
            }
            NonNull::new(made.cast())
        }
    }

    /// The one that is kept; ours for ever.
    #[cfg(not(Py_GIL_DISABLED))]
    mod kept {
        use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

        use super::*;

        static STOP: AtomicPtr<Stop> = AtomicPtr::new(ptr::null_mut());

        #[inline]
        pub(super) fn get() -> *mut Stop {
            STOP.load(Relaxed)
        }

        pub(super) fn replace(stop: *mut Stop) -> [*mut Stop; 1] {
            [STOP.swap(stop, Relaxed)]
        }
    }

    /// The one that this thread keeps, and those of threads that have ended: they end detached, and
    /// cannot give a reference up themselves.
    #[cfg(Py_GIL_DISABLED)]
    mod kept {
        use std::cell::Cell;
        use std::sync::{Mutex, PoisonError};

        use super::*;

        struct OfThread(Cell<*mut Stop>);

        thread_local! {
            static STOP: OfThread = const { OfThread(Cell::new(ptr::null_mut())) };
        }

        /// Addresses of those that nobody keeps any more.
        static LEFT: Mutex<Vec<usize>> = Mutex::new(Vec::new());

        impl Drop for OfThread {
            fn drop(&mut self) {
                if !self.0.get().is_null() {
                    LEFT.lock().unwrap_or_else(PoisonError::into_inner).push(self.0.get() as usize);
                }
            }
        }

        /// None while the thread ends, or before there is one.
        #[inline]
        pub(super) fn get() -> *mut Stop {
            STOP.try_with(|stop| stop.0.get()).unwrap_or(ptr::null_mut())
        }

        /// Returns what is not kept any more.
        pub(super) fn replace(stop: *mut Stop) -> Vec<*mut Stop> {
            let mut left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
            let mut old: Vec<_> = left.drain(..).map(|address| address as *mut Stop).collect();
            match STOP.try_with(|kept| kept.0.replace(stop)) {
                Ok(before) => old.push(before),
                // The thread is ending; the next one gives it up.
                Err(_) => left.push(stop as usize),
            }
            old
        }
    }
}
