//! Dates and times of the module datetime: what is in them, and new ones.
#![allow(unsafe_code)]

use std::ffi::c_int;
use std::ptr;

use pyo3::exceptions::{PyImportError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;

use super::numbers::returned;
use super::object::{Owned, Ref};

/// A day of the calendar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

/// A time of the day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) microsecond: u32,
    /// Whether it is the second of two that read the same.
    pub(crate) fold: bool,
}

/// A span of time, as timedelta normalizes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) days: i32,
    pub(crate) seconds: i32,
    pub(crate) microseconds: i32,
}

/// An object of one of the exact types of the module.
#[derive(Clone, Copy)]
pub(crate) enum Temporal<'a> {
    Date(Day),
    Time(Clock, Option<Ref<'a>>),
    DateTime(Day, Clock, Option<Ref<'a>>),
    Delta(Span),
    /// The one object that stands for UTC.
    Utc,
    Zone(Ref<'a>),
}

/// The module's functions and types; none if it is not the interpreter's own.
fn api() -> Option<&'static ffi::PyDateTime_CAPI> {
    // SAFETY: this thread is attached; what is loaded stays loaded.
    unsafe {
        if ffi::PyDateTimeAPI().is_null() {
            ffi::PyDateTime_IMPORT();
            if ffi::PyDateTimeAPI().is_null() {
                ffi::PyErr_Clear();
            }
        }
        ffi::PyDateTimeAPI().as_ref()
    }
}

fn loaded() -> PyResult<&'static ffi::PyDateTime_CAPI> {
    api().ok_or_else(|| PyImportError::new_err("the module datetime cannot be loaded"))
}

/// What an object is, if it is of one of these types.
pub(super) fn temporal(object: Ref<'_>) -> Option<Temporal<'_>> {
    let api = api()?;
    let kind = object.type_ptr();
    let pointer = object.as_ptr();
    if kind == api.DateTimeType {
        // SAFETY: the object is an exact datetime.
        let (clock, zone) = unsafe {
            let clock = Clock {
                hour: ffi::PyDateTime_DATE_GET_HOUR(pointer) as u8,
                minute: ffi::PyDateTime_DATE_GET_MINUTE(pointer) as u8,
                second: ffi::PyDateTime_DATE_GET_SECOND(pointer) as u8,
                microsecond: ffi::PyDateTime_DATE_GET_MICROSECOND(pointer) as u32,
                fold: ffi::PyDateTime_DATE_GET_FOLD(pointer) != 0,
            };
            (clock, zone(ffi::PyDateTime_DATE_GET_TZINFO(pointer)))
        };
        Some(Temporal::DateTime(day(object), clock, zone))
    } else if kind == api.DateType {
        Some(Temporal::Date(day(object)))
    } else if kind == api.TimeType {
        // SAFETY: the object is an exact time.
        let (clock, zone) = unsafe {
            let clock = Clock {
                hour: ffi::PyDateTime_TIME_GET_HOUR(pointer) as u8,
                minute: ffi::PyDateTime_TIME_GET_MINUTE(pointer) as u8,
                second: ffi::PyDateTime_TIME_GET_SECOND(pointer) as u8,
                microsecond: ffi::PyDateTime_TIME_GET_MICROSECOND(pointer) as u32,
                fold: ffi::PyDateTime_TIME_GET_FOLD(pointer) != 0,
            };
            (clock, zone(ffi::PyDateTime_TIME_GET_TZINFO(pointer)))
        };
        Some(Temporal::Time(clock, zone))
    } else if kind == api.DeltaType {
        // SAFETY: the object is an exact timedelta.
        let span = unsafe {
            Span {
                days: ffi::PyDateTime_DELTA_GET_DAYS(pointer),
                seconds: ffi::PyDateTime_DELTA_GET_SECONDS(pointer),
                microseconds: ffi::PyDateTime_DELTA_GET_MICROSECONDS(pointer),
            }
        };
        Some(Temporal::Delta(span))
    } else if pointer == api.TimeZone_UTC {
        Some(Temporal::Utc)
    } else {
        // SAFETY: the object lives as long as the module.
        let zone_type = unsafe { ffi::Py_TYPE(api.TimeZone_UTC) };
        (kind == zone_type).then_some(Temporal::Zone(object))
    }
}

/// The day of a date or datetime.
fn day(object: Ref<'_>) -> Day {
    let pointer = object.as_ptr();
    // SAFETY: the caller has seen that the object is a date or a datetime, which begin alike.
    unsafe {
        Day {
            year: ffi::PyDateTime_GET_YEAR(pointer) as u16,
            month: ffi::PyDateTime_GET_MONTH(pointer) as u8,
            day: ffi::PyDateTime_GET_DAY(pointer) as u8,
        }
    }
}

/// # Safety
/// The object is None, or alive for as long as the result is used.
unsafe fn zone<'a>(object: *mut ffi::PyObject) -> Option<Ref<'a>> {
    // SAFETY: as the caller says.
    unsafe {
        if object == ffi::Py_None() {
            return None;
        }
        ptr::NonNull::new(object).map(|object| Ref::new(object))
    }
}

fn pointer_or_none(zone: Option<&Owned>) -> *mut ffi::PyObject {
    // SAFETY: None lives as long as the interpreter.
    zone.map_or_else(|| unsafe { ffi::Py_None() }, |zone| zone.as_ref().as_ptr())
}

/// Makes a date; an error if there is no such day.
pub(crate) fn new_date(py: Python<'_>, day: Day) -> PyResult<Owned> {
    let api = loaded()?;
    let Day { year, month, day } = day;
    // SAFETY: the call returns as `returned` expects.
    unsafe {
        returned(py, (api.Date_FromDate)(year.into(), month.into(), day.into(), api.DateType))
    }
}

/// Makes a time; an error if there is none such.
pub(crate) fn new_time(py: Python<'_>, clock: Clock, zone: Option<&Owned>) -> PyResult<Owned> {
    let api = loaded()?;
    // SAFETY: the call returns as `returned` expects, and refuses what is no zone.
    unsafe {
        let time = (api.Time_FromTimeAndFold)(
            clock.hour.into(),
            clock.minute.into(),
            clock.second.into(),
            clock.microsecond as c_int,
            pointer_or_none(zone),
            clock.fold.into(),
            api.TimeType,
        );
        returned(py, time)
    }
}

/// Makes a datetime; an error if there is none such.
pub(crate) fn new_datetime(
    py: Python<'_>,
    day: Day,
    clock: Clock,
    zone: Option<&Owned>,
) -> PyResult<Owned> {
    let api = loaded()?;
    // SAFETY: the call returns as `returned` expects, and refuses what is no zone.
    unsafe {
        let datetime = (api.DateTime_FromDateAndTimeAndFold)(
            day.year.into(),
            day.month.into(),
            day.day.into(),
            clock.hour.into(),
            clock.minute.into(),
            clock.second.into(),
            clock.microsecond as c_int,
            pointer_or_none(zone),
            clock.fold.into(),
            api.DateTimeType,
        );
        returned(py, datetime)
    }
}

/// Makes a timedelta; an error if it is too long.
pub(crate) fn new_delta(py: Python<'_>, span: Span) -> PyResult<Owned> {
    let api = loaded()?;
    let Span { days, seconds, microseconds } = span;
    // SAFETY: the call returns as `returned` expects.
    unsafe { returned(py, (api.Delta_FromDelta)(days, seconds, microseconds, 1, api.DeltaType)) }
}

/// Makes a timezone of an offset and, if it has a name, a str; an error if it is none.
pub(crate) fn new_zone(py: Python<'_>, offset: Span, name: Option<&Owned>) -> PyResult<Owned> {
    let api = loaded()?;
    let offset = new_delta(py, offset)?;
    let name = name.map_or(ptr::null_mut(), |name| name.as_ref().as_ptr());
    // SAFETY: the call is given a timedelta and a str or null, and returns as `returned` expects.
    unsafe {
        if !name.is_null() && ffi::PyUnicode_Check(name) == 0 {
            return Err(PyTypeError::new_err("the name of a timezone is a str"));
        }
        returned(py, (api.TimeZone_FromTimeZone)(offset.as_ref().as_ptr(), name))
    }
}

/// The one object that stands for UTC.
pub(crate) fn utc(_py: Python<'_>) -> PyResult<Owned> {
    let api = loaded()?;
    // SAFETY: it lives as long as the module, which is never unloaded.
    unsafe {
        let utc = ptr::NonNull::new_unchecked(api.TimeZone_UTC);
        Ok(Ref::new(utc).counted())
    }
}
