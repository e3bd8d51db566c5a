//! Tests whose regions lie in a directory of their own: each runs in a process that finds it in its
//! environment, as do the processes that it starts.

use std::env;
use std::path::Path;
use std::process::{Command, Output};

use crate::children::orders;
use crate::scratch::Scratch;
use crate::watchdog::watched;

/// What says to a process that it is one of these.
const ELSEWHERE: &str = "WARP_TESTS_ELSEWHERE";

/// Runs the test `test` in a process of its own whose regions lie in a directory of its own.
/// Returns what it wrote to its standard error; in that process itself, nothing.
///
/// # Panics
/// If it fails.
pub fn elsewhere(test: &str, body: impl FnOnce() + Send + 'static) -> Option<String> {
    let scratch = (!is_elsewhere()).then(Scratch::new);
    elsewhere_in(test, scratch.as_ref().map(Scratch::path), body)
}

/// As [`elsewhere`], in a directory of the caller's.
///
/// # Panics
/// If it fails.
pub fn elsewhere_in(
    test: &str,
    directory: Option<&Path>,
    body: impl FnOnce() + Send + 'static,
) -> Option<String> {
    if is_elsewhere() {
        watched(body);
        return None;
    }
    let program = env::current_exe().expect("the test program's path");
    let Output { status, stdout, stderr } = Command::new(program)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ELSEWHERE, "yes")
        .env("XDG_RUNTIME_DIR", directory.expect("one of the parent's"))
        .output()
        .expect("the test program starts again");
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    assert!(status.success(), "{status}\n{}\n{stderr}", String::from_utf8_lossy(&stdout));
    Some(stderr)
}

/// Whether this is a process of such a test.
pub fn is_elsewhere() -> bool {
    env::var_os(ELSEWHERE).is_some()
}

/// Runs what a test does in a child that it starts by [`child`](crate::children::child), with its
/// orders; in all other processes, nothing.
pub fn role(body: impl FnOnce(&str) + Send + 'static) {
    if let Some(orders) = orders() {
        watched(move || body(&orders));
    }
}
