//! Every function that has been called, by name.

use super::function::Function;
use crate::stats::Info;
use crate::sync::StaticMutex;

static FUNCTIONS: StaticMutex<Vec<&'static Function>> = StaticMutex::new(Vec::new());

/// Notes a function, once, when it is called first.
pub(super) fn register(function: &'static Function) {
    FUNCTIONS.lock().unwrap_or_else(|poison| poison.into_inner()).push(function);
}

fn all() -> Vec<&'static Function> {
    // Copied: what is done with them may drop values, which may run anything.
    FUNCTIONS.lock().unwrap_or_else(|poison| poison.into_inner()).clone()
}

/// Clears the caches of all functions with `#[warp_cache]`, those of single threads (`local`)
/// excepted. O(n) in their entries.
pub fn clear_all() {
    all().into_iter().for_each(Function::clear);
}

/// The functions with `#[warp_cache]` that have been called, by name (`module::function`), with
/// their statistics; sorted. Those of single threads (`local`) are not among them.
pub fn functions() -> Vec<(&'static str, Info)> {
    let mut functions: Vec<_> =
        all().into_iter().map(|function| (function.name(), function.info())).collect();
    functions.sort_unstable_by_key(|(name, _)| *name);
    functions
}
