//! The macros of [warp_cache](https://docs.rs/warp-cache), which re-exports what users need.

use proc_macro::TokenStream;

mod errors;
mod memoize;
#[cfg(test)]
mod snapshot;
mod strategies;

/// Makes a module's strategies the closed set of the engine (for the engine itself).
///
/// The module holds, for each strategy, a documented struct with `#[strategy(hit = exclusive)]` or
/// `#[strategy(hit = shared)]` and its `impl Policy` (for a shared hit, an `impl SharedHit` too).
/// The order of the structs numbers them. Generated are:
///
/// * a store type for each, `LruStore<K, V, S>` for `Lru`, with the struct's documentation;
/// * `enum Strategy` with `ALL`, names and numbers, `FromStr` and `Display`;
/// * `enum AnyPolicy`, a policy that is one of them, chosen at run time;
/// * `with_strategy!`, which hands the list to a macro of the caller's.
#[proc_macro_attribute]
pub fn strategies(options: TokenStream, module: TokenStream) -> TokenStream {
    strategies::strategies(options.into(), module.into()).into()
}

/// Keeps a function's results.
#[proc_macro_attribute]
pub fn warp_cache(options: TokenStream, function: TokenStream) -> TokenStream {
    memoize::warp_cache(options.into(), function.into()).into()
}

/// Gives the cached methods of an impl their controls.
#[proc_macro_attribute]
pub fn methods(options: TokenStream, item: TokenStream) -> TokenStream {
    memoize::methods(options.into(), item.into()).into()
}
