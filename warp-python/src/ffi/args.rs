//! The arguments of a call, as the interpreter leaves them on its stack.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ptr::NonNull;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::hash::Raised;
use super::object::{Owned, Ref};
use super::python;
use crate::key::{KeyStyle, Named, One, Two};

/// The arguments of a call: by position, the values of those by keyword, and the names of these.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) positional: &'a [Ref<'a>],
    pub(crate) values: &'a [Ref<'a>],
    pub(crate) names: &'a [Ref<'a>],
}

/// A call's arguments: positional ones, then the values of the keyword ones, whose names stand in a
/// tuple.
#[derive(Clone, Copy)]
pub(crate) struct Args<'a> {
    stack: *const *mut ffi::PyObject,
    /// The number of positional ones, with the interpreter's flag in the highest bit.
    count: usize,
    names: *mut ffi::PyObject,
    alive: PhantomData<&'a ()>,
}

impl<'a> Args<'a> {
    /// # Safety
    /// As a vectorcall: `stack` holds as many objects as `count` and `names` say, alive for `'a`;
    /// `names` is null or a tuple of strs.
    #[inline]
    pub(crate) unsafe fn new(
        stack: *const *mut ffi::PyObject,
        count: usize,
        names: *mut ffi::PyObject,
    ) -> Self {
        Args { stack, count, names, alive: PhantomData }
    }

    /// Arguments by position only.
    pub(crate) fn of(positional: &'a [Ref<'a>]) -> Self {
        let stack = positional.as_ptr().cast();
        Args { stack, count: positional.len(), names: std::ptr::null_mut(), alive: PhantomData }
    }

    fn positional_count(self) -> usize {
        self.count & !ffi::PY_VECTORCALL_ARGUMENTS_OFFSET
    }

    /// Whether there are keyword arguments.
    #[inline]
    pub(crate) fn has_names(self) -> bool {
        !self.names.is_null()
    }

    /// The key that one positional argument makes.
    #[inline(always)]
    pub(crate) fn one(self) -> Option<One<'a>> {
        match self.positional() {
            [object] if self.names.is_null() => Some(One(*object)),
            _ => None,
        }
    }

    /// The key that two positional arguments make.
    #[inline(always)]
    pub(crate) fn two(self) -> Option<Two<'a>> {
        match self.positional() {
            [a, b] if self.names.is_null() => Some(Two([*a, *b])),
            _ => None,
        }
    }

    /// Whether there are so many keyword arguments, and no others.
    #[inline(always)]
    pub(crate) fn are_named(self, count: usize) -> bool {
        self.positional_count() == 0 && self.names().len() == count
    }

    /// The key that one or two keyword arguments make, if their names are interned.
    #[inline(always)]
    pub(crate) fn named<const N: usize>(self, style: KeyStyle) -> Option<Named<'a, N>> {
        if !self.are_named(N) {
            return None;
        }
        let (values, names) = (self.values().first_chunk()?, self.names().first_chunk()?);
        Named::new(*values, *names, style)
    }

    /// The arguments, as keys are made of them.
    #[inline]
    pub(crate) fn parts(self) -> Parts<'a> {
        Parts { positional: self.positional(), values: self.values(), names: self.names() }
    }

    /// The positional arguments.
    #[inline]
    fn positional(self) -> &'a [Ref<'a>] {
        self.slice(0, self.positional_count())
    }

    /// The values of the keyword arguments.
    #[inline]
    fn values(self) -> &'a [Ref<'a>] {
        self.slice(self.positional_count(), self.names().len())
    }

    /// The names of the keyword arguments.
    #[inline]
    fn names(self) -> &'a [Ref<'a>] {
        if self.names.is_null() {
            return &[];
        }
        // SAFETY: `names` is a tuple that is alive for 'a; its items are pointers in a row, as a
        // Ref is.
        unsafe {
            let length = ffi::Py_SIZE(self.names) as usize;
            let items = &raw const (*self.names.cast::<ffi::PyTupleObject>()).ob_item;
            std::slice::from_raw_parts(items.cast(), length)
        }
    }

    #[inline]
    fn slice(self, start: usize, length: usize) -> &'a [Ref<'a>] {
        if length == 0 {
            return &[]; // The stack may be null.
        }
        // SAFETY: the stack holds that many objects, alive for 'a, and a Ref is one pointer.
        unsafe { std::slice::from_raw_parts(self.stack.add(start).cast(), length) }
    }

    /// Calls a function with these arguments.
    pub(crate) fn call(self, py: Python<'_>, function: &Owned) -> PyResult<Owned> {
        self.call_raw(function).map_err(|Raised| PyErr::fetch(py))
    }

    /// As `call`, without PyO3.
    #[inline]
    pub(crate) fn call_raw(self, function: &Owned) -> Result<Owned, Raised> {
        // SAFETY: the arguments are as the interpreter gave them, for a call of the same kind; the
        // result is a new reference.
        unsafe {
            let function = function.as_ref().as_ptr();
            let result = python::call(function, self.stack, self.count, self.names);
            NonNull::new(result).map(|result| Owned::from_owned(result)).ok_or(Raised)
        }
    }

    /// The arguments as a tuple and a dict, to call with later.
    pub(crate) fn to_objects<'py>(
        self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let positional = PyTuple::new(py, self.positional().iter().map(|arg| arg.borrow(py)))?;
        let keywords = PyDict::new(py);
        for (name, value) in self.names().iter().zip(self.values()) {
            keywords.set_item(name.borrow(py), value.borrow(py))?;
        }
        Ok((positional, keywords))
    }

    /// The same less the first positional argument, which is returned by itself.
    pub(crate) fn split_first(self) -> Option<(Ref<'a>, Args<'a>)> {
        let first = *self.positional().first()?;
        // SAFETY: there is a first argument, so one step further is within the stack. The slot
        // before is the first argument's, but not ours to change: the flag is left out.
        let stack = unsafe { self.stack.add(1) };
        let count = self.positional_count() - 1;
        Some((first, Args { stack, count, ..self }))
    }
}
