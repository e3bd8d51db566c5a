//! A library under the strictest lints: what the attribute makes breaks none of them. `cargo test`
//! builds it, `cargo clippy` (`make lint`) holds it against clippy's. The engine is renamed, and
//! re-exported, throughout.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]
#![deny(unused_qualifications, elided_lifetimes_in_paths, rust_2018_idioms, let_underscore_drop)]
#![deny(unused_results, single_use_lifetimes, unused_lifetimes, non_ascii_idents, trivial_casts)]
#![deny(trivial_numeric_casts, unused_import_braces, missing_copy_implementations)]
#![deny(variant_size_differences, unit_bindings, unsafe_code, redundant_lifetimes)]
#![deny(clippy::all, clippy::pedantic)]

/// The engine by another name, and where it is re-exported.
pub mod deps {
    pub use engine as caches;
    pub use engine::warp_cache;
}

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Documented.
#[engine::warp_cache(crate = engine)]
#[must_use]
pub fn public(n: u64, text: &str) -> u64 {
    n + text.len() as u64
}

/// Documented.
///
/// # Errors
/// Sometimes.
#[deps::warp_cache(crate = ::engine, single_flight, ttl = 1h30m, shards = 2, strategy = Lfu)]
pub async fn waits(n: u64, text: Option<&str>) -> Result<u64, std::io::Error> {
    std::future::ready(()).await;
    let n: u64 =
        format!("{n}{}", text.unwrap_or_default()).parse().map_err(std::io::Error::other)?;
    Ok(n)
}

#[crate::deps::caches::warp_cache(crate = crate::deps::caches, local, cache_none, on_evict = |_, _, _| {})]
pub(crate) fn local(rc: &Rc<str>, f: f64) -> Option<Rc<str>> {
    (f > 0.5).then(|| rc.clone())
}

#[engine::warp_cache(crate = engine, key = (user.name.to_lowercase(), user.id, n), cache_if = |n| *n > 3)]
fn keyed(user: &User, n: u32, (a, _b): (u8, u8)) -> u32 {
    user.id + n + u32::from(a)
}

#[engine::warp_cache(crate = engine, shared = "pages", single_flight, ttl = 1h)]
async fn shared(text: &str, f: Option<f64>) -> Result<Vec<u64>, std::io::Error> {
    std::future::ready(()).await;
    Ok(vec![text.len() as u64, u64::from(f.is_some())])
}

#[engine::warp_cache(crate = engine, shared = "by key", key = (user.name.to_lowercase(), n))]
fn shared_by_key(user: &User, n: u32, (a, _b): (u8, u8)) -> u32 {
    user.id + n + u32::from(a)
}

#[engine::warp_cache(crate = engine, max_size = unbounded)]
fn generic<T: Clone + Eq + std::hash::Hash + Send + std::fmt::Debug + 'static, const N: usize>(
    items: &[T; N],
) -> String
where
    [T; N]: Clone,
{
    format!("{items:?}")
}

#[engine::warp_cache(crate = engine)]
fn longer<'a>(a: &'a str, b: &'a str) -> usize {
    let longer = if a.len() > b.len() { a } else { b };
    longer.len()
}

/// Documented.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct User {
    /// Documented.
    pub id: u32,
    /// Documented.
    pub name: String,
}

/// Documented.
#[deprecated = "old"]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Former(String);

/// What the function allows is allowed to its controls.
#[allow(deprecated, non_snake_case)]
#[engine::warp_cache(crate = engine)]
fn allowed(Old: Former) -> Option<Former> {
    (!Old.0.is_empty()).then_some(Old)
}

#[engine::methods]
impl User {
    #[allow(deprecated, non_snake_case)]
    #[engine::warp_cache(crate = engine)]
    fn allowed(&self, Old: Former) -> Option<Former> {
        (self.id == 0).then_some(Old)
    }
}

macro_rules! function {
    ($name:ident($argument:ident: $type:ty) -> $result:ty $body:block) => {
        #[engine::warp_cache(crate = engine)]
        fn $name($argument: $type) -> $result $body
        impl User {
            #[engine::warp_cache(crate = engine)]
            fn $name(&self, $argument: $type) -> $result $body
        }
    };
}
function!(made(text: Option<&str>) -> usize { text.map_or(0, str::len) });

/// Documented.
pub trait Area {
    /// Documented.
    fn area(&self, n: u64) -> u64;
}

impl Area for User {
    #[engine::warp_cache(crate = engine)]
    fn area(&self, n: u64) -> u64 {
        n + u64::from(self.id)
    }
}

impl User {
    /// Documented.
    #[engine::warp_cache(crate = engine)]
    #[must_use]
    pub fn plain(&self, text: &str) -> Arc<str> {
        let text = format!("{}{text}", self.name);
        text.into()
    }
    #[engine::warp_cache(crate = engine, skip(self))]
    async fn later(&self, mut n: u8) -> u8 {
        n += 1;
        std::future::ready(n).await
    }
}

#[engine::methods]
impl User {
    /// Documented.
    #[engine::warp_cache(crate = engine)]
    #[must_use]
    pub fn new(id: u32) -> Self {
        User { id, name: String::new() }
    }
    /// Documented.
    ///
    /// # Errors
    /// Sometimes.
    #[engine::warp_cache(crate = engine, skip(self))]
    pub fn rate(&self, item: &str) -> Result<f64, std::num::ParseFloatError> {
        item.parse()
    }
    #[engine::warp_cache(crate = engine, local)]
    pub(crate) fn all(self: Arc<Self>, n: usize) -> HashMap<String, usize> {
        HashMap::from([(self.name.clone(), n)])
    }
    #[engine::warp_cache(crate = engine, single_flight)]
    async fn alone(&self, n: u8) -> u8 {
        std::future::ready(n + self.name.len().to_le_bytes()[0]).await
    }
}

mod private {
    #[engine::warp_cache(crate = engine)]
    pub(crate) fn inside(n: u64) -> u64 {
        n
    }
    #[engine::warp_cache(crate = engine)]
    pub(super) fn above(n: u64) -> u64 {
        #[engine::warp_cache(crate = engine)]
        fn nested(n: u64) -> u64 {
            n
        }
        nested(n)
    }
}

/// Documented.
pub async fn uses() {
    let user = User::new(1);
    let _: u32 = keyed(&user, 1, (2, 3)) + shared_by_key(&user, 1, (2, 3));
    drop(shared("", None));
    drop((generic(&[1]), longer("a", "b"), local(&"a".into(), 0.0)));
    let _: (u8, u8) = (user.later(1).await, user.alone(1).await);
    #[allow(deprecated)]
    let former = Former(String::new());
    drop((allowed(former.clone()), user.allowed(former), made(None), user.made(None)));
    drop((private::inside(1), private::above(1), Arc::new(user).all(2)));
}
