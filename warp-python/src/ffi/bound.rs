//! A decorated function bound to an instance: `obj.method`, where it is not called at once.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::mem::{ManuallyDrop, offset_of};
use std::ptr::{self, NonNull};

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use super::callable::{self, function_of};
use super::hash::Raised;
use super::object::{Owned, Ref};
use super::trampoline::{attached, returning, returning_object};
use super::types::{
    TypeCell, allocate, free, method, no_member, no_property, offset_member, property,
    simple_method, slot, subscription,
};
use crate::control;

static TYPE: TypeCell = TypeCell::new();

/// The struct behind a bound function.
#[repr(C)]
struct BoundCallable {
    base: ffi::PyObject,
    vectorcall: ffi::vectorcallfunc,
    weak_references: *mut ffi::PyObject,
    function: ManuallyDrop<Owned>,
    instance: ManuallyDrop<Owned>,
}

/// Makes the type; it is called once per import.
pub(crate) fn make_type(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let object_member = |name: &'static std::ffi::CStr, offset: usize| ffi::PyMemberDef {
        type_code: ffi::Py_T_OBJECT_EX,
        ..offset_member(name, offset)
    };
    let members = Box::leak(Box::new([
        offset_member(c"__vectorcalloffset__", offset_of!(BoundCallable, vectorcall)),
        offset_member(c"__weaklistoffset__", offset_of!(BoundCallable, weak_references)),
        object_member(c"__func__", offset_of!(BoundCallable, function)),
        object_member(c"__self__", offset_of!(BoundCallable, instance)),
        no_member(),
    ]));
    let methods: Vec<ffi::PyMethodDef> = control::BOUND_METHODS
        .iter()
        .map(|&(name, function, doc)| method(name, function, doc))
        .chain([
            simple_method(c"__reduce__", ffi::METH_NOARGS, reduce),
            subscription(),
            ffi::PyMethodDef::zeroed(),
        ])
        .collect();
    let properties =
        Box::leak(Box::new([property(c"__signature__", signature, None), no_property()]));
    let slots = Box::leak(Box::new([
        slot(ffi::Py_tp_call, ffi::PyVectorcall_Call as *mut c_void),
        slot(ffi::Py_tp_new, construct as *mut c_void),
        slot(ffi::Py_tp_dealloc, deallocate as *mut c_void),
        slot(ffi::Py_tp_traverse, traverse as *mut c_void),
        slot(ffi::Py_tp_getattro, get_attribute as *mut c_void),
        slot(ffi::Py_tp_richcompare, compare as *mut c_void),
        slot(ffi::Py_tp_hash, hash as *mut c_void),
        slot(ffi::Py_tp_repr, repr as *mut c_void),
        slot(ffi::Py_tp_members, members.as_mut_ptr().cast()),
        slot(ffi::Py_tp_methods, methods.leak().as_mut_ptr().cast()),
        slot(ffi::Py_tp_getset, properties.as_mut_ptr().cast()),
        slot(0, ptr::null_mut()),
    ]));
    let flags = ffi::Py_TPFLAGS_DEFAULT
        | ffi::Py_TPFLAGS_HAVE_GC
        | ffi::Py_TPFLAGS_HAVE_VECTORCALL
        | ffi::Py_TPFLAGS_IMMUTABLETYPE;
    let name = c"warp_cache.BoundCachedFunction";
    // SAFETY: the slots are functions of their kinds for a BoundCallable; all is leaked.
    unsafe { TYPE.make(py, name, size_of::<BoundCallable>(), flags, slots) }
}

/// A decorated function bound to an instance.
pub(super) fn new(function: Ref<'_>, instance: Ref<'_>) -> Result<Owned, Raised> {
    // SAFETY: the type's objects are BoundCallables, and every field is written below, before the
    // collector sees the object.
    unsafe {
        let object = attached(|py| allocate::<BoundCallable>(py, &TYPE))?;
        ffi::PyObject_GC_UnTrack(object.cast());
        (&raw mut (*object).vectorcall).write(call);
        (&raw mut (*object).weak_references).write(ptr::null_mut());
        (&raw mut (*object).function).write(ManuallyDrop::new(function.counted()));
        (&raw mut (*object).instance).write(ManuallyDrop::new(instance.counted()));
        ffi::PyObject_GC_Track(object.cast());
        Ok(Owned::from_owned(NonNull::new_unchecked(object.cast())))
    }
}

/// # Safety
/// For the interpreter: `tp_new` of a BoundCallable, with the function and the instance, as
/// `weakref.WeakMethod` binds a method again.
unsafe extern "C" fn construct(
    _kind: *mut ffi::PyTypeObject,
    args: *mut ffi::PyObject,
    kwargs: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    returning_object(|| {
        let parts = attached(|py| {
            // SAFETY: the interpreter passes a tuple, and a dict or null.
            let (args, kwargs) = unsafe {
                let args = Bound::from_borrowed_ptr(py, args).cast_into::<PyTuple>()?;
                (args, Bound::from_borrowed_ptr_or_opt(py, kwargs))
            };
            let (function, instance) = args.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            let is_cached = function_of((&function).into()).is_some();
            if !is_cached || instance.is_none() || kwargs.is_some() {
                return Err(PyTypeError::new_err(
                    "BoundCachedFunction() takes a cached function and the instance to bind it to",
                ));
            }
            Ok((Owned::from(function), Owned::from(instance)))
        })?;
        new(parts.0.as_ref(), parts.1.as_ref())
    })
}

/// The function and the instance of a bound function.
///
/// # Safety
/// The object is a BoundCallable and alive for `'a`.
unsafe fn parts<'a>(object: *mut ffi::PyObject) -> (Ref<'a>, Ref<'a>) {
    // SAFETY: as the caller says; the fields are set once.
    unsafe {
        let this = &*object.cast::<BoundCallable>();
        (this.function.as_ref(), this.instance.as_ref())
    }
}

/// # Safety
/// For the interpreter: as a vectorcall of a BoundCallable.
unsafe extern "C" fn call(
    object: *mut ffi::PyObject,
    stack: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the object is a BoundCallable; the interpreter lends the slot before the first
    // argument if its flag is set, to be put back as it was.
    unsafe {
        let (function, instance) = parts(object);
        let positional = count & !ffi::PY_VECTORCALL_ARGUMENTS_OFFSET;
        if count & ffi::PY_VECTORCALL_ARGUMENTS_OFFSET != 0 {
            let first = stack.cast_mut().sub(1);
            let lent = first.replace(instance.as_ptr());
            let result = callable::call_through(function, first, positional + 1, names);
            first.write(lent);
            return result;
        }
        let named = if names.is_null() { 0 } else { ffi::Py_SIZE(names) as usize };
        let stack = with_instance(stack, positional + named, instance, 0);
        callable::call_through(function, stack.as_ptr(), positional + 1, names)
    }
}

/// The arguments of a call, with the instance put in among them.
///
/// # Safety
/// The stack has that many arguments, and `place` is not beyond the last.
unsafe fn with_instance(
    stack: *const *mut ffi::PyObject,
    count: usize,
    instance: Ref<'_>,
    place: usize,
) -> Vec<*mut ffi::PyObject> {
    let mut arguments = Vec::with_capacity(count + 1);
    if count > 0 {
        // SAFETY: as the caller says.
        arguments.extend_from_slice(unsafe { std::slice::from_raw_parts(stack, count) });
    }
    arguments.insert(place, instance.as_ptr());
    arguments
}

/// Calls a control of the function, with the instance among its arguments.
///
/// # Safety
/// As a method of a BoundCallable that takes its arguments as a vectorcall does.
pub(crate) unsafe extern "C" fn control<C: control::Operation>(
    object: *mut ffi::PyObject,
    stack: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls this with a BoundCallable and the arguments of a vectorcall.
    unsafe {
        let (function, instance) = parts(object);
        let named = if names.is_null() { 0 } else { ffi::Py_SIZE(names) as usize };
        match C::INSTANCE_AT {
            // Without the value that it needs, the control says so itself.
            Some(place) if place <= count as usize => {
                let stack = with_instance(stack, count as usize + named, instance, place);
                callable::control::<C>(function.as_ptr(), stack.as_ptr(), count + 1, names)
            }
            _ => callable::control::<C>(function.as_ptr(), stack, count, names),
        }
    }
}

/// # Safety
/// For the interpreter: `tp_dealloc` of a BoundCallable.
unsafe extern "C" fn deallocate(object: *mut ffi::PyObject) {
    // SAFETY: nobody refers to the object any more, so that its fields are ours to drop, once.
    unsafe {
        ffi::PyObject_GC_UnTrack(object.cast());
        let this = object.cast::<BoundCallable>();
        if !(*this).weak_references.is_null() {
            ffi::PyObject_ClearWeakRefs(object);
        }
        ManuallyDrop::drop(&mut (*this).function);
        ManuallyDrop::drop(&mut (*this).instance);
        free(object);
    }
}

/// # Safety
/// For the interpreter: `tp_traverse` of a BoundCallable. It cannot change, so a cycle through it is
/// cleared elsewhere.
unsafe extern "C" fn traverse(
    object: *mut ffi::PyObject,
    visit: ffi::visitproc,
    data: *mut c_void,
) -> c_int {
    // SAFETY: the object is a BoundCallable, and the visitor is the interpreter's own.
    unsafe {
        let (function, instance) = parts(object);
        for shown in [ffi::Py_TYPE(object).cast(), function.as_ptr(), instance.as_ptr()] {
            match visit(shown, data) {
                0 => {}
                result => return result,
            }
        }
    }
    0
}

/// # Safety
/// For the interpreter: `tp_getattro` of a BoundCallable. What it has not itself, and its name and
/// documentation, are the function's.
unsafe extern "C" fn get_attribute(
    object: *mut ffi::PyObject,
    name: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    returning_object(|| {
        attached(|py| {
            // SAFETY: the object is a BoundCallable, and the name a str; both are alive.
            let (function, name) = unsafe {
                (parts(object).0, Bound::from_borrowed_ptr(py, name).cast_into::<PyString>()?)
            };
            // The methods of the function itself, such as `__deepcopy__`, are not the method's.
            let attributes = function.borrow(py).getattr("__dict__")?.cast_into::<PyDict>()?;
            let is_the_functions = matches!(&*name.to_string_lossy(), "__doc__" | "__module__");
            if is_the_functions {
                if let Some(attribute) = attributes.get_item(&name)? {
                    return Ok(attribute.into());
                }
            }
            // SAFETY: both are alive; the result is a new reference, or an exception is set.
            unsafe {
                let own = ffi::PyObject_GenericGetAttr(object, name.as_ptr());
                if own.is_null() && ffi::PyErr_ExceptionMatches(ffi::PyExc_AttributeError) != 0 {
                    let missing = PyErr::fetch(py);
                    if let Some(attribute) = attributes.get_item(&name)? {
                        return Ok(attribute.into());
                    }
                    let marker = match function_of(function) {
                        Some(function) => function.options.marker(py, name.as_any())?,
                        None => None,
                    };
                    return marker.ok_or(missing);
                }
                Bound::from_owned_ptr_or_err(py, own).map(Owned::from)
            }
        })
    })
}

/// # Safety
/// For the interpreter: `tp_richcompare` of a BoundCallable. As with methods, the same function of
/// the same instance is the same.
unsafe extern "C" fn compare(
    object: *mut ffi::PyObject,
    other: *mut ffi::PyObject,
    operation: c_int,
) -> *mut ffi::PyObject {
    // SAFETY: both are alive; the other is looked into only if it is a BoundCallable too.
    unsafe {
        if ffi::Py_TYPE(other) != TYPE.get() || !matches!(operation, ffi::Py_EQ | ffi::Py_NE) {
            return ffi::Py_NewRef(ffi::Py_NotImplemented());
        }
        let ((function, instance), (other_function, other_instance)) =
            (parts(object), parts(other));
        let same = function.is(other_function) && instance.is(other_instance);
        let result =
            if same == (operation == ffi::Py_EQ) { ffi::Py_True() } else { ffi::Py_False() };
        ffi::Py_NewRef(result)
    }
}

/// # Safety
/// For the interpreter: `tp_hash` of a BoundCallable.
unsafe extern "C" fn hash(object: *mut ffi::PyObject) -> ffi::Py_hash_t {
    // SAFETY: the object is a BoundCallable.
    let (function, instance) = unsafe { parts(object) };
    let mixed = super::hash::mix(function.as_ptr() as u64, instance.as_ptr() as u64);
    match mixed as ffi::Py_hash_t {
        -1 => -2,
        hash => hash,
    }
}

/// # Safety
/// For the interpreter: `tp_repr` of a BoundCallable.
unsafe extern "C" fn repr(object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    returning_object(|| {
        // SAFETY: the object is a BoundCallable.
        let (function, instance) = unsafe { parts(object) };
        attached(|py| {
            let wrapped = match function_of(function) {
                Some(function) => function.wrapped.as_py().bind(py).repr()?.to_string(),
                None => String::new(),
            };
            let instance = instance.borrow(py).repr()?;
            let text = format!("<warp_cache.cache of {wrapped}, bound to {instance}>");
            Ok(PyString::new(py, &text).into_any().into())
        })
    })
}

/// # Safety
/// For the interpreter: a method without arguments. Pickled so, the object is looked up again at its
/// instance.
unsafe extern "C" fn reduce(
    object: *mut ffi::PyObject,
    _argument: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    returning_object(|| {
        // SAFETY: the object is a BoundCallable.
        let (function, instance) = unsafe { parts(object) };
        attached(|py| {
            let name = function.borrow(py).getattr("__name__")?;
            let getattr = py.import("builtins")?.getattr("getattr")?;
            let reduced = (getattr, (instance.borrow(py).to_owned(), name));
            Ok(reduced.into_pyobject(py)?.into_any().into())
        })
    })
}

/// # Safety
/// For the interpreter: the getter of `__signature__`, the function's own less the instance.
unsafe extern "C" fn signature(
    object: *mut ffi::PyObject,
    _closure: *mut c_void,
) -> *mut ffi::PyObject {
    let result = returning(|| {
        // SAFETY: the object is a BoundCallable.
        let (function, instance) = unsafe { parts(object) };
        attached(|py| {
            let wrapped = function.borrow(py).getattr("__wrapped__")?;
            let method = py.import("types")?.getattr("MethodType")?;
            let method = method.call1((wrapped, instance.borrow(py).to_owned()))?;
            let signature = py.import("inspect")?.call_method1("signature", (method,))?;
            Ok(Owned::from(signature))
        })
    });
    result.map_or(ptr::null_mut(), Owned::into_ptr)
}
