//! Writing keys: equal arguments have equal bytes, in any process. Nobody reads them back.

use std::ops::Range;

use pyo3::prelude::*;
use pyo3::types::PyBytesMethods;

use super::decimal::{self, Number};
use super::error::NotEncoded;
use super::library::{self, Library};
use super::sink::Sink;
use super::{MAX_DEPTH, Serializer, kind, number, pickle, tags, time};
use crate::ffi::args::Parts;
use crate::ffi::containers::{Dict, Item, List, Set};
use crate::ffi::object::Ref;
use crate::ffi::text::{Text, text_of_str};
use crate::ffi::view::{View, view};
use crate::key::KeyStyle;

/// Writes one key.
pub(super) struct KeyWriter<'py, 'o> {
    py: Python<'py>,
    sink: Sink<'o>,
    serializer: Serializer,
}

/// The containers around what is written, the innermost first.
#[derive(Clone, Copy)]
struct Around<'p> {
    container: Ref<'p>,
    above: Option<&'p Around<'p>>,
    depth: u32,
}

impl<'py, 'o> KeyWriter<'py, 'o> {
    /// Writes a key, or as much as there is before an error.
    pub(super) fn write_key(
        py: Python<'py>,
        parts: Parts<'_>,
        style: KeyStyle,
        serializer: Serializer,
        limit: usize,
        out: &'o mut Vec<u8>,
    ) -> Result<(), NotEncoded> {
        let mut writer = KeyWriter { py, sink: Sink::new(out, limit), serializer };
        let Parts { positional, values, names } = parts;
        // One byte for both in most keys.
        writer.sink.count(positional.len() << 1 | usize::from(!names.is_empty()));
        for &value in positional {
            writer.write_argument(value, style)?;
        }
        if !names.is_empty() {
            writer.sink.count(names.len());
            let texts: Vec<_> = names.iter().map(|&name| text_of_str(name)).collect();
            let texts: Vec<Text<'_>> = texts
                .into_iter()
                .collect::<Option<_>>()
                .ok_or_else(|| NotEncoded::of_type(py, names[0]))?;
            let mut order: Vec<usize> = (0..names.len()).collect();
            if !style.ordered {
                order.sort_unstable_by_key(|&index| texts[index]);
            }
            for index in order {
                writer.sink.text(texts[index])?;
                writer.write_argument(values[index], style)?;
            }
        }
        writer.sink.check()
    }

    #[inline]
    fn write_argument(&mut self, value: Ref<'_>, style: KeyStyle) -> Result<(), NotEncoded> {
        if style.typed {
            let tag = kind::tag(self.py, value)?;
            self.sink.byte(tag);
        }
        self.write(value, None)?;
        self.sink.check()
    }

    /// Writes one object, as all that are equal to it.
    fn write(&mut self, object: Ref<'_>, around: Option<&Around<'_>>) -> Result<(), NotEncoded> {
        match view(object) {
            View::Int(int) => return self.sink.int(int),
            View::Str(text) => return self.sink.text(text),
            View::Bool(value) => self.sink.small_int(value.into()),
            View::None => self.sink.byte(tags::NONE),
            View::Float(value) => return number::float(&mut self.sink, value),
            View::Complex(real, imaginary) => {
                return number::complex(&mut self.sink, real, imaginary);
            }
            View::Bytes(bytes) => return self.sink.block(tags::BYTES, bytes),
            View::Temporal(temporal) => {
                if !time::write(self.py, &mut self.sink, temporal)? {
                    return self.write_other(object);
                }
            }
            View::Other => return self.write_library(object),
            container => return self.write_container(object, container, around),
        }
        Ok(())
    }

    fn write_container(
        &mut self,
        object: Ref<'_>,
        view: View<'_>,
        around: Option<&Around<'_>>,
    ) -> Result<(), NotEncoded> {
        let mut outer = around;
        while let Some(Around { container, above, .. }) = outer {
            if container.is(object) {
                return Err(NotEncoded::Cyclic);
            }
            outer = *above;
        }
        let depth = around.map_or(0, |around| around.depth) + 1;
        if depth > MAX_DEPTH {
            return match self.serializer {
                Serializer::Pickle => self.write_other(object),
                Serializer::Exact => Err(NotEncoded::Deep),
            };
        }
        let inner = Around { container: object, above: around, depth };
        match view {
            View::Tuple(items) => {
                self.sink.byte(tags::TUPLE);
                self.sink.count(items.len());
                for &item in items {
                    self.write(item, Some(&inner))?;
                    self.sink.check()?;
                }
                Ok(())
            }
            View::List(list) => self.write_list(list, &inner),
            View::Dict(dict) => self.write_dict(dict, &inner),
            View::Set(set) | View::FrozenSet(set) => self.write_set(set, &inner),
            _ => self.write_other(object),
        }
    }

    fn write_list(&mut self, list: List<'_>, inner: &Around<'_>) -> Result<(), NotEncoded> {
        let mut items = list.items(self.py)?;
        self.sink.byte(tags::LIST);
        self.sink.room(items.len())?;
        self.sink.count(items.len());
        self.sink.expect(items.len());
        while let Some(item) = items.next()? {
            match item {
                Item::Int(value) => self.sink.small_int(value),
                Item::Float(value) => number::float(&mut self.sink, value)?,
                Item::Object(object) => self.write(object.as_ref(), Some(inner))?,
            }
            self.sink.check()?;
        }
        Ok(())
    }

    /// In the order of the keys' bytes.
    fn write_dict(&mut self, dict: Dict<'_>, inner: &Around<'_>) -> Result<(), NotEncoded> {
        let mut items = dict.items(self.py)?;
        self.sink.byte(tags::DICT);
        self.sink.room(items.len())?;
        self.sink.count(items.len());
        let mut parts = Vec::new();
        while let Some((key, value)) = items.next()? {
            let begin = self.sink.written().len();
            self.write(key.as_ref(), Some(inner))?;
            self.write(value.as_ref(), Some(inner))?;
            parts.push(begin..self.sink.written().len());
            self.sink.check()?;
        }
        self.sort(parts);
        Ok(())
    }

    /// In the order of the elements' bytes. A set is equal to the frozenset of its elements.
    fn write_set(&mut self, set: Set<'_>, inner: &Around<'_>) -> Result<(), NotEncoded> {
        let mut items = set.items(self.py)?;
        self.sink.byte(tags::SET);
        self.sink.room(items.len())?;
        self.sink.count(items.len());
        let mut parts = Vec::new();
        while let Some(item) = items.next()? {
            let begin = self.sink.written().len();
            self.write(item.as_ref(), Some(inner))?;
            parts.push(begin..self.sink.written().len());
            self.sink.check()?;
        }
        self.sort(parts);
        Ok(())
    }

    /// Brings what was written last into order, given where its parts are. None of them is the
    /// beginning of another, so that whole items are compared as their keys are.
    fn sort(&mut self, mut parts: Vec<Range<usize>>) {
        let written = self.sink.written();
        let Some(begin) = parts.first().map(|part| part.start) else { return };
        if parts.is_sorted_by_key(|part| &written[part.clone()]) {
            return;
        }
        parts.sort_unstable_by_key(|part| &written[part.clone()]);
        let sorted: Vec<u8> =
            parts.into_iter().flat_map(|part| written[part].iter().copied()).collect();
        written[begin..].copy_from_slice(&sorted);
    }

    fn write_library(&mut self, object: Ref<'_>) -> Result<(), NotEncoded> {
        match library::look(self.py, object)? {
            None => self.write_other(object),
            // The number alone makes UUIDs equal.
            Some(Library::Uuid { bytes, .. }) => {
                self.sink.byte(tags::UUID);
                self.sink.some(bytes);
                Ok(())
            }
            Some(Library::Decimal(text)) => self.write_decimal(object, &text),
        }
    }

    fn write_decimal(&mut self, object: Ref<'_>, text: &str) -> Result<(), NotEncoded> {
        match decimal::number(text) {
            Some(Number::Int(value)) => self.sink.small_int(value),
            Some(Number::Float(value)) => return number::float(&mut self.sink, value),
            Some(Number::LongInt) => {
                let int = library::int_of(self.py, object)?;
                match view(Ref::from(&int)) {
                    View::Int(int) => return self.sink.int(int),
                    _ => return self.write_other(object),
                }
            }
            Some(Number::Other { negative, digits, exponent }) => {
                self.sink.block(tags::DECIMAL, digits.as_bytes())?;
                self.sink.byte(negative.into());
                self.sink.some(exponent.to_le_bytes());
            }
            // One for each NaN that can be told from others by its text.
            Some(Number::Nan) | None => return self.sink.block(tags::DECIMAL, text.as_bytes()),
        }
        Ok(())
    }

    fn write_other(&mut self, object: Ref<'_>) -> Result<(), NotEncoded> {
        match self.serializer {
            Serializer::Exact => Err(NotEncoded::of_type(self.py, object)),
            Serializer::Pickle => {
                let pickled = pickle::dumps(self.py, object)?;
                self.sink.block(tags::PICKLE, pickled.as_bytes())
            }
        }
    }
}
