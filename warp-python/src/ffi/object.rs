//! References to Python objects: [`Ref`] borrowed, [`Owned`] counted.
//!
//! PyO3's own pointers look up, at every drop, whether their thread is attached. Here it always is
//! (see the module above), and an entry that is evicted costs one decrement per object.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ptr::NonNull;

use pyo3::prelude::*;
use pyo3::{Borrowed, ffi};

use super::args::Args;
use super::python;

/// A borrowed reference.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub(crate) struct Ref<'a>(NonNull<ffi::PyObject>, PhantomData<&'a ()>);

impl<'a> Ref<'a> {
    /// # Safety
    /// The object is alive for `'a`.
    #[inline]
    pub(crate) unsafe fn new(object: NonNull<ffi::PyObject>) -> Self {
        Ref(object, PhantomData)
    }

    #[inline]
    pub(crate) fn as_ptr(self) -> *mut ffi::PyObject {
        self.0.as_ptr()
    }

    /// Whether both are the same object.
    #[inline]
    pub(crate) fn is(self, other: Ref<'_>) -> bool {
        self.0 == other.0
    }

    #[inline]
    pub(crate) fn type_ptr(self) -> *mut ffi::PyTypeObject {
        // SAFETY: the object is alive, and its type is set for as long.
        unsafe { ffi::Py_TYPE(self.as_ptr()) }
    }

    #[inline]
    pub(crate) fn counted(self) -> Owned {
        // SAFETY: the object is alive, and this thread is attached.
        unsafe { ffi::Py_INCREF(self.as_ptr()) };
        Owned(self.0)
    }

    /// The text of a str, unless it has surrogates.
    pub(crate) fn as_str(self) -> Option<&'a str> {
        let mut length = 0;
        // SAFETY: the object is alive; the call returns null for what is no str, and else UTF-8 of
        // that length that lives as long as the str.
        unsafe {
            let text = ffi::PyUnicode_AsUTF8AndSize(self.as_ptr(), &mut length);
            if text.is_null() {
                ffi::PyErr_Clear();
                return None;
            }
            let bytes = std::slice::from_raw_parts(text.cast(), length as usize);
            Some(std::str::from_utf8_unchecked(bytes))
        }
    }

    /// The same as PyO3 sees it.
    pub(crate) fn borrow<'py>(self, py: Python<'py>) -> Borrowed<'a, 'py, PyAny> {
        // SAFETY: the object is alive for 'a.
        unsafe { Borrowed::from_ptr(py, self.as_ptr()) }
    }
}

impl<'a> From<&'a Bound<'_, PyAny>> for Ref<'a> {
    fn from(object: &'a Bound<'_, PyAny>) -> Self {
        // SAFETY: the pointer of a Bound is not null, and what it refers to is alive for 'a.
        Ref(unsafe { NonNull::new_unchecked(object.as_ptr()) }, PhantomData)
    }
}

/// A counted reference.
#[repr(transparent)]
pub(crate) struct Owned(NonNull<ffi::PyObject>);

// SAFETY: the counts of references are changed while attached only, which the interpreter makes
// safe in any thread.
unsafe impl Send for Owned {}
// SAFETY: as above; a shared reference to an Owned can but read the pointer or count it up.
unsafe impl Sync for Owned {}

impl Owned {
    /// # Safety
    /// `object` is a reference that the caller owns and gives up.
    #[inline]
    pub(crate) unsafe fn from_owned(object: NonNull<ffi::PyObject>) -> Self {
        Owned(object)
    }

    #[inline]
    pub(crate) fn as_ref(&self) -> Ref<'_> {
        Ref(self.0, PhantomData)
    }

    /// References to all objects of a row.
    #[inline]
    pub(crate) fn as_refs(row: &[Owned]) -> &[Ref<'_>] {
        // SAFETY: both are one pointer, and the row is borrowed for as long as the result.
        unsafe { std::slice::from_raw_parts(row.as_ptr().cast(), row.len()) }
    }

    /// The same as PyO3 sees it.
    pub(crate) fn as_py(&self) -> &Py<PyAny> {
        // SAFETY: both are one counted reference, represented as its pointer.
        unsafe { &*(&raw const *self).cast() }
    }

    /// Calls it with arguments by position.
    pub(crate) fn call(&self, py: Python<'_>, arguments: &[Ref<'_>]) -> PyResult<Owned> {
        Args::of(arguments).call(py, self)
    }

    /// Whether Python takes it for true.
    pub(crate) fn is_true(&self, py: Python<'_>) -> PyResult<bool> {
        // SAFETY: the object is alive, and this thread is attached.
        match unsafe { python::is_true(self.0.as_ptr()) } {
            -1 => Err(PyErr::fetch(py)),
            is_true => Ok(is_true == 1),
        }
    }

    /// Gives the reference to the caller, usually the interpreter.
    #[inline]
    pub(crate) fn into_ptr(self) -> *mut ffi::PyObject {
        let object = self.0.as_ptr();
        std::mem::forget(self);
        object
    }

    /// The same as PyO3 sees it.
    pub(crate) fn into_bound(self, py: Python<'_>) -> Bound<'_, PyAny> {
        // SAFETY: the reference is ours to give.
        unsafe { Bound::from_owned_ptr(py, self.into_ptr()) }
    }
}

impl From<Bound<'_, PyAny>> for Owned {
    fn from(object: Bound<'_, PyAny>) -> Self {
        // SAFETY: the pointer of a Bound is not null, and `into_ptr` gives its reference up.
        Owned(unsafe { NonNull::new_unchecked(object.into_ptr()) })
    }
}

impl Clone for Owned {
    #[inline]
    fn clone(&self) -> Self {
        self.as_ref().counted()
    }
}

impl Drop for Owned {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the reference is ours, and this thread is attached.
        unsafe { python::release(self.0) }
    }
}
