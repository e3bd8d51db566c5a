//! The macros of [warp_cache](https://docs.rs/warp-cache), which re-exports what users need.
//!
//! Users read the documentation of an attribute at its re-export, where what it links to is in scope
//! and its examples are tested. What stands here is appended there, and is what an editor shows.

use proc_macro::TokenStream;

mod errors;
mod memoize;
#[cfg(test)]
mod snapshot;
mod strategies;

/// Makes a module's strategies the closed set of the engine (for the engine itself).
///
/// The module holds, for each strategy, a documented struct with `#[strategy(hit = exclusive)]` or
/// `#[strategy(hit = shared)]` and its `impl Policy` (for a shared hit, an `impl SharedHit` too), or
/// `pub use path::Name;` in its place where they have a file of their own. By the kind of hit,
/// `strategy::Hits` is written for it. Their order numbers them. Generated are:
///
/// * a store type for each, `LruStore<K, V, S>` for `Lru`, with the documentation given here; all
///   of them together are `stores`;
/// * `enum Strategy` with `ALL`, names and numbers, `FromStr` and `Display`;
/// * `enum AnyPolicy`, a policy that is one of them, chosen at run time;
/// * `with_strategy!`, which hands the list to a macro of the caller's.
#[proc_macro_attribute]
pub fn strategies(options: TokenStream, module: TokenStream) -> TokenStream {
    strategies::strategies(options.into(), module.into()).into()
}

/// # Options
///
/// | option | meaning | default |
/// |---|---|---|
/// | `max_size = EXPR` or `unbounded` | the most results that are kept, a constant expression | 128 |
/// | `strategy = Lru` | what a full cache evicts: a variant of `Strategy`, as a word | `Lru` |
/// | `ttl = 30s`, `500ms`, `1h30m` | for how long a result is kept; also a `Duration` expression or a closure over the value | for good |
/// | `key = (EXPR, ..)` | the key, of any type with `Hash + Eq` | all arguments, with `self` |
/// | `skip(a, self)` | arguments that are not part of the key | none |
/// | <code>cache_if = \|value\| ..</code> | which values are kept | all, of `Result` and `Option` those of `Ok` and `Some` |
/// | `cache_errors` | keeps each `Err` too | off |
/// | `cache_none` | keeps each `None` too | off |
/// | `single_flight` | concurrent calls for one key share a computation | off |
/// | `local` | one cache for each thread, without a lock | one cache for all threads |
/// | `shards = EXPR` | the number of independently locked parts, a constant expression | by size and cores |
/// | `on_evict = path` | `fn(&Key, &Value, Cause)`, told of each entry that leaves | none |
/// | `shared = "name"` | one cache for all processes, by this name, of serde's `Serialize` and `DeserializeOwned`; with the feature `shared` | in process |
/// | `crate = path` | where the engine's crate is | `::warp_cache` |
///
/// With `WARP_MACROS_DEBUG=1` in the environment of the build, the expansion is printed.
#[proc_macro_attribute]
pub fn warp_cache(options: TokenStream, function: TokenStream) -> TokenStream {
    memoize::warp_cache(options.into(), function.into()).into()
}

/// In short: on an impl, each method `rate` with `#[warp_cache(..)]` gets the controls
/// `Type::rate_cache()`.
#[proc_macro_attribute]
pub fn methods(options: TokenStream, item: TokenStream) -> TokenStream {
    memoize::methods(options.into(), item.into()).into()
}
