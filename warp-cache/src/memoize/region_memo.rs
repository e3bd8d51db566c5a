//! One instantiation of a function with the option `shared`: its region, and the controls that look
//! at one entry or change it.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::control::{Call, Contains, Control, Get, Invalidate, Refresh, Set};
use super::memo::IntoTtl;
use super::outcome::Outcome;
use super::region::Storable;
use super::region_instances::RegionInstance;
use crate::shared::{Layers, SharedBuilder, SharedCache};
use crate::stats::Info;
use crate::strategy::Strategy;

type CacheIf<V> = Box<dyn Fn(&V) -> bool + Send + Sync>;

/// The cache of one instantiation.
pub struct RegionMemo<V> {
    pub(super) layers: Layers<V>,
    cache_if: Option<CacheIf<V>>,
}

impl<V> RegionMemo<V> {
    /// Whether a computed value is to be kept.
    pub(super) fn wants(&self, value: &V) -> bool {
        self.cache_if.as_ref().is_none_or(|cache_if| cache_if(value))
    }
}

impl<V> RegionInstance for RegionMemo<V> {
    fn info(&self) -> Info {
        self.layers.info().info
    }
    fn clear(&self) {
        self.layers.clear();
    }
}

/// The attribute's options that are evaluated at the first call.
pub struct RegionSettings<V> {
    builder: SharedBuilder<(), V>,
    cache_if: Option<CacheIf<V>>,
    /// The type that the function is a method of.
    pub(super) owner: Option<&'static str>,
}

impl<V> RegionSettings<V> {
    pub(super) fn new(
        function: &str,
        max_size: Option<usize>,
        strategy: Strategy,
        instantiation: &str,
    ) -> Self {
        let builder = SharedCache::builder("").function(function).version(instantiation);
        let builder = match max_size {
            Some(max_size) => builder.max_size(max_size),
            None => builder.unbounded(),
        };
        RegionSettings { builder: builder.strategy(strategy), cache_if: None, owner: None }
    }

    /// That the function is a method of this type.
    #[must_use]
    pub fn method_of<T: ?Sized>(mut self) -> Self {
        self.owner = Some(std::any::type_name::<T>());
        self
    }

    /// The option of this name: what the cache is called.
    #[must_use]
    pub fn shared(mut self, name: impl Into<String>) -> Self {
        self.builder = self.builder.name(name);
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

    /// Opens the region; where it cannot be had, says so and takes memory of this process.
    pub(super) fn open<K: DeserializeOwned>(self) -> RegionMemo<V>
    where
        V: Clone + Storable,
    {
        let layers = self.builder.keyed::<K>().build_anyway().into_layers();
        RegionMemo { layers, cache_if: self.cache_if }
    }
}

/// As [`Control`], of a region.
pub trait RegionControl<R>: Control<R> {
    /// Looks at the entry.
    fn inspect_stored<K: Serialize, M: Outcome<R, Kept: Storable>>(
        self,
        _: &RegionMemo<M::Kept>,
        _: &K,
        _: M,
    ) -> Self::Output {
        unreachable!("what computes the function is not answered by its entry")
    }
}

impl<R> RegionControl<R> for Call {}
impl<R> RegionControl<R> for Refresh {}

impl<R> RegionControl<R> for Get {
    fn inspect_stored<K: Serialize, M: Outcome<R, Kept: Storable>>(
        self,
        memo: &RegionMemo<M::Kept>,
        key: &K,
        outcome: M,
    ) -> Option<R> {
        memo.layers.peek_key(key).map(|kept| outcome.restore(kept))
    }
}

impl<R> RegionControl<R> for Contains {
    fn inspect_stored<K: Serialize, M: Outcome<R, Kept: Storable>>(
        self,
        memo: &RegionMemo<M::Kept>,
        key: &K,
        _: M,
    ) -> bool {
        memo.layers.peek_key(key).is_some()
    }
}

impl<R> RegionControl<R> for Invalidate {
    fn inspect_stored<K: Serialize, M: Outcome<R, Kept: Storable>>(
        self,
        memo: &RegionMemo<M::Kept>,
        key: &K,
        _: M,
    ) -> bool {
        memo.layers.invalidate_key(key)
    }
}

impl<R> RegionControl<R> for Set<R> {
    fn inspect_stored<K: Serialize, M: Outcome<R, Kept: Storable>>(
        self,
        memo: &RegionMemo<M::Kept>,
        key: &K,
        outcome: M,
    ) {
        memo.layers.set(key, outcome.keep(&self.0));
    }
}
