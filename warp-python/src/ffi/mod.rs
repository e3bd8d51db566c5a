//! The fast path into CPython: the only place in this crate with unsafe code.
//!
//! Why unsafe: PyO3's classes have no vectorcall, and a hit that goes through their calls costs
//! twice what the whole of `functools.lru_cache` does. So the callable is a heap type made by hand,
//! which takes its arguments off the interpreter's stack and touches nothing else on a hit.
//!
//! The invariants, and who upholds them:
//!
//! * Everything here runs attached to the interpreter. CPython calls our slots attached; the safe
//!   code above hands an [`Owned`] to no other thread, and detaches only in `flight.rs`, which
//!   touches none meanwhile.
//! * A [`Ref`] is alive as long as its lifetime says: it is borrowed from a caller's stack or from
//!   an [`Owned`].
//! * Nothing that runs while a [`lock::PyLock`] is held calls into the interpreter, except to count
//!   a reference up and to compare built-in objects, neither of which runs other code.
//! * No panic crosses into CPython: every slot goes through [`trampoline`]. No stack that CPython
//!   unwinds crosses into Rust: what may run Python code is called through [`python`].

pub(crate) mod args;
pub(crate) mod at_once;
pub(crate) mod bound;
pub(crate) mod build;
pub(crate) mod callable;
mod chain;
pub(crate) mod compare;
pub(crate) mod containers;
pub(crate) mod datetime;
pub(crate) mod deferred;
pub(crate) mod hash;
pub(crate) mod lock;
pub(crate) mod names;
pub(crate) mod numbers;
pub(crate) mod object;
pub(crate) mod python;
pub(crate) mod ready;
pub(crate) mod stop;
pub(crate) mod text;
pub(crate) mod trampoline;
pub(crate) mod types;
pub(crate) mod view;
