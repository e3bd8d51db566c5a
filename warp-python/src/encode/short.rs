//! Keys of few bytes, on the stack: most calls have one argument, a small int or a short str.

use std::ops::Deref;

use warp_cache::shm::Short;

use super::{sink, tags};
use crate::ffi::args::Parts;
use crate::ffi::numbers::{self, IntView};
use crate::ffi::object::Ref;
use crate::ffi::text::Text;
use crate::ffi::view::{View, view};
use crate::key::KeyStyle;

/// The most bytes of a short key.
const SHORT: usize = 32;
/// What stands before the characters of a key that is one str: the number of arguments, the tag, and
/// the number of characters.
const BEFORE_TEXT: usize = 3;
/// What stands first in a key of one positional argument.
const ONE: u8 = 1 << 1;

/// A key of few bytes.
#[derive(Clone, Copy)]
pub(crate) struct ShortBytes {
    bytes: [u8; SHORT],
    length: usize,
}

impl ShortBytes {
    /// The key of one positional argument that is a small int or a short str, as `KeyWriter` writes
    /// it too; none of another. Runs no code of Python's.
    #[inline(always)]
    pub(crate) fn of_one(object: Ref<'_>) -> Option<ShortBytes> {
        let mut bytes = [0; SHORT];
        let length = match view(object) {
            View::Int(IntView::Small(value)) => {
                let (word, length) = key_of_int(value);
                bytes[..16].copy_from_slice(&word.to_le_bytes());
                length
            }
            View::Str(Text::Latin1(characters)) if characters.len() <= SHORT - BEFORE_TEXT => {
                bytes[..BEFORE_TEXT].copy_from_slice(&[ONE, tags::LATIN1, characters.len() as u8]);
                let length = BEFORE_TEXT + characters.len();
                bytes[BEFORE_TEXT..length].copy_from_slice(characters);
                length
            }
            _ => return None,
        };
        Some(ShortBytes { bytes, length })
    }
}

/// The key of one int, and its length. Put together before it is stored: what is stored in parts and
/// loaded as a whole keeps the processor waiting.
#[inline(always)]
fn key_of_int(value: i64) -> (u128, usize) {
    let (int, length) = sink::int_bytes(value);
    (u128::from_le_bytes(int) << 8 | u128::from(ONE), 1 + length)
}

/// As [`ShortBytes::of_one`], of a key that an entry of the region may hold itself.
#[inline(always)]
pub(crate) fn short_of_one(object: Ref<'_>) -> Option<Short> {
    if let Some(IntView::Small(value)) = numbers::exact_int(object) {
        let (word, length) = key_of_int(value);
        return Short::new(word, length);
    }
    short_of_other(object)
}

#[inline(never)]
fn short_of_other(object: Ref<'_>) -> Option<Short> {
    let ShortBytes { bytes, length } = ShortBytes::of_one(object)?;
    Short::new(u128::from_le_bytes(*bytes.first_chunk()?), length)
}

/// The int of 64 bits at most that a value is, by its bytes; none of another.
#[inline]
pub(crate) fn int_of(value: Short) -> Option<i64> {
    let tag = value.bytes() as u8;
    let length = usize::from(tag.checked_sub(tags::INT)?);
    if tag > tags::INT_8 || value.length() != 1 + length {
        return None;
    }
    // To the highest bytes, and back with their sign.
    let unused = 64 - 8 * length as u32;
    let high = ((value.bytes() >> 8) as u64).checked_shl(unused).unwrap_or(0) as i64;
    Some(high.checked_shr(unused).unwrap_or(0))
}

impl Deref for ShortBytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The bytes of a key; short ones take no allocation.
#[derive(Clone)]
pub(crate) enum KeyBytes {
    Short(ShortBytes),
    Long(Vec<u8>),
}

impl KeyBytes {
    /// The key of a call, if it is a short one.
    pub(super) fn short(parts: Parts<'_>, style: KeyStyle) -> Option<KeyBytes> {
        match parts {
            Parts { positional: &[object], names: &[], .. } if !style.typed => {
                ShortBytes::of_one(object).map(KeyBytes::Short)
            }
            _ => None,
        }
    }
}

impl Default for KeyBytes {
    fn default() -> Self {
        KeyBytes::Long(Vec::new())
    }
}

impl Deref for KeyBytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            KeyBytes::Short(bytes) => bytes,
            KeyBytes::Long(bytes) => bytes,
        }
    }
}
