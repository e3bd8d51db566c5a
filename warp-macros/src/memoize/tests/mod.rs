//! The expansion as text: a change of what is generated shows in review as what it is.
//! `UPDATE_SNAPSHOTS=1 cargo test -p warp-macros` accepts the new text.

use quote::quote;

use super::{methods, warp_cache};
use crate::snapshot::is_as_before;

#[test]
fn a_free_function() {
    let function = quote! {
        /// Parses.
        #[must_use]
        pub(crate) fn parse(pattern: &str, flags: Option<&str>, (x, _): (f64, u8)) -> Arc<Regex> {
            compile(pattern, flags, x)
        }
    };
    let options = quote!(max_size = 10_000, strategy = Lfu, ttl = 1h30m, on_evict = gone);
    is_as_before("memoize", "free", warp_cache(options, function));
}

#[test]
fn a_generic_function_with_a_key() {
    let function = quote! {
        fn label<T: Display, const N: usize>(user: &User, shown: impl Debug) -> io::Result<T>
        where
            T: Clone,
        {
            user.label(shown)
        }
    };
    let options = quote!(key = (user.id, user.name(), shown), cache_if = |label| label.is_short());
    is_as_before("memoize", "generic", warp_cache(options, function));
}

#[test]
fn a_method_by_itself() {
    let method = warp_cache(
        quote!(skip(pool)),
        quote! {
            pub fn rate(&self, pool: &Pool, mut item: Cow<'_, str>) -> Option<f64> {
                item.to_mut().make_ascii_lowercase();
                self.find(pool, &item)
            }
        },
    );
    is_as_before("memoize", "method", quote!(impl Store { #method }));
}

#[test]
fn methods_of_an_impl() {
    let block = quote! {
        impl<T: Codec> Store<T> {
            #[warp_cache(max_size = unbounded)]
            pub fn open(path: &Path) -> io::Result<Self> {
                read(path)
            }
            fn plain(&self) {}
        }
    };
    is_as_before("memoize", "methods", methods(quote!(), block));
}

#[test]
fn an_async_function_with_single_flight() {
    let function = quote! {
        async fn user(pool: &Pool, id: u64) -> io::Result<User> {
            pool.fetch(id).await
        }
    };
    let options = quote!(skip(pool), single_flight, ttl = 60s);
    is_as_before("memoize", "async", warp_cache(options, function));
}

#[cfg(feature = "shared")]
#[test]
fn a_function_with_a_cache_for_all_processes() {
    let function = quote! {
        fn thumb<T: Source>(source: &T, id: u64) -> io::Result<Thumb> {
            source.thumb(id)
        }
    };
    let options = quote!(shared = "thumbs", skip(source), ttl = 1h);
    is_as_before("memoize", "shared", warp_cache(options, function));
}

#[test]
fn a_function_with_a_cache_for_each_thread() {
    let function = quote! {
        fn score(x: f64) -> Rc<f64> {
            Rc::new(x)
        }
    };
    is_as_before("memoize", "local", warp_cache(quote!(local), function));
}
