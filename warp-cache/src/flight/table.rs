//! The flights of one shard.

use crate::flight::Flight;
use crate::sync::Arc;

#[derive(Debug)]
struct Registered<K, V> {
    hash: u64,
    key: K,
    flight: Arc<Flight<V>>,
}

/// The computations under way in a shard: as many as there are threads and tasks in them, so a
/// list. A flight that is no longer here was cleared or invalidated, and its value is not kept.
#[derive(Debug)]
#[must_use = "keys and flights are dropped with this, which must not happen under a lock"]
pub struct Flights<K, V>(Vec<Registered<K, V>>);

impl<K, V> Default for Flights<K, V> {
    fn default() -> Self {
        Flights(Vec::new())
    }
}

impl<K, V> Flights<K, V> {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The flight for a key.
    pub fn find(&self, hash: u64, mut eq: impl FnMut(&K) -> bool) -> Option<&Arc<Flight<V>>> {
        self.0.iter().find(|known| known.hash == hash && eq(&known.key)).map(|known| &known.flight)
    }

    /// Registers a flight, so that others find it.
    pub fn insert(&mut self, hash: u64, key: K, flight: Arc<Flight<V>>) {
        self.0.push(Registered { hash, key, flight });
    }

    /// Takes a flight out by itself; none if it was cleared or invalidated meanwhile.
    pub fn remove(&mut self, flight: &Arc<Flight<V>>) -> Option<K> {
        let index = self.0.iter().rposition(|known| Arc::ptr_eq(&known.flight, flight))?;
        Some(self.0.swap_remove(index).key)
    }

    /// Keys, to be shown to a garbage collector.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|known| &known.key)
    }
}
