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

/// Who uses a function's cache together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// Nobody but one thread.
    Local,
    /// All threads.
    Threads,
    /// The threads of all processes.
    Processes,
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
    pub(super) shared: Given<Expr>,
    pub(super) engine: Given<Path>,
    /// The options so far, those with a mistake among them.
    seen: Vec<String>,
}

impl Options {
    /// Reads what stands between the attribute's parentheses.
    pub(super) fn parse(tokens: TokenStream, errors: &mut Errors) -> Options {
        let mut options = Options::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let parsed = options.parse_one(input, errors);
                if let Err(error) = parsed {
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

    pub(super) fn sharing(&self) -> Sharing {
        match (&self.local, &self.shared) {
            (Some(_), _) => Sharing::Local,
            (None, Some(_)) => Sharing::Processes,
            (None, None) => Sharing::Threads,
        }
    }

    fn parse_one(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let word = input.call(Ident::parse_any)?;
        let name = word.to_string();
        if self.seen.contains(&name) {
            errors.add(word.span(), format!("{name}: it is given twice; say it once"));
        }
        self.seen.push(name.clone());
        match name.as_str() {
            "max_size" => self.max_size = Some((word.clone(), max_size(&word, input)?)),
            "strategy" => self.strategy = Some((word.clone(), strategy(&word, input)?)),
            "ttl" => self.ttl = Some((word.clone(), ttl(&word, input)?)),
            "key" => self.key = Some((word.clone(), expression(&word, input)?)),
            "skip" => self.skip = Some((word.clone(), names(&word, input)?)),
            "cache_if" => self.cache_if = Some((word.clone(), expression(&word, input)?)),
            "cache_errors" => self.cache_errors = Some((word.clone(), nothing(&word, input)?)),
            "cache_none" => self.cache_none = Some((word.clone(), nothing(&word, input)?)),
            "single_flight" => self.single_flight = Some((word.clone(), nothing(&word, input)?)),
            "local" => self.local = Some((word.clone(), nothing(&word, input)?)),
            "shards" => self.shards = Some((word.clone(), shards(&word, input)?)),
            "on_evict" => self.on_evict = Some((word.clone(), expression(&word, input)?)),
            "crate" => self.engine = Some((word.clone(), value(&word, input)?)),
            "shared" => self.shared = Some((word.clone(), shared(&word, input)?)),
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

/// What stands after `=`.
fn value<T: Parse>(word: &Ident, input: ParseStream<'_>) -> syn::Result<T> {
    if !input.peek(Token![=]) || is_end(&input.fork(), 1) {
        let text = format!("{word}: it takes a value, `{word} = ..`");
        return Err(syn::Error::new(word.span(), text));
    }
    input.parse::<Token![=]>()?;
    input.parse()
}

/// An expression after `=`, without the invisible group that one of a `macro_rules!` stands in.
fn expression(word: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    let mut expr = value(word, input)?;
    while let Expr::Group(group) = expr {
        expr = *group.expr;
    }
    Ok(expr)
}

/// Whether an option ends after some tokens.
fn is_end(input: ParseStream<'_>, tokens: usize) -> bool {
    (0..tokens).all(|_| input.parse::<TokenTree>().is_ok())
        && (input.is_empty() || input.peek(Token![,]))
}

fn nothing(word: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![=]) || input.peek(token::Paren) {
        let text = format!("{word}: it is a word alone and takes no value");
        return Err(syn::Error::new(word.span(), text));
    }
    Ok(())
}

fn names(word: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let wrong = || syn::Error::new(word.span(), "skip: it takes arguments, `skip(pool, self)`");
    if !input.peek(token::Paren) {
        return Err(wrong());
    }
    let content;
    parenthesized!(content in input);
    // All of it is read, so that it is wrong once.
    let content: TokenStream = content.parse()?;
    let names = Punctuated::<Ident, Token![,]>::parse_terminated_with;
    let names = (|input: ParseStream<'_>| names(input, Ident::parse_any)).parse2(content);
    let names = names.map_err(|_| wrong())?;
    if names.is_empty() { Err(wrong()) } else { Ok(names.into_iter().collect()) }
}

fn max_size(word: &Ident, input: ParseStream<'_>) -> syn::Result<MaxSize> {
    let size = expression(word, input)?;
    if is_zero(&size) {
        let text = "max_size: 0 keeps nothing; it takes at least 1, or the word `unbounded`";
        return Err(syn::Error::new_spanned(size, text));
    }
    let is_unbounded = matches!(&size, Expr::Path(path) if path.path.is_ident("unbounded"));
    Ok(if is_unbounded { MaxSize::Unbounded } else { MaxSize::Entries(size) })
}

fn shards(word: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    let shards = expression(word, input)?;
    if is_zero(&shards) {
        let text = "shards: 0 shards hold nothing; it takes at least 1";
        return Err(syn::Error::new_spanned(shards, text));
    }
    Ok(shards)
}

fn shared(word: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    if !input.peek(Token![=]) {
        let text = "shared: it takes the cache's name, `shared = \"thumbs\"`";
        return Err(syn::Error::new(word.span(), text));
    }
    let name = expression(word, input)?;
    let text = match &name {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Str(name) if !name.value().is_empty() => return Ok(Expr::Lit(lit.clone())),
            Lit::Str(_) => "shared: a name has letters; processes find the cache by it",
            _ => "shared: it takes the cache's name, a string",
        },
        _ => return Ok(name),
    };
    Err(syn::Error::new_spanned(name, text))
}

fn is_zero(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(lit) if matches!(&lit.lit, Lit::Int(int) if int.base10_digits() == "0"))
}

fn strategy(word: &Ident, input: ParseStream<'_>) -> syn::Result<Ident> {
    let expr = expression(word, input)?;
    if let Expr::Path(path) = &expr {
        if let Some(word) = path.path.get_ident() {
            return Ok(word.clone());
        }
    }
    Err(syn::Error::new_spanned(expr, "strategy: it takes one word, such as `Lru`"))
}

fn ttl(word: &Ident, input: ParseStream<'_>) -> syn::Result<Ttl> {
    let expr = expression(word, input)?;
    if let Expr::Lit(lit) = &expr {
        if let Lit::Int(_) | Lit::Float(_) = lit.lit {
            let nanos = duration::nanos(&lit.lit.to_token_stream().to_string());
            return nanos
                .map(|nanos| Ttl::Nanos(nanos, lit.lit.span()))
                .map_err(|text| syn::Error::new_spanned(lit, text));
        }
    }
    Ok(match expr {
        Expr::Closure(closure) => Ttl::By(Box::new(closure)),
        expr => Ttl::Fixed(Box::new(expr)),
    })
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::{Errors, MaxSize, Options, Sharing, Ttl};

    /// The options, and what is wrong with them.
    fn parse(text: &str) -> (Options, Vec<String>) {
        let mut errors = Errors::default();
        let tokens: TokenStream = text.parse().expect("tokens");
        let options = Options::parse(tokens, &mut errors);
        let errors = errors.finish().err().into_iter().flatten();
        (options, errors.map(|error| error.to_string()).collect())
    }

    #[test]
    fn options_are_read() {
        let (options, errors) = parse(
            "max_size = SIZE * 2, strategy = Lfu, ttl = 1h30m, key = (a, b), cache_if = |v| v > 1, \
             cache_errors, cache_none, single_flight, shards = 4, on_evict = gone, crate = a::b,",
        );
        assert_eq!(errors, [""; 0]);
        assert!(matches!(options.max_size, Some((_, MaxSize::Entries(_)))));
        assert!(options.strategy.is_some_and(|(_, word)| word == "Lfu"));
        assert!(matches!(options.ttl, Some((_, Ttl::Nanos(5_400_000_000_000, _)))));
        assert!(options.key.is_some() && options.cache_if.is_some() && options.shards.is_some());
        assert!(options.cache_errors.is_some() && options.cache_none.is_some());
        assert!(options.single_flight.is_some() && options.on_evict.is_some());
        assert!(options.engine.is_some() && options.local.is_none());

        let (options, errors) = parse("shared = concat!(\"a\", \"b\")");
        assert_eq!(errors, [""; 0]);
        assert!(options.shared.is_some() && options.sharing() == Sharing::Processes);

        let (options, errors) = parse("local, skip(pool, self), max_size = unbounded, ttl = TTL");
        assert_eq!(errors, [""; 0]);
        assert!(matches!(options.max_size, Some((_, MaxSize::Unbounded))));
        assert!(matches!(options.ttl, Some((_, Ttl::Fixed(_)))));
        assert_eq!(options.skip.map(|(_, names)| names.len()), Some(2));
        assert!(matches!(parse("ttl = |t| t.left").0.ttl, Some((_, Ttl::By(_)))));
    }

    #[test]
    fn every_mistake_is_told() {
        for (text, said) in [
            ("max_size", &["max_size: it takes a value, `max_size = ..`"] as &[_]),
            ("max_size = ", &["max_size: it takes a value, `max_size = ..`"]),
            ("ttl = , local", &["ttl: it takes a value, `ttl = ..`"]),
            ("local = true", &["local: it is a word alone and takes no value"]),
            ("local()", &["local: it is a word alone and takes no value"]),
            ("local single_flight", &["a comma stands between two options"]),
            ("skip", &["skip: it takes arguments, `skip(pool, self)`"]),
            ("skip()", &["skip: it takes arguments, `skip(pool, self)`"]),
            ("skip(1)", &["skip: it takes arguments, `skip(pool, self)`"]),
            ("locl", &["`locl` is no option of #[warp_cache]; is it `local`?"]),
            ("local, local", &["local: it is given twice; say it once"]),
            ("shared", &["shared: it takes the cache's name, `shared = \"thumbs\"`"]),
            ("shared = 3", &["shared: it takes the cache's name, a string"]),
            ("shared = \"\"", &["shared: a name has letters; processes find the cache by it"]),
            ("strategy = a::Lru", &["strategy: it takes one word, such as `Lru`"]),
            (
                "shards = 0, local, max_size = 0, local",
                &[
                    "shards: 0 shards hold nothing; it takes at least 1",
                    "max_size: 0 keeps nothing; it takes at least 1, or the word `unbounded`",
                    "local: it is given twice; say it once",
                ],
            ),
        ] {
            assert_eq!(parse(text).1, said, "{text}");
        }
        assert!(parse("3, local").0.local.is_some(), "what follows a mistake is read");
    }
}
