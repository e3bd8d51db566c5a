//! What a call allocates, for tests that are alone in their process.

use std::alloc::System;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cap::Cap;

/// The bytes that were allocated meanwhile, given back or not; `allocator` is the process's own.
pub fn allocated<T>(allocator: &Cap<System>, call: impl FnOnce() -> T) -> usize {
    let before = allocator.total_allocated();
    let result = call();
    let after = allocator.total_allocated();
    drop(result);
    after - before
}

/// Polls once: a hit has nothing to wait for.
///
/// # Panics
/// If the future is not ready.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a hit does not wait"),
    }
}
