//! The decorated object: a callable heap type.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::mem::{self, ManuallyDrop, offset_of};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;

use super::args::Args;
use super::bound;
use super::chain;
use super::hash::Raised;
use super::object::{Owned, Ref};
use super::trampoline::{attached, returning, returning_object};
use super::types::{
    TypeCell, allocate, free, method, no_member, no_property, offset_member, property,
    simple_method, slot, subscription,
};
use crate::control;
use crate::function::{Begun, Computation, Function};
use crate::shared::{self, Shared};

static TYPE: TypeCell = TypeCell::new();

/// The struct behind a decorated object.
#[repr(C)]
struct Callable {
    base: ffi::PyObject,
    vectorcall: ffi::vectorcallfunc,
    dict: *mut ffi::PyObject,
    weak_references: *mut ffi::PyObject,
    function: ManuallyDrop<Function>,
}

/// Makes the type; it is called once per import.
pub(crate) fn make_type(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let members = Box::leak(Box::new([
        offset_member(c"__vectorcalloffset__", offset_of!(Callable, vectorcall)),
        offset_member(c"__dictoffset__", offset_of!(Callable, dict)),
        offset_member(c"__weaklistoffset__", offset_of!(Callable, weak_references)),
        no_member(),
    ]));
    let methods: Vec<ffi::PyMethodDef> = control::METHODS
        .iter()
        .map(|&(name, function, doc)| method(name, function, doc))
        .chain([
            simple_method(c"__copy__", ffi::METH_NOARGS, itself),
            simple_method(c"__deepcopy__", ffi::METH_O, itself),
            simple_method(c"__reduce__", ffi::METH_NOARGS, qualified_name),
            subscription(),
            ffi::PyMethodDef::zeroed(),
        ])
        .collect();
    let properties = Box::leak(Box::new([
        property(c"__dict__", ffi::PyObject_GenericGetDict, Some(ffi::PyObject_GenericSetDict)),
        no_property(),
    ]));
    let slots = Box::leak(Box::new([
        slot(ffi::Py_tp_call, ffi::PyVectorcall_Call as *mut c_void),
        slot(ffi::Py_tp_dealloc, deallocate as *mut c_void),
        slot(ffi::Py_tp_traverse, traverse as *mut c_void),
        slot(ffi::Py_tp_clear, clear as *mut c_void),
        slot(ffi::Py_tp_descr_get, bind as *mut c_void),
        slot(ffi::Py_tp_getattro, get_attribute as *mut c_void),
        slot(ffi::Py_tp_repr, repr as *mut c_void),
        slot(ffi::Py_tp_members, members.as_mut_ptr().cast()),
        slot(ffi::Py_tp_methods, methods.leak().as_mut_ptr().cast()),
        slot(ffi::Py_tp_getset, properties.as_mut_ptr().cast()),
        slot(0, ptr::null_mut()),
    ]));
    let flags = ffi::Py_TPFLAGS_DEFAULT
        | ffi::Py_TPFLAGS_HAVE_GC
        | ffi::Py_TPFLAGS_HAVE_VECTORCALL
        | ffi::Py_TPFLAGS_METHOD_DESCRIPTOR
        | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION
        | ffi::Py_TPFLAGS_IMMUTABLETYPE;
    // SAFETY: the slots are functions of their kinds for a Callable; all is leaked.
    unsafe { TYPE.make(py, c"warp_cache.CachedFunction", size_of::<Callable>(), flags, slots) }
}

/// A new decorated object.
pub(crate) fn new(py: Python<'_>, function: Function) -> PyResult<Bound<'_, PyAny>> {
    // SAFETY: the type's objects are Callables, and every field is written below, before the
    // collector sees the object.
    unsafe {
        let object = allocate::<Callable>(py, &TYPE)?;
        ffi::PyObject_GC_UnTrack(object.cast());
        (&raw mut (*object).vectorcall).write(vectorcall::<false>(&function));
        (&raw mut (*object).dict).write(ptr::null_mut());
        (&raw mut (*object).weak_references).write(ptr::null_mut());
        (&raw mut (*object).function).write(ManuallyDrop::new(function));
        ffi::PyObject_GC_Track(object.cast());
        let wrapped = self::function(object.cast()).wrapped.as_ref();
        let object = Bound::from_owned_ptr(py, object.cast());
        super::deferred::share_between_threads(&object, wrapped);
        Ok(object)
    }
}

/// How a function is called; if it records, each call is noted by its key's hash, as soon as that is
/// known and before the function runs. What is not recorded pays nothing for that.
pub(crate) fn vectorcall<const RECORDS: bool>(function: &Function) -> ffi::vectorcallfunc {
    match (function.may_begin_at_once(), &function.shared) {
        (true, None) => function.store.vectorcall::<RECORDS>(),
        (false, None) if function.options.is_plain => {
            function.store.vectorcall_awaited::<RECORDS>()
        }
        (false, None) => call_at_length::<RECORDS>,
        (true, Some(_)) => call_shared::<RECORDS>,
        (false, Some(_)) => call_shared_at_length::<RECORDS>,
    }
}

/// Chooses how a decorated object is called from now on, by threads that call it meanwhile too:
/// recorded or not.
pub(crate) fn choose_vectorcall<const RECORDS: bool>(object: Ref<'_>) {
    let Some(function) = function_of(object) else { return };
    let vectorcall = vectorcall::<RECORDS>(function) as *mut c_void;
    // SAFETY: the object is a Callable, so that its field is a pointer that may be written to; who
    // reads it meanwhile, the interpreter too, finds the one or the other.
    unsafe {
        let field = &raw mut (*object.as_ptr().cast::<Callable>()).vectorcall;
        AtomicPtr::from_ptr(field.cast()).store(vectorcall, Ordering::Release);
    }
}

/// Calls a decorated object.
///
/// # Safety
/// The object is a Callable, and the arguments are those of a vectorcall.
pub(super) unsafe fn call_through(
    object: Ref<'_>,
    stack: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as the caller says.
    unsafe {
        let field = &raw mut (*object.as_ptr().cast::<Callable>()).vectorcall;
        let vectorcall = AtomicPtr::from_ptr(field.cast::<*mut c_void>()).load(Ordering::Acquire);
        let vectorcall = mem::transmute::<*mut c_void, ffi::vectorcallfunc>(vectorcall);
        vectorcall(object.as_ptr(), stack, count, names)
    }
}

/// The function behind an object, if it is a decorated one.
pub(crate) fn function_of<'a>(object: Ref<'a>) -> Option<&'a Function> {
    // SAFETY: the type is final, so an object of it is a Callable, whose function lives as long.
    (object.type_ptr() == TYPE.get()).then(|| unsafe { function(object.as_ptr()) })
}

/// # Safety
/// The object is a Callable and alive for `'a`.
#[inline]
pub(super) unsafe fn function<'a>(object: *mut ffi::PyObject) -> &'a Function {
    // SAFETY: as the caller says.
    unsafe { &(*object.cast::<Callable>()).function }
}

/// As [`super::at_once::call`], for the calls that it cannot answer.
///
/// # Safety
/// For the interpreter: as a vectorcall of a Callable.
#[inline(never)]
pub(super) unsafe extern "C" fn call_at_length<const RECORDS: bool>(
    object: *mut ffi::PyObject,
    stack: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls this with a Callable and the arguments of a vectorcall.
    let (this, function, args) = unsafe {
        (Ref::new(NonNull::new_unchecked(object)), function(object), Args::new(stack, count, names))
    };
    let mut computation = Computation::default();
    match returning(|| function.begin::<RECORDS>(this, args, &mut computation)) {
        Ok(Begun::Done(value)) => value.into_ptr(),
        Ok(Begun::Compute) => compute(function, args, computation),
        Err(Raised) => ptr::null_mut(),
    }
}

/// # Safety
/// For the interpreter: as a vectorcall of a Callable whose cache is shared.
unsafe extern "C" fn call_shared<const RECORDS: bool>(
    object: *mut ffi::PyObject,
    stack: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls this with a Callable and the arguments of a vectorcall.
    let (function, args) = unsafe { (function(object), Args::new(stack, count, names)) };
    let hit = returning(|| {
        let Some(shared) = &function.shared else { return Ok(shared::AtOnce::Unsure) };
        let found = if let Some(key) = args.one() {
            match function.begin_shared_at_once::<RECORDS>(shared, key) {
                shared::AtOnce::Absent(hash) => {
                    let met = attached(|py| Ok(shared.meet_int(py, key, hash)))?;
                    met.map_or(shared::AtOnce::Absent(hash), shared::AtOnce::Hit)
                }
                found => found,
            }
        } else if let Some(key) = args.two() {
            function.begin_shared_at_once::<RECORDS>(shared, key)
        } else if let Some(key) = args.named::<1>(function.options.style) {
            function.begin_shared_at_once::<RECORDS>(shared, key)
        } else {
            shared::AtOnce::Unsure
        };
        Ok(found)
    });
    // SAFETY: the object is alive.
    let this = unsafe { Ref::new(NonNull::new_unchecked(object)) };
    match hit {
        Ok(shared::AtOnce::Hit(value)) => value.into_ptr(),
        // It is noted already.
        Ok(shared::AtOnce::Absent(hash)) => {
            call_shared_with::<false>(this, function, args, Some(hash))
        }
        Ok(shared::AtOnce::Unsure) => call_shared_with::<RECORDS>(this, function, args, None),
        Err(Raised) => ptr::null_mut(),
    }
}

/// As `call_shared`, for the calls that it cannot answer.
///
/// # Safety
/// For the interpreter: as a vectorcall of a Callable whose cache is shared.
#[inline(never)]
unsafe extern "C" fn call_shared_at_length<const RECORDS: bool>(
    object: *mut ffi::PyObject,
    stack: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls this with a Callable and the arguments of a vectorcall.
    let (this, function, args) = unsafe {
        (Ref::new(NonNull::new_unchecked(object)), function(object), Args::new(stack, count, names))
    };
    call_shared_with::<RECORDS>(this, function, args, None)
}

/// A call that is no hit at once; `absent` is its hash where the front has been looked through for
/// it.
#[inline(never)]
fn call_shared_with<const RECORDS: bool>(
    this: Ref<'_>,
    function: &Function,
    args: Args<'_>,
    absent: Option<u64>,
) -> *mut ffi::PyObject {
    let Some(shared) = &function.shared else { return ptr::null_mut() };
    let mut computation = shared::call::Computation::default();
    let begin = || function.begin_shared::<RECORDS>(shared, this, args, absent, &mut computation);
    match returning(begin) {
        Ok(Begun::Done(value)) => value.into_ptr(),
        Ok(Begun::Compute) => compute_shared(function, shared, args, computation),
        Err(Raised) => ptr::null_mut(),
    }
}

/// As `compute`, where the cache is shared.
#[inline(never)]
fn compute_shared(
    function: &Function,
    shared: &Shared,
    args: Args<'_>,
    computation: shared::call::Computation<'_>,
) -> *mut ffi::PyObject {
    let result = args.call_raw(&function.wrapped);
    finish_shared(function, shared, computation, result)
}

#[inline(never)]
fn finish_shared(
    function: &Function,
    shared: &Shared,
    computation: shared::call::Computation<'_>,
    result: Result<Owned, Raised>,
) -> *mut ffi::PyObject {
    returning_object(|| function.finish_shared(shared, computation, result))
}

/// Runs the function itself, and keeps its result.
#[inline(never)]
fn compute(function: &Function, args: Args<'_>, computation: Computation) -> *mut ffi::PyObject {
    let result = args.call_raw(&function.wrapped);
    finish(function, computation, result)
}

#[inline(never)]
fn finish(
    function: &Function,
    computation: Computation,
    result: Result<Owned, Raised>,
) -> *mut ffi::PyObject {
    returning_object(|| function.finish(computation, result))
}

/// # Safety
/// For the interpreter: `tp_dealloc` of a Callable.
unsafe extern "C" fn deallocate(object: *mut ffi::PyObject) {
    // SAFETY: nobody refers to the object any more. Without weak references their field is free.
    unsafe {
        ffi::PyObject_GC_UnTrack(object.cast());
        if !(*object.cast::<Callable>()).weak_references.is_null() {
            ffi::PyObject_ClearWeakRefs(object);
        }
        chain::end(object, offset_of!(Callable, weak_references), end);
    }
}

/// # Safety
/// Nobody refers to the Callable any more, and the collector does not see it.
unsafe fn end(object: *mut ffi::PyObject) {
    // SAFETY: as the caller says, so that the object's fields are ours to drop, once.
    unsafe {
        let this = object.cast::<Callable>();
        let dict = ptr::replace(&raw mut (*this).dict, ptr::null_mut());
        ffi::Py_XDECREF(dict);
        let function = ManuallyDrop::take(&mut (*this).function);
        let _ = returning(|| {
            attached(|_py| {
                drop(function);
                Ok(())
            })
        });
        free(object);
    }
}

/// # Safety
/// For the interpreter: `tp_traverse` of a Callable.
unsafe extern "C" fn traverse(
    object: *mut ffi::PyObject,
    visit: ffi::visitproc,
    data: *mut c_void,
) -> c_int {
    let mut result = 0;
    let mut show = |shown: *mut ffi::PyObject| {
        if result == 0 && !shown.is_null() {
            // SAFETY: the interpreter's own visitor, with an object that is alive.
            result = unsafe { visit(shown, data) };
        }
    };
    let _ = returning(|| {
        // SAFETY: the object is a Callable; nothing here runs other code.
        unsafe {
            show(ffi::Py_TYPE(object).cast());
            show((*object.cast::<Callable>()).dict);
            function(object).visit(&mut show);
        }
        Ok(())
    });
    result
}

/// # Safety
/// For the interpreter: `tp_clear` of a Callable.
unsafe extern "C" fn clear(object: *mut ffi::PyObject) -> c_int {
    // SAFETY: the object is a Callable. The function itself stays callable, as finalizers may yet
    // call it: any cycle through what it wraps leads through something else that can be cleared.
    unsafe {
        let this = object.cast::<Callable>();
        let dict = ptr::replace(&raw mut (*this).dict, ptr::null_mut());
        ffi::Py_XDECREF(dict);
        let _ = returning(|| {
            function(object).forget();
            Ok(())
        });
    }
    0
}

/// # Safety
/// For the interpreter: `tp_descr_get` of a Callable.
unsafe extern "C" fn bind(
    object: *mut ffi::PyObject,
    instance: *mut ffi::PyObject,
    _owner: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    returning_object(|| {
        // SAFETY: the object is alive, and the instance too, where there is one.
        unsafe {
            let this = Ref::new(NonNull::new_unchecked(object));
            match NonNull::new(instance) {
                Some(instance) if instance.as_ptr() != ffi::Py_None() => {
                    bound::new(this, Ref::new(instance))
                }
                _ => Ok(this.counted()),
            }
        }
    })
}

/// # Safety
/// For the interpreter: `tp_getattro` of a Callable. What marks a coroutine function is not in its
/// `__dict__`, which `functools.wraps` copies.
unsafe extern "C" fn get_attribute(
    object: *mut ffi::PyObject,
    name: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the object is a Callable, and the name a str; both are alive.
    unsafe {
        let own = ffi::PyObject_GenericGetAttr(object, name);
        let options = &function(object).options;
        if !own.is_null()
            || options.markers.is_none()
            || ffi::PyErr_ExceptionMatches(ffi::PyExc_AttributeError) == 0
        {
            return own;
        }
        returning_object(|| {
            attached(|py| {
                let missing = PyErr::fetch(py);
                options.marker(py, &Bound::from_borrowed_ptr(py, name))?.ok_or(missing)
            })
        })
    }
}

/// # Safety
/// For the interpreter: `tp_repr` of a Callable.
unsafe extern "C" fn repr(object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    returning_object(|| {
        // SAFETY: the object is a Callable.
        let function = unsafe { function(object) };
        attached(|py| control::repr(py, function))
    })
}

/// Calls a decorated object's control with a call's arguments.
///
/// # Safety
/// As a method of a Callable that takes its arguments as a vectorcall does.
pub(crate) unsafe extern "C" fn control<C: control::Operation>(
    object: *mut ffi::PyObject,
    stack: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    returning_object(|| {
        // SAFETY: the interpreter calls this with a Callable and the arguments of a vectorcall.
        let (this, function, args) = unsafe {
            let this = Ref::new(NonNull::new_unchecked(object));
            (this, function(object), Args::new(stack, count as usize, names))
        };
        attached(|py| C::run(py, this, function, args))
    })
}

/// # Safety
/// For the interpreter: a method without arguments, or with one that does not matter.
unsafe extern "C" fn itself(
    object: *mut ffi::PyObject,
    _argument: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the object is alive.
    unsafe { ffi::Py_NewRef(object) }
}

/// # Safety
/// For the interpreter: a method without arguments. Pickled so, the object is looked up by its name.
unsafe extern "C" fn qualified_name(
    object: *mut ffi::PyObject,
    _argument: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the object is alive, and the name a C string.
    unsafe { ffi::PyObject_GetAttrString(object, c"__qualname__".as_ptr()) }
}
