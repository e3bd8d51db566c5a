//! Decimals: what `str` says of them, and what they are equal to.

use pyo3::prelude::*;

use super::error::NotDecoded;
use super::library;
use crate::ffi::object::Owned;

/// The largest exponent of a Decimal, and the amount of the smallest, roughly.
const MAX_EXPONENT: i64 = 2_000_000_000_000_000_000;

/// A Decimal as its text says it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decimal<'t> {
    /// NaN, quiet or signaling, with its payload.
    Nan,
    Infinity {
        negative: bool,
    },
    /// The whole and the fractional digits, and the power of ten.
    Finite {
        negative: bool,
        whole: &'t str,
        fraction: &'t str,
        exponent: i64,
    },
}

/// What a text says, if `str` of a Decimal may be such a text.
pub(super) fn parse(text: &str) -> Option<Decimal<'_>> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    if text == "Infinity" {
        return Some(Decimal::Infinity { negative });
    }
    if let Some(payload) = text.strip_prefix("NaN").or_else(|| text.strip_prefix("sNaN")) {
        return is_digits(payload).then_some(Decimal::Nan);
    }
    let (number, exponent) = match text.split_once(['E', 'e']) {
        Some((number, exponent)) => (number, exponent.parse().ok()?),
        None => (text, 0_i64),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = !whole.is_empty() && is_digits(whole) && is_digits(fraction);
    let is_possible = exponent.unsigned_abs() <= MAX_EXPONENT.unsigned_abs();
    (is_number && is_possible).then_some(Decimal::Finite { negative, whole, fraction, exponent })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Makes the Decimal that some bytes say; none if they say none.
pub(super) fn read(py: Python<'_>, bytes: &[u8]) -> Result<Option<Owned>, NotDecoded> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(None) };
    let Some(parsed) = parse(text) else { return Ok(None) };
    let decimal = library::new_decimal(py, text)?;
    // Where the thread's context does not trap it, what is too large becomes a NaN.
    if parsed != Decimal::Nan && library::is_nan(py, &decimal)? {
        return Ok(None);
    }
    Ok(Some(decimal))
}

/// What a Decimal is equal to, in the one way in which it is written in keys.
#[derive(Debug, PartialEq)]
pub(super) enum Number {
    Nan,
    Float(f64),
    Int(i64),
    /// An int that is larger, but not beyond reason.
    LongInt,
    /// No int and no float: digits without zeros at either end, and the power of ten.
    Other {
        negative: bool,
        digits: String,
        exponent: i64,
    },
}

/// How many digits an int may have that a Decimal is compared with; larger ones are different.
const MAX_DIGITS: i64 = 10_000;

/// What the Decimal that a text says is equal to.
pub(super) fn number(text: &str) -> Option<Number> {
    let (negative, whole, fraction, exponent) = match parse(text)? {
        Decimal::Nan => return Some(Number::Nan),
        Decimal::Infinity { negative } => {
            let infinity = if negative { f64::NEG_INFINITY } else { f64::INFINITY };
            return Some(Number::Float(infinity));
        }
        Decimal::Finite { negative, whole, fraction, exponent } => {
            (negative, whole, fraction, exponent)
        }
    };
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let zeros = (digits.len() - significant.len()) as i64;
    let exponent = exponent - fraction.len() as i64 + zeros;
    let digits = significant.trim_start_matches('0');
    if digits.is_empty() {
        return Some(Number::Int(0));
    }
    if exponent >= 0 {
        let length = exponent.saturating_add(digits.len() as i64);
        if length <= 18 {
            let amount = digits.parse::<i64>().ok()? * 10_i64.pow(exponent as u32);
            return Some(Number::Int(if negative { -amount } else { amount }));
        }
        if length <= MAX_DIGITS {
            return Some(Number::LongInt);
        }
    } else if let Some(float) = as_float(digits, exponent) {
        return Some(Number::Float(if negative { -float } else { float }));
    }
    Some(Number::Other { negative, digits: digits.to_owned(), exponent })
}

/// The float that digits times a negative power of ten are, if one is exactly that.
fn as_float(digits: &str, exponent: i64) -> Option<f64> {
    // A float is an odd number times a power of two: below one, it has as many decimal places as
    // that has twos, the last of which is no zero. None has more than these.
    let places = usize::try_from(-exponent).ok().filter(|&places| places <= 1074)?;
    let float = format!("{digits}e{exponent}").parse::<f64>().ok()?;
    let twos = fractional_bits(float)?;
    let exact = (twos == places).then(|| format!("{float:.places$}"))?;
    let written = exact.bytes().filter(u8::is_ascii_digit).skip_while(|&byte| byte == b'0');
    written.eq(digits.bytes()).then_some(float)
}

/// How many binary places a positive float has behind the point.
fn fractional_bits(float: f64) -> Option<usize> {
    if !float.is_finite() || float == 0.0 {
        return None;
    }
    let bits = float.to_bits();
    let (biased, fraction) = (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
    let (significand, power) =
        if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased as i64 - 1075) };
    let power = power + i64::from(significand.trailing_zeros());
    usize::try_from(-power).ok()
}
