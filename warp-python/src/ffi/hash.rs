//! Hashes of Python objects, those of str and small int read without a call.
#![allow(unsafe_code)]

use std::ptr::addr_of_mut;
#[cfg(Py_GIL_DISABLED)]
use std::sync::atomic::{AtomicIsize, Ordering};

use pyo3::ffi;

use super::compare;
use super::numbers::{DIGIT_BITS, IntView};
use super::object::Ref;
use super::python;

/// The interpreter has an exception set.
#[derive(Debug)]
pub(crate) struct Raised;

/// The object's hash. Runs its `__hash__` once if it is no built-in.
#[inline]
pub(crate) fn hash(object: Ref<'_>) -> Result<u64, Raised> {
    if let Some(hash) = known(object) {
        return Ok(hash);
    }
    // SAFETY: the object is alive, and this thread is attached.
    match unsafe { python::hash(object.as_ptr()) } {
        -1 => Err(Raised),
        hash => Ok(hash as u64),
    }
}

/// The same, if no code has to run for it that is not the interpreter's.
#[inline(always)]
pub(crate) fn known(object: Ref<'_>) -> Option<u64> {
    let kind = object.type_ptr();
    if kind == addr_of_mut!(ffi::PyUnicode_Type) {
        return Some(known_str_hash(object).unwrap_or_else(|| str_hash(object)) as u64);
    }
    if kind == addr_of_mut!(ffi::PyLong_Type) {
        // CPython's hash of an int is its value, but for -1, which means an error.
        return match small_int(object) {
            Some(value) => Some(if value == -1 { -2 } else { value } as u64),
            None => two_digit_int(object),
        };
    }
    if kind == addr_of_mut!(ffi::PyTuple_Type) {
        #[cfg(Py_3_14)]
        if let Some(hash) = known_tuple_hash(object) {
            return Some(hash as u64);
        }
        return plain_tuple_hash(object);
    }
    identity_hash(object)
}

/// The hash of an object whose class has none of its own, as the `self` of most methods.
#[inline(always)]
fn identity_hash(object: Ref<'_>) -> Option<u64> {
    // SAFETY: types are alive as long as their objects, and that of `object` for ever; its hash
    // function is made for any object, and neither fails nor runs other code.
    unsafe {
        let by_identity = (*addr_of_mut!(ffi::PyBaseObject_Type)).tp_hash?;
        let own = (*object.type_ptr()).tp_hash?;
        std::ptr::fn_addr_eq(own, by_identity).then(|| by_identity(object.as_ptr()) as u64)
    }
}

/// The hash that a str keeps once it has been computed.
#[inline]
fn known_str_hash(object: Ref<'_>) -> Option<isize> {
    let string = object.as_ptr().cast::<ffi::PyASCIIObject>();
    // SAFETY: the caller has seen that the object is a str, whose struct begins so. The field is
    // written while threads run in parallel, and is read as an atomic where they do.
    #[cfg(Py_GIL_DISABLED)]
    let hash = unsafe { AtomicIsize::from_ptr(&raw mut (*string).hash) }.load(Ordering::Relaxed);
    // SAFETY: the caller has seen that the object is a str, whose struct begins so.
    #[cfg(not(Py_GIL_DISABLED))]
    let hash = unsafe { (*string).hash };
    (hash != -1).then_some(hash)
}

/// The hash of an exact str, which is computed without running other code and never fails.
#[cold]
fn str_hash(object: Ref<'_>) -> isize {
    // SAFETY: the object is alive, and this thread is attached.
    unsafe { ffi::PyObject_Hash(object.as_ptr()) }
}

/// The hash that a tuple keeps once it has been computed, from 3.14 on.
#[cfg(Py_3_14)]
#[inline]
fn known_tuple_hash(object: Ref<'_>) -> Option<isize> {
    let tuple = object.as_ptr().cast::<ffi::PyTupleObject>();
    // SAFETY: the caller has seen that the object is a tuple, whose struct begins so.
    let hash = unsafe { &raw mut (*tuple).ob_hash };
    // SAFETY: as above. As a str's.
    #[cfg(Py_GIL_DISABLED)]
    let hash = unsafe { AtomicIsize::from_ptr(hash) }.load(Ordering::Relaxed);
    // SAFETY: as above.
    #[cfg(not(Py_GIL_DISABLED))]
    let hash = unsafe { *hash };
    (hash != -1).then_some(hash)
}

/// The hash of an exact tuple that has but strs, ints, floats, bools, bytes and None.
#[inline(never)]
fn plain_tuple_hash(object: Ref<'_>) -> Option<u64> {
    // SAFETY: None is always there.
    let none = unsafe { ffi::Py_TYPE(ffi::Py_None()) };
    let is_plain = |item: &Ref<'_>| {
        let kind = item.type_ptr();
        kind == addr_of_mut!(ffi::PyUnicode_Type)
            || kind == addr_of_mut!(ffi::PyLong_Type)
            || kind == addr_of_mut!(ffi::PyFloat_Type)
            || kind == addr_of_mut!(ffi::PyBool_Type)
            || kind == addr_of_mut!(ffi::PyBytes_Type)
            || kind == none
    };
    if !compare::items(object).iter().all(is_plain) {
        return None;
    }
    // SAFETY: the object is alive, and this thread is attached. No code of its items' is run but the
    // interpreter's own, which does not fail.
    Some(unsafe { ffi::PyObject_Hash(object.as_ptr()) } as u64)
}

/// CPython's own int, as far as it is looked at: the tag or size, and then the digits.
#[repr(C)]
pub(super) struct Int {
    base: ffi::PyObject,
    /// From 3.12 on: the number of digits shifted left by 3, and the sign in the lowest two bits (0
    /// is positive, 1 zero, 2 negative). Before: the number of digits, negative for a negative
    /// number.
    pub(super) size: isize,
    pub(super) digits: [u32; 1],
}

/// The value of an exact int of one digit, below 2^30 by amount.
#[inline]
fn small_int(object: Ref<'_>) -> Option<isize> {
    if cfg!(not(target_pointer_width = "64")) {
        return None; // Where a digit may have 16 bits.
    }
    let int = object.as_ptr().cast::<Int>();
    // SAFETY: the caller has seen that the object is an int; ints are immutable, and one digit is
    // always there to be read.
    let (size, digit) = unsafe { ((*int).size, (*int).digits[0] as isize) };
    if cfg!(Py_3_12) {
        // The sign is tested, not multiplied by: most are positive, which a branch foresees.
        let value = if size & 3 == 0 { digit } else { (1 - (size & 3)) * digit };
        (size < 2 << 3).then_some(value)
    } else {
        matches!(size, -1..=1).then_some(size * digit)
    }
}

/// The hash of an exact int of two digits, below 2^60 by amount: its value too, which is below the
/// prime 2^61 - 1 that longer ones are divided by.
#[inline(never)]
fn two_digit_int(object: Ref<'_>) -> Option<u64> {
    match super::numbers::int(object)? {
        IntView::Small(value) if value.unsigned_abs() < 1 << (2 * DIGIT_BITS) => Some(value as u64),
        _ => None,
    }
}

/// Mixes one more hash into a key's: a multiplication that carries into all bits.
#[inline]
pub(crate) fn mix(seed: u64, hash: u64) -> u64 {
    let product = u128::from(seed ^ hash) * 0x9e37_79b9_7f4a_7c15_u128;
    (product as u64) ^ (product >> 64) as u64
}
