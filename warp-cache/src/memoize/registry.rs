//! Every function that has been called, by name.

use crate::stats::Info;
use crate::sync::{OnceLock, StaticMutex};

/// A function that is listed.
pub(super) trait Registered: Sync {
    fn name(&self) -> &str;
    fn info(&self) -> Info;
    fn clear(&self);
}

static FUNCTIONS: StaticMutex<Vec<&'static dyn Registered>> = StaticMutex::new(Vec::new());

/// Notes a function, once, when it is called first, and the name by which it is listed.
#[cold]
pub(super) fn list(
    function: &'static dyn Registered,
    listed: &OnceLock<String>,
    name: &str,
    owner: Option<&str>,
) {
    let mut is_first = false;
    listed.get_or_init(|| {
        is_first = true;
        owner.map_or_else(|| name.to_owned(), |owner| of_type(name, owner))
    });
    if is_first {
        FUNCTIONS.lock().unwrap_or_else(|poison| poison.into_inner()).push(function);
    }
}

/// `module::method` of a type, with the type's path in the place of the module. All instantiations
/// of a generic type have one name, as they are listed together.
fn of_type(name: &str, owner: &str) -> String {
    let (module, method) = name.rsplit_once("::").unwrap_or(("", name));
    match owner.split('<').next().filter(|path| path.contains("::")) {
        Some(path) => format!("{path}::{method}"),
        None => format!("{module}::{owner}::{method}"),
    }
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

/// The functions with `#[warp_cache]` that have been called, by name (`module::function`,
/// `module::Type::method`), with their statistics; sorted. Those of single threads (`local`) are not among them.
pub fn functions() -> Vec<(&'static str, Info)> {
    let mut functions: Vec<_> =
        all().into_iter().map(|function| (function.name(), function.info())).collect();
    functions.sort_unstable_by_key(|(name, _)| *name);
    functions
}
