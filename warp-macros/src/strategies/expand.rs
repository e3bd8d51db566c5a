//! What `#[strategies]` generates once for all strategies.

use proc_macro2::TokenStream;
use quote::quote;

use super::model::{Hit, Model};
use super::store;

pub(super) fn expand(model: &Model) -> TokenStream {
    let module = &model.module;
    let module_name = &module.ident;
    let stores = model.strategies.iter().map(store::expand);
    let names = model.strategies.iter().map(|s| &s.ident);
    let store_names = model.strategies.iter().map(store::name);
    let strategy = strategy_enum(model);
    let any_policy = any_policy(model);
    let with_strategy = with_strategy(model);
    quote! {
        #module
        pub use #module_name::{#(#names),*};
        #(#stores)*
        /// The stores, one for each strategy.
        pub mod stores {
            pub use super::{#(#store_names),*};
        }
        #strategy
        #any_policy
        #with_strategy
    }
}

pub(super) fn strategy_enum(model: &Model) -> TokenStream {
    let idents: Vec<_> = model.strategies.iter().map(|s| &s.ident).collect();
    let docs = model.strategies.iter().map(|s| &s.docs);
    let names: Vec<_> = idents.iter().map(|ident| in_capitals(&ident.to_string())).collect();
    let numbers = 0..idents.len() as u8;
    let first = idents[0];
    let all = names.join(", ");
    let unknown = format!("is no strategy; it takes one of {all}");
    quote! {
        /// Which entry a full cache evicts.
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug,
            ::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
        #[repr(u8)]
        pub enum Strategy {
            #( #(#docs)* #idents = #numbers, )*
        }

        impl Strategy {
            /// Every strategy, in the order of their numbers.
            pub const ALL: &'static [Strategy] = &[#(Strategy::#idents),*];

            /// The strategy's name in capitals, as Python shows it.
            pub const fn name(self) -> &'static str {
                match self { #(Strategy::#idents => #names),* }
            }
        }

        impl ::core::default::Default for Strategy {
            fn default() -> Self {
                Strategy::#first
            }
        }

        impl ::core::fmt::Display for Strategy {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.name())
            }
        }

        impl ::core::str::FromStr for Strategy {
            type Err = crate::error::Error;

            /// Reads a name, in any case.
            fn from_str(name: &str) -> ::core::result::Result<Self, Self::Err> {
                Strategy::ALL
                    .iter()
                    .copied()
                    .find(|strategy| strategy.name().eq_ignore_ascii_case(name))
                    .ok_or_else(|| crate::error::Error::new("strategy", ::std::format!("{name:?}"), #unknown))
            }
        }
    }
}

/// `TwoQ` as `TWO_Q`: a name in Python's style for constants.
fn in_capitals(name: &str) -> String {
    let mut capitals = String::new();
    let mut previous = None;
    for letter in name.chars() {
        if letter.is_uppercase() && previous.is_some_and(|letter: char| !letter.is_uppercase()) {
            capitals.push('_');
        }
        capitals.extend(letter.to_uppercase());
        previous = Some(letter);
    }
    capitals
}

pub(super) fn any_policy(model: &Model) -> TokenStream {
    let idents: Vec<_> = model.strategies.iter().map(|s| &s.ident).collect();
    let first = idents[0];
    let accesses = model.strategies.iter().map(|s| match s.hit {
        Hit::Exclusive => quote! { Exclusive },
        Hit::Shared => quote! { Shared },
    });
    quote! {
        /// A policy that is any of the strategies, chosen at run time. Costs one `match` an
        /// operation over the policy itself, and is compiled once for all keys and values.
        /// Its hits are exclusive, whichever strategy it is.
        #[derive(::core::fmt::Debug)]
        pub enum AnyPolicy {
            #( #[doc(hidden)] #idents(#idents), )*
        }

        impl AnyPolicy {
            /// The policy of a strategy, knowing no entries yet.
            pub fn new(strategy: Strategy) -> Self {
                match strategy { #(Strategy::#idents => AnyPolicy::#idents(#idents::default())),* }
            }

            /// Which strategy this is.
            pub fn strategy(&self) -> Strategy {
                match self { #(AnyPolicy::#idents(_) => Strategy::#idents),* }
            }
        }

        #(
            impl crate::strategy::OneStrategy for #idents {
                const STRATEGY: Strategy = Strategy::#idents;
            }

            impl crate::strategy::Hits for #idents {
                type Access = crate::strategy::#accesses;
            }
        )*

        impl crate::strategy::Hits for AnyPolicy {
            type Access = crate::strategy::Exclusive;
        }

        impl ::core::default::Default for AnyPolicy {
            fn default() -> Self {
                AnyPolicy::new(Strategy::#first)
            }
        }

        impl crate::strategy::Policy for AnyPolicy {
            fn emptied(&self) -> Self {
                AnyPolicy::new(self.strategy())
            }
            fn bound(&mut self, max_size: ::core::option::Option<usize>) {
                match self { #(AnyPolicy::#idents(policy) => policy.bound(max_size)),* }
            }
            #[inline]
            fn inserted(&mut self, slot: crate::strategy::Slot, hash: u64) {
                match self { #(AnyPolicy::#idents(policy) => policy.inserted(slot, hash)),* }
            }
            #[inline]
            fn hit(&mut self, slot: crate::strategy::Slot) {
                match self { #(AnyPolicy::#idents(policy) => policy.hit(slot)),* }
            }
            fn removed(&mut self, slot: crate::strategy::Slot, hash: u64, cause: crate::strategy::Cause) {
                match self { #(AnyPolicy::#idents(policy) => policy.removed(slot, hash, cause)),* }
            }
            #[inline]
            fn evicted_for(&mut self, slot: crate::strategy::Slot, old_hash: u64, new_hash: u64) {
                match self { #(AnyPolicy::#idents(policy) => policy.evicted_for(slot, old_hash, new_hash)),* }
            }
            fn victim(&mut self, incoming: u64) -> ::core::option::Option<crate::strategy::Slot> {
                match self { #(AnyPolicy::#idents(policy) => policy.victim(incoming)),* }
            }
            fn admit(&mut self, incoming: u64, victim: crate::strategy::Slot) -> bool {
                match self { #(AnyPolicy::#idents(policy) => policy.admit(incoming, victim)),* }
            }
            fn validate(&self) -> ::std::vec::Vec<crate::strategy::Slot> {
                match self { #(AnyPolicy::#idents(policy) => policy.validate()),* }
            }
        }
    }
}

pub(super) fn with_strategy(model: &Model) -> TokenStream {
    let rows = model.strategies.iter().map(|s| {
        let (policy, store) = (&s.ident, store::name(s));
        quote! { #policy #store, }
    });
    quote! {
        /// Calls a macro with the list of all strategies: `with_strategy!(m)` is
        /// `m! { Lru LruStore, Mru MruStore, .. }`. What has to exist once for each strategy, in
        /// any crate, comes from here and not from a list of its own.
        #[macro_export]
        macro_rules! with_strategy {
            ($callback:ident) => { $callback! { #(#rows)* } };
        }
    }
}
