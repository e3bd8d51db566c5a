//! Comparing objects without running any code of a user's: what may happen under a lock.
#![allow(unsafe_code)]

use std::ptr::addr_of_mut;
use std::sync::atomic::{AtomicU8, Ordering};

use pyo3::ffi;

use super::hash::{Int, Raised};
use super::object::Ref;
use super::python;

/// How deep tuples are compared here; deeper ones are Python's to compare.
const DEPTH: u32 = 4;

/// What can be said of two objects without running user code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Same,
    Different,
    /// Only Python's `==` can tell.
    Unknown,
}

/// Compares two objects by value that are not the same, if they are of one exact built-in type.
pub(crate) fn compare_values(a: Ref<'_>, b: Ref<'_>) -> Verdict {
    compare_nested(a, b, DEPTH)
}

fn compare_nested(a: Ref<'_>, b: Ref<'_>, depth: u32) -> Verdict {
    let kind = a.type_ptr();
    if kind != b.type_ptr() {
        return Verdict::Unknown;
    }
    let same = if kind == addr_of_mut!(ffi::PyLong_Type) {
        same_int(a, b)
    } else if kind == addr_of_mut!(ffi::PyUnicode_Type) {
        same_str(a, b)
    } else if kind == addr_of_mut!(ffi::PyFloat_Type) {
        // SAFETY: both are exact floats.
        unsafe { ffi::PyFloat_AS_DOUBLE(a.as_ptr()) == ffi::PyFloat_AS_DOUBLE(b.as_ptr()) }
    } else if kind == addr_of_mut!(ffi::PyBytes_Type) {
        bytes(a) == bytes(b)
    } else if kind == addr_of_mut!(ffi::PyBool_Type) {
        false // There is one object for each value, and they are not the same.
    } else if kind == addr_of_mut!(ffi::PyTuple_Type) {
        return compare_tuples(a, b, depth);
    } else {
        return Verdict::Unknown;
    };
    if same { Verdict::Same } else { Verdict::Different }
}

/// Whether two objects are one, or equal by value and of one exact built-in type; false also where
/// only Python can tell. Frequent kinds first, and without a call.
#[inline(always)]
pub(crate) fn is_surely_equal(a: Ref<'_>, b: Ref<'_>) -> bool {
    if a.is(b) {
        return true;
    }
    let kind = a.type_ptr();
    if kind != b.type_ptr() {
        return false;
    }
    if kind == addr_of_mut!(ffi::PyUnicode_Type) {
        same_str(a, b)
    } else if kind == addr_of_mut!(ffi::PyLong_Type) {
        same_int(a, b)
    } else {
        compare_values(a, b) == Verdict::Same
    }
}

#[inline(always)]
fn same_int(a: Ref<'_>, b: Ref<'_>) -> bool {
    if cfg!(not(target_pointer_width = "64")) {
        // SAFETY: both are exact ints, whose comparison runs no other code and cannot fail.
        return unsafe { ffi::PyObject_RichCompareBool(a.as_ptr(), b.as_ptr(), ffi::Py_EQ) == 1 };
    }
    let (a, b) = (a.as_ptr().cast::<Int>(), b.as_ptr().cast::<Int>());
    // SAFETY: both are exact ints, which are immutable.
    let (size, other) = unsafe { ((*a).size, (*b).size) };
    let count = if cfg!(Py_3_12) {
        // The third bit marks the interpreter's own small ints, from 3.14 on.
        if size & !4 != other & !4 {
            return false;
        }
        size as usize >> 3
    } else {
        if size != other {
            return false;
        }
        size.unsigned_abs()
    };
    // SAFETY: that many digits follow in each, and one at least; they are read through the whole
    // objects' pointers.
    unsafe {
        let (a, b) =
            ((&raw const (*a).digits).cast::<u32>(), (&raw const (*b).digits).cast::<u32>());
        *a == *b
            && (count <= 1
                || std::slice::from_raw_parts(a, count) == std::slice::from_raw_parts(b, count))
    }
}

#[inline(always)]
fn same_str(a: Ref<'_>, b: Ref<'_>) -> bool {
    match (ascii(a), ascii(b)) {
        (Some(a), Some(b)) => a == b,
        _ => same_text(a, b),
    }
}

/// The characters of a str that has but ASCII ones, where they stand right behind its struct.
#[inline(always)]
pub(super) fn ascii<'a>(object: Ref<'a>) -> Option<&'a [u8]> {
    /// In the byte behind the hash, between the two bits on interning and one that differs between
    /// versions: one byte a character (in 3 bits), compact, ASCII.
    const COMPACT_ASCII: u8 = 0b110_0100;
    // Without a GIL, 3.14 has something else in that byte.
    if cfg!(all(Py_GIL_DISABLED, Py_3_14)) || cfg!(target_endian = "big") {
        return None;
    }
    let string = object.as_ptr().cast::<ffi::PyASCIIObject>();
    // SAFETY: the object is an exact str, immutable and alive for 'a, whose struct begins so; a
    // compact ASCII one has its characters right behind it. The bits on interning, of which nothing
    // is read here, may change meanwhile: so the byte is read as an atomic.
    unsafe {
        let state = (&raw mut (*string).hash).add(1).cast::<u8>();
        if AtomicU8::from_ptr(state).load(Ordering::Relaxed) & 0b111_1100 != COMPACT_ASCII {
            return None;
        }
        Some(std::slice::from_raw_parts(string.add(1).cast(), (*string).length as usize))
    }
}

#[inline(never)]
fn same_text(a: Ref<'_>, b: Ref<'_>) -> bool {
    // SAFETY: both are exact strs, and ready, as they have been hashed. Their comparison runs no
    // other code and does not fail.
    unsafe {
        ffi::PyUnicode_GET_LENGTH(a.as_ptr()) == ffi::PyUnicode_GET_LENGTH(b.as_ptr())
            && ffi::PyUnicode_Compare(a.as_ptr(), b.as_ptr()) == 0
    }
}

pub(super) fn bytes<'a>(object: Ref<'a>) -> &'a [u8] {
    // SAFETY: the object is exact bytes, immutable and alive for 'a.
    unsafe {
        let length = ffi::Py_SIZE(object.as_ptr()) as usize;
        std::slice::from_raw_parts(ffi::PyBytes_AS_STRING(object.as_ptr()).cast(), length)
    }
}

pub(super) fn items<'a>(object: Ref<'a>) -> &'a [Ref<'a>] {
    // SAFETY: the object is an exact tuple, immutable and alive for 'a; its items are references in
    // a row, and a Ref is one pointer.
    unsafe {
        let length = ffi::Py_SIZE(object.as_ptr()) as usize;
        let items = &raw const (*object.as_ptr().cast::<ffi::PyTupleObject>()).ob_item;
        std::slice::from_raw_parts(items.cast(), length)
    }
}

fn compare_tuples(a: Ref<'_>, b: Ref<'_>, depth: u32) -> Verdict {
    let (a, b) = (items(a), items(b));
    if a.len() != b.len() {
        return Verdict::Different;
    }
    if depth == 0 {
        return Verdict::Unknown;
    }
    let mut verdict = Verdict::Same;
    for (&a, &b) in a.iter().zip(b) {
        if a.is(b) {
            continue;
        }
        match compare_nested(a, b, depth - 1) {
            Verdict::Same => {}
            Verdict::Different => return Verdict::Different,
            Verdict::Unknown => verdict = Verdict::Unknown,
        }
    }
    verdict
}

/// Python's `==`, with identity first: may run any code, so no lock may be held.
pub(crate) fn equal_in_python(a: Ref<'_>, b: Ref<'_>) -> Result<bool, Raised> {
    // SAFETY: both are alive, and this thread is attached.
    match unsafe { python::equal(a.as_ptr(), b.as_ptr()) } {
        -1 => Err(Raised),
        equal => Ok(equal == 1),
    }
}
