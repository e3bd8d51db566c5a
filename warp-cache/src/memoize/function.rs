//! A function's cache, as generated code sees it.

use std::fmt;

use super::inspect::Inspect;
use super::instances::{Instances, LocalInstances, Marker};
use super::memo::{Memo, Settings};
use super::outcome::Outcome;
use super::pending::{self, Begun, Joining, Purpose};
use super::registry;
use crate::key::Lookup;
use crate::stats::Info;
use crate::sync::{DefaultLock, LocalLock, OnceLock};

/// A value that all threads may be given.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared by threads: keys and values of a cache are sent from one \
               to another and read by several at once, and it is not Send and Sync",
    label = "not Send and Sync",
    note = "with the option `local` each thread has a cache of its own"
)]
pub trait Shareable: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> Shareable for T {}

/// Sets the options. A pointer, so that functions of the same types share their code.
type Configure<K, V> = fn(Settings<K, V>) -> Settings<K, V>;

type SharedMemo<K, V> = &'static Memo<K, V, DefaultLock>;
type LocalMemo<K, V> = std::rc::Rc<Memo<K, V, LocalLock>>;

/// The cache of a function that all threads share; a static.
pub struct Function {
    name: &'static str,
    max_size: Option<usize>,
    registered: OnceLock<()>,
    instances: Instances,
}

impl Function {
    /// A function, by its name and the option `max_size`.
    pub const fn new(name: &'static str, max_size: Option<usize>) -> Self {
        Function { name, max_size, registered: OnceLock::new(), instances: Instances::new() }
    }

    /// Its path and name.
    pub fn name(&self) -> &'static str {
        self.name
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
    ) -> SharedMemo<K, V> {
        self.instances.get(marker, || {
            self.registered.get_or_init(|| registry::register(self));
            settings(Settings::new(self.max_size)).build()
        })
    }

    /// Looks a call up.
    #[inline]
    pub fn begin<R, L: Lookup, M: Outcome<R>>(
        &'static self,
        purpose: Purpose,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> Begun<R, SharedMemo<L::Owned, M::Kept>, M>
    where
        L::Owned: Shareable,
        M::Kept: Shareable,
    {
        pending::begin(self.memo(marker, settings), purpose, key, outcome)
    }

    /// Looks a call of an async function with single flight up.
    #[inline]
    pub fn join<R, L: Lookup, M: Outcome<R>>(
        &'static self,
        purpose: Purpose,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> Joining<R, SharedMemo<L::Owned, M::Kept>, M>
    where
        L::Owned: Shareable,
        M::Kept: Shareable,
    {
        pending::join(self.memo(marker, settings), purpose, key, outcome)
    }

    /// Runs a control on the entry of a call.
    pub fn inspect<R, I: Inspect<R>, L: Lookup, M: Outcome<R>>(
        &'static self,
        control: I,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> I::Output
    where
        L::Owned: Shareable,
        M::Kept: Shareable,
    {
        control.run(&self.memo(marker, settings), key, outcome)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").field("name", &self.name).field("info", &self.info()).finish()
    }
}

/// The cache of a function that each thread has for itself; a thread-local static.
pub struct LocalFunction {
    max_size: Option<usize>,
    instances: LocalInstances,
}

impl LocalFunction {
    /// A function with the option `max_size`.
    pub const fn new(max_size: Option<usize>) -> Self {
        LocalFunction { max_size, instances: LocalInstances::new() }
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
    ) -> LocalMemo<K, V> {
        self.instances.get(marker, || settings(Settings::new(self.max_size)).one_thread().build())
    }

    /// As [`Function::begin`].
    #[inline]
    pub fn begin<R, L: Lookup, M: Outcome<R>>(
        &self,
        purpose: Purpose,
        marker: Marker,
        key: L,
        outcome: M,
        settings: Configure<L::Owned, M::Kept>,
    ) -> Begun<R, LocalMemo<L::Owned, M::Kept>, M>
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

impl fmt::Debug for LocalFunction {
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
pub const fn above_zero(shards: usize) -> usize {
    assert!(shards > 0, "shards: 0 shards hold nothing; it takes at least 1");
    shards
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
