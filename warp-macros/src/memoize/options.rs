//! The options of `#[warp_cache(..)]`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprClosure, Lit, Path, Token, parenthesized, token};

use super::duration;
use crate::errors::{Errors, nearest};

/// Every option, in the order of the documentation.
const NAMES: [&str; 14] = [
    "max_size",
    "strategy",
    "ttl",
    "key",
    "skip",
    "cache_if",
    "cache_errors",
    "cache_none",
    "single_flight",
    "local",
    "shards",
    "on_evict",
    "shared",
    "crate",
];

/// An option that was given: its keyword and its value.
pub(super) type Given<T> = Option<(Ident, T)>;

pub(super) enum MaxSize {
    Entries(Expr),
    Unbounded,
}

pub(super) enum Ttl {
    /// An expression of type `Duration`.
    Fixed(Box<Expr>),
    /// A literal with units, in nanoseconds.
    Nanos(u64, Span),
    /// A closure over the value.
    By(Box<ExprClosure>),
}

#[derive(Default)]
pub(super) struct Options {
    pub(super) max_size: Given<MaxSize>,
    pub(super) strategy: Given<Ident>,
    pub(super) ttl: Given<Ttl>,
    pub(super) key: Given<Expr>,
    pub(super) skip: Given<Vec<Ident>>,
    pub(super) cache_if: Given<Expr>,
    pub(super) cache_errors: Given<()>,
    pub(super) cache_none: Given<()>,
    pub(super) single_flight: Given<()>,
    pub(super) local: Given<()>,
    pub(super) shards: Given<Expr>,
    pub(super) on_evict: Given<Expr>,
    pub(super) engine: Given<Path>,
}

impl Options {
    /// Reads what stands between the attribute's parentheses.
    pub(super) fn parse(tokens: TokenStream, errors: &mut Errors) -> Options {
        let mut options = Options::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = options.parse_one(input, errors) {
                    errors.push(error);
                    skip_to_comma(input)?;
                }
                if !input.is_empty() && input.parse::<Token![,]>().is_err() {
                    errors.add(input.span(), "a comma stands between two options");
                    skip_to_comma(input)?;
                    input.parse::<Option<Token![,]>>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.push(error);
        }
        options
    }

    fn parse_one(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let word = input.call(Ident::parse_any)?;
        match word.to_string().as_str() {
            "max_size" => set(&mut self.max_size, word, max_size(input)?, errors),
            "strategy" => set(&mut self.strategy, word, strategy(input)?, errors),
            "ttl" => {
                // Only if the literal is wrong is there nothing to set.
                if let Some(ttl) = ttl(input, errors)? {
                    set(&mut self.ttl, word, ttl, errors);
                } else if self.ttl.is_some() {
                    twice(&word, errors);
                }
            }
            "key" => set(&mut self.key, word, value(input)?, errors),
            "skip" => set(&mut self.skip, word, names(input)?, errors),
            "cache_if" => set(&mut self.cache_if, word, value(input)?, errors),
            "cache_errors" => set(&mut self.cache_errors, word, nothing(input)?, errors),
            "cache_none" => set(&mut self.cache_none, word, nothing(input)?, errors),
            "single_flight" => set(&mut self.single_flight, word, nothing(input)?, errors),
            "local" => set(&mut self.local, word, nothing(input)?, errors),
            "shards" => {
                let shards = value(input)?;
                if is_zero(&shards) {
                    errors.add(word.span(), "shards: 0 shards hold nothing; it takes at least 1");
                }
                set(&mut self.shards, word, shards, errors);
            }
            "on_evict" => set(&mut self.on_evict, word, value(input)?, errors),
            "crate" => set(&mut self.engine, word, value(input)?, errors),
            "shared" => {
                let text = "shared: this version has no cache in shared memory yet; without this \
                            option the cache is in the process";
                errors.add(word.span(), text);
                skip_to_comma(input)?;
            }
            other => {
                errors.add(word.span(), unknown(other));
                skip_to_comma(input)?;
            }
        }
        Ok(())
    }
}

fn unknown(word: &str) -> String {
    match nearest(word, NAMES) {
        Some(near) => format!("`{word}` is no option of #[warp_cache]; is it `{near}`?"),
        None => format!("`{word}` is no option of #[warp_cache]; these are: {}", NAMES.join(", ")),
    }
}

fn set<T>(option: &mut Given<T>, word: Ident, value: T, errors: &mut Errors) {
    if option.is_some() {
        twice(&word, errors);
    }
    *option = Some((word, value));
}

fn twice(word: &Ident, errors: &mut Errors) {
    errors.add(word.span(), format!("{word}: it is given twice; say it once"));
}

/// What stands after `=`.
fn value<T: Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    if !input.peek(Token![=]) {
        return Err(input.error("this option takes a value: `= ..`"));
    }
    input.parse::<Token![=]>()?;
    input.parse()
}

fn nothing(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(input.error("this option is a word alone and takes no value"))
}

fn names(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    if !input.peek(token::Paren) {
        return Err(input.error("skip takes arguments by name: `skip(pool, self)`"));
    }
    let content;
    parenthesized!(content in input);
    let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(&content, Ident::parse_any)?;
    if names.is_empty() {
        return Err(input.error("skip takes arguments by name: `skip(pool, self)`"));
    }
    Ok(names.into_iter().collect())
}

fn max_size(input: ParseStream<'_>) -> syn::Result<MaxSize> {
    let size: Expr = value(input)?;
    if is_zero(&size) {
        let text = "max_size: 0 keeps nothing; it takes at least 1, or the word `unbounded`";
        return Err(syn::Error::new_spanned(size, text));
    }
    let is_unbounded = matches!(&size, Expr::Path(path) if path.path.is_ident("unbounded"));
    Ok(if is_unbounded { MaxSize::Unbounded } else { MaxSize::Entries(size) })
}

fn is_zero(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(lit) if matches!(&lit.lit, Lit::Int(int) if int.base10_digits() == "0"))
}

fn strategy(input: ParseStream<'_>) -> syn::Result<Ident> {
    let expr: Expr = value(input)?;
    if let Expr::Path(path) = &expr {
        if let Some(word) = path.path.get_ident() {
            return Ok(word.clone());
        }
    }
    Err(syn::Error::new_spanned(expr, "strategy: it takes one word, such as `Lru`"))
}

fn ttl(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Ttl>> {
    let expr: Expr = value(input)?;
    if let Expr::Lit(lit) = &expr {
        if let Lit::Int(_) | Lit::Float(_) = lit.lit {
            return Ok(match duration::nanos(&lit.lit.to_token_stream().to_string()) {
                Ok(nanos) => Some(Ttl::Nanos(nanos, lit.lit.span())),
                Err(text) => {
                    errors.add(lit.lit.span(), text);
                    None
                }
            });
        }
    }
    Ok(Some(match expr {
        Expr::Closure(closure) => Ttl::By(Box::new(closure)),
        expr => Ttl::Fixed(Box::new(expr)),
    }))
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
