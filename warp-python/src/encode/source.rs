//! Where encoded bytes come from. They may be any, and are given out only as far as there are some.

use super::error::NotDecoded::{self, Malformed};

/// Bytes that are being read.
pub(super) struct Source<'b> {
    rest: &'b [u8],
}

impl<'b> Source<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Source { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, NotDecoded> {
        let (&byte, rest) = self.rest.split_first().ok_or(Malformed("it ends too early"))?;
        self.rest = rest;
        Ok(byte)
    }

    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Result<&'b [u8], NotDecoded> {
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or(Malformed("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<&'b [u8; N], NotDecoded> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Malformed("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// A number as `Sink::count` writes it.
    #[inline]
    pub(super) fn count(&mut self) -> Result<usize, NotDecoded> {
        let mut count = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            count |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                let count = u32::try_from(count).map_err(|_| Malformed("a number is too large"))?;
                return Ok(count as usize);
            }
        }
        Err(Malformed("a number is too large"))
    }

    /// The number of items that follow, each of which takes some bytes at least.
    #[inline]
    pub(super) fn items(&mut self, bytes: usize) -> Result<usize, NotDecoded> {
        let count = self.count()?;
        if count > self.rest.len() / bytes {
            Err(Malformed("it ends too early"))
        } else {
            Ok(count)
        }
    }

    /// A number of bytes, and these.
    #[inline]
    pub(super) fn block(&mut self) -> Result<&'b [u8], NotDecoded> {
        let length = self.count()?;
        self.take(length)
    }

    #[inline]
    pub(super) fn float(&mut self) -> Result<f64, NotDecoded> {
        Ok(f64::from_le_bytes(*self.array()?))
    }

    /// An int of up to eight bytes.
    #[inline]
    pub(super) fn small_int(&mut self, length: u8) -> Result<i64, NotDecoded> {
        let length = usize::from(length);
        let bytes = match self.rest.first_chunk() {
            // To read all eight is faster than to read a number that varies.
            Some(bytes) => {
                self.rest = &self.rest[length..];
                *bytes
            }
            None => {
                let mut bytes = [0; 8];
                bytes[..length].copy_from_slice(self.take(length)?);
                bytes
            }
        };
        // Those that belong to it, as the highest ones, and back with their sign.
        let unused = 64 - 8 * length as u32;
        let high = u64::from_le_bytes(bytes).checked_shl(unused).unwrap_or(0) as i64;
        Ok(high.checked_shr(unused).unwrap_or(0))
    }
}
