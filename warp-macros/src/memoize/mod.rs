//! `#[warp_cache]`: parse the options and the function, report all that is wrong, expand.

mod controls;
mod duration;
mod expand;
mod function;
mod key;
mod look_up;
mod machinery;
mod method;
mod methods;
mod options;
mod spans;
#[cfg(test)]
mod tests;
mod types;
mod validate;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Attribute;
use syn::parse::{ParseStream, Parser};

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
    if function.receiver().is_none() {
        validate::name(&function, &mut errors);
    }
    let is_associated = function.receiver().is_none() && validate::is_associated(&function);
    if is_associated {
        let text = "an associated function has its controls beside the impl; put \
                    #[warp_cache::methods] on the impl";
        errors.add_at(function.name(), text);
    }
    if let Err(error) = errors.finish() {
        // The function stays, so that no error is about its absence.
        let error = error.into_compile_error();
        return if is_associated || function.receiver().is_some() {
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
    let text = "#[warp_cache] stands on a function; on an impl, #[warp_cache::methods]";
    syn::Error::new(first_word(item), text)
}

/// Where an item begins, after its attributes.
fn first_word(item: &TokenStream) -> Span {
    let rest = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        let span = input.span();
        input.parse::<TokenStream>()?;
        Ok(span)
    };
    rest.parse2(item.clone()).unwrap_or_else(|_| Span::call_site())
}

/// Prints an expansion where the environment asks for it.
fn shown(tokens: TokenStream) -> TokenStream {
    if std::env::var_os("WARP_MACROS_DEBUG").is_some_and(|value| value == "1") {
        eprintln!("{tokens}");
    }
    tokens
}
