//! A function's cache, as generated code sees it.

use std::fmt;
use std::marker::PhantomData;

use super::inspect::Inspect;
use super::instances::{Instances, LocalInstances, Marker};
use super::memo::{Memo, Settings};
use super::outcome::{Outcome, SharedOutcome};
use super::parts::SharedLookup;
use super::pending::{self, Begun, Finish, Purpose};
use super::registry::{self, Registered};
use crate::key::Lookup;
use crate::stats::Info;
use crate::strategy::OneStrategy;
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

/// Sets the options. A pointer, so that functions of the same types share their code.
type Configure<K, V> = fn(Settings<K, V>) -> Settings<K, V>;

type SharedMemo<K, V, P> = &'static Memo<K, V, P, DefaultLock>;
type LocalMemo<K, V, P> = std::rc::Rc<Memo<K, V, P, LocalLock>>;

/// The cache of a function that all threads share; a static.
pub struct Function<P> {
    name: &'static str,
    max_size: Option<usize>,
    shards: Option<usize>,
    registered: OnceLock<()>,
    instances: Instances,
    policy: PhantomData<fn() -> P>,
}

impl<P: OneStrategy + Send + 'static> Function<P> {
    /// A function, by its name and the options `max_size` and `shards`.
    pub const fn new(name: &'static str, max_size: Option<usize>, shards: Option<usize>) -> Self {
        let registered = OnceLock::new();
        let instances = Instances::new();
        Function { name, max_size, shards, registered, instances, policy: PhantomData }
    }

    /// What was counted, in all instantiations together.
    pub fn info(&self) -> Info {
        total(self.max_size, self.instances.all().map(|instance| instance.info()))
    }

    /// Drops every result of every instantiation.
    pub fn clear(&self) {
        self.instances.all().for_each(|instance| instance.clear());
    }

    #[inline]
    fn memo<K: Shareable, V: Shareable>(
        &'static self,
        marker: Marker,
        settings: Configure<K, V>,
    ) -> SharedMemo<K, V, P> {
        self.instances.get(marker, || {
            self.registered.get_or_init(|| registry::register(self));
            settings(Settings::new(self.max_size, self.shards)).build()
        })
    }

    /// Looks a call up. That what is pending is Send is said, and not left to be seen: the future of
    /// an async function forgets the lifetimes in the result's type, and with them what `M` keeps.
    #[inline]
    pub fn begin<R, L: SharedLookup, M: SharedOutcome<R> + 'static>(
        &'static self,
        purpose: Purpose,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> Begun<R, impl Finish<R> + Send + 'static> {
        pending::begin(self.memo(marker, settings), purpose, key, outcome)
    }

    /// Looks a call of an async function with single flight up: the result, or a future that waits
    /// until it is there or this call has to compute it.
    #[inline]
    pub fn join<R, L: SharedLookup, M: SharedOutcome<R> + 'static>(
        &'static self,
        purpose: Purpose,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> Begun<R, impl Future<Output = Begun<R, impl Finish<R> + Send + 'static>> + Send + 'static>
    where
        R: 'static,
    {
        pending::join(self.memo(marker, settings), purpose, key, outcome)
    }

    /// Runs a control on the entry of a call.
    pub fn inspect<R, I: Inspect<R>, L: SharedLookup, M: SharedOutcome<R>>(
        &'static self,
        control: I,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> I::Output {
        control.run(&self.memo(marker, settings), key, outcome)
    }
}

impl<P: OneStrategy + Send + 'static> fmt::Debug for Function<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").field("name", &self.name).field("info", &self.info()).finish()
    }
}

impl<P: OneStrategy + Send + 'static> Registered for Function<P> {
    fn name(&self) -> &'static str {
        self.name
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
    pub fn info(&self) -> Info {
        total(self.max_size, self.instances.all().iter().map(|instance| instance.info()))
    }

    /// As [`Function::clear`], of this thread.
    pub fn clear(&self) {
        self.instances.all().iter().for_each(|instance| instance.clear());
    }

    #[inline]
    fn memo<K: 'static, V: 'static>(
        &self,
        marker: Marker,
        settings: Configure<K, V>,
    ) -> LocalMemo<K, V, P> {
        self.instances.get(marker, || settings(Settings::new(self.max_size, Some(1))).build())
    }

    /// As [`Function::begin`].
    #[inline]
    pub fn begin<R, L: Lookup, M: Outcome<R> + 'static>(
        &self,
        purpose: Purpose,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> Begun<R, impl Finish<R> + use<R, L, M, P> + 'static>
    where
        L::Owned: 'static,
    {
        pending::begin(self.memo(marker, settings), purpose, key, outcome)
    }

    /// As [`Function::inspect`].
    pub fn inspect<R, I: Inspect<R>, L: Lookup, M: Outcome<R>>(
        &self,
        control: I,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> I::Output
    where
        L::Owned: 'static,
    {
        control.run(&self.memo(marker, settings), key, outcome)
    }
}

/// Reaches a thread's cache. What runs when that has gone, at the thread's end, finds an empty one
/// that keeps nothing: a destructor must not panic there.
#[inline]
pub fn with_local<P: OneStrategy + 'static, T>(
    function: &'static LocalKey<LocalFunction<P>>,
    call: impl FnOnce(&LocalFunction<P>) -> T,
) -> T {
    // Asked first: `try_with` alone loses the call, and a result that comes through more enums costs
    // a hit of a small value a few nanoseconds.
    if function.try_with(|_| ()).is_err() {
        return call(&LocalFunction::new(Some(0)));
    }
    function.with(call)
}

impl<P: OneStrategy + 'static> fmt::Debug for LocalFunction<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalFunction").field("info", &self.info()).finish()
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
    infos.fold(Info { max_size, ..Info::default() }, |mut all, info| {
        all.hits += info.hits;
        all.misses += info.misses;
        all.evictions += info.evictions;
        all.expirations += info.expirations;
        all.errors += info.errors;
        all.waits += info.waits;
        all.len += info.len;
        all
    })
}
