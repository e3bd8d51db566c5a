//! The key of a call, as an expression over the function's arguments.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, ExprUnary, Type, UnOp};

use super::function::{Argument, Function};
use super::options::{Options, Sharing};
use super::spans::{Engine, Extent, ours};
use super::types;

/// The key, which borrows from the arguments that are in scope.
pub(super) fn key(function: &Function, options: &Options, private: &Engine) -> TokenStream {
    let arguments = function.arguments();
    let key = Key { private, sharing: options.sharing() };
    let parts: Vec<TokenStream> = match &options.key {
        Some((_, given)) => {
            elements(given).into_iter().map(|part| key.given(part, &arguments)).collect()
        }
        None => {
            let is_part = |name: &Ident| {
                !options.skip.iter().flat_map(|(_, skipped)| skipped).any(|skipped| skipped == name)
            };
            let receiver = function.receiver().filter(|_| is_part(&format_ident!("self")));
            let receiver = receiver.map(|receiver| {
                let word = Ident::new("self", receiver.self_token.span);
                key.variable(&receiver.ty, &word, Extent::of(receiver))
            });
            let arguments = arguments.iter().filter(|argument| is_part(&argument.name));
            receiver.into_iter().chain(arguments.map(|argument| key.argument(argument))).collect()
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

struct Key<'a> {
    private: &'a Engine,
    sharing: Sharing,
}

impl Key<'_> {
    /// The part of the key that a user's expression is.
    fn given(&self, expr: &Expr, arguments: &[Argument]) -> TokenStream {
        let extent = Extent::of(expr);
        let by = match expr {
            Expr::Paren(inner) => return self.given(&inner.expr, arguments),
            Expr::Group(inner) => return self.given(&inner.expr, arguments),
            Expr::Path(path) => {
                // An argument as it is: borrowed, so that the function can still take it.
                let argument = arguments.iter().find(|argument| path.path.is_ident(&argument.name));
                if let Some(argument) = argument {
                    return self.argument(argument);
                }
                quote!(#expr)
            }
            // Places, of which nothing is moved out.
            Expr::Field(_) | Expr::Index(_) | Expr::Unary(ExprUnary { op: UnOp::Deref(_), .. }) => {
                quote_spanned!(extent.first=> &#expr)
            }
            _ => quote!(#expr),
        };
        let value = ours("value");
        let (first, inner) = (extent.first, extent.name(&value));
        let keyed = extent.call(self.private, "Keyed", quote_spanned!(first=> &#inner));
        // No reference of the user's, for a lint to be about.
        let place = Span::mixed_site().located_at(first);
        let (keyed, end) = (quote_spanned!(place=> (&&&&#keyed)), extent.end(quote!()));
        let kind = quote_spanned!(first=> #keyed.__warp_cache_kind #end);
        let (kinds, arguments) = (self.private.at(first), extent.end(quote!(#kind, #inner)));
        let part = quote_spanned!(first=> #kinds::Kind::part #arguments);
        let part = self.checked(extent, part);
        quote!(match #by { #value => #part, })
    }

    fn argument(&self, argument: &Argument) -> TokenStream {
        self.variable(&argument.ty, &argument.name, Extent::of(&argument.ty))
    }

    /// The part of the key that a variable of a type is.
    fn variable(&self, ty: &Type, name: &Ident, extent: Extent) -> TokenStream {
        let value = extent.name(name).into_token_stream();
        let reference = quote_spanned!(extent.first=> &#value);
        let is_plain = !matches!(types::bare(ty), Type::Reference(_)) && !is_special(ty);
        if is_plain && self.sharing == Sharing::Threads {
            // The most frequent one: one call less for the compiler to check.
            return extent.call(self.private, "shared_part", reference);
        }
        self.checked(extent, self.part(ty, &Place { value, reference }, extent))
    }

    /// Complains of a type that cannot be a part.
    fn checked(&self, extent: Extent, part: TokenStream) -> TokenStream {
        let check = match self.sharing {
            Sharing::Local => "keyed",
            Sharing::Threads => "shared_keyed",
            Sharing::Processes => "region_keyed",
        };
        extent.call(self.private, check, part)
    }

    /// The part of the key that a place of a type is.
    fn part(&self, ty: &Type, place: &Place, extent: Extent) -> TokenStream {
        let first = extent.first;
        let Place { value, reference } = place;
        let call = |name, arguments| extent.call(self.private, name, arguments);
        if let Type::Reference(inner) = types::bare(ty) {
            let place = Place { value: quote_spanned!(first=> *#value), reference: value.clone() };
            return self.part(&inner.elem, &place, extent);
        }
        if is_float(ty) {
            return call("float", value.clone());
        }
        if !is_special(ty) {
            return call("part", reference.clone());
        }
        if let Type::Tuple(tuple) = types::bare(ty) {
            let parts = tuple.elems.iter().enumerate().map(|(index, ty)| {
                let index = syn::Index { index: index as u32, span: extent.last };
                let value = quote_spanned!(first=> (#value).#index);
                let reference = quote_spanned!(first=> &#value);
                self.part(ty, &Place { value, reference }, extent)
            });
            return quote!((#(#parts,)*));
        }
        match types::named(ty) {
            Some((name, inner)) if name == "Option" && inner.len() == 1 => {
                let element = ours("element");
                let inside = extent.name(&element).into_token_stream();
                let value = quote_spanned!(first=> *#inside);
                let place = Place { value, reference: inside };
                let part = self.part(inner[0], &place, extent);
                let option = call("as_ref", reference.clone());
                quote!(#option.map(|#element| #part))
            }
            _ => call("part", quote_spanned!(first=> &*#value)),
        }
    }
}

/// A place, and a reference to it: `*name` and `name`, as clippy has it.
struct Place {
    value: TokenStream,
    reference: TokenStream,
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
            Some((name, inner)) if name == "Cow" && inner.len() == 1 => true,
            _ => is_float(ty),
        },
    }
}
