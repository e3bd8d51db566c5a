//! The encoder as Python's tests see it: private functions of the extension.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use super::{NotDecoded, Serializer};
use crate::ffi::args::Parts;
use crate::ffi::object::Ref;
use crate::key::KeyStyle;

fn serializer(exact: bool) -> Serializer {
    if exact { Serializer::Exact } else { Serializer::Pickle }
}

/// Encodes a value.
#[pyfunction]
#[pyo3(signature = (value, exact=false, limit=None))]
pub(crate) fn _encode<'py>(
    py: Python<'py>,
    value: &Bound<'py, PyAny>,
    exact: bool,
    limit: Option<usize>,
) -> PyResult<Bound<'py, PyBytes>> {
    let mut out = Vec::new();
    let limit = limit.unwrap_or(usize::MAX);
    super::value(py, Ref::from(value), serializer(exact), limit, &mut out)?;
    Ok(PyBytes::new(py, &out))
}

/// Decodes a value; a ValueError if the bytes are broken.
#[pyfunction]
#[pyo3(signature = (data, pickle=true))]
pub(crate) fn _decode<'py>(
    py: Python<'py>,
    data: &[u8],
    pickle: bool,
) -> PyResult<Bound<'py, PyAny>> {
    match super::decode(py, data, serializer(!pickle)) {
        Ok(value) => Ok(value.into_bound(py)),
        Err(error) if error.is_exit(py) => Err(error.into()),
        Err(error) => {
            let message = PyValueError::new_err(error.to_string());
            if let NotDecoded::Raised(cause) = error {
                message.set_cause(py, Some(cause));
            }
            Err(message)
        }
    }
}

/// Encodes the key of a call.
#[pyfunction]
#[pyo3(signature = (args, kwargs, typed=false, ordered=false, exact=false, limit=None))]
pub(crate) fn _encode_key<'py>(
    py: Python<'py>,
    args: &Bound<'py, PyTuple>,
    kwargs: &Bound<'py, PyDict>,
    typed: bool,
    ordered: bool,
    exact: bool,
    limit: Option<usize>,
) -> PyResult<Bound<'py, PyBytes>> {
    let args: Vec<_> = args.iter().collect();
    let (names, values): (Vec<_>, Vec<_>) = kwargs.iter().unzip();
    let [args, values, names] =
        [&args, &values, &names].map(|row| row.iter().map(Ref::from).collect::<Vec<_>>());
    let parts = Parts { positional: &args, values: &values, names: &names };
    let style = KeyStyle { typed, ordered };
    let bytes = super::key(py, parts, style, serializer(exact), limit.unwrap_or(usize::MAX))?;
    Ok(PyBytes::new(py, &bytes))
}
