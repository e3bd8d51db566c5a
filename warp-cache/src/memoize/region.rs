//! The cache of a function with the option `shared`: a region that processes share.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::function::Shareable;
use super::outcome::{Outcome, Returns};
use super::pending::{Begun, Finish};
use super::region_instances::{RegionInstances, RegionMarker};
use super::region_key::RegionKey;
use super::region_memo::{RegionControl, RegionMemo, RegionSettings};
use super::region_pending as pending;
use super::registry::{self, Registered};
use crate::stats::{Info, Stats};
use crate::strategy::OneStrategy;
use crate::sync::OnceLock;

/// A value that processes can share.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept in shared memory, which takes serde's Serialize and \
               DeserializeOwned; derive them, or leave out the option `shared`",
    label = "not Serialize and DeserializeOwned"
)]
pub trait Storable: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Storable for T {}

/// What is kept of a result, if processes can share it.
pub trait RegionOutcome<R>: Outcome<R, Kept: Shareable + Storable> + Send {}

impl<R, M: Outcome<R, Kept: Shareable + Storable> + Send> RegionOutcome<R> for M {}

impl<R> Returns<R> {
    /// Of a cache that processes share.
    #[inline]
    pub fn stored<M: RegionOutcome<R> + 'static>(
        outcome: M,
    ) -> impl RegionOutcome<R, Kept = M::Kept> + 'static {
        outcome
    }
}

/// Sets the options.
type Configure<V> = fn(RegionSettings<V>) -> RegionSettings<V>;

/// The cache of a function that processes share; a static. Its region is opened at the first call.
pub struct RegionFunction<P> {
    name: &'static str,
    max_size: Option<usize>,
    /// The name by which it is listed, once it has been called.
    listed: OnceLock<String>,
    instances: RegionInstances,
    policy: PhantomData<fn() -> P>,
}

impl<P: OneStrategy> RegionFunction<P> {
    /// A function, by its name and the option `max_size`.
    pub const fn new(name: &'static str, max_size: Option<usize>) -> Self {
        assert!(
            P::SHARED.is_some(),
            "strategy: it has no order that processes can share; with `shared` take another one"
        );
        let listed = OnceLock::new();
        let instances = RegionInstances::new();
        RegionFunction { name, max_size, listed, instances, policy: PhantomData }
    }

    /// What was counted by all processes, in all instantiations together that this one has opened.
    pub fn info(&self) -> Info {
        let (mut stats, mut len) = (Stats::default(), 0);
        for instance in self.instances.all() {
            let info = instance.info();
            stats += info.stats();
            len += info.len;
        }
        Info::new(stats, len, self.max_size)
    }

    /// Drops every result of every instantiation that this process has opened, for all processes.
    pub fn clear(&self) {
        self.instances.all().for_each(|instance| instance.clear());
    }

    #[inline]
    fn memo<R, L: RegionKey, M: RegionOutcome<R>>(
        &'static self,
        marker: RegionMarker,
        configure: Configure<M::Kept>,
    ) -> &'static RegionMemo<M::Kept> {
        self.instances.get(marker, || {
            let settings =
                RegionSettings::new(self.name, self.max_size, P::STRATEGY, marker.name());
            let settings = configure(settings);
            registry::list(self, &self.listed, self.name, settings.owner);
            settings.open::<L::Owned>()
        })
    }

    /// Opens the region, if it is not open.
    pub fn open<R, L: RegionKey, M: RegionOutcome<R>>(
        &'static self,
        marker: RegionMarker,
        _: impl FnOnce(Infallible) -> L,
        _: M,
        settings: Configure<M::Kept>,
    ) {
        self.memo::<R, L, M>(marker, settings);
    }

    /// As [`Function::begin`](super::Function::begin).
    #[inline]
    pub fn begin<R, C: RegionControl<R>, L: RegionKey, M: RegionOutcome<R> + 'static>(
        &'static self,
        control: C,
        marker: RegionMarker,
        key: L,
        outcome: M,
        settings: Configure<M::Kept>,
    ) -> Begun<C::Output, impl Finish<R> + Send + 'static> {
        pending::begin(self.memo::<R, L, M>(marker, settings), control, &key, outcome)
    }

    /// As [`Function::join`](super::Function::join).
    #[inline]
    pub fn join<R, C: RegionControl<R>, L: RegionKey, M: RegionOutcome<R> + 'static>(
        &'static self,
        control: C,
        marker: RegionMarker,
        key: L,
        outcome: M,
        settings: Configure<M::Kept>,
    ) -> Begun<
        C::Output,
        impl Future<Output = Begun<R, impl Finish<R> + Send + 'static>> + Send + 'static,
    >
    where
        R: 'static,
    {
        pending::join(self.memo::<R, L, M>(marker, settings), control, &key, outcome)
    }
}

impl<P: OneStrategy> fmt::Debug for RegionFunction<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegionFunction")
            .field("name", &self.name)
            .field("info", &self.info())
            .finish()
    }
}

impl<P: OneStrategy> Registered for RegionFunction<P> {
    fn name(&self) -> &str {
        self.listed.get().map_or(self.name, String::as_str)
    }
    fn info(&self) -> Info {
        self.info()
    }
    fn clear(&self) {
        self.clear();
    }
}
