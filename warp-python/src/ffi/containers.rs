//! Lists, dicts and sets: walked while other code may change them, and made anew.
//!
//! With a GIL a walk looks at the container itself, each time anew, and stops where its size is no
//! longer what it was: between two steps the collector may have run other code. Without a GIL it
//! walks a copy, which the interpreter makes under the container's own lock. What a step returns is
//! counted, so that it lives on whatever becomes of the container.
#![allow(unsafe_code)]

use std::ptr::{self, addr_of_mut};

use pyo3::ffi;
use pyo3::prelude::*;

#[cfg(Py_GIL_DISABLED)]
use super::numbers::returned;
use super::numbers::{self, IntView};
use super::object::{Owned, Ref};

/// A container's size is not what it was when the walk began.
#[derive(Debug)]
pub(crate) struct Changed;

/// An exact list.
#[derive(Clone, Copy)]
pub(crate) struct List<'a>(pub(super) Ref<'a>);

/// An exact dict.
#[derive(Clone, Copy)]
pub(crate) struct Dict<'a>(pub(super) Ref<'a>);

/// An exact set or frozenset.
#[derive(Clone, Copy)]
pub(crate) struct Set<'a>(pub(super) Ref<'a>);

/// The container that is walked: itself, or a copy of it.
#[cfg(not(Py_GIL_DISABLED))]
type Walked<'a> = Ref<'a>;
#[cfg(Py_GIL_DISABLED)]
type Walked<'a> = (Owned, std::marker::PhantomData<Ref<'a>>);

#[cfg(not(Py_GIL_DISABLED))]
fn walked<'a>(
    _py: Python<'_>,
    container: Ref<'a>,
    _copy: unsafe extern "C" fn(*mut ffi::PyObject) -> *mut ffi::PyObject,
) -> PyResult<Walked<'a>> {
    Ok(container)
}

#[cfg(Py_GIL_DISABLED)]
fn walked<'a>(
    py: Python<'_>,
    container: Ref<'a>,
    copy: unsafe extern "C" fn(*mut ffi::PyObject) -> *mut ffi::PyObject,
) -> PyResult<Walked<'a>> {
    // SAFETY: the container is alive, and of the kind that the function copies.
    let copy = unsafe { returned(py, copy(container.as_ptr()))? };
    Ok((copy, std::marker::PhantomData))
}

#[cfg(not(Py_GIL_DISABLED))]
fn pointer(walked: &Walked<'_>) -> *mut ffi::PyObject {
    walked.as_ptr()
}

#[cfg(Py_GIL_DISABLED)]
fn pointer(walked: &Walked<'_>) -> *mut ffi::PyObject {
    walked.0.as_ref().as_ptr()
}

/// An item of a list.
pub(crate) enum Item {
    Int(i64),
    Float(f64),
    Object(Owned),
}

/// A walk over a list's items.
pub(crate) struct ListItems<'a> {
    list: Walked<'a>,
    length: usize,
    next: usize,
}

impl<'a> List<'a> {
    #[inline]
    pub(crate) fn items(self, py: Python<'_>) -> PyResult<ListItems<'a>> {
        #[cfg(not(Py_GIL_DISABLED))]
        let length = list_length(self.0.as_ptr());
        let list = walked(py, self.0, ffi::PyList_AsTuple)?;
        #[cfg(Py_GIL_DISABLED)]
        let length = list_length(pointer(&list));
        Ok(ListItems { list, length, next: 0 })
    }
}

/// The length of a list, or of the tuple that it was copied to.
#[inline]
fn list_length(list: *mut ffi::PyObject) -> usize {
    // SAFETY: both keep it in the same place, and nobody else changes it meanwhile.
    unsafe { ffi::Py_SIZE(list) as usize }
}

impl ListItems<'_> {
    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The next one, or none at the end. Ints and floats are but read.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Item>, Changed> {
        let list = pointer(&self.list);
        if list_length(list) != self.length {
            return Err(Changed);
        }
        if self.next == self.length {
            return Ok(None);
        }
        // SAFETY: the index is below the length; the item is alive, and nothing runs before it is
        // counted.
        let item = unsafe {
            #[cfg(Py_GIL_DISABLED)]
            let item = ffi::PyTuple_GET_ITEM(list, self.next as ffi::Py_ssize_t);
            #[cfg(not(Py_GIL_DISABLED))]
            let item = ffi::PyList_GET_ITEM(list, self.next as ffi::Py_ssize_t);
            // A list that is only being filled has places without an item.
            let Some(item) = ptr::NonNull::new(item) else { return Err(Changed) };
            Ref::new(item)
        };
        self.next += 1;
        let kind = item.type_ptr();
        if kind == addr_of_mut!(ffi::PyLong_Type) {
            if let Some(IntView::Small(value)) = numbers::int(item) {
                return Ok(Some(Item::Int(value)));
            }
        } else if kind == addr_of_mut!(ffi::PyFloat_Type) {
            return Ok(Some(Item::Float(numbers::float(item))));
        }
        Ok(Some(Item::Object(item.counted())))
    }
}

/// A walk over a dict's items, in its order.
pub(crate) struct DictItems<'a> {
    dict: Walked<'a>,
    length: usize,
    seen: usize,
    position: ffi::Py_ssize_t,
}

impl<'a> Dict<'a> {
    pub(crate) fn items(self, py: Python<'_>) -> PyResult<DictItems<'a>> {
        let dict = walked(py, self.0, ffi::PyDict_Copy)?;
        let length = dict_length(pointer(&dict));
        Ok(DictItems { dict, length, seen: 0, position: 0 })
    }

    /// Whether other dicts may use the same table of keys, as those of a class's instances do: then
    /// one count of a key stands for all of them.
    pub(crate) fn shares_keys(self) -> bool {
        // SAFETY: the object is an exact dict, whose struct this is.
        unsafe { !(*self.0.as_ptr().cast::<ffi::PyDictObject>()).ma_values.is_null() }
    }
}

#[inline]
fn dict_length(dict: *mut ffi::PyObject) -> usize {
    // SAFETY: the object is an exact dict, whose struct this is; nobody else changes it meanwhile.
    unsafe { (*dict.cast::<ffi::PyDictObject>()).ma_used as usize }
}

impl DictItems<'_> {
    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The next key with its value, or none at the end.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<(Owned, Owned)>, Changed> {
        let dict = pointer(&self.dict);
        if dict_length(dict) != self.length {
            return Err(Changed);
        }
        let (mut key, mut value) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the position is the call's own, which minds the table's present size; what it
        // returns is alive, and nothing runs before it is counted.
        unsafe {
            if ffi::PyDict_Next(dict, &mut self.position, &mut key, &mut value) == 0 {
                return if self.seen == self.length { Ok(None) } else { Err(Changed) };
            }
            self.seen += 1;
            let (Some(key), Some(value)) = (ptr::NonNull::new(key), ptr::NonNull::new(value))
            else {
                return Err(Changed);
            };
            Ok(Some((Ref::new(key).counted(), Ref::new(value).counted())))
        }
    }
}

/// A walk over a set's elements, in the order of its table.
pub(crate) struct SetItems<'a> {
    set: Walked<'a>,
    length: usize,
    seen: usize,
    position: ffi::Py_ssize_t,
}

impl<'a> Set<'a> {
    pub(crate) fn items(self, py: Python<'_>) -> PyResult<SetItems<'a>> {
        let set = walked(py, self.0, ffi::PyFrozenSet_New)?;
        let length = set_length(pointer(&set));
        Ok(SetItems { set, length, seen: 0, position: 0 })
    }
}

#[inline]
fn set_length(set: *mut ffi::PyObject) -> usize {
    // SAFETY: the object is a set, whose struct this is; nobody else changes it meanwhile.
    unsafe { (*set.cast::<ffi::PySetObject>()).used as usize }
}

impl SetItems<'_> {
    /// How many elements there are.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The next element, or none at the end.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Owned>, Changed> {
        /// The hash that no object has, which marks where an element was taken away.
        const NO_HASH: ffi::Py_hash_t = -1;
        let set = pointer(&self.set).cast::<ffi::PySetObject>();
        if set_length(set.cast()) != self.length {
            return Err(Changed);
        }
        // SAFETY: the object is a set, whose struct this is, with a table of one entry more than its
        // mask; both are read anew, and nothing runs before the element is counted.
        unsafe {
            while self.position <= (*set).mask {
                let entry = (*set).table.offset(self.position);
                self.position += 1;
                if (*entry).hash == NO_HASH {
                    continue;
                }
                if let Some(element) = ptr::NonNull::new((*entry).key) {
                    self.seen += 1;
                    return Ok(Some(Ref::new(element).counted()));
                }
            }
        }
        if self.seen == self.length { Ok(None) } else { Err(Changed) }
    }
}
