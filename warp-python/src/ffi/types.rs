//! Making heap types out of slots.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_ulong, c_void};
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// A type that is made once, when the module is imported, and lives as long as the process.
pub(crate) struct TypeCell(AtomicPtr<ffi::PyTypeObject>);

impl TypeCell {
    pub(crate) const fn new() -> Self {
        TypeCell(AtomicPtr::new(ptr::null_mut()))
    }

    #[inline]
    pub(crate) fn get(&self) -> *mut ffi::PyTypeObject {
        self.0.load(Ordering::Acquire)
    }

    /// Makes the type, unless that has been done, and returns it.
    ///
    /// # Safety
    /// The slots hold functions that fit their kind and objects of `size` bytes, and end with a
    /// slot 0; what they point to is never freed.
    pub(crate) unsafe fn make<'py>(
        &self,
        py: Python<'py>,
        name: &'static CStr,
        size: usize,
        flags: c_ulong,
        slots: &'static mut [ffi::PyType_Slot],
    ) -> PyResult<Bound<'py, PyType>> {
        if self.get().is_null() {
            let mut spec = ffi::PyType_Spec {
                name: name.as_ptr(),
                basicsize: size as c_int,
                itemsize: 0,
                flags: flags as _,
                slots: slots.as_mut_ptr(),
            };
            // SAFETY: the spec is complete, and the caller vouches for its slots.
            let made = unsafe { ffi::PyType_FromSpec(&mut spec) };
            if made.is_null() {
                return Err(PyErr::fetch(py));
            }
            self.0.store(made.cast(), Ordering::Release);
        }
        // SAFETY: the type is made and never freed.
        let made = unsafe { Bound::from_borrowed_ptr(py, self.get().cast()) };
        Ok(made.cast_into::<PyType>()?)
    }
}

/// Whether this is the process's main interpreter: the only one that can use the types, which are
/// made once for a process.
pub(crate) fn is_main_interpreter(_py: Python<'_>) -> bool {
    // SAFETY: this thread is attached, to the interpreter that is asked for.
    unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) == 0 }
}

/// A slot of a type.
pub(crate) const fn slot(slot: c_int, function: *mut c_void) -> ffi::PyType_Slot {
    ffi::PyType_Slot { slot, pfunc: function }
}

/// Tells the type where in its objects one of the interpreter's own fields is.
pub(crate) const fn offset_member(name: &'static CStr, offset: usize) -> ffi::PyMemberDef {
    ffi::PyMemberDef {
        name: name.as_ptr(),
        type_code: ffi::Py_T_PYSSIZET,
        offset: offset as ffi::Py_ssize_t,
        flags: ffi::Py_READONLY,
        doc: ptr::null(),
    }
}

/// The last member of a list.
pub(crate) const fn no_member() -> ffi::PyMemberDef {
    // SAFETY: a member of zeros is what ends a list of members.
    unsafe { mem::zeroed() }
}

/// A property.
pub(crate) const fn property(
    name: &'static CStr,
    get: ffi::getter,
    set: Option<ffi::setter>,
) -> ffi::PyGetSetDef {
    ffi::PyGetSetDef {
        name: name.as_ptr(),
        get: Some(get),
        set,
        doc: ptr::null(),
        closure: ptr::null_mut(),
    }
}

/// The last property of a list.
pub(crate) const fn no_property() -> ffi::PyGetSetDef {
    // SAFETY: a property of zeros is what ends a list of properties.
    unsafe { mem::zeroed() }
}

/// A method with one argument or none, as the flags say.
pub(crate) const fn simple_method(
    name: &'static CStr,
    flags: c_int,
    function: ffi::PyCFunction,
) -> ffi::PyMethodDef {
    ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunction: function },
        ml_flags: flags,
        ml_doc: ptr::null(),
    }
}

/// `Type[..]`, which annotations write.
pub(crate) const fn subscription() -> ffi::PyMethodDef {
    let flags = ffi::METH_O | ffi::METH_CLASS;
    simple_method(c"__class_getitem__", flags, ffi::Py_GenericAlias)
}

/// A method that takes its arguments as a vectorcall does.
pub(crate) const fn method(
    name: &'static CStr,
    function: ffi::PyCFunctionFastWithKeywords,
    doc: &'static CStr,
) -> ffi::PyMethodDef {
    ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: function },
        ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
        ml_doc: doc.as_ptr(),
    }
}

/// Memory for a new object of a type, with its reference count, and for the collector not yet
/// visible.
///
/// # Safety
/// The type is one of ours with a `T` as its objects' struct; the caller fills every field behind
/// the head.
pub(crate) unsafe fn allocate<T>(py: Python<'_>, cell: &TypeCell) -> PyResult<*mut T> {
    let kind = cell.get();
    // SAFETY: the type is ready, and heap types allocate by this function.
    let object = unsafe { ffi::PyType_GenericAlloc(kind, 0) };
    if object.is_null() { Err(PyErr::fetch(py)) } else { Ok(object.cast()) }
}

/// Ends an object whose fields have been dropped: frees it, and its reference to its type.
///
/// # Safety
/// The object is of a heap type, is not tracked any more, and nobody refers to it.
pub(crate) unsafe fn free(object: *mut ffi::PyObject) {
    // SAFETY: as the caller says; a heap type's object holds a reference to its type.
    unsafe {
        let kind = ffi::Py_TYPE(object);
        if let Some(free) = (*kind).tp_free {
            free(object.cast());
        }
        ffi::Py_DECREF(kind.cast());
    }
}
