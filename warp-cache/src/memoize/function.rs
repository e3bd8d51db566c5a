//! A function's cache, as generated code sees it.

use std::fmt;
use std::marker::PhantomData;

use super::control::{Control, Purpose};
use super::instances::{Held, Instances, LocalInstances, Marker};
use super::memo::{Memo, Settings};
use super::outcome::{Outcome, SharedOutcome};
use super::parts::SharedLookup;
use super::pending::{self, Begun, Finish};
use super::registry::{self, Registered};
use crate::key::Lookup;
use crate::shard::Shard;
use crate::stats::{Info, Stats};
use crate::strategy::{Access, Hits, OneStrategy, Policy};
use crate::sync::{DefaultLock, LocalKey, LocalLock, OnceLock};

/// A value that all threads may be given.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept for all threads, as it is not Send; with the option `local` \
               each thread has a cache of its own",
    label = "not Send"
)]
pub trait Shareable: Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Shareable for T {}

/// A policy by which threads can share a cache of such keys and values: where they look at them side
/// by side, these have to be `Sync`.
#[diagnostic::on_unimplemented(
    message = "with the strategy `{Self}` several threads read a result at once, and the key `{K}` \
               or the value `{V}` is not Sync; use another strategy, or the option `local`, by \
               which each thread has a cache of its own",
    label = "not Sync"
)]
pub trait Shares<K, V>:
    Policy + Hits<Access: Access<Self, Read<Shard<Self, K, V>>: Send + Sync>>
{
}

#[diagnostic::do_not_recommend]
impl<P, K, V> Shares<K, V> for P where
    P: Policy + Hits<Access: Access<P, Read<Shard<P, K, V>>: Send + Sync>>
{
}

/// Sets the options. A pointer, so that functions of the same types share their code.
type Configure<K, V> = fn(Settings<K, V>) -> Settings<K, V>;

type SharedMemo<K, V, P> = &'static Memo<K, V, P, DefaultLock>;
type LocalMemo<K, V, P> = Held<Memo<K, V, P, LocalLock>>;

/// The cache of a function that all threads share; a static.
pub struct Function<P> {
    name: &'static str,
    max_size: Option<usize>,
    shards: Option<usize>,
    /// The name by which it is listed, once it was called.
    listed: OnceLock<String>,
    instances: Instances,
    policy: PhantomData<fn() -> P>,
}

impl<P: OneStrategy + Send + 'static> Function<P> {
    /// A function, by its name and the options `max_size` and `shards`.
    pub const fn new(name: &'static str, max_size: Option<usize>, shards: Option<usize>) -> Self {
        let listed = OnceLock::new();
        let instances = Instances::new();
        Function { name, max_size, shards, listed, instances, policy: PhantomData }
    }

    /// What was counted, in all instantiations together.
    pub fn info(&self) -> Info {
        total(self.max_size, self.instances.all().map(|instance| instance.info()))
    }

    /// Drops every result of every instantiation.
    pub fn clear(&self) {
        self.instances.all().for_each(|instance| instance.clear());
    }

    #[inline(always)]
    fn memo<K: Shareable, V: Shareable>(
        &'static self,
        marker: Marker,
        settings: Configure<K, V>,
    ) -> SharedMemo<K, V, P>
    where
        P: Shares<K, V>,
    {
        self.instances.get(marker, move || {
            let settings = settings(Settings::new(self.max_size, self.shards));
            registry::list(self, &self.listed, self.name, settings.owner);
            settings.build()
        })
    }

    /// Looks a call up, or does what else is asked for. That what is pending is Send is said, and not
    /// left to be seen: the future of an async function forgets the lifetimes in the result's type, and
    /// with them what `M` keeps.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn begin<R, C: Control<R>, L: SharedLookup, M: SharedOutcome<R> + 'static>(
        &'static self,
        control: C,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> Begun<C::Output, impl Finish<R> + Send + 'static>
    where
        P: Shares<L::Owned, M::Kept>,
    {
        pending::begin(self.memo(marker, settings), control, key, outcome)
    }

    /// Looks a call of an async function with single flight up: the result, or a future that waits
    /// until it is there or this call has to compute it.
    #[inline]
    pub fn join<R, C: Control<R>, L: SharedLookup, M: SharedOutcome<R> + 'static>(
        &'static self,
        control: C,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> Begun<
        C::Output,
        impl Future<Output = Begun<R, impl Finish<R> + Send + 'static>> + Send + 'static,
    >
    where
        R: 'static,
        P: Shares<L::Owned, M::Kept>,
    {
        pending::join(self.memo(marker, settings), control, key, outcome)
    }
}

impl<P: OneStrategy + Send + 'static> fmt::Debug for Function<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").field("name", &self.name).field("info", &self.info()).finish()
    }
}

impl<P: OneStrategy + Send + 'static> Registered for Function<P> {
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

/// The cache of a function that each thread has for itself; a thread-local static.
pub struct LocalFunction<P> {
    max_size: Option<usize>,
    instances: LocalInstances,
    policy: PhantomData<fn() -> P>,
}

impl<P: OneStrategy + 'static> LocalFunction<P> {
    /// A function with the option `max_size`.
    pub const fn new(max_size: Option<usize>) -> Self {
        LocalFunction { max_size, instances: LocalInstances::new(), policy: PhantomData }
    }

    /// As [`Function::info`], of this thread.
    pub fn info(function: &'static LocalKey<Self>) -> Info {
        reach(function, |function| function.counted())
    }

    fn counted(&self) -> Info {
        total(self.max_size, self.instances.all().map(|instance| instance.info()))
    }

    /// As [`Function::clear`], of this thread.
    pub fn clear(function: &'static LocalKey<Self>) {
        reach(function, |function| function.instances.all().for_each(|instance| instance.clear()));
    }

    fn memo<K: 'static, V: 'static>(
        &self,
        marker: Marker,
        settings: Configure<K, V>,
    ) -> LocalMemo<K, V, P> {
        self.instances.get(marker, || settings(Settings::new(self.max_size, Some(1))).build())
    }

    #[inline(always)]
    fn first<K: 'static, V: 'static>(&self, marker: Marker) -> Option<&Memo<K, V, P, LocalLock>> {
        self.instances.first(marker)
    }

    /// As [`Function::begin`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn begin<R, C: Control<R>, L: Lookup, M: Outcome<R> + 'static>(
        function: &'static LocalKey<Self>,
        control: C,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> Begun<C::Output, impl Finish<R> + use<R, C, L, M, P> + 'static>
    where
        L::Owned: 'static,
    {
        if C::PURPOSE == Some(Purpose::Call) {
            // Only the value leaves the closure, and the cache is not held: to count who holds it
            // took longer than the look-up.
            let hit =
                |function: &Self| function.first::<L::Owned, M::Kept>(marker)?.cache.hit(&key);
            if let Ok(Some(kept)) = function.try_with(hit) {
                return Begun::Hit(C::of_result(outcome.restore(kept)));
            }
        }
        Self::begin_held(function, control, marker, key, outcome, settings)
    }

    /// As `begin`, of a call whose result is not there, or that the thread's first instantiation is
    /// not for, and of controls.
    #[cold]
    #[inline(never)]
    fn begin_held<R, C: Control<R>, L: Lookup, M: Outcome<R> + 'static>(
        function: &'static LocalKey<Self>,
        control: C,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> Begun<C::Output, impl Finish<R> + use<R, C, L, M, P> + 'static>
    where
        L::Owned: 'static,
    {
        let memo = reach(function, |function| function.memo(marker, settings));
        pending::begin(memo, control, key, outcome)
    }
}

/// Reaches a thread's cache. What runs when that has gone, at the thread's end, finds an empty one
/// that keeps nothing: a destructor must not panic there.
#[cold]
#[inline(never)]
fn reach<P: OneStrategy + 'static, T>(
    function: &'static LocalKey<LocalFunction<P>>,
    call: impl FnOnce(&LocalFunction<P>) -> T,
) -> T {
    // Asked first, as `try_with` loses the call.
    if function.try_with(|_| ()).is_err() {
        return call(&LocalFunction::new(Some(0)));
    }
    function.with(call)
}

impl<P: OneStrategy + 'static> fmt::Debug for LocalFunction<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalFunction").field("info", &self.counted()).finish()
    }
}

/// `max_size = unbounded`.
pub const UNBOUNDED: Option<usize> = None;

/// The option `max_size`, as a constant expression.
pub const fn bounded(max_size: usize) -> Option<usize> {
    assert!(max_size > 0, "max_size: 0 keeps nothing; it takes at least 1, or `unbounded`");
    Some(max_size)
}

/// The option `shards`, as a constant expression.
pub const fn sharded(shards: usize) -> Option<usize> {
    assert!(shards > 0, "shards: 0 shards hold nothing; it takes at least 1");
    Some(shards)
}

/// The sum; the bound is that of each instantiation.
fn total(max_size: Option<usize>, infos: impl Iterator<Item = Info>) -> Info {
    let (mut stats, mut len) = (Stats::default(), 0);
    for info in infos {
        stats += info.stats();
        len += info.len;
    }
    Info::new(stats, len, max_size)
}
