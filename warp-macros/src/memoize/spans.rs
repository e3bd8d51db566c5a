//! Where generated tokens stand.
//!
//! A type or an expression has several tokens, and stable Rust joins no spans: what is generated
//! about it begins with a token at its first one and ends with one at its last, so that the compiler
//! underlines all of it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

/// From a first token to a last.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) first: Span,
    pub(super) last: Span,
}

impl Extent {
    pub(super) fn of(tokens: &impl ToTokens) -> Extent {
        let mut spans = tokens.to_token_stream().into_iter().map(|token| match token {
            TokenTree::Group(group) => (group.span_open(), group.span_close()),
            token => (token.span(), token.span()),
        });
        let (first, end) = spans.next().unwrap_or((Span::call_site(), Span::call_site()));
        Extent { first, last: spans.last().map_or(end, |(_, last)| last) }
    }

    /// `name(arguments)` of the engine.
    pub(super) fn call(self, engine: &Engine, name: &str, arguments: TokenStream) -> TokenStream {
        let (path, name) = (engine.at(self.first), Ident::new(name, self.first));
        let arguments = self.end(arguments);
        quote_spanned!(self.first=> #path::#name #arguments)
    }

    /// Arguments in their parentheses, which are the last token.
    pub(super) fn end(self, arguments: TokenStream) -> Group {
        let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
        arguments.set_span(self.last);
        arguments
    }

    /// A name, as the last token.
    pub(super) fn name(self, name: &Ident) -> Ident {
        let mut name = name.clone();
        name.set_span(name.span().located_at(self.last));
        name
    }
}

/// The engine's private module.
pub(super) struct Engine {
    path: Vec<TokenTree>,
    /// Whether a user wrote the path.
    is_given: bool,
}

impl Engine {
    /// In the crate that the option `crate` names.
    pub(super) fn new(path: Option<Path>) -> Engine {
        let is_given = path.is_some();
        let path = path.map_or_else(|| quote!(::warp_cache), Path::into_token_stream);
        Engine { path: quote!(#path::__private).into_iter().collect(), is_given }
    }

    /// Its path, as tokens at a place.
    pub(super) fn at(&self, place: Span) -> Tokens {
        let moved = self.path.iter().cloned().map(|mut token| {
            // A path of the user's may be longer than it has to be here.
            let span =
                if self.is_given { silent(token.span(), &word(&token), place) } else { place };
            token.set_span(span);
            token
        });
        Tokens(moved.collect())
    }
}

impl ToTokens for Engine {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.at(Span::call_site()).to_tokens(tokens);
    }
}

/// What stands in many places. Token by token, as each stream that goes into another is a call of the
/// compiler: they took a tenth of an expansion.
pub(super) struct Tokens(Vec<TokenTree>);

impl ToTokens for Tokens {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().cloned());
    }
}

/// A variable of ours. Hygiene keeps it apart from the user's variables, and the underscores from
/// constants and unit structs, which a pattern of that name would mean.
pub(super) fn ours(name: &str) -> Ident {
    Ident::new(&format!("__{name}"), Span::mixed_site())
}

/// Tokens of the user's for use in a second place: there, lints are silent about them.
pub(super) fn quiet(tokens: &impl ToTokens) -> TokenStream {
    each(tokens.to_token_stream(), &|span, word| silent(span, word, span))
}

/// A place in the expansion. `$crate` means the crate of the macro that wrote it.
fn silent(span: Span, word: &str, place: Span) -> Span {
    if word == "$crate" { span.located_at(place) } else { Span::call_site().located_at(place) }
}

fn each(tokens: TokenStream, span: &impl Fn(Span, &str) -> Span) -> TokenStream {
    let moved = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut moved = Group::new(group.delimiter(), each(group.stream(), span));
            moved.set_span(span(group.span(), ""));
            TokenTree::Group(moved)
        }
        mut token => {
            token.set_span(span(token.span(), &word(&token)));
            token
        }
    });
    moved.collect()
}

fn word(token: &TokenTree) -> String {
    match token {
        TokenTree::Ident(word) => word.to_string(),
        _ => String::new(),
    }
}
