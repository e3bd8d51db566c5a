//! Writing values: exact types, one tag each, and numbers for objects that are met again.

use pyo3::prelude::*;

use super::MAX_DEPTH;
use super::calendar;
use super::error::NotEncoded;
use super::library::{self, Library};
use super::memo::Memo;
use super::sink::Sink;
use super::tags;
use crate::ffi::containers::{Dict, Item, List, Set};
use crate::ffi::datetime::{Clock, Temporal};
use crate::ffi::object::Ref;
use crate::ffi::view::{View, may_be_shared, view};

/// How an object was come by, as far as that says who else may refer to it.
#[derive(Clone, Copy)]
enum Found {
    /// As the value itself.
    Root,
    /// In a place of a container, which refers to it.
    InPlace,
    /// In such a place, and we have counted one more reference.
    Counted,
    /// In some other way.
    Anyhow,
}

impl Found {
    /// Whether the same object may be met once more.
    fn again(self, object: Ref<'_>) -> bool {
        match self {
            Found::Root => false, // `Writer` looks out for it.
            Found::InPlace => may_be_shared(object, 0),
            Found::Counted => may_be_shared(object, 1),
            Found::Anyhow => true,
        }
    }
}

/// Writes one value.
pub(super) struct Writer<'py, 'o, 'a> {
    py: Python<'py>,
    sink: Sink<'o>,
    memo: Memo,
    root: Ref<'a>,
    /// Whether an object was referred to by its number.
    refers: bool,
}

impl<'py, 'o, 'a> Writer<'py, 'o, 'a> {
    /// Writes a value, or as much as there is before an error.
    pub(super) fn write_value(
        py: Python<'py>,
        root: Ref<'a>,
        limit: usize,
        out: &'o mut Vec<u8>,
    ) -> Result<(), NotEncoded> {
        let sink = Sink::new(out, limit);
        let mut writer = Writer { py, sink, memo: Memo::default(), root, refers: false };
        writer.write(root, Found::Root, 0)?;
        writer.sink.check()?;
        if writer.refers {
            writer.sink.written()[0] |= tags::COUNTED;
        }
        Ok(())
    }

    /// Writes one object. `depth` containers are around it.
    #[inline]
    fn write(&mut self, object: Ref<'_>, found: Found, depth: u32) -> Result<(), NotEncoded> {
        match view(object) {
            View::Int(int) => self.sink.int(int),
            View::Float(value) => {
                self.sink.float(value);
                Ok(())
            }
            View::Str(text) if !self.meet(object, found)? => self.sink.text(text),
            View::Tuple(items) => self.write_closed(object, found, depth, |writer, depth| {
                writer.sink.byte(tags::TUPLE);
                writer.sink.count(items.len());
                for &item in items {
                    writer.write(item, Found::InPlace, depth)?;
                    writer.sink.check()?;
                }
                Ok(())
            }),
            View::List(list) if !self.meet(object, found)? => self.write_list(list, depth),
            View::Dict(dict) if !self.meet(object, found)? => self.write_dict(dict, depth),
            View::Set(set) if !self.meet(object, found)? => {
                self.write_set(tags::SET, set, enter(depth)?)
            }
            View::FrozenSet(set) => self.write_closed(object, found, depth, |writer, depth| {
                writer.write_set(tags::FROZENSET, set, depth)
            }),
            View::Str(_) | View::List(_) | View::Dict(_) | View::Set(_) => Ok(()),
            rare => self.write_rare(object, rare, found, depth),
        }
    }

    #[inline(never)]
    fn write_rare(
        &mut self,
        object: Ref<'_>,
        view: View<'_>,
        found: Found,
        depth: u32,
    ) -> Result<(), NotEncoded> {
        match view {
            View::None => self.sink.byte(tags::NONE),
            View::Bool(value) => self.sink.byte(if value { tags::TRUE } else { tags::FALSE }),
            View::Temporal(Temporal::Utc) => self.sink.byte(tags::UTC),
            View::Temporal(temporal) => {
                return self.write_closed(object, found, depth, |writer, depth| {
                    writer.write_temporal(temporal, depth)
                });
            }
            View::Bytes(bytes) => {
                if !self.meet(object, found)? {
                    self.sink.block(tags::BYTES, bytes)?;
                }
            }
            View::Complex(real, imaginary) => {
                if !self.meet(object, found)? {
                    self.sink.complex(real, imaginary);
                }
            }
            _ => match library::look(self.py, object)? {
                None => return Err(NotEncoded::of_type(self.py, object)),
                Some(_) if self.meet(object, found)? => {}
                Some(Library::Decimal(text)) => {
                    self.sink.block(tags::DECIMAL, text.as_bytes())?;
                }
                Some(Library::Uuid { bytes, safety }) => {
                    self.sink.byte(tags::UUID);
                    self.sink.some(bytes);
                    self.sink.byte(safety);
                }
            },
        }
        Ok(())
    }

    fn write_list(&mut self, list: List<'_>, depth: u32) -> Result<(), NotEncoded> {
        let depth = enter(depth)?;
        let mut items = list.items(self.py)?;
        self.sink.byte(tags::LIST);
        self.sink.room(items.len())?;
        self.sink.count(items.len());
        self.sink.expect(items.len());
        while let Some(item) = items.next()? {
            match item {
                Item::Int(value) => self.sink.small_int(value),
                Item::Float(value) => self.sink.float(value),
                Item::Object(object) => self.write(object.as_ref(), Found::Counted, depth)?,
            }
            self.sink.check()?;
        }
        Ok(())
    }

    fn write_dict(&mut self, dict: Dict<'_>, depth: u32) -> Result<(), NotEncoded> {
        let depth = enter(depth)?;
        let found_key = if dict.shares_keys() { Found::Anyhow } else { Found::Counted };
        let mut items = dict.items(self.py)?;
        self.sink.byte(tags::DICT);
        self.sink.room(items.len())?;
        self.sink.count(items.len());
        while let Some((key, value)) = items.next()? {
            self.write(key.as_ref(), found_key, depth)?;
            self.write(value.as_ref(), Found::Counted, depth)?;
            self.sink.check()?;
        }
        Ok(())
    }

    fn write_set(&mut self, tag: u8, set: Set<'_>, depth: u32) -> Result<(), NotEncoded> {
        let mut items = set.items(self.py)?;
        self.sink.byte(tag);
        self.sink.room(items.len())?;
        self.sink.count(items.len());
        while let Some(item) = items.next()? {
            self.write(item.as_ref(), Found::Counted, depth)?;
            self.sink.check()?;
        }
        Ok(())
    }

    fn write_temporal(&mut self, temporal: Temporal<'_>, depth: u32) -> Result<(), NotEncoded> {
        match temporal {
            Temporal::Date(day) => {
                self.sink.byte(tags::DATE);
                calendar::write_day(&mut self.sink, day);
            }
            Temporal::Time(clock, zone) => {
                self.sink.byte(tags::TIME);
                return self.write_clock(clock, zone, depth);
            }
            Temporal::DateTime(day, clock, zone) => {
                self.sink.byte(tags::DATETIME);
                calendar::write_day(&mut self.sink, day);
                return self.write_clock(clock, zone, depth);
            }
            Temporal::Delta(span) => {
                self.sink.byte(tags::TIMEDELTA);
                calendar::write_span(&mut self.sink, span);
            }
            Temporal::Utc => self.sink.byte(tags::UTC),
            Temporal::Zone(zone) => {
                let Some((offset, name)) = library::zone_parts(self.py, zone)? else {
                    return Err(NotEncoded::of_type(self.py, zone));
                };
                self.sink.byte(tags::TIMEZONE);
                calendar::write_span(&mut self.sink, offset);
                self.sink.byte(u8::from(name.is_some()));
                if let Some(name) = name {
                    return self.write(name.as_ref(), Found::Anyhow, depth);
                }
            }
        }
        Ok(())
    }

    fn write_clock(
        &mut self,
        clock: Clock,
        zone: Option<Ref<'_>>,
        depth: u32,
    ) -> Result<(), NotEncoded> {
        calendar::write_flags(&mut self.sink, clock, zone.is_some());
        calendar::write_clock(&mut self.sink, clock);
        let Some(zone) = zone else { return Ok(()) };
        match view(zone) {
            View::Temporal(Temporal::Utc | Temporal::Zone(_)) => {
                self.write(zone, Found::InPlace, depth)
            }
            _ => Err(NotEncoded::of_type(self.py, zone)),
        }
    }

    /// Whether an object was met before, and has been referred to now. Else it has its number.
    #[inline]
    fn meet(&mut self, object: Ref<'_>, found: Found) -> Result<bool, NotEncoded> {
        let met = match found {
            Found::InPlace | Found::Counted | Found::Anyhow if object.is(self.root) => Some(0),
            _ if found.again(object) => self.memo.meet(object)?,
            _ => {
                self.memo.count();
                None
            }
        };
        match met {
            Some(number) => self.refer(number),
            None => return Ok(false),
        }
        Ok(true)
    }

    /// Writes an object that gets its number at its end, unless it was met before.
    fn write_closed(
        &mut self,
        object: Ref<'_>,
        found: Found,
        depth: u32,
        write: impl FnOnce(&mut Self, u32) -> Result<(), NotEncoded>,
    ) -> Result<(), NotEncoded> {
        let depth = enter(depth)?;
        if object.is(self.root) && !matches!(found, Found::Root) {
            return Err(NotEncoded::Cyclic);
        }
        if !found.again(object) {
            write(self, depth)?;
            self.memo.count();
        } else if let Some(number) = self.memo.open(object)? {
            self.refer(number);
        } else {
            write(self, depth)?;
            self.memo.close(object);
        }
        Ok(())
    }

    fn refer(&mut self, number: u32) {
        self.refers = true;
        self.sink.byte(tags::SAME);
        self.sink.count(number as usize);
    }
}

/// The depth of what is in a container.
fn enter(depth: u32) -> Result<u32, NotEncoded> {
    if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(NotEncoded::Deep) }
}
