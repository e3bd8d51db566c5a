//! The characters of a str as they are kept, lone surrogates and all, and strs and bytes made anew.
#![allow(unsafe_code)]

use std::ops::RangeInclusive;

use pyo3::ffi;
use pyo3::prelude::*;

use super::compare;
use super::numbers::returned;
use super::object::{Owned, Ref};

/// The characters of a str, in the narrowest of three widths that they all fit: equal strs have
/// equal ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Text<'a> {
    Latin1(&'a [u8]),
    Ucs2(&'a [u16]),
    Ucs4(&'a [u32]),
}

/// The characters of an exact str; none if there is no memory for them (before 3.12).
#[inline]
pub(super) fn text(object: Ref<'_>) -> Option<Text<'_>> {
    match compare::ascii(object) {
        Some(characters) => Some(Text::Latin1(characters)),
        None => any_text(object),
    }
}

/// The characters of what is a str, be it of a subclass.
pub(crate) fn text_of_str(object: Ref<'_>) -> Option<Text<'_>> {
    // SAFETY: the object is alive.
    let is_str = unsafe { ffi::PyUnicode_Check(object.as_ptr()) != 0 };
    if is_str { any_text(object) } else { None }
}

fn any_text(object: Ref<'_>) -> Option<Text<'_>> {
    let string = object.as_ptr();
    // SAFETY: the caller has seen that the object is a str, immutable and alive. Once it is ready,
    // which it always is from 3.12 on, it has that many characters of the width that it says.
    unsafe {
        #[cfg(not(Py_3_12))]
        if ffi::PyUnicode_READY(string) != 0 {
            ffi::PyErr_Clear();
            return None;
        }
        let (data, length) =
            (ffi::PyUnicode_DATA(string), ffi::PyUnicode_GET_LENGTH(string) as usize);
        Some(match ffi::PyUnicode_KIND(string) {
            ffi::PyUnicode_1BYTE_KIND => {
                Text::Latin1(std::slice::from_raw_parts(data.cast(), length))
            }
            ffi::PyUnicode_2BYTE_KIND => {
                Text::Ucs2(std::slice::from_raw_parts(data.cast(), length))
            }
            _ => Text::Ucs4(std::slice::from_raw_parts(data.cast(), length)),
        })
    }
}

/// Makes a str of characters of one byte each. Short ones are the interpreter's own.
#[inline]
pub(crate) fn new_latin1(py: Python<'_>, characters: &[u8]) -> PyResult<Owned> {
    let length = characters.len() as ffi::Py_ssize_t;
    if length > 1 && characters.is_ascii() {
        // SAFETY: the call returns as `returned` expects. The str is new and nobody else's, and has
        // room for that many characters of one byte.
        return unsafe {
            let string = returned(py, ffi::PyUnicode_New(length, 0x7f))?;
            let data = ffi::PyUnicode_DATA(string.as_ref().as_ptr()).cast::<u8>();
            data.copy_from_nonoverlapping(characters.as_ptr(), characters.len());
            Ok(string)
        };
    }
    // SAFETY: the call reads that many characters, and returns as `returned` expects.
    unsafe {
        let kind = ffi::PyUnicode_1BYTE_KIND as _;
        returned(py, ffi::PyUnicode_FromKindAndData(kind, characters.as_ptr().cast(), length))
    }
}

/// Makes a str of characters of two bytes each, the least significant first; none if they are not
/// such that one of them needs that width.
pub(crate) fn new_ucs2(py: Python<'_>, bytes: &[u8]) -> PyResult<Option<Owned>> {
    new_wide(py, bytes, u16::from_le_bytes, 0x100..=0xffff)
}

/// The same of characters of four bytes each, none of them beyond Unicode.
pub(crate) fn new_ucs4(py: Python<'_>, bytes: &[u8]) -> PyResult<Option<Owned>> {
    new_wide(py, bytes, u32::from_le_bytes, 0x1_0000..=char::MAX as u32)
}

/// Makes a str of characters of which the largest is in a range, all of which take a `T` each.
fn new_wide<T: Copy + Into<u32>, const BYTES: usize>(
    py: Python<'_>,
    bytes: &[u8],
    read: impl Fn([u8; BYTES]) -> T,
    range: RangeInclusive<u32>,
) -> PyResult<Option<Owned>> {
    let characters = || {
        let whole = bytes.chunks_exact(BYTES).filter_map(|chunk| chunk.try_into().ok());
        whole.map(&read)
    };
    let largest = characters().map(Into::into).max().unwrap_or(0);
    if !range.contains(&largest) {
        return Ok(None);
    }
    // SAFETY: the call returns as `returned` expects.
    let string = unsafe { returned(py, ffi::PyUnicode_New((bytes.len() / BYTES) as _, largest))? };
    // SAFETY: the str is new and nobody else's, and has room for that many characters of the width
    // that the largest one needs, which is T's.
    unsafe {
        let data = ffi::PyUnicode_DATA(string.as_ref().as_ptr()).cast::<T>();
        for (index, character) in characters().enumerate() {
            data.add(index).write(character);
        }
    }
    Ok(Some(string))
}

/// Makes a bytes object.
pub(crate) fn new_bytes(py: Python<'_>, bytes: &[u8]) -> PyResult<Owned> {
    // SAFETY: the call copies that many bytes, and returns as `returned` expects.
    unsafe {
        let length = bytes.len() as ffi::Py_ssize_t;
        returned(py, ffi::PyBytes_FromStringAndSize(bytes.as_ptr().cast(), length))
    }
}
