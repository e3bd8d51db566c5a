//! What numbers are worth, and numbers made anew.
#![allow(unsafe_code)]

use std::ptr::{NonNull, addr_of_mut};

use pyo3::ffi;
use pyo3::prelude::*;

use super::hash::Int;
use super::object::{Owned, Ref};

/// The bits of each digit of an int.
pub(crate) const DIGIT_BITS: u32 = 30;

/// The value of an exact int.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IntView<'a> {
    /// Any that fits, but for the smallest.
    Small(i64),
    /// Digits to the base 2^30, the least significant first.
    Big { negative: bool, digits: &'a [u32] },
}

/// What an exact int is worth; none for long ones where their digits are not known.
#[inline(always)]
pub(super) fn int<'a>(object: Ref<'a>) -> Option<IntView<'a>> {
    if cfg!(not(target_pointer_width = "64")) {
        // A digit may have 16 bits.
        let mut overflow = 0;
        // SAFETY: the object is an exact int, for which this runs no other code and does not fail.
        let value = unsafe { ffi::PyLong_AsLongLongAndOverflow(object.as_ptr(), &mut overflow) };
        return (overflow == 0).then_some(IntView::Small(value));
    }
    let int = object.as_ptr().cast::<Int>();
    // SAFETY: the caller has seen that the object is an exact int, which is immutable and alive for
    // 'a; as many digits follow as its size says.
    let (negative, digits) = unsafe {
        let size = (*int).size;
        let (count, negative) = if cfg!(Py_3_12) {
            (size as usize >> 3, size & 3 == 2)
        } else {
            (size.unsigned_abs(), size < 0)
        };
        let digits = (&raw const (*int).digits).cast::<u32>();
        (negative, std::slice::from_raw_parts(digits, count))
    };
    let amount = match *digits {
        [] => 0,
        [a] => i64::from(a),
        [a, b] => i64::from(a) | i64::from(b) << DIGIT_BITS,
        [a, b, c] if c < 8 => {
            i64::from(a) | i64::from(b) << DIGIT_BITS | i64::from(c) << (2 * DIGIT_BITS)
        }
        _ => return Some(IntView::Big { negative, digits }),
    };
    Some(IntView::Small(if negative { -amount } else { amount }))
}

/// What an object is worth if it is an exact int.
#[inline(always)]
pub(crate) fn exact_int(object: Ref<'_>) -> Option<IntView<'_>> {
    if object.type_ptr() == addr_of_mut!(ffi::PyLong_Type) { int(object) } else { None }
}

/// The value of an exact float.
#[inline]
pub(super) fn float(object: Ref<'_>) -> f64 {
    // SAFETY: the caller has seen that the object is an exact float.
    unsafe { ffi::PyFloat_AS_DOUBLE(object.as_ptr()) }
}

/// The real and the imaginary part of an exact complex.
pub(super) fn complex(object: Ref<'_>) -> (f64, f64) {
    // SAFETY: the caller has seen that the object is an exact complex, whose struct this is.
    let value = unsafe { (*object.as_ptr().cast::<ffi::PyComplexObject>()).cval };
    (value.real, value.imag)
}

/// What a call into the interpreter returned: a new reference, or null with an exception set.
///
/// # Safety
/// So it is.
#[inline]
pub(super) unsafe fn returned(py: Python<'_>, object: *mut ffi::PyObject) -> PyResult<Owned> {
    match NonNull::new(object) {
        // SAFETY: as the caller says.
        Some(object) => Ok(unsafe { Owned::from_owned(object) }),
        None => Err(PyErr::fetch(py)),
    }
}

/// Makes an int.
#[inline]
pub(crate) fn new_int(py: Python<'_>, value: i64) -> PyResult<Owned> {
    // SAFETY: the call returns as `returned` expects.
    unsafe { returned(py, ffi::PyLong_FromLongLong(value)) }
}

/// Makes an int of its two's complement, the least significant byte first.
pub(crate) fn new_long_int(py: Python<'_>, bytes: &[u8]) -> PyResult<Owned> {
    // SAFETY: the calls read that many bytes, and return as `returned` expects.
    unsafe {
        #[cfg(Py_3_13)]
        let int = ffi::PyLong_FromNativeBytes(
            bytes.as_ptr().cast(),
            bytes.len(),
            ffi::Py_ASNATIVEBYTES_LITTLE_ENDIAN,
        );
        #[cfg(not(Py_3_13))]
        let int = ffi::_PyLong_FromByteArray(bytes.as_ptr(), bytes.len(), 1, 1);
        returned(py, int)
    }
}

/// Makes a float with exactly these bits.
#[inline]
pub(crate) fn new_float(py: Python<'_>, value: f64) -> PyResult<Owned> {
    // SAFETY: the call returns as `returned` expects.
    unsafe { returned(py, ffi::PyFloat_FromDouble(value)) }
}

/// Makes a complex number.
pub(crate) fn new_complex(py: Python<'_>, real: f64, imaginary: f64) -> PyResult<Owned> {
    // SAFETY: the call returns as `returned` expects.
    unsafe { returned(py, ffi::PyComplex_FromDoubles(real, imaginary)) }
}
