//! What a call of a coroutine function returns on a hit: an awaitable that has its value already.
//!
//! It looks like a coroutine, but awaiting it makes no frame and suspends nothing. Up to 3.11, and
//! in tasks, the interpreter takes the value through `am_send`; since 3.12 an `await` takes it out
//! of a [StopIteration](stop). With a GIL the objects themselves are used again.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use super::hash::Raised;
use super::object::Owned;
use super::stop;
use super::trampoline::{attached, returning, returning_object};
use super::types::{TypeCell, allocate, free, simple_method, slot};

/// The slot's number, which the oldest pyo3 that we build with does not name.
const AM_SEND: c_int = 81;

static TYPE: TypeCell = TypeCell::new();

/// The struct behind the awaitable.
#[repr(C)]
struct Ready {
    base: ffi::PyObject,
    /// A reference of ours; null once it has been taken.
    value: AtomicPtr<ffi::PyObject>,
}

impl Ready {
    /// Takes the value, once: also where two threads await the same object at the same time.
    #[inline]
    fn take(&self) -> Option<Owned> {
        #[cfg(Py_GIL_DISABLED)]
        let value = self.value.swap(ptr::null_mut(), Ordering::AcqRel);
        #[cfg(not(Py_GIL_DISABLED))]
        let value = {
            // With a GIL nobody comes in between, and a swap would cost more.
            let value = self.value.load(Ordering::Relaxed);
            self.value.store(ptr::null_mut(), Ordering::Relaxed);
            value
        };
        // SAFETY: the reference was ours, and is in nobody else's hands any more.
        NonNull::new(value).map(|value| unsafe { Owned::from_owned(value) })
    }
}

/// Makes the type; it is called once per import.
pub(crate) fn make_type(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let methods = Box::leak(Box::new([
        simple_method(c"send", ffi::METH_O, send_method),
        simple_method(c"throw", ffi::METH_VARARGS, throw),
        simple_method(c"close", ffi::METH_NOARGS, close),
        ffi::PyMethodDef::zeroed(),
    ]));
    let slots = Box::leak(Box::new([
        slot(ffi::Py_tp_dealloc, deallocate as *mut c_void),
        slot(ffi::Py_tp_traverse, traverse as *mut c_void),
        slot(ffi::Py_tp_clear, clear as *mut c_void),
        slot(ffi::Py_am_await, itself as *mut c_void),
        slot(AM_SEND, send as *mut c_void),
        slot(ffi::Py_tp_iter, itself as *mut c_void),
        slot(ffi::Py_tp_iternext, next as *mut c_void),
        slot(ffi::Py_tp_methods, methods.as_mut_ptr().cast()),
        slot(0, ptr::null_mut()),
    ]));
    let flags = ffi::Py_TPFLAGS_DEFAULT
        | ffi::Py_TPFLAGS_HAVE_GC
        | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION
        | ffi::Py_TPFLAGS_IMMUTABLETYPE;
    let name = c"warp_cache._warp_cache.Ready";
    // SAFETY: the slots are functions of their kinds for a Ready; all is leaked.
    unsafe { TYPE.make(py, name, size_of::<Ready>(), flags, slots) }
}

/// An awaitable for the value.
#[inline]
pub(crate) fn new(value: Owned) -> Result<Owned, Raised> {
    // SAFETY: the memory is a Ready's, fresh or used before, and its fields are written before the
    // collector sees it.
    unsafe {
        let object = match spare::take_object() {
            Some(object) => {
                ffi::PyObject_Init(object.as_ptr(), TYPE.get());
                object
            }
            None => {
                let object = attached(|py| allocate::<Ready>(py, &TYPE))?;
                ffi::PyObject_GC_UnTrack(object.cast());
                NonNull::new_unchecked(object.cast())
            }
        };
        (&raw mut (*object.as_ptr().cast::<Ready>()).value).write(AtomicPtr::new(value.into_ptr()));
        ffi::PyObject_GC_Track(object.as_ptr().cast());
        Ok(Owned::from_owned(object))
    }
}

/// Takes the value; an error if it was taken before.
///
/// # Safety
/// The object is a Ready that is alive.
unsafe fn take(object: *mut ffi::PyObject) -> Result<Owned, Raised> {
    // SAFETY: as the caller says.
    match unsafe { (*object.cast::<Ready>()).take() } {
        Some(value) => Ok(value),
        None => {
            attached(|_| Err(PyRuntimeError::new_err("cannot reuse already awaited coroutine")))
        }
    }
}

/// # Safety
/// For the interpreter: `am_await` and `tp_iter`.
unsafe extern "C" fn itself(object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: the object is alive.
    unsafe { ffi::Py_NewRef(object) }
}

/// # Safety
/// For the interpreter: `am_send` of a Ready.
unsafe extern "C" fn send(
    object: *mut ffi::PyObject,
    argument: *mut ffi::PyObject,
    result: *mut *mut ffi::PyObject,
) -> ffi::PySendResult {
    // SAFETY: the object is a Ready, and `result` is there to be written.
    unsafe {
        match returning(|| check_sent(argument).and_then(|()| take(object))) {
            Ok(value) => {
                *result = value.into_ptr();
                ffi::PySendResult::PYGEN_RETURN
            }
            Err(Raised) => {
                *result = ptr::null_mut();
                ffi::PySendResult::PYGEN_ERROR
            }
        }
    }
}

/// # Safety
/// The argument is null or alive.
unsafe fn check_sent(argument: *mut ffi::PyObject) -> Result<(), Raised> {
    // SAFETY: a comparison of pointers.
    if argument.is_null() || argument == unsafe { ffi::Py_None() } {
        return Ok(());
    }
    attached(|_| Err(PyTypeError::new_err("can't send non-None value to a just-started coroutine")))
}

/// # Safety
/// For the interpreter: `tp_iternext` of a Ready. The value goes out in a StopIteration.
unsafe extern "C" fn next(object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    returning_object(|| {
        // SAFETY: the object is a Ready.
        let value = unsafe { take(object) }?;
        Err(stop::raise(value))
    })
}

/// # Safety
/// For the interpreter: the method `send` of a Ready.
unsafe extern "C" fn send_method(
    object: *mut ffi::PyObject,
    argument: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    returning_object(|| {
        // SAFETY: the object is a Ready, and the argument alive.
        let value = unsafe { check_sent(argument).and_then(|()| take(object)) }?;
        Err(stop::raise_new(value))
    })
}

/// # Safety
/// For the interpreter: the method `throw` of a Ready, with an exception or with its type, value
/// and traceback.
unsafe extern "C" fn throw(
    object: *mut ffi::PyObject,
    arguments: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    returning_object(|| {
        // SAFETY: the object is a Ready.
        drop(unsafe { take(object) }?);
        attached(|py| {
            // SAFETY: the arguments are a tuple.
            let arguments = unsafe { Bound::from_borrowed_ptr(py, arguments) };
            let arguments = arguments.cast::<PyTuple>()?;
            let kind = arguments.get_item(0)?;
            let value = arguments.get_item(1).ok().filter(|value| !value.is_none());
            let exception = match (kind.cast::<PyType>(), value) {
                (Err(_), _) => kind,
                (Ok(_), Some(value)) if value.is_instance(&kind)? => value,
                (Ok(kind), Some(value)) => kind.call1((value,))?,
                (Ok(kind), None) => kind.call0()?,
            };
            if let Ok(traceback) = arguments.get_item(2) {
                if !traceback.is_none() {
                    exception.setattr("__traceback__", traceback)?;
                }
            }
            Err(PyErr::from_value(exception))
        })
    })
}

/// # Safety
/// For the interpreter: the method `close` of a Ready.
unsafe extern "C" fn close(
    object: *mut ffi::PyObject,
    _argument: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the object is a Ready.
    unsafe {
        drop((*object.cast::<Ready>()).take());
        ffi::Py_NewRef(ffi::Py_None())
    }
}

/// # Safety
/// For the interpreter: `tp_traverse` of a Ready.
unsafe extern "C" fn traverse(
    object: *mut ffi::PyObject,
    visit: ffi::visitproc,
    data: *mut c_void,
) -> c_int {
    // SAFETY: the object is a Ready, and the visitor is the interpreter's own.
    unsafe {
        let result = visit(ffi::Py_TYPE(object).cast(), data);
        let value = (*object.cast::<Ready>()).value.load(Ordering::Relaxed);
        if result == 0 && !value.is_null() { visit(value, data) } else { result }
    }
}

/// # Safety
/// For the interpreter: `tp_clear` of a Ready.
unsafe extern "C" fn clear(object: *mut ffi::PyObject) -> c_int {
    // SAFETY: the object is a Ready.
    drop(unsafe { (*object.cast::<Ready>()).take() });
    0
}

/// # Safety
/// For the interpreter: `tp_dealloc` of a Ready.
unsafe extern "C" fn deallocate(object: *mut ffi::PyObject) {
    // SAFETY: nobody refers to the object any more; its value is dropped once, and its memory kept
    // or freed.
    unsafe {
        ffi::PyObject_GC_UnTrack(object.cast());
        drop((*object.cast::<Ready>()).take());
        stop::forget();
        if spare::keep_object(NonNull::new_unchecked(object)) {
            ffi::Py_DECREF(TYPE.get().cast());
        } else {
            free(object);
        }
    }
}

/// With a GIL: memory of objects, to be used again.
#[cfg(not(Py_GIL_DISABLED))]
mod spare {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;

    /// How many objects are kept at most.
    const MOST: usize = 64;

    /// The objects kept, each with the next one's address in its value's place.
    static FIRST: AtomicPtr<ffi::PyObject> = AtomicPtr::new(ptr::null_mut());
    static COUNT: AtomicUsize = AtomicUsize::new(0);

    /// The address of the next spare object.
    fn next_of(object: NonNull<ffi::PyObject>) -> *mut *mut ffi::PyObject {
        // SAFETY: the object's memory is a Ready's; a place in it is named, not read.
        unsafe { (&raw mut (*object.as_ptr().cast::<Ready>()).value).cast() }
    }

    pub(super) fn take_object() -> Option<NonNull<ffi::PyObject>> {
        let object = NonNull::new(FIRST.load(Relaxed))?;
        // SAFETY: a spare object has the next one's address there. The GIL is held throughout.
        FIRST.store(unsafe { next_of(object).read() }, Relaxed);
        COUNT.store(COUNT.load(Relaxed) - 1, Relaxed);
        Some(object)
    }

    /// # Safety
    /// The object is an untracked Ready without a value, which nobody refers to.
    pub(super) unsafe fn keep_object(object: NonNull<ffi::PyObject>) -> bool {
        let count = COUNT.load(Relaxed);
        if count == MOST {
            return false;
        }
        // SAFETY: the memory is ours, and its value is gone. The GIL is held throughout.
        unsafe { next_of(object).write(FIRST.load(Relaxed)) };
        FIRST.store(object.as_ptr(), Relaxed);
        COUNT.store(count + 1, Relaxed);
        true
    }
}

/// Without a GIL nothing is kept, as threads would share it.
#[cfg(Py_GIL_DISABLED)]
mod spare {
    use super::*;

    pub(super) fn take_object() -> Option<NonNull<ffi::PyObject>> {
        None
    }

    /// # Safety
    /// None.
    pub(super) unsafe fn keep_object(_object: NonNull<ffi::PyObject>) -> bool {
        false
    }
}
