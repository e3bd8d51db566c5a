//! How a decorated object is called where its key is short: most hits come no further than here.
#![allow(unsafe_code)]

use std::ptr;

use pyo3::ffi;
use warp_cache::shard::Ticket;

use super::args::Args;
use super::callable::{call_at_length, function};
use super::hash::Raised;
use super::object::Owned;
use super::ready;
use super::trampoline::{returning, returning_object};
use crate::function::{AtOnce, Function};
use crate::key::{Few, ShortKey, with_few};
use crate::store::Known;

/// The vectorcall of a function with the strategy. It only finds what kind of key the call has,
/// and jumps: a frame made here would be made a second time there.
///
/// # Safety
/// For the interpreter: as a vectorcall of a Callable whose function has the strategy.
pub(crate) unsafe extern "C" fn call<P: Known, const RECORDS: bool>(
    object: *mut ffi::PyObject,
    stack: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls this with a Callable and the arguments of a vectorcall.
    unsafe {
        let args = Args::new(stack, count, names);
        if args.one().is_some() {
            call_with_one::<P, RECORDS>(object, stack, count, names)
        } else if args.two().is_some() {
            call_with_two::<P, RECORDS>(object, stack, count, names)
        } else if args.are_named(1) {
            call_with_name::<P, RECORDS>(object, stack, count, names)
        } else if args.are_named(2) {
            call_with_names::<P, RECORDS>(object, stack, count, names)
        } else {
            call_with_few::<P, RECORDS>(object, stack, count, names)
        }
    }
}

macro_rules! call_with {
    ($name:ident, |$function:ident, $args:ident| $key:expr) => {
        /// As `call`, for calls that make such a key.
        ///
        /// # Safety
        /// As of `call`, which has seen that the arguments are of that number and kind.
        #[inline(never)]
        unsafe extern "C" fn $name<P: Known, const RECORDS: bool>(
            object: *mut ffi::PyObject,
            stack: *const *mut ffi::PyObject,
            count: usize,
            names: *mut ffi::PyObject,
        ) -> *mut ffi::PyObject {
            // SAFETY: as the caller says.
            let ($function, $args) = unsafe { (function(object), Args::new(stack, count, names)) };
            match $key.and_then(|key| call_at_once::<P, RECORDS>($function, $args, key)) {
                Some(result) => result,
                // SAFETY: as the caller says.
                None => unsafe { call_at_length::<RECORDS>(object, stack, count, names) },
            }
        }
    };
}

call_with!(call_with_one, |function, args| {
    // SAFETY: there is one argument, as the caller has seen.
    Some(unsafe { args.one().unwrap_unchecked() })
});
call_with!(call_with_two, |function, args| {
    // SAFETY: there are two arguments, as the caller has seen.
    Some(unsafe { args.two().unwrap_unchecked() })
});
call_with!(call_with_name, |function, args| args.named::<1>(function.options.style));
call_with!(call_with_names, |function, args| args.named::<2>(function.options.style));

/// As `call`, for other calls with a short key.
///
/// # Safety
/// For the interpreter: as a vectorcall of a Callable whose function has the strategy.
#[inline(never)]
unsafe extern "C" fn call_with_few<P: Known, const RECORDS: bool>(
    object: *mut ffi::PyObject,
    stack: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls this with a Callable and the arguments of a vectorcall.
    let (function, args) = unsafe { (function(object), Args::new(stack, count, names)) };
    let use_key = |key: Few<'_>| call_at_once::<P, RECORDS>(function, args, key);
    match with_few(args.parts(), function.options.style, use_key) {
        Some(result) => result,
        // SAFETY: as this one.
        None => unsafe { call_at_length::<RECORDS>(object, stack, count, names) },
    }
}

/// As `call`, where a hit is awaited.
///
/// # Safety
/// As of `call`.
pub(crate) unsafe extern "C" fn call_awaited<P: Known, const RECORDS: bool>(
    object: *mut ffi::PyObject,
    stack: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls this with a Callable and the arguments of a vectorcall.
    let (function, args) = unsafe { (function(object), Args::new(stack, count, names)) };
    let hit = returning(|| {
        let begun = match (args.one(), args.two()) {
            (Some(key), _) => function.begin_at_once::<P, RECORDS>(key),
            (_, Some(key)) => function.begin_at_once::<P, RECORDS>(key),
            _ => None,
        };
        // Nothing else than a hit ends at once, as a miss is not counted before it is awaited.
        let Some(AtOnce::Hit(value)) = begun else { return Ok(None) };
        ready::new(value).map(Some)
    });
    match hit {
        Ok(Some(awaitable)) => awaitable.into_ptr(),
        // SAFETY: as this one.
        Ok(None) => unsafe { call_at_length::<RECORDS>(object, stack, count, names) },
        Err(Raised) => ptr::null_mut(),
    }
}

/// A call with a short key, to its end; none if it has to begin the long way.
#[inline(always)]
fn call_at_once<P: Known, const RECORDS: bool>(
    function: &Function,
    args: Args<'_>,
    key: impl ShortKey,
) -> Option<*mut ffi::PyObject> {
    match returning(|| Ok(function.begin_at_once::<P, RECORDS>(key))) {
        Ok(Some(AtOnce::Hit(value))) => Some(value.into_ptr()),
        Ok(Some(AtOnce::Miss(hash, ticket))) => {
            Some(compute_short::<P>(function, args, key, hash, ticket))
        }
        Ok(None) => None,
        Err(Raised) => Some(ptr::null_mut()),
    }
}

/// Runs the function itself, and keeps its result. The key is made to be kept only when there is a value for it, from
/// the arguments, which are alive as long as the call.
#[inline(never)]
fn compute_short<P: Known>(
    function: &Function,
    args: Args<'_>,
    key: impl ShortKey,
    hash: u64,
    ticket: Ticket,
) -> *mut ffi::PyObject {
    let result = args.call_raw(&function.wrapped);
    finish_short::<P>(function, key, hash, ticket, result)
}

#[inline(never)]
fn finish_short<P: Known>(
    function: &Function,
    key: impl ShortKey,
    hash: u64,
    ticket: Ticket,
    result: Result<Owned, Raised>,
) -> *mut ffi::PyObject {
    returning_object(|| function.finish_at_once::<P>(key, hash, ticket, result))
}
