//! The expansion as text, part by part: a change of what is generated shows in review as what it
//! is. `UPDATE_SNAPSHOTS=1 cargo test -p warp-macros` accepts the new text.

use proc_macro2::TokenStream;
use quote::quote;

use super::model::Model;
use super::{expand, store};
use crate::snapshot;

/// Two strategies, one of each kind of hit.
fn model() -> Model {
    let module = quote! {
        mod strategies {
            /// Evicts what is old.
            #[strategy(hit = exclusive)]
            pub struct Old {
                order: Vec<u32>,
            }
            impl Policy for Old {
                fn inserted(&mut self) {}
                fn hit(&mut self) {}
                fn removed(&mut self) {}
                fn victim(&mut self) {}
                fn validate(&self) {}
            }

            /// Evicts what is cold.
            ///
            /// A hit is a mark.
            #[strategy(hit = shared)]
            pub struct Cold;
            impl Policy for Cold {
                fn inserted(&mut self) {}
                fn hit(&mut self) {}
                fn removed(&mut self) {}
                fn victim(&mut self) {}
                fn validate(&self) {}
            }
            impl SharedHit for Cold {}
        }
    };
    Model::parse(TokenStream::new(), module).unwrap_or_else(|error| panic!("{error}"))
}

fn is_as_before(name: &str, tokens: TokenStream) {
    snapshot::is_as_before("strategies", name, tokens);
}

#[test]
fn a_store() {
    is_as_before("store", store::expand(&model().strategies[0]));
}

/// What the store of a shared hit has beside.
#[test]
fn a_store_with_shared_hits() {
    is_as_before("store_with_shared_hits", store::expand(&model().strategies[1]));
}

#[test]
fn the_enum() {
    is_as_before("strategy_enum", expand::strategy_enum(&model()));
}

#[test]
fn the_dispatch() {
    is_as_before("any_policy", expand::any_policy(&model()));
}

#[test]
fn the_list() {
    is_as_before("with_strategy", expand::with_strategy(&model()));
}

#[test]
fn the_module_loses_its_attributes_and_nothing_else() {
    let Model { module, .. } = model();
    is_as_before("module", quote! { #module });
}
