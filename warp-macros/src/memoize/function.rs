//! The function that an attribute stands on: its signature as data, its body as tokens.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, Meta, Pat, Receiver, ReturnType, Signature, Type, Visibility};

use super::spans::Extent;

/// A function with a body.
pub(super) struct Function {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) signature: Signature,
    /// With its braces, verbatim.
    pub(super) body: TokenStream,
}

/// An argument besides the receiver.
pub(super) struct Argument {
    /// The name that the pattern gives, or one of ours.
    pub(super) name: Ident,
    /// Whether the name is the user's.
    pub(super) is_named: bool,
    pub(super) pattern: Pat,
    pub(super) ty: Type,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Function> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature = input.parse()?;
        let body = match visible(input.parse()?) {
            TokenTree::Group(body) => body.into_token_stream(),
            other => {
                let text = "#[warp_cache] needs the function's body here";
                return Err(syn::Error::new(other.span(), text));
            }
        };
        if !input.is_empty() {
            return Err(input.error("#[warp_cache] stands on one function"));
        }
        Ok(Function { attributes, visibility, signature, body })
    }
}

/// What stands in an invisible group, as a `$body:block` of a `macro_rules!` does.
fn visible(token: TokenTree) -> TokenTree {
    let inside = match &token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => group.stream(),
        _ => return token,
    };
    inside.into_iter().next().map_or(token, visible)
}

impl Function {
    /// The body without its braces.
    pub(super) fn statements(&self) -> TokenStream {
        match self.body.clone().into_iter().next() {
            Some(TokenTree::Group(body)) => body.stream(),
            _ => TokenStream::new(),
        }
    }

    pub(super) fn name(&self) -> &Ident {
        &self.signature.ident
    }

    pub(super) fn is_async(&self) -> bool {
        self.signature.asyncness.is_some()
    }

    pub(super) fn receiver(&self) -> Option<&Receiver> {
        self.signature.receiver()
    }

    pub(super) fn arguments(&self) -> Vec<Argument> {
        let typed = self.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        });
        typed
            .enumerate()
            .map(|(index, argument)| {
                let (name, is_named) = match &*argument.pat {
                    Pat::Ident(pattern) if pattern.subpat.is_none() => {
                        (pattern.ident.clone(), true)
                    }
                    // Definition-site hygiene: no argument of the user's is called that.
                    _ => (format_ident!("argument{index}", span = Span::mixed_site()), false),
                };
                let (pattern, ty) = ((*argument.pat).clone(), (*argument.ty).clone());
                Argument { name, is_named, pattern, ty }
            })
            .collect()
    }

    /// The type of the result.
    pub(super) fn output(&self) -> Option<&Type> {
        match &self.signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(ty),
        }
    }

    /// Where an error about the result points.
    pub(super) fn output_extent(&self) -> Extent {
        self.output().map_or_else(|| Extent::of(self.name()), Extent::of)
    }

    /// The attributes that belong to whatever is made of the function.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }

    /// The lints that are not told of what is made of the function, either.
    pub(super) fn allowed(&self) -> impl Iterator<Item = Attribute> {
        self.lints().map(unexpecting).filter(|attribute| attribute.path().is_ident("allow"))
    }

    /// The attributes that say which lints concern the body.
    pub(super) fn lints(&self) -> impl Iterator<Item = &Attribute> {
        const LEVELS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];
        self.attributes
            .iter()
            .filter(|attribute| LEVELS.iter().any(|level| attribute.path().is_ident(level)))
    }
}

/// An expected lint may concern what callers see or the body, so it is allowed in both.
pub(super) fn unexpecting(attribute: &Attribute) -> Attribute {
    let mut attribute = attribute.clone();
    if let Meta::List(list) = &mut attribute.meta {
        if list.path.is_ident("expect") {
            list.path = syn::parse_quote!(allow);
        }
    }
    attribute
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Function { attributes, visibility, signature, body } = self;
        tokens.extend(quote::quote! { #(#attributes)* #visibility #signature #body });
    }
}
