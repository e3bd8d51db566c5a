//! The store type that `#[strategies]` generates for each strategy: one-line bodies over the
//! engine's hand-written core.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::model::{Hit, Strategy};

/// What the store of a strategy is called.
pub(super) fn name(strategy: &Strategy) -> Ident {
    format_ident!("{}Store", strategy.ident)
}

pub(super) fn expand(strategy: &Strategy) -> TokenStream {
    let Strategy { ident, docs, hit, .. } = strategy;
    let store = name(strategy);
    let summary = format!("A store for one thread with the strategy [`{ident}`].");
    let get_shared = (*hit == Hit::Shared).then(|| {
        quote! {
            /// As `get`, through a shared reference: this strategy's hits need no exclusive access.
            /// An entry that has expired stays until an exclusive operation meets it, and no
            /// statistics are counted.
            #[inline]
            pub fn get_shared<Q>(&self, key: &Q, now: crate::clock::Time) -> ::core::option::Option<&V>
            where
                Q: ?::core::marker::Sized + ::core::hash::Hash + crate::key::Equivalent<K>,
            {
                self.core.get_shared(self.hasher.hash_one(key), now, |other| key.equivalent(other))
            }
        }
    });
    quote! {
        #[doc = #summary]
        ///
        #(#docs)*
        #[derive(::core::fmt::Debug)]
        pub struct #store<K, V, S = ::std::hash::RandomState> {
            core: crate::store::Store<#ident, K, V>,
            hasher: S,
        }

        impl<K, V> #store<K, V> {
            /// An empty store that will hold at most `max_size` entries; nothing is allocated yet.
            pub fn new(max_size: usize) -> Self {
                Self::with_hasher(max_size, ::core::default::Default::default())
            }
        }

        impl<K, V, S> #store<K, V, S> {
            /// As `new`, hashing keys by `hasher`.
            pub fn with_hasher(max_size: usize, hasher: S) -> Self {
                #store { core: crate::store::Store::new(max_size, ::core::default::Default::default()), hasher }
            }

            /// How many entries there are, those included that have expired and were not met since.
            pub fn len(&self) -> usize {
                self.core.len()
            }

            /// Whether there are no entries.
            pub fn is_empty(&self) -> bool {
                self.core.len() == 0
            }

            /// The most entries that the store will hold.
            pub fn max_size(&self) -> usize {
                self.core.max_size()
            }

            /// What has been counted so far.
            pub fn stats(&self) -> crate::stats::Stats {
                self.core.stats
            }

            /// Drops every entry; the statistics start again at 0.
            pub fn clear(&mut self) {
                ::core::mem::drop(self.core.clear());
            }

            /// The entries, in no particular order.
            pub fn iter(&self) -> impl ::core::iter::Iterator<Item = (&K, &V)> {
                self.core.iter()
            }

            /// Checks the whole structure.
            ///
            /// # Panics
            /// If it is damaged, which is a bug. For tests; O(n).
            pub fn validate(&self) {
                self.core.validate()
            }
        }

        impl<K, V, S> #store<K, V, S>
        where
            K: ::core::hash::Hash + ::core::cmp::Eq,
            S: ::core::hash::BuildHasher,
        {
            /// The value kept for `key`, as a use of it; counts a hit or a miss. O(1).
            #[inline]
            pub fn get<Q>(&mut self, key: &Q) -> ::core::option::Option<&V>
            where
                Q: ?::core::marker::Sized + ::core::hash::Hash + crate::key::Equivalent<K>,
            {
                self.get_at(key, crate::clock::Time::ZERO)
            }

            /// As `get` at the time `now`, for entries with a deadline.
            #[inline]
            pub fn get_at<Q>(&mut self, key: &Q, now: crate::clock::Time) -> ::core::option::Option<&V>
            where
                Q: ?::core::marker::Sized + ::core::hash::Hash + crate::key::Equivalent<K>,
            {
                let room = crate::store::OwnRoom(self.core.max_size());
                let mut expired = crate::store::Bag::default();
                self.core.get(self.hasher.hash_one(key), now, &room, &mut expired, |other| key.equivalent(other))
            }

            #get_shared

            /// The value kept for `key` and alive at `now`; neither a use nor counted. O(1).
            pub fn peek_at<Q>(&self, key: &Q, now: crate::clock::Time) -> ::core::option::Option<&V>
            where
                Q: ?::core::marker::Sized + ::core::hash::Hash + crate::key::Equivalent<K>,
            {
                self.core.peek(self.hasher.hash_one(key), now, |other| key.equivalent(other))
            }

            /// Keeps `value` for `key`. A full store evicts first; a value that is replaced counts
            /// as used. Returns what had to go. O(1).
            pub fn insert(&mut self, key: K, value: V) -> crate::store::Bag<K, V> {
                self.insert_until(key, value, crate::clock::Time::NEVER, crate::clock::Time::ZERO)
            }

            /// As `insert` at the time `now`, to be kept until `deadline`. An expired entry goes
            /// before a live one is evicted. O(1), and O(log n) where deadlines vary.
            pub fn insert_until(
                &mut self,
                key: K,
                value: V,
                deadline: crate::clock::Time,
                now: crate::clock::Time,
            ) -> crate::store::Bag<K, V> {
                let hash = self.hasher.hash_one(&key);
                self.core.insert_local(crate::store::Entry { hash, deadline, key, value }, now)
            }

            /// Takes the entry of `key` out. O(1).
            pub fn remove<Q>(&mut self, key: &Q) -> ::core::option::Option<(K, V)>
            where
                Q: ?::core::marker::Sized + ::core::hash::Hash + crate::key::Equivalent<K>,
            {
                self.core.remove(self.hasher.hash_one(key), |other| key.equivalent(other))
            }
        }
    }
}
