//! Containers made anew, item by item.
//!
//! A list or tuple that is being filled has places without an item, which code that finds it must
//! not see: the collector, by which such code would find it, does not know it until it is full.
#![allow(unsafe_code)]

use pyo3::ffi;
use pyo3::prelude::*;

use super::numbers::returned;
use super::object::Owned;
use super::python;

/// A list or tuple that is being filled.
pub(crate) struct Row {
    row: Owned,
    is_tuple: bool,
    length: usize,
    filled: usize,
}

impl Row {
    /// A list of that many items.
    #[inline]
    pub(crate) fn list(py: Python<'_>, length: usize) -> PyResult<Self> {
        // SAFETY: the call returns as `returned` expects.
        let row = unsafe { returned(py, ffi::PyList_New(length as ffi::Py_ssize_t))? };
        Ok(Row::unseen(row, false, length))
    }

    /// A tuple of that many items.
    #[inline]
    pub(crate) fn tuple(py: Python<'_>, length: usize) -> PyResult<Self> {
        // SAFETY: the call returns as `returned` expects.
        let row = unsafe { returned(py, ffi::PyTuple_New(length as ffi::Py_ssize_t))? };
        Ok(Row::unseen(row, true, length))
    }

    fn unseen(row: Owned, is_tuple: bool, length: usize) -> Self {
        if length > 0 {
            // SAFETY: the object is one that the collector knows, and may forget.
            unsafe { ffi::PyObject_GC_UnTrack(row.as_ref().as_ptr().cast()) };
        }
        Row { row, is_tuple, length, filled: 0 }
    }

    /// Fills the next place.
    ///
    /// # Panics
    /// If there is none left.
    #[inline]
    pub(crate) fn push(&mut self, item: Owned) {
        assert!(self.filled < self.length, "there is no place for one more item");
        let (row, index) = (self.row.as_ref().as_ptr(), self.filled as ffi::Py_ssize_t);
        // SAFETY: the index is below the length of the row, which has not left this module full.
        unsafe {
            if self.is_tuple {
                ffi::PyTuple_SET_ITEM(row, index, item.into_ptr());
            } else {
                ffi::PyList_SET_ITEM(row, index, item.into_ptr());
            }
        }
        self.filled += 1;
    }

    /// The list or tuple.
    ///
    /// # Panics
    /// If a place is empty.
    #[inline]
    pub(crate) fn finish(self) -> Owned {
        assert!(self.filled == self.length, "a place has no item");
        if self.length > 0 {
            // SAFETY: the collector does not know the object, all of whose places are filled.
            unsafe { ffi::PyObject_GC_Track(self.row.as_ref().as_ptr().cast()) };
        }
        self.row
    }
}

/// A list that is being filled while others refer to it.
pub(crate) struct NewList(Owned);

impl NewList {
    pub(crate) fn new(py: Python<'_>) -> PyResult<Self> {
        // SAFETY: the call returns as `returned` expects.
        unsafe { returned(py, ffi::PyList_New(0)).map(NewList) }
    }

    /// The list as it is.
    pub(crate) fn list(&self) -> &Owned {
        &self.0
    }

    /// Adds an item.
    pub(crate) fn push(&self, py: Python<'_>, item: &Owned) -> PyResult<()> {
        // SAFETY: both are alive, and the first is a list.
        match unsafe { ffi::PyList_Append(self.0.as_ref().as_ptr(), item.as_ref().as_ptr()) } {
            0 => Ok(()),
            _ => Err(PyErr::fetch(py)),
        }
    }

    /// The list.
    pub(crate) fn finish(self) -> Owned {
        self.0
    }
}

/// A dict that is being filled.
pub(crate) struct NewDict(Owned);

impl NewDict {
    pub(crate) fn new(py: Python<'_>) -> PyResult<Self> {
        // SAFETY: the call returns as `returned` expects.
        unsafe { returned(py, ffi::PyDict_New()).map(NewDict) }
    }

    /// The dict as it is.
    pub(crate) fn dict(&self) -> &Owned {
        &self.0
    }

    /// Adds an item. An error if the key cannot be hashed.
    #[inline]
    pub(crate) fn insert(&self, py: Python<'_>, key: &Owned, value: &Owned) -> PyResult<()> {
        let (key, value) = (key.as_ref().as_ptr(), value.as_ref().as_ptr());
        // SAFETY: all three are alive, and the first is a dict.
        match unsafe { python::set_item(self.0.as_ref().as_ptr(), key, value) } {
            0 => Ok(()),
            _ => Err(PyErr::fetch(py)),
        }
    }

    /// How many items there are: fewer than were added if two had one key.
    pub(crate) fn len(&self) -> usize {
        // SAFETY: the object is a dict.
        unsafe { ffi::PyDict_Size(self.0.as_ref().as_ptr()) as usize }
    }

    /// The dict.
    pub(crate) fn finish(self) -> Owned {
        self.0
    }
}

/// A set or frozenset that is being filled.
pub(crate) struct NewSet(Owned);

impl NewSet {
    pub(crate) fn new(py: Python<'_>, frozen: bool) -> PyResult<Self> {
        // SAFETY: without an argument the calls make an empty one, and return as `returned` expects.
        unsafe {
            let set = if frozen {
                ffi::PyFrozenSet_New(std::ptr::null_mut())
            } else {
                ffi::PySet_New(std::ptr::null_mut())
            };
            returned(py, set).map(NewSet)
        }
    }

    /// Adds an element. An error if it cannot be hashed.
    #[inline]
    pub(crate) fn add(&self, py: Python<'_>, element: &Owned) -> PyResult<()> {
        let element = element.as_ref().as_ptr();
        // SAFETY: both are alive; a frozenset may be added to while nobody else knows it.
        match unsafe { python::add(self.0.as_ref().as_ptr(), element) } {
            0 => Ok(()),
            _ => Err(PyErr::fetch(py)),
        }
    }

    /// The set as it is; a frozenset that others know cannot be added to.
    pub(crate) fn set(&self) -> &Owned {
        &self.0
    }

    /// How many elements there are: fewer than were added if two were equal.
    pub(crate) fn len(&self) -> usize {
        // SAFETY: the object is a set.
        unsafe { ffi::PySet_Size(self.0.as_ref().as_ptr()) as usize }
    }

    /// The set.
    pub(crate) fn finish(self) -> Owned {
        self.0
    }
}
