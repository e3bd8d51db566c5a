//! `#[strategies]`: parse the module into a model, report all that is wrong with it, generate.

use proc_macro2::TokenStream;
use quote::quote;

mod expand;
mod model;
mod store;
#[cfg(test)]
mod tests;

pub(crate) fn strategies(options: TokenStream, module: TokenStream) -> TokenStream {
    match model::Model::parse(options, module.clone()) {
        Ok(model) => expand::expand(&model),
        Err(error) => {
            // The module's own items stay, so that no error is about their absence.
            let error = error.into_compile_error();
            match model::without_strategy_attributes(module.clone()) {
                Ok(module) => quote! { #error #module },
                Err(_) => quote! { #error #module },
            }
        }
    }
}
