//! Dates and times in keys: those that are equal are written alike, whatever their zone.

use pyo3::prelude::*;

use super::calendar;
use super::error::NotEncoded;
use super::library;
use super::sink::Sink;
use super::tags;
use crate::ffi::datetime::{Clock, Day, Span, Temporal};
use crate::ffi::object::Ref;
use crate::ffi::view::{View, view};

const DAY: i64 = 86_400 * SECOND;
const SECOND: i64 = 1_000_000;

/// Writes a date or time; says no, and writes nothing, where its zone is no plain timezone.
///
/// Naive ones are compared by what they read, aware ones by the instant that they mean. Which of
/// two that read the same is meant makes no difference to Python where the offset is fixed.
pub(super) fn write(
    py: Python<'_>,
    sink: &mut Sink<'_>,
    temporal: Temporal<'_>,
) -> Result<bool, NotEncoded> {
    match temporal {
        Temporal::Date(day) => {
            sink.byte(tags::DATE);
            calendar::write_day(sink, day);
        }
        Temporal::Time(clock, None) => {
            sink.byte(tags::TIME);
            calendar::write_clock(sink, clock);
        }
        Temporal::Time(clock, Some(zone)) => {
            let Some(offset) = offset(py, zone)? else { return Ok(false) };
            sink.byte(tags::AWARE_TIME);
            sink.some((since_midnight(clock) - offset).to_le_bytes());
        }
        Temporal::DateTime(day, clock, None) => {
            sink.byte(tags::DATETIME);
            calendar::write_day(sink, day);
            calendar::write_clock(sink, clock);
        }
        Temporal::DateTime(day, clock, Some(zone)) => {
            let Some(offset) = offset(py, zone)? else { return Ok(false) };
            sink.byte(tags::INSTANT);
            let local = days_before(day) * DAY + since_midnight(clock);
            sink.some((local - offset).to_le_bytes());
        }
        Temporal::Delta(span) => {
            sink.byte(tags::TIMEDELTA);
            calendar::write_span(sink, span);
        }
        Temporal::Utc => {
            sink.byte(tags::TIMEZONE);
            sink.some(0_i64.to_le_bytes());
        }
        // Its name makes no difference.
        Temporal::Zone(zone) => {
            let Some(offset) = offset(py, zone)? else { return Ok(false) };
            sink.byte(tags::TIMEZONE);
            sink.some(offset.to_le_bytes());
        }
    }
    Ok(true)
}

/// How far a zone is ahead of UTC, in microseconds: less than a day.
fn offset(py: Python<'_>, zone: Ref<'_>) -> PyResult<Option<i64>> {
    match view(zone) {
        View::Temporal(Temporal::Utc) => Ok(Some(0)),
        View::Temporal(Temporal::Zone(zone)) => {
            let parts = library::zone_parts(py, zone)?;
            Ok(parts.map(|(Span { days, seconds, microseconds }, _)| {
                i64::from(days) * DAY + i64::from(seconds) * SECOND + i64::from(microseconds)
            }))
        }
        _ => Ok(None),
    }
}

fn since_midnight(clock: Clock) -> i64 {
    let minutes = i64::from(clock.hour) * 60 + i64::from(clock.minute);
    (minutes * 60 + i64::from(clock.second)) * SECOND + i64::from(clock.microsecond)
}

/// The days before a day since the beginning of the year 0, which has 366.
fn days_before(day: Day) -> i64 {
    const BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let year = i64::from(day.year);
    let leap_years = |years: i64| years / 4 - years / 100 + years / 400;
    let month = usize::from(day.month.clamp(1, 12) - 1);
    let is_leap = leap_years(year) > leap_years(year - 1);
    let leap_day = i64::from(is_leap && month >= 2);
    365 * year + 1 + leap_years(year - 1) + BEFORE_MONTH[month] + leap_day + i64::from(day.day) - 1
}
