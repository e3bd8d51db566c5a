//! `#[warp_cache::methods]` on an impl: its cached methods get controls.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, ImplItem, ItemImpl, Meta, Type, TypeParamBound};

use super::controls::Subject;
use super::expand::Expansion;
use super::function::Function;
use super::options::Options;
use super::spans::quiet;
use super::{first_word, shown, types, validate, with_error_inside};
use crate::errors::Errors;

pub(crate) fn methods(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    if let Some(token) = options.into_iter().next() {
        let text = "#[warp_cache::methods] takes no options; each method's #[warp_cache(..)] does";
        errors.add(token.span(), text);
    }
    let mut item = match syn::parse2::<ItemImpl>(item.clone()) {
        Ok(item) => item,
        Err(_) => {
            let span = first_word(&item);
            errors.add(span, "#[warp_cache::methods] stands on an impl");
            let error = errors.finish().expect_err("one was added").into_compile_error();
            return quote!(#error #item);
        }
    };
    let mut controls = Vec::new();
    let mut has_cached = false;
    let mut items = Vec::new();
    // In an impl of their own, as a lint is told about all methods of an impl or none.
    let mut ours = Vec::new();
    for member in std::mem::take(&mut item.items) {
        let ImplItem::Fn(mut method) = member else {
            items.push(member.into_token_stream());
            continue;
        };
        let Some(attribute) = take_attribute(&mut method.attrs) else {
            items.push(method.into_token_stream());
            continue;
        };
        has_cached = true;
        let mut wrong = Errors::default();
        let options = Options::parse(arguments(&attribute), &mut wrong);
        let function: Function = match syn::parse2(method.to_token_stream()) {
            Ok(function) => function,
            Err(error) => {
                errors.push(error);
                items.push(method.into_token_stream());
                continue;
            }
        };
        validate::validate(&function, &options, &mut wrong);
        if let Err(error) = wrong.finish() {
            items.push(with_error_inside(&function, &error.into_compile_error()));
            continue;
        }
        if item.trait_.is_some() {
            let mut expansion = Expansion::new(&function, &options, String::new());
            expansion.is_method = true;
            items.push(expansion.method());
            continue;
        }
        let name = function.name().unraw();
        let expansion = Expansion::new(&function, &options, format!("{name}_"));
        let uncached = expansion.uncached(&expansion.hidden("uncached"), None);
        let (way_in, machinery) = (expansion.way_in(&quote!(Self)), expansion.machinery());
        let (accessor, outside) = accessor(&expansion, &item);
        items.push(way_in);
        ours.push(quote!(#uncached #machinery #accessor));
        controls.push(outside);
    }
    if !has_cached {
        errors.add(item.impl_token.span, "no method of this impl has #[warp_cache]");
    }
    let errors = errors.finish().err().map(syn::Error::into_compile_error);
    let ItemImpl { attrs, defaultness, unsafety, impl_token, generics, trait_, self_ty, .. } =
        &item;
    let (parameters, _, bounds) = generics.split_for_impl();
    let of = trait_.as_ref().map(|(not, path, word)| quote!(#not #path #word));
    let mut body = Group::new(Delimiter::Brace, quote!(#(#items)*));
    body.set_span(item.brace_token.span.close());
    let block = quote! {
        #(#attrs)* #defaultness #unsafety #impl_token #parameters #of #self_ty #bounds #body
    };
    if controls.is_empty() {
        return shown(quote!(#errors #block));
    }
    let (parameters, bounds) = (quiet(&parameters), quiet(&bounds));
    let owner = quiet(self_ty);
    // In a block of its own, the controls' types have no name that could clash.
    shown(quote! {
        #errors
        #block
        const _: () = {
            impl #parameters #owner #bounds { #(#ours)* }
            #(#controls)*
        };
    })
}

/// The method `rate_cache()`, and the type with the controls that it returns.
fn accessor(expansion: &Expansion<'_>, item: &ItemImpl) -> (TokenStream, TokenStream) {
    let function = expansion.function;
    let visibility = quiet(&function.visibility);
    let name = function.name().unraw();
    let accessor = format_ident!("{name}_cache");
    let documentation = format!("The controls of the cache of `{name}`.");
    let (conditions, allowed) = (function.conditions().collect::<Vec<_>>(), function.allowed());
    let (parameters, _, bounds) = item.generics.split_for_impl();
    let (parameters, bounds) = (quiet(&parameters), quiet(&bounds));
    let owner = elsewhere(&item.self_ty);
    let this = format_ident!("this", span = Span::mixed_site());
    let (receiver_input, receiver) = match function.receiver() {
        Some(receiver) => {
            let ty = outside(quiet(&receiver.ty), &owner);
            (quote!(#this: #ty,), quote!(#this,))
        }
        None => (quote!(), quote!()),
    };
    let inputs = outside(expansion.quiet_inputs(), &owner);
    let separator = (!inputs.is_empty()).then(|| quote!(,));
    let output = outside(quiet(&expansion.output()), &owner);
    let home = quote!(<#owner>);
    let controls = expansion.controls(&Subject {
        home: home.clone(),
        own: quote!(self,),
        receiver_input: receiver_input.clone(),
        receiver: receiver.clone(),
        inputs: quote!(#inputs #separator),
        output: output.clone(),
    });
    let uncached = expansion.hidden("uncached");
    let (names, turbofish) = (expansion.other_names(), expansion.turbofish());
    let (generics, where_clause) = expansion.generics();
    let asyncness = &function.signature.asyncness;
    let wait = asyncness.map(|_| quote!(.await));
    let inside = quote! {
        #(#conditions)*
        #[doc = #documentation]
        #[allow(clippy::must_use_candidate)]
        #visibility fn #accessor() -> #accessor<Self> {
            #accessor(::core::marker::PhantomData)
        }
    };
    let beside = quote! {
        #(#conditions)*
        #[doc = #documentation]
        #[allow(non_camel_case_types)]
        #[derive(::core::fmt::Debug)]
        pub struct #accessor<__Owner: ?::core::marker::Sized>(::core::marker::PhantomData<fn() -> __Owner>);

        #(#conditions)*
        #(#allowed)*
        impl #parameters #accessor<#owner> #bounds {
            #controls

            /// Computes the method, without its cache.
            #[inline]
            #[allow(clippy::must_use_candidate, clippy::missing_errors_doc, clippy::missing_panics_doc)]
            #visibility #asyncness fn uncached #generics(self, #receiver_input #inputs) -> #output
            #where_clause {
                #home::#uncached #turbofish(#receiver #names) #wait
            }
        }
    };
    (inside, beside)
}

/// The type of an impl as it is written elsewhere. A trait object is `'static` in an impl's head, and
/// would have another lifetime behind a reference.
fn elsewhere(ty: &Type) -> TokenStream {
    let written = quiet(ty);
    match types::bare(ty) {
        Type::TraitObject(object) if !object.bounds.iter().any(is_lifetime) => {
            quote!((#written + 'static))
        }
        _ => written,
    }
}

fn is_lifetime(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::Lifetime(_))
}

/// Tokens of an impl as they are written outside of it: with the type in the place of `Self`.
fn outside(tokens: TokenStream, owner: &TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter().peekable();
    let mut all = TokenStream::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "Self" => {
                let is_path =
                    matches!(tokens.peek(), Some(TokenTree::Punct(p)) if p.as_char() == ':');
                all.extend(if is_path {
                    quote!(<#owner>)
                } else {
                    // An invisible group keeps the type together.
                    let group = Group::new(Delimiter::None, owner.clone());
                    TokenTree::from(group).into_token_stream()
                });
            }
            TokenTree::Group(group) => {
                let content = outside(group.stream(), owner);
                all.extend([TokenTree::from(Group::new(group.delimiter(), content))]);
            }
            token => all.extend([token]),
        }
    }
    all
}

fn take_attribute(attributes: &mut Vec<Attribute>) -> Option<Attribute> {
    let index = attributes.iter().position(validate::is_ours)?;
    Some(attributes.remove(index))
}

fn arguments(attribute: &Attribute) -> TokenStream {
    match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}
