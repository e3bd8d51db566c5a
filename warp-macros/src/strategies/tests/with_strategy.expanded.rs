/// Calls a macro with the list of all strategies: `with_strategy!(m)` is
/// `m! { Lru LruStore, Mru MruStore, .. }`. What has to exist once for each strategy, in
/// any crate, comes from here and not from a list of its own.
#[macro_export]
macro_rules! with_strategy {
    ($callback:ident) => {
        $callback ! { Old OldStore, Cold ColdStore, }
    };
}
