//! Numbers in keys: those that are equal are written alike, whatever their type.

use super::error::NotEncoded;
use super::sink::Sink;
use super::tags;
use crate::ffi::numbers::DIGIT_BITS;

/// A float without a fraction is the int that it is equal to. All NaNs are one.
pub(super) fn float(sink: &mut Sink<'_>, value: f64) -> Result<(), NotEncoded> {
    const LARGEST: f64 = 9_007_199_254_740_992.0; // 2^53: those below are ints of 64 bits.
    if value.is_nan() {
        sink.byte(tags::NAN);
    } else if value.is_infinite() || value.fract() != 0.0 {
        sink.float(value);
    } else if value.abs() < LARGEST {
        sink.small_int(value as i64);
    } else {
        return large(sink, value);
    }
    Ok(())
}

/// An int that has as many factors of two that its digits are but three ones, and zeros.
fn large(sink: &mut Sink<'_>, value: f64) -> Result<(), NotEncoded> {
    let bits = value.to_bits();
    let significand = u128::from(bits & ((1 << 52) - 1) | 1 << 52);
    let power = (bits >> 52 & 0x7ff) as u32 - 1075;
    let (zeros, shift) = ((power / DIGIT_BITS) as usize, power % DIGIT_BITS);
    let mut digits = vec![0; zeros];
    let mut rest = significand << shift;
    while rest != 0 {
        digits.push((rest & ((1 << DIGIT_BITS) - 1)) as u32);
        rest >>= DIGIT_BITS;
    }
    sink.digits(value < 0.0, &digits)
}

/// A complex number without an imaginary part is the float that it is equal to.
pub(super) fn complex(sink: &mut Sink<'_>, real: f64, imaginary: f64) -> Result<(), NotEncoded> {
    if imaginary == 0.0 && !real.is_nan() {
        return float(sink, real);
    }
    sink.complex(canonical(real), canonical(imaginary));
    Ok(())
}

/// One zero, and one NaN.
fn canonical(value: f64) -> f64 {
    if value.is_nan() { f64::from_bits(0x7ff8 << 48) } else { value + 0.0 }
}
