//! The key of a call, as an expression over the function's arguments.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprUnary, Type, UnOp};

use super::function::{Argument, Function};
use super::options::Options;
use super::types;

/// The key, which borrows from the arguments that are in scope.
pub(super) fn key(function: &Function, options: &Options, private: &TokenStream) -> TokenStream {
    let arguments = function.arguments();
    let parts: Vec<TokenStream> = match &options.key {
        Some((_, key)) => {
            elements(key).into_iter().map(|part| given(part, &arguments, private)).collect()
        }
        None => {
            let is_part = |name: &syn::Ident| {
                !options.skip.iter().flat_map(|(_, skipped)| skipped).any(|skipped| skipped == name)
            };
            let receiver = function.receiver().filter(|_| is_part(&format_ident!("self")));
            let receiver =
                receiver.map(|receiver| part(&receiver.ty, quote!(self), private, receiver.span()));
            let arguments = arguments.iter().filter(|argument| is_part(&argument.name));
            receiver.into_iter().chain(arguments.map(|argument| of(argument, private))).collect()
        }
    };
    match parts.as_slice() {
        // One part is the key itself.
        [part] => part.clone(),
        parts => quote!((#(#parts,)*)),
    }
}

/// What `key = (a, b)` consists of.
fn elements(key: &Expr) -> Vec<&Expr> {
    match key {
        Expr::Tuple(tuple) => tuple.elems.iter().collect(),
        Expr::Group(inner) => elements(&inner.expr),
        key => vec![key],
    }
}

/// The part of the key that a user's expression is.
fn given(expr: &Expr, arguments: &[Argument], private: &TokenStream) -> TokenStream {
    let value = format_ident!("value", span = Span::mixed_site());
    let by = match expr {
        Expr::Paren(inner) => return given(&inner.expr, arguments, private),
        Expr::Group(inner) => return given(&inner.expr, arguments, private),
        Expr::Path(path) => {
            // An argument as it is: borrowed, so that the function can still take it.
            let argument = arguments.iter().find(|argument| path.path.is_ident(&argument.name));
            if let Some(argument) = argument {
                return of(argument, private);
            }
            quote!(#expr)
        }
        // Places, of which nothing is moved out.
        Expr::Field(_) | Expr::Index(_) | Expr::Unary(ExprUnary { op: UnOp::Deref(_), .. }) => {
            quote_spanned!(expr.span()=> &#expr)
        }
        _ => quote!(#expr),
    };
    quote_spanned! {expr.span()=>
        match #by {
            #value => #private::Kind::part((&&&#private::Keyed(&#value)).kind(), #value),
        }
    }
}

fn of(argument: &Argument, private: &TokenStream) -> TokenStream {
    let name = &argument.name;
    part(&argument.ty, quote!(#name), private, argument.ty.span())
}

/// The part of the key that a place of a type is.
fn part(ty: &Type, place: TokenStream, private: &TokenStream, span: Span) -> TokenStream {
    let element = format_ident!("element", span = Span::mixed_site());
    if let Type::Reference(reference) = types::bare(ty) {
        return part(&reference.elem, quote!(*#place), private, span);
    }
    if is_float(ty) {
        return quote_spanned!(span=> #private::float(#place));
    }
    if !is_special(ty) {
        return quote_spanned!(span=> #private::part(&#place));
    }
    if let Type::Tuple(tuple) = types::bare(ty) {
        let parts = tuple.elems.iter().enumerate().map(|(index, ty)| {
            let index = syn::Index::from(index);
            part(ty, quote!((#place).#index), private, span)
        });
        return quote!((#(#parts,)*));
    }
    match types::named(ty) {
        Some((name, inner)) if name == "Option" && inner.len() == 1 => {
            let part = part(inner[0], quote!(*#element), private, span);
            quote_spanned!(span=> #private::as_ref(&#place).map(|#element| #part))
        }
        _ => quote_spanned!(span=> #private::part(&*#place)),
    }
}

fn is_float(ty: &Type) -> bool {
    matches!(types::bare(ty), Type::Path(path) if path.path.is_ident("f32") || path.path.is_ident("f64"))
}

/// Whether a type's parts are looked up one by one: it borrows, or has a float.
fn is_special(ty: &Type) -> bool {
    match types::bare(ty) {
        Type::Reference(_) => true,
        Type::Tuple(tuple) => tuple.elems.iter().any(is_special),
        ty => match types::named(ty) {
            Some((name, inner)) if name == "Option" && inner.len() == 1 => is_special(inner[0]),
            Some((name, _)) if name == "Cow" => true,
            _ => is_float(ty),
        },
    }
}
