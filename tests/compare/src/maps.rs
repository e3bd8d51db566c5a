//! The peers that are maps: in front of a function each does what an attribute would generate.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use equivalent::Equivalent;
use parking_lot::Mutex;

use crate::work::{self, MAX_SIZE, Page};

const TTL: Duration = Duration::from_secs(3600);

/// What a function in front of a cache needs of it.
pub trait Map<K, V>: Send + Sync + 'static {
    fn kept(&self, key: &K) -> Option<V>;
    fn keep(&self, key: K, value: V);
}

/// The same by a borrowed key, where the map can.
pub trait BorrowedMap<K, V>: Map<K, V> {
    fn kept_for<Q: Hash + Equivalent<K>>(&self, key: &Q) -> Option<V>;
}

/// The floor: no order, no bound, no statistics.
pub type Floor<K, V> = Mutex<hashbrown::HashMap<K, V>>;
type Linked<K, V> = Mutex<hashlink::LruCache<K, V>>;
type Lru<K, V> = Mutex<lru::LruCache<K, V>>;
type Quick<K, V> = quick_cache::sync::Cache<K, V>;
type Moka<K, V> = moka::sync::Cache<K, V>;
type MiniMoka<K, V> = mini_moka::sync::Cache<K, V>;

pub fn floor<K, V>() -> Floor<K, V> {
    Mutex::new(hashbrown::HashMap::new())
}

pub fn linked<K: Hash + Eq, V>() -> Linked<K, V> {
    Mutex::new(hashlink::LruCache::new(MAX_SIZE))
}

pub fn lru<K: Hash + Eq, V>() -> Lru<K, V> {
    Mutex::new(lru::LruCache::new(NonZeroUsize::new(MAX_SIZE).expect("it is not 0")))
}

pub fn quick<K: Hash + Eq, V: Clone>() -> Quick<K, V> {
    quick_cache::sync::Cache::new(MAX_SIZE)
}

pub fn moka<K: Key, V: Value>(expiring: bool) -> Moka<K, V> {
    let builder = moka::sync::Cache::builder().max_capacity(MAX_SIZE as u64);
    if expiring { builder.time_to_live(TTL).build() } else { builder.build() }
}

pub fn mini_moka<K: Key, V: Value>(expiring: bool) -> MiniMoka<K, V> {
    let builder = mini_moka::sync::Cache::builder().max_capacity(MAX_SIZE as u64);
    if expiring { builder.time_to_live(TTL).build() } else { builder.build() }
}

pub trait Key: Hash + Eq + Send + Sync + 'static {}
impl<T: Hash + Eq + Send + Sync + 'static> Key for T {}

pub trait Value: Clone + Send + Sync + 'static {}
impl<T: Clone + Send + Sync + 'static> Value for T {}

macro_rules! map {
    ($map:ident, $cache:ident, $key:ident, $value:ident, $kept:expr, $keep:expr) => {
        impl<K: Key, V: Value> Map<K, V> for $map<K, V> {
            fn kept(&self, $key: &K) -> Option<V> {
                let $cache = self;
                $kept
            }

            fn keep(&self, $key: K, $value: V) {
                let $cache = self;
                $keep;
            }
        }
    };
}

map!(Floor, map, key, value, map.lock().get(key).cloned(), map.lock().insert(key, value));
map!(Linked, map, key, value, map.lock().get(key).cloned(), map.lock().insert(key, value));
map!(Lru, map, key, value, map.lock().get(key).cloned(), map.lock().put(key, value));
map!(Quick, map, key, value, map.get(key), map.insert(key, value));
map!(Moka, map, key, value, map.get(key), map.insert(key, value));
map!(MiniMoka, map, key, value, map.get(key), map.insert(key, value));

macro_rules! borrowed_map {
    ($map:ident, $cache:ident, $key:ident, $kept:expr) => {
        impl<K: Key, V: Value> BorrowedMap<K, V> for $map<K, V> {
            fn kept_for<Q: Hash + Equivalent<K>>(&self, $key: &Q) -> Option<V> {
                let $cache = self;
                $kept
            }
        }
    };
}

borrowed_map!(Floor, map, key, map.lock().get(key).cloned());
borrowed_map!(Quick, map, key, map.get(key));
borrowed_map!(Moka, map, key, map.get(key));

/// `compute` behind a map.
pub fn before<K: Key + Clone, V: Value>(
    map: impl Map<K, V>,
    compute: impl Fn(K) -> V + Copy + Send + Sync + 'static,
) -> impl Fn(K) -> V + Copy + Send + Sync + 'static {
    let map = &*Box::leak(Box::new(map));
    move |key| {
        if let Some(value) = map.kept(&key) {
            return value;
        }
        let value = compute(key.clone());
        map.keep(key, value.clone());
        value
    }
}

/// `work::page` behind a map that has to be asked with an owned key.
pub fn owned_page(
    map: impl Map<(String, u32), Arc<Page>>,
) -> impl Fn((&'static str, u32)) -> Arc<Page> + Copy + Send + Sync + 'static {
    let call = before(map, |(book, number): (String, u32)| work::page(&book, number));
    move |(book, number)| call((book.to_owned(), number))
}

/// `work::page` behind a map that can be asked with a borrowed key.
pub fn borrowed_page(
    map: impl BorrowedMap<(String, u32), Arc<Page>>,
) -> impl Fn((&'static str, u32)) -> Arc<Page> + Copy + Send + Sync + 'static {
    let map = &*Box::leak(Box::new(map));
    move |(book, number)| {
        if let Some(page) = map.kept_for(&PageRef(book, number)) {
            return page;
        }
        let page = work::page(book, number);
        map.keep((book.to_owned(), number), Arc::clone(&page));
        page
    }
}

/// `(String, u32)`, borrowed: hashes as the tuple does.
#[derive(Hash)]
pub struct PageRef<'a>(pub &'a str, pub u32);

impl Equivalent<(String, u32)> for PageRef<'_> {
    fn equivalent(&self, key: &(String, u32)) -> bool {
        self.0 == key.0 && self.1 == key.1
    }
}
