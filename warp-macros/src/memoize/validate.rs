//! What cannot be cached, each with a sentence.

use syn::Type;
use syn::spanned::Spanned;

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
        errors.add(variadic.span(), "variable arguments cannot be part of a key");
    }
    const EFFECT: &str = "cannot be cached: a hit would skip what the function does to it";
    if let Some(receiver) = function.receiver() {
        if types::exclusive(&receiver.ty).is_some() {
            errors.add(receiver.span(), format!("`&mut self` {EFFECT}"));
        }
    }
    for argument in function.arguments() {
        if let Some(span) = types::exclusive(&argument.ty) {
            errors.add(span, format!("a `&mut` argument {EFFECT}"));
        }
        if options.key.is_none() && !is_skipped(options, &argument.name) {
            if let Some(span) = types::impl_trait(&argument.ty) {
                let text =
                    "an `impl Trait` argument cannot be part of a key; give one by `key = ..`";
                errors.add(span, text);
            }
        }
    }
}

fn is_skipped(options: &Options, name: &syn::Ident) -> bool {
    options.skip.as_ref().is_some_and(|(_, skipped)| skipped.contains(name))
}

fn output(function: &Function, errors: &mut Errors) {
    let span = function.output_extent().first;
    let Some(ty) = function.output() else {
        errors.add(span, "there is nothing to keep of a function that returns nothing");
        return;
    };
    match types::bare(ty) {
        Type::Tuple(tuple) if tuple.elems.is_empty() => {
            errors.add(span, "there is nothing to keep of a function that returns nothing");
        }
        Type::Never(_) => {
            errors.add(span, "there is nothing to keep of a function that never returns")
        }
        ty => {
            if let Some(span) = types::impl_trait(ty) {
                errors.add(
                    span,
                    "`-> impl Trait` cannot be kept: name the type, or box it in an Arc",
                );
            } else if let Some(span) = types::borrow(ty) {
                let text = "a result that borrows from the arguments cannot outlive the call; return \
                            an owned value, such as an Arc";
                errors.add(span, text);
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
