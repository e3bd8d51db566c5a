//! The expansion as text, part by part: a change of what is generated shows in review as what it
//! is. `UPDATE_SNAPSHOTS=1 cargo test -p warp-macros` accepts the new text.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;
use quote::quote;

use super::model::Model;
use super::{expand, store};

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

/// Compares with `NAME.expanded.rs` beside this file, or writes it.
fn is_as_before(name: &str, tokens: TokenStream) {
    let file = syn::parse2(tokens).unwrap_or_else(|error| panic!("{name} does not parse: {error}"));
    let text = prettyplease::unparse(&file);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/strategies/tests");
    let path = folder.join(format!("{name}.expanded.rs"));
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, text).expect("the snapshot can be written");
        return;
    }
    let before = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if text == before {
        return;
    }
    let new = folder.join(format!("{name}.expanded.rs.new"));
    fs::write(&new, text).expect("the new text can be written");
    panic!(
        "{} is expanded otherwise than before: compare with {}, and accept it by \
         UPDATE_SNAPSHOTS=1",
        path.display(),
        new.display()
    );
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
