//! How a decorated object is called while it is recorded: its key's hash is noted, and then it is
//! called as ever.
//!
//! The hash of a short key, which runs no code of the user's, is computed a second time for that:
//! some branches and a multiplication, and in return no other path of a call knows of recording.
//! Other keys are noted where the long way has hashed them.
#![allow(unsafe_code)]

use std::ptr::{self, NonNull};

use pyo3::ffi;

use super::args::Args;
use super::callable::{call_at_length, call_shared_at_length, function_of};
use super::object::Ref;
use super::trampoline::returning;
use crate::function::Function;
use crate::key::ShortKey;

/// The function that calls a decorated object that is recorded.
pub(crate) fn vectorcall(function: &Function) -> ffi::vectorcallfunc {
    match function.may_begin_at_once() {
        true => call,
        false => at_length(function),
    }
}

/// The same for the calls whose hash it does not know.
fn at_length(function: &Function) -> ffi::vectorcallfunc {
    match function.shared {
        None => call_at_length::<true>,
        Some(_) => call_shared_at_length::<true>,
    }
}

/// # Safety
/// For the interpreter: as a vectorcall of a Callable whose calls may begin at once.
unsafe extern "C" fn call(
    object: *mut ffi::PyObject,
    stack: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls this with a Callable and the arguments of a vectorcall.
    let (this, args) =
        unsafe { (Ref::new(NonNull::new_unchecked(object)), Args::new(stack, count, names)) };
    let Some(function) = function_of(this) else { return ptr::null_mut() };
    let hash = match (args.one(), args.two(), args.named::<1>(function.options.style)) {
        (Some(key), ..) => key.known_hash(),
        (_, Some(key), _) => key.known_hash(),
        (.., key) => key.and_then(ShortKey::known_hash),
    };
    let vectorcall = match (hash, function.log.get()) {
        (Some(hash), Some(log)) => {
            let note = || {
                log.note_at_length(hash);
                Ok(())
            };
            if !log.note_at_once(hash) && returning(note).is_err() {
                return ptr::null_mut();
            }
            log.unrecorded
        }
        _ => at_length(function),
    };
    // SAFETY: a way to call this object, with the arguments that were given.
    unsafe { vectorcall(object, stack, count, names) }
}
