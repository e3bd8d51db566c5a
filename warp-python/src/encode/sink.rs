//! Where encoded bytes go: behind what a vector holds already, and not beyond a limit.

use super::error::NotEncoded;
use super::tags;
use crate::ffi::numbers::{DIGIT_BITS, IntView};
use crate::ffi::text::Text;

/// The most bytes that an encoding may take, whatever the caller allows: lengths are written in as
/// many bits.
const LARGEST: usize = u32::MAX as usize;

/// How many bytes are made ready at once, at least.
const AHEAD: usize = 64;

/// An int as few bytes as hold the value and its sign, behind its tag: the first of these, and how
/// many. To write a number of bytes that varies takes longer.
#[inline(always)]
pub(super) fn int_bytes(value: i64) -> ([u8; 16], usize) {
    let bits = 65 - (value ^ (value >> 63)).leading_zeros();
    let length = if value == 0 { 0 } else { bits.div_ceil(8) as u8 };
    let word = u128::from(value as u64) << 8 | u128::from(tags::INT + length);
    (word.to_le_bytes(), 1 + usize::from(length))
}

/// A vector that is written to.
///
/// It is filled with zeros ahead of what is written: to write a few bytes over others takes a
/// comparison, where to append them takes a call.
pub(super) struct Sink<'o> {
    bytes: &'o mut Vec<u8>,
    start: usize,
    /// Where the next byte goes.
    end: usize,
    limit: usize,
}

impl Drop for Sink<'_> {
    fn drop(&mut self) {
        self.bytes.truncate(self.end);
    }
}

impl<'o> Sink<'o> {
    pub(super) fn new(bytes: &'o mut Vec<u8>, limit: usize) -> Self {
        let start = bytes.len();
        Sink { bytes, start, end: start, limit: limit.min(LARGEST) }
    }

    /// What has been written so far.
    pub(super) fn written(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.end]
    }

    /// An error if more has been written than may be: to be asked after everything of a bounded
    /// size.
    #[inline]
    pub(super) fn check(&self) -> Result<(), NotEncoded> {
        self.room(0)
    }

    /// An error if that many bytes more are more than there may be: to be asked before them.
    #[inline]
    pub(super) fn room(&self, count: usize) -> Result<(), NotEncoded> {
        if (self.end - self.start).saturating_add(count) > self.limit {
            return Err(NotEncoded::TooLarge { limit: self.limit });
        }
        Ok(())
    }

    /// Makes ready for that many objects, of a few bytes each, so that it need not be done often.
    pub(super) fn expect(&mut self, objects: usize) {
        const EACH: usize = 4;
        let left = self.limit.saturating_sub(self.end - self.start);
        self.bytes.reserve(objects.saturating_mul(EACH).min(left));
    }

    /// Makes `count` bytes ready.
    #[inline(always)]
    fn ready(&mut self, count: usize) {
        if self.bytes.len() - self.end < count {
            self.make_ready(count);
        }
    }

    #[cold]
    #[inline(never)]
    fn make_ready(&mut self, count: usize) {
        self.bytes.reserve(count.max(AHEAD));
        // All that there is place for, but no more than there may be of use soon.
        let ahead = (self.bytes.capacity() - self.end).min((self.end - self.start) + AHEAD);
        self.bytes.resize(self.end + ahead.max(count), 0);
    }

    /// Writes the first `count` of some bytes.
    #[inline(always)]
    fn first<const N: usize>(&mut self, bytes: [u8; N], count: usize) {
        self.ready(N);
        self.bytes[self.end..][..N].copy_from_slice(&bytes);
        self.end += count;
    }

    #[inline]
    pub(super) fn byte(&mut self, byte: u8) {
        self.first([byte], 1);
    }

    /// A few bytes.
    #[inline]
    pub(super) fn some<const N: usize>(&mut self, bytes: [u8; N]) {
        self.first(bytes, N);
    }

    /// A number, the less bytes the smaller it is: seven bits a byte, the least significant first,
    /// with the eighth bit in all but the last. It is below 2^32 where `room` was asked for as much.
    #[inline]
    pub(super) fn count(&mut self, mut count: usize) {
        while count >= 0x80 {
            self.byte(count as u8 | 0x80);
            count >>= 7;
        }
        self.byte(count as u8);
    }

    /// A tag, a number of bytes, and these.
    #[inline]
    pub(super) fn block(&mut self, tag: u8, bytes: &[u8]) -> Result<(), NotEncoded> {
        self.room(bytes.len())?;
        if bytes.len() > AHEAD {
            self.reserve(bytes.len());
        }
        self.byte(tag);
        self.count(bytes.len());
        if bytes.len() <= AHEAD {
            self.ready(bytes.len());
            self.bytes[self.end..][..bytes.len()].copy_from_slice(bytes);
            self.end += bytes.len();
        } else {
            self.append(bytes.iter().copied());
        }
        Ok(())
    }

    /// Takes memory for that many bytes, a tag and their count, at once.
    fn reserve(&mut self, count: usize) {
        const HEAD: usize = 6;
        let ready = self.bytes.len() - self.end;
        self.bytes.reserve((count + HEAD).saturating_sub(ready));
    }

    /// Bytes of any number, which are copied once.
    fn append(&mut self, bytes: impl Iterator<Item = u8>) {
        self.bytes.truncate(self.end);
        self.bytes.extend(bytes);
        self.end = self.bytes.len();
    }

    #[inline]
    pub(super) fn int(&mut self, int: IntView<'_>) -> Result<(), NotEncoded> {
        match int {
            IntView::Small(value) => {
                self.small_int(value);
                Ok(())
            }
            IntView::Big { negative, digits } => self.digits(negative, digits),
        }
    }

    /// As few bytes as hold the value and its sign.
    #[inline(always)]
    pub(super) fn small_int(&mut self, value: i64) {
        let (bytes, length) = int_bytes(value);
        self.first(bytes, length);
    }

    /// The same of an int of any size, by its digits.
    pub(super) fn digits(&mut self, negative: bool, digits: &[u32]) -> Result<(), NotEncoded> {
        let Some((&top, rest)) = digits.split_last() else {
            self.small_int(0);
            return Ok(());
        };
        let bits = rest.len() * DIGIT_BITS as usize + (32 - top.leading_zeros()) as usize;
        // The smallest of a length is one farther from 0 than the largest.
        let is_power = top.is_power_of_two() && rest.iter().all(|&digit| digit == 0);
        let length = if negative && is_power { (bits - 1) / 8 + 1 } else { bits / 8 + 1 };
        self.room(length)?;
        if length <= 8 {
            self.byte(tags::INT + length as u8);
        } else {
            self.byte(tags::LONG_INT);
            self.count(length);
        }
        self.ready(length);
        let mut digits = digits.iter();
        let (mut window, mut held, mut carry) = (0_u64, 0, true);
        for _ in 0..length {
            if held < 8 {
                window |= u64::from(*digits.next().unwrap_or(&0)) << held;
                held += DIGIT_BITS;
            }
            let mut byte = window as u8;
            if negative {
                (byte, carry) = (!byte).overflowing_add(u8::from(carry));
            }
            self.byte(byte);
            window >>= 8;
            held -= 8;
        }
        Ok(())
    }

    #[inline]
    pub(super) fn float(&mut self, value: f64) {
        let word = u128::from(value.to_bits()) << 8 | u128::from(tags::FLOAT);
        self.first(word.to_le_bytes(), 9);
    }

    pub(super) fn complex(&mut self, real: f64, imaginary: f64) {
        self.byte(tags::COMPLEX);
        self.some(real.to_bits().to_le_bytes());
        self.some(imaginary.to_bits().to_le_bytes());
    }

    #[inline]
    pub(super) fn text(&mut self, text: Text<'_>) -> Result<(), NotEncoded> {
        match text {
            Text::Latin1(characters) => self.block(tags::LATIN1, characters),
            Text::Ucs2(characters) => self.wide(tags::UCS2, characters, |unit| unit.to_le_bytes()),
            Text::Ucs4(characters) => self.wide(tags::UCS4, characters, |unit| unit.to_le_bytes()),
        }
    }

    fn wide<T: Copy, const BYTES: usize>(
        &mut self,
        tag: u8,
        characters: &[T],
        to_bytes: impl Fn(T) -> [u8; BYTES],
    ) -> Result<(), NotEncoded> {
        let length = characters.len().saturating_mul(BYTES);
        self.room(length)?;
        self.reserve(length);
        self.byte(tag);
        self.count(characters.len());
        self.append(characters.iter().flat_map(|&character| to_bytes(character)));
        Ok(())
    }
}
