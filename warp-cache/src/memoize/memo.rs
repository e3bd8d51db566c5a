//! One instantiation of a function: its cache, and what it asks of values before they are kept.

use std::hash::Hash;
use std::time::Duration;

use foldhash::fast::RandomState;

use super::instances::Held;
use crate::cache::{Builder, Cache, Handle};
use crate::stats::Info;
use crate::strategy::{Cause, OneStrategy, Policy};
use crate::sync::ShardMutex;

/// Fast, and seeded anew in each process: keys that collide cannot be chosen from outside.
pub(super) type Hasher = RandomState;

type CacheIf<V> = Box<dyn Fn(&V) -> bool + Send + Sync>;

/// The cache of one instantiation of a function.
pub struct Memo<K, V, P: Policy, R: ShardMutex> {
    pub(super) cache: Cache<K, V, Hasher, P, R>,
    cache_if: Option<CacheIf<V>>,
}

impl<K, V, P: Policy, R: ShardMutex> Memo<K, V, P, R> {
    /// Whether a computed value is to be kept.
    pub(super) fn wants(&self, value: &V) -> bool {
        self.cache_if.as_ref().is_none_or(|cache_if| cache_if(value))
    }
}

/// A shared cache is never dropped, a thread's lives as long as one of its computations.
pub(super) trait Memoized: Handle<Hasher = Hasher> {
    /// The cache and its conditions.
    fn memo(&self) -> &Memo<Self::Key, Self::Value, Self::Policy, Self::Lock>;
}

macro_rules! memoized {
    ($holder:ty) => {
        impl<K, V, P, R> Handle for $holder
        where
            K: Hash + Eq + 'static,
            V: Clone + 'static,
            P: Policy + 'static,
            R: ShardMutex + 'static,
        {
            type Key = K;
            type Value = V;
            type Hasher = Hasher;
            type Policy = P;
            type Lock = R;

            #[inline]
            fn cache(&self) -> &Cache<K, V, Hasher, P, R> {
                &self.cache
            }
        }
        impl<K, V, P, R> Memoized for $holder
        where
            K: Hash + Eq + 'static,
            V: Clone + 'static,
            P: Policy + 'static,
            R: ShardMutex + 'static,
        {
            #[inline]
            fn memo(&self) -> &Memo<K, V, P, R> {
                self
            }
        }
    };
}

memoized!(&'static Memo<K, V, P, R>);
memoized!(Held<Memo<K, V, P, R>>);

/// What of all instantiations of a function can be asked at once.
pub(super) trait Instance {
    fn info(&self) -> Info;
    fn clear(&self);
}

impl<K, V, P: Policy, R: ShardMutex> Instance for Memo<K, V, P, R> {
    fn info(&self) -> Info {
        self.cache.info()
    }
    fn clear(&self) {
        self.cache.clear();
    }
}

/// The attribute's options that depend on the types of key and value.
pub struct Settings<K, V> {
    builder: Builder<K, V, Hasher>,
    cache_if: Option<CacheIf<V>>,
    /// The type that the function is a method of.
    pub(super) owner: Option<&'static str>,
}

impl<K, V> Settings<K, V> {
    pub(super) fn new(max_size: Option<usize>, shards: Option<usize>) -> Self {
        let mut builder = Builder::with(RandomState::default());
        (builder.plain.max_size, builder.plain.shards) = (max_size, shards);
        Settings { builder, cache_if: None, owner: None }
    }

    /// No option: the type that the function is a method of.
    #[must_use]
    pub fn method_of<T: ?Sized>(mut self) -> Self {
        self.owner = Some(std::any::type_name::<T>());
        self
    }

    /// The option of this name, as an expression. A duration of zero keeps nothing.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.builder = match ttl {
            Duration::ZERO => self.builder.ttl_by(|_| Some(Duration::ZERO)),
            ttl => self.builder.ttl(ttl),
        };
        self
    }

    /// The option `ttl`, as a closure over the value.
    #[must_use]
    pub fn ttl_by<T: IntoTtl>(mut self, ttl: impl Fn(&V) -> T + Send + Sync + 'static) -> Self {
        self.builder = self.builder.ttl_by(move |value| ttl(value).into_ttl());
        self
    }

    /// The option of this name.
    #[must_use]
    pub fn cache_if(mut self, cache_if: impl Fn(&V) -> bool + Send + Sync + 'static) -> Self {
        self.cache_if = Some(Box::new(cache_if));
        self
    }

    /// The option of this name.
    #[must_use]
    pub fn single_flight(mut self) -> Self {
        self.builder = self.builder.single_flight(true);
        self
    }

    /// The option of this name.
    #[must_use]
    pub fn on_evict(mut self, on_evict: impl Fn(&K, &V, Cause) + Send + Sync + 'static) -> Self {
        self.builder = self.builder.on_evict(on_evict);
        self
    }

    pub(super) fn build<P: OneStrategy, R: ShardMutex>(self) -> Memo<K, V, P, R> {
        match self.builder.build_for() {
            Ok(cache) => Memo { cache, cache_if: self.cache_if },
            Err(error) => unreachable!("the attribute checked it: {error}"),
        }
    }
}

/// No options but those that stand in the static.
pub fn plain<K, V>(settings: Settings<K, V>) -> Settings<K, V> {
    settings
}

/// What a ttl closure returns: how long the value is kept; none for good, zero for not at all.
#[diagnostic::on_unimplemented(
    message = "a ttl closure returns a Duration or an Option<Duration>, and this one `{Self}`",
    label = "returns no Duration"
)]
pub trait IntoTtl {
    /// None for good.
    fn into_ttl(self) -> Option<Duration>;
}

impl IntoTtl for Duration {
    fn into_ttl(self) -> Option<Duration> {
        Some(self)
    }
}

impl IntoTtl for Option<Duration> {
    fn into_ttl(self) -> Option<Duration> {
        self
    }
}
