//! What an object is by its exact type, and what is in it: for code that may not run any other.
#![allow(unsafe_code)]

use std::ptr::addr_of_mut;

use pyo3::ffi;

use super::compare;
use super::containers::{Dict, List, Set};
use super::datetime::{self, Temporal};
use super::numbers::{self, IntView};
use super::object::Ref;
use super::text::{self, Text};

/// An object of an exact built-in type; subclasses are `Other`.
pub(crate) enum View<'a> {
    None,
    Bool(bool),
    Int(IntView<'a>),
    Float(f64),
    Complex(f64, f64),
    Str(Text<'a>),
    Bytes(&'a [u8]),
    Tuple(&'a [Ref<'a>]),
    List(List<'a>),
    Dict(Dict<'a>),
    Set(Set<'a>),
    FrozenSet(Set<'a>),
    Temporal(Temporal<'a>),
    Other,
}

/// Looks at an object, frequent types first.
#[inline(always)]
pub(crate) fn view(object: Ref<'_>) -> View<'_> {
    let kind = object.type_ptr();
    if kind == addr_of_mut!(ffi::PyLong_Type) {
        numbers::int(object).map_or(View::Other, View::Int)
    } else if kind == addr_of_mut!(ffi::PyUnicode_Type) {
        text::text(object).map_or(View::Other, View::Str)
    } else if kind == addr_of_mut!(ffi::PyFloat_Type) {
        View::Float(numbers::float(object))
    } else if kind == addr_of_mut!(ffi::PyTuple_Type) {
        View::Tuple(compare::items(object))
    } else if kind == addr_of_mut!(ffi::PyList_Type) {
        View::List(List(object))
    } else if kind == addr_of_mut!(ffi::PyDict_Type) {
        View::Dict(Dict(object))
    } else {
        view_rare(object)
    }
}

#[inline(never)]
fn view_rare(object: Ref<'_>) -> View<'_> {
    let kind = object.type_ptr();
    // SAFETY: None, True and False live as long as the interpreter.
    let (none, true_) = unsafe { (ffi::Py_None(), ffi::Py_True()) };
    if object.as_ptr() == none {
        View::None
    } else if kind == addr_of_mut!(ffi::PyBool_Type) {
        View::Bool(object.as_ptr() == true_)
    } else if kind == addr_of_mut!(ffi::PyBytes_Type) {
        View::Bytes(compare::bytes(object))
    } else if kind == addr_of_mut!(ffi::PySet_Type) {
        View::Set(Set(object))
    } else if kind == addr_of_mut!(ffi::PyFrozenSet_Type) {
        View::FrozenSet(Set(object))
    } else if kind == addr_of_mut!(ffi::PyComplex_Type) {
        let (real, imaginary) = numbers::complex(object);
        View::Complex(real, imaginary)
    } else {
        datetime::temporal(object).map_or(View::Other, View::Temporal)
    }
}

/// Whether others may refer to an object than the container that it was taken from, and the
/// `held` references that are ours.
///
/// False only where the object cannot be met twice in one walk. Without a GIL the count of another
/// thread's object cannot be told.
#[inline]
pub(crate) fn may_be_shared(object: Ref<'_>, held: isize) -> bool {
    // SAFETY: the object is alive.
    cfg!(Py_GIL_DISABLED) || unsafe { ffi::Py_REFCNT(object.as_ptr()) } > 1 + held
}

/// The one object of its kind that None, True and False are.
pub(crate) fn singleton(value: Option<bool>) -> super::object::Owned {
    // SAFETY: all three live as long as the interpreter.
    let object = unsafe {
        let object = match value {
            None => ffi::Py_None(),
            Some(true) => ffi::Py_True(),
            Some(false) => ffi::Py_False(),
        };
        Ref::new(std::ptr::NonNull::new_unchecked(object))
    };
    object.counted()
}
