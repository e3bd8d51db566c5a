//! What cannot be cached, each with a sentence.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, FnArg, Type};

use super::function::Function;
use super::options::Options;
use super::types;
use crate::errors::{Errors, nearest};

/// How many arguments a key takes.
const LONGEST_KEY: usize = 12;

pub(super) fn validate(function: &Function, options: &Options, errors: &mut Errors) {
    signature(function, options, errors);
    output(function, errors);
    key(function, options, errors);
    combinations(options, errors);
    shared(options, cfg!(feature = "shared"), errors);
}

fn signature(function: &Function, options: &Options, errors: &mut Errors) {
    let signature = &function.signature;
    if let Some(word) = &signature.constness {
        errors.add(word.span, "a const fn cannot be cached: it runs where there is no cache");
    }
    if let Some(word) = &signature.unsafety {
        let text = "an `unsafe` fn cannot be cached: a hit would skip what its callers promise for";
        errors.add(word.span, text);
    }
    if let Some(variadic) = &signature.variadic {
        errors.add_at(variadic, "variable arguments cannot be part of a key");
    }
    attributes(function, errors);
    const EFFECT: &str = "cannot be cached: a hit would skip what the function does to it";
    if let Some(receiver) = function.receiver() {
        if types::exclusive(&receiver.ty).is_some() {
            errors.add_at(receiver, format!("`&mut self` {EFFECT}"));
        }
    }
    for argument in function.arguments() {
        if let Some(borrow) = types::exclusive(&argument.ty) {
            errors.add_at(borrow, format!("a `&mut` argument {EFFECT}"));
        }
        if options.key.is_none() && !is_skipped(options, &argument.name) {
            if let Some(ty) = types::impl_trait(&argument.ty) {
                let text =
                    "an `impl Trait` argument cannot be part of a key; give one by `key = ..`";
                errors.add_at(ty, text);
            } else if let Some(borrow) = types::inner_borrow(&argument.ty) {
                let text = "an argument that borrows within another type cannot be owned for the key; \
                            take an owned one, leave it out by `skip(..)`, or give a key by \
                            `key = (..)`";
                errors.add_at(borrow, text);
            }
        }
    }
}

/// That the controls of a free function take no name from a type that is there without an import.
pub(super) fn name(function: &Function, errors: &mut Errors) {
    const PRIMITIVES: [&str; 17] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8",
        "u16", "u32", "u64", "u128", "usize",
    ];
    if PRIMITIVES.iter().any(|name| function.name() == name) {
        let text = "the controls of a cached function stand under its name among the types, where \
                    this one is taken; give the function another";
        errors.add_at(function.name(), text);
    }
}

/// Attributes that mean something else where the macro moves them.
fn attributes(function: &Function, errors: &mut Errors) {
    let mut again = function.attributes.iter().filter(|attribute| is_ours(attribute));
    if let Some(attribute) = again.next() {
        errors.add_at(attribute, "#[warp_cache] is given twice; say it once, with all options");
    }
    let features = |attribute: &&Attribute| attribute.path().is_ident("target_feature");
    if let Some(attribute) = function.attributes.iter().find(features) {
        let text = "a function with #[target_feature] cannot be cached, as its cache has none; cache \
                    one that calls it";
        errors.add_at(attribute, text);
    }
    let inputs = function.signature.inputs.iter();
    for attribute in inputs.flat_map(|input| match input {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(argument) => &argument.attrs,
    }) {
        if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
            let text = "an argument of a cached function is always there; put the condition on the \
                        function";
            errors.add_at(attribute, text);
        }
    }
}

/// `#[warp_cache]`, by whatever path.
pub(super) fn is_ours(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "warp_cache")
}

/// A function without a receiver that says `Self` stands in an impl, where its controls cannot.
pub(super) fn is_associated(function: &Function) -> bool {
    let says = |tokens: TokenStream, words: &[&str]| types::says(tokens, words);
    let body = function.body.clone();
    let signature = function.signature.to_token_stream();
    says(signature, &["Self"])
        || says(body.clone(), &["Self"])
            && !says(body, &["impl", "trait", "struct", "enum", "union"])
}

fn is_skipped(options: &Options, name: &syn::Ident) -> bool {
    options.skip.as_ref().is_some_and(|(_, skipped)| skipped.contains(name))
}

fn output(function: &Function, errors: &mut Errors) {
    const NOTHING: &str = "there is nothing to keep of a function that returns nothing";
    let Some(ty) = function.output() else {
        errors.add_at(function.name(), NOTHING);
        return;
    };
    match types::bare(ty) {
        Type::Tuple(tuple) if tuple.elems.is_empty() => errors.add_at(ty, NOTHING),
        Type::Never(_) => {
            errors.add_at(ty, "there is nothing to keep of a function that never returns");
        }
        ty => {
            if let Some(found) = types::impl_trait(ty) {
                let text = "`-> impl Trait` cannot be kept; name the type, or box it in an Arc";
                errors.add_at(found, text);
            } else if let Some(found) = types::borrow(ty) {
                let text = "a result that borrows from the arguments cannot outlive the call; return \
                            an owned value, such as an Arc";
                errors.add_at(found, text);
            }
        }
    }
}

fn key(function: &Function, options: &Options, errors: &mut Errors) {
    let arguments = function.arguments();
    if let (Some(_), Some((word, _))) = (&options.key, &options.skip) {
        let text = "skip: with `key` the key is what it says; leave the argument out there";
        errors.add(word.span(), text);
    }
    let mut names: Vec<String> = arguments
        .iter()
        .filter(|argument| argument.is_named)
        .map(|argument| argument.name.to_string())
        .collect();
    if function.receiver().is_some() {
        names.push("self".into());
    }
    for skipped in options.skip.iter().flat_map(|(_, skipped)| skipped) {
        let name = skipped.to_string();
        if !names.contains(&name) {
            let near = match nearest(&name, names.iter().map(String::as_str)) {
                Some(near) => format!("; is it `{near}`?"),
                None => String::new(),
            };
            errors.add(skipped.span(), format!("skip: `{name}` is no argument{near}"));
        }
    }
    let skipped = options.skip.as_ref().map_or(0, |(_, skipped)| skipped.len());
    let parts = arguments.len() + usize::from(function.receiver().is_some());
    if options.key.is_none() && parts.saturating_sub(skipped) > LONGEST_KEY {
        let text = format!(
            "a key takes at most {LONGEST_KEY} arguments; leave some out by `skip`, or give a `key`"
        );
        errors.add(function.name().span(), text);
    }
}

/// What cannot be where processes share a cache.
fn shared(options: &Options, is_built_in: bool, errors: &mut Errors) {
    let Some((word, _)) = &options.shared else { return };
    if !is_built_in {
        let text = "shared: caches in shared memory need the feature `shared` of warp-cache; turn it \
                    on in Cargo.toml: `warp-cache = { version = \"..\", features = [\"shared\"] }`";
        errors.add(word.span(), text);
    }
    if let Some((word, ())) = &options.local {
        errors.add(word.span(), "local: with `shared` all processes have one cache");
    }
    if let Some((word, _)) = &options.shards {
        errors.add(word.span(), "shards: with `shared` the region has as many as suit its size");
    }
    if let Some((word, _)) = &options.on_evict {
        let text = "on_evict: with `shared` an entry may leave by another process, which has no such \
                    function";
        errors.add(word.span(), text);
    }
}

fn combinations(options: &Options, errors: &mut Errors) {
    if options.local.is_none() {
        return;
    }
    if let Some((word, _)) = &options.shards {
        errors.add(word.span(), "shards: with `local` each thread has a store of its own");
    }
    if let Some((word, ())) = &options.single_flight {
        errors.add(word.span(), "single_flight: with `local` no other thread could wait");
    }
}

#[cfg(test)]
mod tests {
    use super::{Errors, Options, shared};

    /// What is wrong with options, in a build with the feature `shared` or without.
    fn said(text: &str, is_built_in: bool) -> Vec<String> {
        let mut errors = Errors::default();
        let options = Options::parse(text.parse().expect("tokens"), &mut errors);
        shared(&options, is_built_in, &mut errors);
        let errors = errors.finish().err().into_iter().flatten();
        errors.map(|error| error.to_string()).collect()
    }

    #[test]
    fn shared_memory_needs_its_feature() {
        assert_eq!(said("shared = \"a\"", true), [""; 0]);
        assert_eq!(said("local", false), [""; 0]);
        let [only] = &said("shared = \"a\"", false)[..] else { panic!("one sentence") };
        assert!(only.contains("the feature `shared` of warp-cache"), "{only}");
    }

    #[test]
    fn shared_memory_has_no_options_of_a_process() {
        let said = said("shared = \"a\", local, shards = 2, on_evict = gone", true);
        assert_eq!(said.len(), 3, "{said:?}");
    }
}
