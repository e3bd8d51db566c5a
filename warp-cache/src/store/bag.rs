//! What an operation took out of a store, handed to the caller to drop: never under a lock, as a
//! drop may run anything.

use crate::strategy::Cause;

/// An entry that left its store.
#[derive(Debug, PartialEq, Eq)]
pub struct Removed<K, V> {
    /// Its key, or where only the value was replaced an equal one.
    pub key: K,
    /// Its value.
    pub value: V,
    /// Why it left.
    pub cause: Cause,
}

/// The entries that an operation took out. The first needs no allocation: most operations take out
/// one at most.
#[derive(Debug)]
#[must_use = "what left a store is dropped with this, which must not happen under a lock"]
pub struct Bag<K, V> {
    first: Option<Removed<K, V>>,
    rest: Vec<Removed<K, V>>,
}

impl<K, V> Default for Bag<K, V> {
    fn default() -> Self {
        Bag { first: None, rest: Vec::new() }
    }
}

impl<K, V> Bag<K, V> {
    pub(crate) fn push(&mut self, removed: Removed<K, V>) {
        if self.first.is_none() {
            self.first = Some(removed);
        } else {
            self.rest.push(removed);
        }
    }

    /// Tells of all, in the order in which they left.
    #[inline]
    pub(crate) fn tell(&self, on_evict: &dyn Fn(&K, &V, Cause)) {
        if let Some(Removed { key, value, cause }) = &self.first {
            on_evict(key, value, *cause);
        }
        for Removed { key, value, cause } in &self.rest {
            on_evict(key, value, *cause);
        }
    }

    /// The entry that left first.
    pub(super) fn into_first(self) -> Option<Removed<K, V>> {
        self.first
    }

    /// The value in the place of which another came.
    pub(crate) fn into_replaced(mut self) -> Option<V> {
        while let Some(Removed { value, cause, .. }) = self.first {
            if cause == Cause::Replaced {
                return Some(value);
            }
            self.first = self.rest.pop();
        }
        None
    }

    /// The entries, in the order in which they left.
    pub fn iter(&self) -> impl Iterator<Item = &Removed<K, V>> {
        self.first.iter().chain(&self.rest)
    }

    /// Whether nothing left.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }
}

impl<K, V> IntoIterator for Bag<K, V> {
    type Item = Removed<K, V>;
    type IntoIter =
        std::iter::Chain<std::option::IntoIter<Removed<K, V>>, std::vec::IntoIter<Removed<K, V>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.rest)
    }
}
