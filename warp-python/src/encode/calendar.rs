//! Days, times of the day and spans of time, as they are written in values and keys.

use super::error::NotDecoded::{self, Malformed};
use super::sink::Sink;
use super::source::Source;
use super::tags;
use crate::ffi::datetime::{Clock, Day, Span};

pub(super) fn write_day(sink: &mut Sink<'_>, day: Day) {
    sink.some(day.year.to_le_bytes());
    sink.some([day.month, day.day]);
}

pub(super) fn read_day(source: &mut Source<'_>) -> Result<Day, NotDecoded> {
    let &[low, high, month, day] = source.array()?;
    Ok(Day { year: u16::from_le_bytes([low, high]), month, day })
}

/// A time of the day without its fold.
pub(super) fn write_clock(sink: &mut Sink<'_>, clock: Clock) {
    sink.some([clock.hour, clock.minute, clock.second]);
    sink.some(clock.microsecond.to_le_bytes());
}

/// The fold and whether a zone follows.
pub(super) fn write_flags(sink: &mut Sink<'_>, clock: Clock, with_zone: bool) {
    let fold = if clock.fold { tags::FOLD } else { 0 };
    sink.byte(if with_zone { fold | tags::ZONE } else { fold });
}

/// A time of the day behind its flags, and whether a zone follows.
pub(super) fn read_clock(source: &mut Source<'_>) -> Result<(Clock, bool), NotDecoded> {
    let &[flags, hour, minute, second] = source.array()?;
    let microsecond = u32::from_le_bytes(*source.array()?);
    if flags & !(tags::FOLD | tags::ZONE) != 0 {
        return Err(Malformed("the flags of a time are unknown"));
    }
    let fold = flags & tags::FOLD != 0;
    Ok((Clock { hour, minute, second, microsecond, fold }, flags & tags::ZONE != 0))
}

pub(super) fn write_span(sink: &mut Sink<'_>, span: Span) {
    for part in [span.days, span.seconds, span.microseconds] {
        sink.some(part.to_le_bytes());
    }
}

pub(super) fn read_span(source: &mut Source<'_>) -> Result<Span, NotDecoded> {
    let [days, seconds, microseconds] =
        [source.array()?, source.array()?, source.array()?].map(|part| i32::from_le_bytes(*part));
    Ok(Span { days, seconds, microseconds })
}
