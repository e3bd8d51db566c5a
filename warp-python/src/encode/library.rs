//! Types of the standard library's that are no part of the interpreter: Decimal and UUID, and what
//! a timezone is made of.
//!
//! An object of such a type exists only where its module was imported: to look at objects imports
//! nothing, to make them does.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyInt, PyString, PyTuple, PyType};

use crate::ffi::datetime::{Span, Temporal};
use crate::ffi::object::{Owned, Ref};
use crate::ffi::view::{View, view};

/// An object of one of these types.
pub(super) enum Library {
    /// As its `str` says, which says it all.
    Decimal(String),
    /// The bytes of its number, the most significant first, and where `is_safe` stands in `SAFETY`.
    Uuid { bytes: [u8; 16], safety: u8 },
}

static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static UUID: PyOnceLock<Py<PyType>> = PyOnceLock::new();
/// The values that a UUID's `is_safe` may have.
static SAFETY: PyOnceLock<[Py<PyAny>; 3]> = PyOnceLock::new();
/// What they are called.
const SAFETY_NAMES: [&str; 3] = ["unknown", "safe", "unsafe"];

/// What an object is, if it is of one of these types exactly, and is as they make it.
pub(super) fn look(py: Python<'_>, object: Ref<'_>) -> PyResult<Option<Library>> {
    let object = object.borrow(py);
    if is_exactly(&object, &DECIMAL, "decimal", "Decimal")? {
        let text = object.str()?.to_cow()?.into_owned();
        return Ok(Some(Library::Decimal(text)));
    }
    if is_exactly(&object, &UUID, "uuid", "UUID")? {
        let safety = object.getattr(intern!(py, "is_safe"))?;
        let place = safety_values(py)?.iter().position(|value| safety.is(value));
        let number = object.getattr(intern!(py, "int"))?;
        let is_int = matches!(view(Ref::from(&number)), View::Int(_));
        if let (Some(place), true, Ok(number)) = (place, is_int, number.extract::<u128>()) {
            let (bytes, safety) = (number.to_be_bytes(), place as u8);
            return Ok(Some(Library::Uuid { bytes, safety }));
        }
    }
    Ok(None)
}

/// Whether an object is of a type exactly, which is looked for where it must be if there is one.
fn is_exactly(
    object: &Bound<'_, PyAny>,
    cell: &PyOnceLock<Py<PyType>>,
    module: &str,
    name: &str,
) -> PyResult<bool> {
    let py = object.py();
    if let Some(class) = cell.get(py) {
        return Ok(object.get_type().is(class));
    }
    let modules = py.import(intern!(py, "sys"))?.getattr(intern!(py, "modules"))?;
    let Some(module) = modules.cast::<PyDict>()?.get_item(module)? else { return Ok(false) };
    let Some(class) = module.getattr_opt(name)? else { return Ok(false) };
    if !object.get_type().is(&class) {
        return Ok(false);
    }
    let _ = cell.set(py, class.cast_into::<PyType>()?.unbind());
    Ok(true)
}

fn class<'py>(
    py: Python<'py>,
    cell: &PyOnceLock<Py<PyType>>,
    module: &str,
    name: &str,
) -> PyResult<Bound<'py, PyType>> {
    cell.import(py, module, name).cloned()
}

fn safety_values(py: Python<'_>) -> PyResult<&'static [Py<PyAny>; 3]> {
    SAFETY.get_or_try_init(py, || {
        let kinds = py.import("uuid")?.getattr("SafeUUID")?;
        let [unknown, safe, unsafe_] = SAFETY_NAMES.map(|name| kinds.getattr(name));
        Ok([unknown?.unbind(), safe?.unbind(), unsafe_?.unbind()])
    })
}

/// Makes the Decimal that a text says. The text has been checked.
pub(super) fn new_decimal(py: Python<'_>, text: &str) -> PyResult<Owned> {
    let decimal = class(py, &DECIMAL, "decimal", "Decimal")?.call1((text,))?;
    Ok(decimal.into())
}

/// Makes a UUID; none if there is no such `safety`.
pub(super) fn new_uuid(py: Python<'_>, bytes: &[u8], safety: u8) -> PyResult<Option<Owned>> {
    let Some(safety) = safety_values(py)?.get(usize::from(safety)) else { return Ok(None) };
    let arguments = PyDict::new(py);
    arguments.set_item(intern!(py, "bytes"), bytes)?;
    arguments.set_item(intern!(py, "is_safe"), safety)?;
    let uuid = class(py, &UUID, "uuid", "UUID")?.call((), Some(&arguments))?;
    Ok(Some(uuid.into()))
}

/// The offset of a timezone and the name that it was given, if any; none if these are not of the
/// exact types.
pub(super) fn zone_parts(py: Python<'_>, zone: Ref<'_>) -> PyResult<Option<(Span, Option<Owned>)>> {
    let parts = zone.borrow(py).call_method0(intern!(py, "__getinitargs__"))?;
    let parts = parts.cast_into::<PyTuple>()?;
    let offset = parts.get_item(0)?;
    let View::Temporal(Temporal::Delta(offset)) = view(Ref::from(&offset)) else {
        return Ok(None);
    };
    if parts.len() < 2 {
        return Ok(Some((offset, None)));
    }
    let name = Owned::from(parts.get_item(1)?);
    let is_str = matches!(view(name.as_ref()), View::Str(_));
    Ok(is_str.then_some((offset, Some(name))))
}

/// The name of an object's type, with its module's.
pub(super) fn type_name(py: Python<'_>, object: Ref<'_>) -> String {
    let name = object.borrow(py).get_type().fully_qualified_name();
    let text = |name: &Bound<'_, PyString>| name.to_string_lossy().into_owned();
    name.as_ref().map_or_else(|_| "unknown".to_owned(), text)
}

/// Whether a Decimal is a NaN.
pub(super) fn is_nan(py: Python<'_>, decimal: &Owned) -> PyResult<bool> {
    decimal.as_py().bind(py).call_method0(intern!(py, "is_nan"))?.extract()
}

/// The int that a Decimal without a fraction is equal to.
pub(super) fn int_of<'py>(py: Python<'py>, decimal: Ref<'_>) -> PyResult<Bound<'py, PyAny>> {
    py.get_type::<PyInt>().call1((decimal.borrow(py),))
}
