//! For tests of what must not hang: a hang fails them.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Long enough for a loaded machine, and for Miri.
const PATIENCE: Duration = Duration::from_secs(if cfg!(miri) { 300 } else { 30 });

/// Runs `test` in a thread of its own and returns what it returns.
///
/// # Panics
/// If it panics, or has not returned after a time that means that it hangs. Its threads are left
/// behind then, and end with the process.
pub fn watched<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = channel();
    let thread = thread::spawn(move || {
        let _ = done.send(test());
    });
    match result.recv_timeout(PATIENCE) {
        Ok(value) => value,
        Err(RecvTimeoutError::Timeout) => panic!("it hangs"),
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(payload) => std::panic::resume_unwind(payload),
            Ok(()) => unreachable!("a thread that returns has sent its value"),
        },
    }
}
