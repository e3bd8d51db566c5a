//! The first byte of each encoded object. FORMAT.md says what follows it.

pub(super) const NONE: u8 = 0x00;
pub(super) const FALSE: u8 = 0x01;
pub(super) const TRUE: u8 = 0x02;
pub(super) const FLOAT: u8 = 0x03;
pub(super) const COMPLEX: u8 = 0x04;
pub(super) const LONG_INT: u8 = 0x05;
pub(super) const PICKLE: u8 = 0x06;
/// In values only: an object met before.
pub(super) const SAME: u8 = 0x07;
/// In keys only: any NaN.
pub(super) const NAN: u8 = 0x08;
/// An int of no bytes, that is 0; the next eight tags are those of one to eight bytes.
pub(super) const INT: u8 = 0x10;
pub(super) const INT_8: u8 = 0x18;
pub(super) const LATIN1: u8 = 0x20;
pub(super) const UCS2: u8 = 0x21;
pub(super) const UCS4: u8 = 0x22;
pub(super) const BYTES: u8 = 0x23;
pub(super) const TUPLE: u8 = 0x30;
pub(super) const LIST: u8 = 0x31;
pub(super) const DICT: u8 = 0x32;
pub(super) const SET: u8 = 0x33;
pub(super) const FROZENSET: u8 = 0x34;
pub(super) const DATE: u8 = 0x40;
pub(super) const TIME: u8 = 0x41;
pub(super) const DATETIME: u8 = 0x42;
pub(super) const TIMEDELTA: u8 = 0x43;
pub(super) const TIMEZONE: u8 = 0x44;
/// In values only: the object `timezone.utc`.
pub(super) const UTC: u8 = 0x45;
/// In keys only: a time of a time zone.
pub(super) const AWARE_TIME: u8 = 0x46;
/// In keys only: an instant.
pub(super) const INSTANT: u8 = 0x47;
pub(super) const DECIMAL: u8 = 0x50;
pub(super) const UUID: u8 = 0x51;

/// Set in the first byte of a value that refers to objects by their number, which then have to be
/// counted to read it.
pub(super) const COUNTED: u8 = 0x80;
/// Set in the flags of a time if it is the second of two that read the same.
pub(super) const FOLD: u8 = 1;
/// Set in the flags of a time that is followed by its zone.
pub(super) const ZONE: u8 = 2;
