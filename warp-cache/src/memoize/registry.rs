//! Every function that has been called, by name.

use crate::stats::Info;
use crate::sync::StaticMutex;

/// A function that is listed.
pub(super) trait Registered: Sync {
    fn name(&self) -> &'static str;
    fn info(&self) -> Info;
    fn clear(&self);
}

static FUNCTIONS: StaticMutex<Vec<&'static dyn Registered>> = StaticMutex::new(Vec::new());

/// Notes a function, once, when it is called first.
pub(super) fn register(function: &'static dyn Registered) {
    FUNCTIONS.lock().unwrap_or_else(|poison| poison.into_inner()).push(function);
}

fn all() -> Vec<&'static dyn Registered> {
    // Copied: what is done with them may drop values, which may run anything.
    FUNCTIONS.lock().unwrap_or_else(|poison| poison.into_inner()).clone()
}

/// Clears the caches of all functions with `#[warp_cache]`, those of single threads (`local`)
/// excepted. O(n) in their entries.
pub fn clear_all() {
    all().into_iter().for_each(|function| function.clear());
}

/// The functions with `#[warp_cache]` that have been called, by name (`module::function`), with
/// their statistics; sorted. Those of single threads (`local`) are not among them.
pub fn functions() -> Vec<(&'static str, Info)> {
    let mut functions: Vec<_> =
        all().into_iter().map(|function| (function.name(), function.info())).collect();
    functions.sort_unstable_by_key(|(name, _)| *name);
    functions
}
