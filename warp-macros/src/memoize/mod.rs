//! `#[warp_cache]`: parse the options and the function, report all that is wrong, expand.

mod controls;
mod duration;
mod expand;
mod function;
mod key;
mod methods;
mod options;
#[cfg(test)]
mod tests;
mod types;
mod validate;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::errors::Errors;
use expand::Expansion;
use function::Function;
use options::Options;

pub(crate) use methods::methods;

/// Expands the attribute on a free function, or on a method by itself.
pub(crate) fn warp_cache(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(options, &mut errors);
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            errors.push(not_a_function(&item, error));
            let error = errors.finish().expect_err("one was pushed").into_compile_error();
            return quote!(#error #item);
        }
    };
    validate::validate(&function, &options, &mut errors);
    if let Err(error) = errors.finish() {
        // The function stays, so that no error is about its absence.
        let error = error.into_compile_error();
        return if function.receiver().is_some() {
            with_error_inside(&function, &error)
        } else {
            quote!(#error #function)
        };
    }
    let expansion = Expansion::new(&function, &options, String::new());
    let tokens = if function.receiver().is_some() { expansion.method() } else { expansion.free() };
    shown(tokens)
}

/// A trait's impl takes no items but the trait's: the error stands in the method.
fn with_error_inside(function: &Function, error: &TokenStream) -> TokenStream {
    let Function { attributes, visibility, signature, body } = function;
    quote!(#(#attributes)* #visibility #signature { #error #body })
}

fn not_a_function(item: &TokenStream, error: syn::Error) -> syn::Error {
    let is_function = item.clone().into_iter().any(|token| token.to_string() == "fn");
    if is_function {
        return error;
    }
    let first = item.to_token_stream().into_iter().find(|token| token.to_string() != "#");
    let span = first.map_or_else(proc_macro2::Span::call_site, |token| token.span());
    syn::Error::new(span, "#[warp_cache] stands on a function; on an impl, #[warp_cache::methods]")
}

/// Prints an expansion where the environment asks for it.
fn shown(tokens: TokenStream) -> TokenStream {
    if std::env::var_os("WARP_MACROS_DEBUG").is_some_and(|value| value == "1") {
        eprintln!("{tokens}");
    }
    tokens
}
