//! Reading values. The bytes may be any: nothing is believed before it is checked, and memory is
//! taken only for as many objects as there are bytes left to make them of.

use pyo3::prelude::*;

use super::MAX_DEPTH;
use super::calendar;
use super::decimal;
use super::error::NotDecoded::{self, Malformed};
use super::library;
use super::source::Source;
use super::tags;
use crate::ffi::build::{NewDict, NewList, NewSet, Row};
use crate::ffi::datetime::{self, Clock, Temporal};
use crate::ffi::numbers;
use crate::ffi::object::Owned;
use crate::ffi::text;
use crate::ffi::view::{View, singleton, view};

/// To hash an object takes at most about as many steps as there are bytes, and this many more.
/// References to references could make a small tuple stand for more objects than there is time.
const HASHED: u64 = 1 << 16;

/// As many objects as one may be said to stand for: however many references there are to such, their
/// sum is a number of 64 bits.
const MANY: u64 = 1 << 32;

/// Reads one value.
pub(super) struct Reader<'py, 'b> {
    py: Python<'py>,
    source: Source<'b>,
    length: usize,
    /// The objects that have a number, if such are referred to, and how many objects each stands
    /// for.
    numbered: Option<Vec<(Owned, u64)>>,
    /// How many objects have been read, those that were referred to counted as often.
    seen: u64,
}

impl<'py, 'b> Reader<'py, 'b> {
    /// Reads the value that all of the bytes are, unless it is a pickle.
    pub(super) fn read_value(py: Python<'py>, bytes: &'b [u8]) -> Result<Owned, NotDecoded> {
        let (&first, rest) = bytes.split_first().ok_or(Malformed("it is empty"))?;
        let numbered = (first & tags::COUNTED != 0).then(Vec::new);
        let mut reader =
            Reader { py, source: Source::new(rest), length: bytes.len(), numbered, seen: 0 };
        let value = reader.read_tagged(first & !tags::COUNTED, 0)?;
        if reader.source.is_empty() { Ok(value) } else { Err(Malformed("bytes are left over")) }
    }

    #[inline]
    fn read(&mut self, depth: u32) -> Result<Owned, NotDecoded> {
        let tag = self.source.byte()?;
        self.read_tagged(tag, depth)
    }

    #[inline]
    fn read_tagged(&mut self, tag: u8, depth: u32) -> Result<Owned, NotDecoded> {
        self.seen += 1;
        match tag {
            tags::INT..=tags::INT_8 => {
                let value = self.source.small_int(tag - tags::INT)?;
                Ok(numbers::new_int(self.py, value)?)
            }
            tags::LATIN1 => {
                let characters = self.source.block()?;
                let string = text::new_latin1(self.py, characters)?;
                Ok(self.numbered(string, self.seen - 1))
            }
            tags::FLOAT => {
                let value = self.source.float()?;
                Ok(numbers::new_float(self.py, value)?)
            }
            tags::TUPLE | tags::LIST | tags::DICT | tags::SET | tags::FROZENSET => {
                if depth >= MAX_DEPTH {
                    return Err(Malformed("it is nested too deeply"));
                }
                match tag {
                    tags::TUPLE => self.tuple(depth + 1),
                    tags::LIST => self.list(depth + 1),
                    tags::DICT => self.dict(depth + 1),
                    _ => self.set(tag == tags::FROZENSET, depth + 1),
                }
            }
            _ => self.read_rare(tag),
        }
    }

    #[inline(never)]
    fn read_rare(&mut self, tag: u8) -> Result<Owned, NotDecoded> {
        let py = self.py;
        let before = self.seen - 1;
        let object = match tag {
            tags::NONE => return Ok(singleton(None)),
            tags::FALSE => return Ok(singleton(Some(false))),
            tags::TRUE => return Ok(singleton(Some(true))),
            tags::UTC => return Ok(datetime::utc(py)?),
            tags::SAME => return self.same(),
            tags::LONG_INT => {
                return Ok(numbers::new_long_int(py, self.source.block()?)?);
            }
            tags::UCS2 => {
                let length = self.source.items(2)? * 2;
                let string = text::new_ucs2(py, self.source.take(length)?)?;
                string.ok_or(Malformed("the characters of a str need another width"))?
            }
            tags::UCS4 => {
                let length = self.source.items(4)? * 4;
                let string = text::new_ucs4(py, self.source.take(length)?)?;
                string.ok_or(Malformed("the characters of a str need another width"))?
            }
            tags::BYTES => text::new_bytes(py, self.source.block()?)?,
            tags::COMPLEX => numbers::new_complex(py, self.source.float()?, self.source.float()?)?,
            tags::DATE => datetime::new_date(py, calendar::read_day(&mut self.source)?)?,
            tags::TIME => {
                let (clock, zone) = self.clock()?;
                datetime::new_time(py, clock, zone.as_ref())?
            }
            tags::DATETIME => {
                let day = calendar::read_day(&mut self.source)?;
                let (clock, zone) = self.clock()?;
                datetime::new_datetime(py, day, clock, zone.as_ref())?
            }
            tags::TIMEDELTA => datetime::new_delta(py, calendar::read_span(&mut self.source)?)?,
            tags::TIMEZONE => {
                let offset = calendar::read_span(&mut self.source)?;
                let name = if self.source.byte()? == 0 { None } else { Some(self.name()?) };
                datetime::new_zone(py, offset, name.as_ref())?
            }
            tags::DECIMAL => {
                let bytes = self.source.block()?;
                decimal::read(py, bytes)?.ok_or(Malformed("a Decimal is no number"))?
            }
            tags::UUID => {
                let bytes = self.source.take(16)?;
                let safety = self.source.byte()?;
                let uuid = library::new_uuid(py, bytes, safety)?;
                uuid.ok_or(Malformed("a UUID is neither safe nor unsafe"))?
            }
            _ => return Err(Malformed("there is no such type")),
        };
        Ok(self.numbered(object, before))
    }

    fn tuple(&mut self, depth: u32) -> Result<Owned, NotDecoded> {
        let before = self.seen - 1;
        let count = self.source.items(1)?;
        let mut row = Row::tuple(self.py, count)?;
        for _ in 0..count {
            row.push(self.read(depth)?);
        }
        Ok(self.numbered(row.finish(), before))
    }

    fn list(&mut self, depth: u32) -> Result<Owned, NotDecoded> {
        let count = self.source.items(1)?;
        if self.numbered.is_some() {
            return self.list_that_may_be_met(count, depth);
        }
        let mut row = Row::list(self.py, count)?;
        for _ in 0..count {
            row.push(self.read(depth)?);
        }
        Ok(row.finish())
    }

    fn list_that_may_be_met(&mut self, count: usize, depth: u32) -> Result<Owned, NotDecoded> {
        let list = NewList::new(self.py)?;
        self.number(list.list(), self.seen - 1);
        for _ in 0..count {
            let item = self.read(depth)?;
            list.push(self.py, &item)?;
        }
        Ok(list.finish())
    }

    fn dict(&mut self, depth: u32) -> Result<Owned, NotDecoded> {
        let count = self.source.items(2)?;
        let dict = NewDict::new(self.py)?;
        self.number(dict.dict(), self.seen - 1);
        for _ in 0..count {
            let key = self.hashable(depth)?;
            let value = self.read(depth)?;
            dict.insert(self.py, &key, &value)?;
        }
        if dict.len() != count {
            return Err(Malformed("two keys of a dict are equal"));
        }
        Ok(dict.finish())
    }

    fn set(&mut self, frozen: bool, depth: u32) -> Result<Owned, NotDecoded> {
        let before = self.seen - 1;
        let count = self.source.items(1)?;
        let set = NewSet::new(self.py, frozen)?;
        if !frozen {
            self.number(set.set(), before);
        }
        for _ in 0..count {
            let element = self.hashable(depth)?;
            set.add(self.py, &element)?;
        }
        if set.len() != count {
            return Err(Malformed("two elements of a set are equal"));
        }
        let set = set.finish();
        Ok(if frozen { self.numbered(set, before) } else { set })
    }

    /// Reads an object that is going to be hashed.
    #[inline]
    fn hashable(&mut self, depth: u32) -> Result<Owned, NotDecoded> {
        let before = self.seen;
        let object = self.read(depth)?;
        if self.seen - before > HASHED + self.length as u64 {
            return Err(Malformed("a hash would take too long"));
        }
        Ok(object)
    }

    /// An object that was read before.
    fn same(&mut self) -> Result<Owned, NotDecoded> {
        let number = self.source.count()?;
        let met = self.numbered.as_ref().and_then(|objects| objects.get(number));
        let (object, stands_for) =
            met.ok_or(Malformed("it refers to an object that is not there"))?;
        self.seen += stands_for;
        Ok(object.clone())
    }

    /// Gives the next number to an object, if objects are numbered. `before` is how many had been
    /// seen when it began.
    #[inline]
    fn number(&mut self, object: &Owned, before: u64) {
        if let Some(objects) = &mut self.numbered {
            objects.push((object.clone(), (self.seen - before).min(MANY)));
        }
    }

    #[inline]
    fn numbered(&mut self, object: Owned, before: u64) -> Owned {
        self.number(&object, before);
        object
    }

    /// A time of the day, and its zone.
    fn clock(&mut self) -> Result<(Clock, Option<Owned>), NotDecoded> {
        let (clock, with_zone) = calendar::read_clock(&mut self.source)?;
        Ok((clock, if with_zone { Some(self.zone()?) } else { None }))
    }

    fn zone(&mut self) -> Result<Owned, NotDecoded> {
        let tag = self.source.byte()?;
        if !matches!(tag, tags::TIMEZONE | tags::UTC | tags::SAME) {
            return Err(Malformed("a zone is no timezone"));
        }
        self.seen += 1;
        let zone = self.read_rare(tag)?;
        match view(zone.as_ref()) {
            View::Temporal(Temporal::Utc | Temporal::Zone(_)) => Ok(zone),
            _ => Err(Malformed("a zone is no timezone")),
        }
    }

    /// The name of a timezone.
    fn name(&mut self) -> Result<Owned, NotDecoded> {
        let tag = self.source.byte()?;
        if !matches!(tag, tags::LATIN1 | tags::UCS2 | tags::UCS4 | tags::SAME) {
            return Err(Malformed("the name of a timezone is no str"));
        }
        self.read_tagged(tag, MAX_DEPTH)
    }
}
