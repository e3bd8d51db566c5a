//! Names of keyword arguments: interned, so that equal ones are one object.
#![allow(unsafe_code)]

use std::ptr::{NonNull, addr_of_mut};

use pyo3::ffi;

use super::object::{Owned, Ref};

/// Whether a name is an interned str, as those in a program's text are.
#[inline]
pub(crate) fn is_interned(name: Ref<'_>) -> bool {
    if name.type_ptr() != addr_of_mut!(ffi::PyUnicode_Type) {
        return false;
    }
    let string = name.as_ptr().cast::<ffi::PyASCIIObject>();
    // SAFETY: the object is a str, whose struct begins so. Whether it is interned stands in the
    // lowest bits of the word behind the hash, in every version; it is never undone.
    let state = unsafe { (&raw const (*string).hash).add(1).cast::<u8>().read() };
    cfg!(target_endian = "little") && state & 3 != 0
}

/// The interned str with the same text, be the name of str itself or of a subclass.
pub(crate) fn intern(name: Ref<'_>) -> Option<Owned> {
    // SAFETY: the name is a str, of which the first call returns an exact one, new or counted; the
    // second replaces that reference by one to the interned twin.
    unsafe {
        let mut string = ffi::PyUnicode_FromObject(name.as_ptr());
        if string.is_null() {
            ffi::PyErr_Clear(); // No memory: the name is compared as the object that it is.
            return None;
        }
        ffi::PyUnicode_InternInPlace(&mut string);
        NonNull::new(string).map(|string| Owned::from_owned(string))
    }
}
