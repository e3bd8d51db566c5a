//! Counts what cached functions compute, by thread, so that tests do not disturb each other.

use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    static COMPUTED: Cell<u32> = const { Cell::new(0) };
}

/// What a cached function's body returns through: notes that it ran.
pub fn computed<T>(value: T) -> T {
    COMPUTED.set(COMPUTED.get() + 1);
    value
}

/// How many bodies ran during the calls.
pub fn computations<T>(calls: impl FnOnce() -> T) -> u32 {
    let before = COMPUTED.get();
    calls();
    COMPUTED.get() - before
}

/// Lets time pass, as little as the precise clock can show: a ttl of a nanosecond is over then.
pub fn a_moment() {
    let start = Instant::now();
    while start.elapsed() < Duration::from_nanos(100) {
        std::hint::spin_loop();
    }
}
