//! [`SharedCache`]: one cache for all processes of a user.
//!
//! | file | its idea |
//! |---|---|
//! | `layers` | decoded values before the region, each good while its entry is unchanged |
//! | `compute`, `wait` | a computation under way, and waiting for those of others |
//! | `codec`, `strict`, `key` | keys and values as bytes |
//! | `shape` | what types look like, so that changed ones have a region of their own |
//! | `builder`, `open` | the options, and the region that they ask for |
//! | `warnings` | what goes wrong without an error to return |

mod builder;
mod codec;
mod compute;
mod key;
mod layers;
mod open;
mod shape;
mod strict;
mod wait;
mod warnings;

use std::borrow::Borrow;
use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

pub use builder::SharedBuilder;
pub(crate) use compute::{Begun, Computation, Missed};
use key::KeyBytes;
pub(crate) use layers::Layers;
use layers::{Found, Keep};
use serde::Serialize;
use serde::de::DeserializeOwned;
pub(crate) use wait::Joining;

use crate::shm::{Counter, RegionInfo};

/// A bounded map from keys to values in shared memory: all processes of a user on this machine that
/// ask for the same one use it together. What `#[warp_cache(shared = "..")]` stands on.
///
/// ```
/// use warp_cache::SharedCache;
/// # let directory = std::env::temp_dir().join(format!("warp-cache-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
///
/// let squares = SharedCache::<u64, u64>::builder("squares").directory(&directory).build()?;
/// assert_eq!(squares.get_or_insert_with(&12, || 12 * 12), 144);
///
/// // The same name, types and options: the same cache, in this process or in another.
/// let same = SharedCache::<u64, u64>::builder("squares").directory(&directory).build()?;
/// assert_eq!(same.get(&12), Some(144));
/// assert_eq!(same.info().info.hits, 1);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Which cache it is
/// Name, version, options, the types of key and value with all their fields, and the format of the
/// region: where one of them differs, it is another cache. Caches of Python functions are others
/// always. What the values mean is not among them: change the version when that changes.
///
/// # Keys and values
/// They are serde's `Serialize` and `DeserializeOwned`, kept in
/// [postcard](https://postcard.jamesmunns.com)'s format. Two keys are the same if they encode to
/// the same bytes, floats by canonical bits; so fields that a key's `Serialize` skips are not part
/// of the key, and a map whose order varies is another key each time. A value that has no encoding
/// or has more bytes than an eighth of the region is not kept; one that was kept and cannot be
/// read is computed again. Both are counted as errors, and said once on the standard error.
///
/// # Costs
/// In front of the region each process keeps the values that it has decoded, as many as the
/// region holds entries, each for as long as its entry is unchanged: a hit encodes the key, finds
/// the value, checks with two loads that it is still good, marks the use and clones. It allocates
/// nothing but what `Clone` does. The first hit of an entry in a process copies and decodes it. No
/// look-up takes a lock that another process could hold, or waits. An insertion encodes key and
/// value, and locks a part of the region for microseconds; where it cannot be had within some
/// milliseconds the value is not kept.
///
/// A process may be killed or stopped at any moment without harm to the others: at worst they lose
/// a part of the entries.
pub struct SharedCache<K, V> {
    layers: Layers<V>,
    name: String,
    key: PhantomData<fn() -> K>,
}

impl<K, V> SharedCache<K, V> {
    /// Configures a cache of this name.
    pub fn builder(name: impl Into<String>) -> SharedBuilder<K, V> {
        SharedBuilder::new(name.into())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What all processes together have counted since the cache was made or cleared, those that
    /// have ended too; and how many entries there are. Microseconds.
    pub fn info(&self) -> RegionInfo {
        self.layers.info()
    }

    /// Drops every entry and starts the statistics again, for all processes, in one step. What is
    /// being computed meanwhile, anywhere, is returned to its callers and not kept.
    pub fn clear(&self) {
        self.layers.clear();
    }

    pub(crate) fn into_layers(self) -> Layers<V> {
        self.layers
    }
}

impl<K, V> SharedCache<K, V>
where
    V: Clone + Serialize + DeserializeOwned,
{
    /// The value kept for `key`, as a use of it; counts a hit or a miss.
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Serialize + ?Sized,
    {
        let layers = &self.layers;
        let found = layers.encoded(key, |key| key.map(|key| layers.find(key, layers.now())));
        if let Some(Found::Value(value)) = found {
            layers.count(Counter::Hits);
            return Some(value);
        }
        layers.count(Counter::Misses);
        None
    }

    /// The value kept for `key`; neither a use nor counted.
    pub fn peek<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Serialize + ?Sized,
    {
        self.layers.peek_key(key)
    }

    /// Whether a value is kept for `key`; neither a use nor counted.
    pub fn contains<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Serialize + ?Sized,
    {
        self.peek(key).is_some()
    }

    /// Keeps `value` for `key`, in the place of a value that is there. What is being computed for
    /// the key, in whatever process, is not kept over it. A value that cannot be kept only drops
    /// what was kept for the key.
    pub fn insert<Q>(&self, key: &Q, value: V)
    where
        K: Borrow<Q>,
        Q: Serialize + ?Sized,
    {
        self.layers.set(key, Some(value));
    }

    /// Drops the entry of `key`; returns whether there was a live one. What is being computed for
    /// the key, in whatever process, is returned to its callers and not kept.
    pub fn invalidate<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Serialize + ?Sized,
    {
        self.layers.invalidate_key(key)
    }

    /// The value kept for `key`, or what `compute` returns, which is then kept.
    ///
    /// `compute` runs outside of locks and may use the cache. With
    /// [`single_flight`](SharedBuilder::single_flight) callers for the same key, in all processes,
    /// wait for the first one's value; if that one panics or dies another takes its place, and if
    /// its process stands still they compute for themselves after
    /// [`flight_timeout`](SharedBuilder::flight_timeout).
    pub fn get_or_insert_with<Q>(&self, key: &Q, compute: impl FnOnce() -> V) -> V
    where
        K: Borrow<Q>,
        Q: Serialize + ?Sized,
    {
        match self.try_get_or_insert_with(key, || Ok::<V, Infallible>(compute())) {
            Ok(value) => value,
        }
    }

    /// As [`get_or_insert_with`](Self::get_or_insert_with) for a computation that may fail: its
    /// error is returned, counted, and not kept.
    ///
    /// # Errors
    /// What `compute` returns as one.
    pub fn try_get_or_insert_with<Q, E>(
        &self,
        key: &Q,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E>
    where
        K: Borrow<Q>,
        Q: Serialize + ?Sized,
    {
        let begun = self.layers.look_up(key, Begun::Hit, |missed| match missed {
            Missed::Computes(computation) => Begun::Miss(computation),
            Missed::Joins(joining) => joining.block(),
        });
        let computation = match begun {
            Begun::Hit(value) => return Ok(value),
            Begun::Miss(computation) => computation,
        };
        let running = computation.enter();
        let result = compute();
        drop(running);
        match &result {
            Ok(value) => computation.succeed(value.clone()),
            Err(_) => computation.fail(),
        }
        result
    }
}

impl<V: Clone + Serialize + DeserializeOwned> Layers<V> {
    pub(crate) fn peek_key<K: Serialize + ?Sized>(&self, key: &K) -> Option<V> {
        self.encoded(key, |key| self.peek(key?))
    }

    pub(crate) fn invalidate_key<K: Serialize + ?Sized>(&self, key: &K) -> bool {
        self.encoded(key, |key| key.is_some_and(|key| self.invalidate(key)))
    }

    /// Keeps a value by hand; without one, drops what is there.
    pub(crate) fn set<K: Serialize + ?Sized>(&self, key: &K, value: Option<V>) {
        let key = self.encoded(key, |key| key.map(KeyBytes::from));
        let Some(key) = key else { return };
        match value {
            Some(value) => self.keep(key, value, Keep::Set),
            None => {
                self.invalidate(key.encoded());
            }
        }
    }
}

impl<K, V> fmt::Debug for SharedCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCache").field("name", &self.name).field("info", &self.info()).finish()
    }
}
