//! The end of long chains: a decorated function that keeps another that keeps another, and so on.
//!
//! Each of them ends within the end of the one before, on one stack. CPython breaks chains of its own
//! containers by what it calls the trashcan, which is nothing to rely on for an extension: its
//! functions change from version to version, and only from 3.14 on it is there for every type. So
//! from some depth on, objects are put off until the outermost of them has ended.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ptr;

use pyo3::ffi;

/// How deep ends are nested at most: little enough for the small stacks of some threads.
const DEEPEST: u32 = 16;

// Neither has to be dropped when a thread ends, so that they can be used until the last.
thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// The first object that was put off; each has the next in its link.
    static PUT_OFF: Cell<*mut ffi::PyObject> = const { Cell::new(ptr::null_mut()) };
}

/// Ends an object, which may end others of its kind within; not before this returns if too many are
/// ending already.
///
/// # Safety
/// Nobody refers to the object any more, and the collector does not see it. It has a field for a
/// pointer at the offset `link`, which is free until its end; `end` ends it and all of its kind.
pub(super) unsafe fn end(
    object: *mut ffi::PyObject,
    link: usize,
    end: unsafe fn(*mut ffi::PyObject),
) {
    let depth = DEPTH.get();
    // SAFETY: as the caller says. What was put off is alive until here, as nobody else ends it, and
    // was put off in this thread.
    unsafe {
        let link_of = |object: *mut ffi::PyObject| object.byte_add(link).cast();
        if depth == DEEPEST {
            ptr::write(link_of(object), PUT_OFF.replace(object));
            return;
        }
        DEPTH.set(depth + 1);
        end(object);
        if depth == 0 {
            while !PUT_OFF.get().is_null() {
                let object = PUT_OFF.get();
                PUT_OFF.set(ptr::replace(link_of(object), ptr::null_mut()));
                end(object);
            }
        }
        DEPTH.set(depth);
    }
}
