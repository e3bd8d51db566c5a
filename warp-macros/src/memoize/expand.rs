//! What a cached function becomes.
//!
//! A free function stays as the caller's way in. Its body moves to `uncached` of an enum with the
//! function's name, which has no values: types and functions have different namespaces, so that
//! `price(7)` calls and `price::clear()` controls. A method by itself has no place for controls and
//! keeps its body in a closure.
//!
//! Names of ours are hygienic where they are variables, and stand in the enum where they are items.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::GenericParam;

use super::function::{Function, unexpecting};
use super::options::Options;
use super::spans::{Engine, Extent, quiet};
use super::types;

/// A function with everything that its parts are made of.
pub(super) struct Expansion<'a> {
    pub(super) function: &'a Function,
    pub(super) options: &'a Options,
    /// The engine crate's private module.
    pub(super) private: Engine,
    /// What stands before the names of our functions: nothing in an enum of their own.
    prefix: String,
    /// Whether it stands in an impl or a trait.
    pub(super) is_method: bool,
}

impl<'a> Expansion<'a> {
    pub(super) fn new(function: &'a Function, options: &'a Options, prefix: String) -> Self {
        let private = Engine::new(options.engine.as_ref().map(|(_, path)| path.clone()));
        let is_method = !prefix.is_empty() || function.receiver().is_some();
        Expansion { function, options, private, prefix, is_method }
    }

    /// The name of a function of ours.
    pub(super) fn hidden(&self, name: &str) -> Ident {
        format_ident!("__{}{name}", self.prefix)
    }

    /// The type of the result.
    pub(super) fn output(&self) -> TokenStream {
        self.function.output().map_or_else(|| quote!(()), ToTokens::to_token_stream)
    }

    /// The receiver as an input, with a comma. `mut self` concerns the body alone.
    pub(super) fn receiver_input(&self) -> Option<TokenStream> {
        let mut receiver = self.function.receiver()?.clone();
        if receiver.reference.is_none() {
            receiver.mutability = None;
        }
        Some(quote!(#receiver,))
    }

    /// The other inputs, with names in the place of patterns.
    pub(super) fn other_inputs(&self) -> TokenStream {
        let inputs = self.function.arguments().into_iter().map(|argument| {
            let (name, ty) = (argument.name, argument.ty);
            quote!(#name: #ty)
        });
        quote!(#(#inputs),*)
    }

    /// As `other_inputs`, for a function of ours.
    pub(super) fn quiet_inputs(&self) -> TokenStream {
        let inputs = self.function.arguments().into_iter().map(|argument| {
            let (name, ty) = (argument.name, quiet(&argument.ty));
            quote!(#name: #ty)
        });
        quote!(#(#inputs),*)
    }

    /// The receiver's name, with a comma.
    pub(super) fn receiver_name(&self) -> Option<TokenStream> {
        let word = self.function.receiver()?.self_token;
        Some(quote!(#word,))
    }

    /// The names of the other arguments.
    pub(super) fn other_names(&self) -> TokenStream {
        let names = self.function.arguments().into_iter().map(|argument| argument.name);
        quote!(#(#names),*)
    }

    /// `::<T, N>` for the function's own type parameters.
    pub(super) fn turbofish(&self) -> TokenStream {
        let parameters = self.parameters();
        if parameters.is_empty() { quote!() } else { quote!(::<#(#parameters),*>) }
    }

    /// As `turbofish`, with one parameter more that is inferred.
    pub(super) fn turbofish_and_one(&self) -> TokenStream {
        let parameters = self.parameters();
        if parameters.is_empty() { quote!() } else { quote!(::<#(#parameters,)* _>) }
    }

    pub(super) fn parameters(&self) -> Vec<&Ident> {
        self.function
            .signature
            .generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Type(parameter) => Some(&parameter.ident),
                GenericParam::Const(parameter) => Some(&parameter.ident),
                GenericParam::Lifetime(_) => None,
            })
            .collect()
    }

    /// Names for the types of arguments that say `impl Trait`, with the arguments' own names.
    pub(super) fn anonymous(&self) -> Vec<(Ident, Ident)> {
        let arguments = self.function.arguments().into_iter();
        arguments
            .filter(|argument| types::impl_trait(&argument.ty).is_some())
            .zip(0..)
            .map(|(argument, index)| (format_ident!("__Anonymous{index}"), argument.name))
            .collect()
    }

    pub(super) fn is_generic(&self) -> bool {
        !self.prefix.is_empty() || !self.parameters().is_empty() || !self.anonymous().is_empty()
    }

    /// The expression that computes.
    pub(super) fn compute(&self) -> TokenStream {
        let uncached = match self.prefix.as_str() {
            "" => format_ident!("uncached"),
            _ => self.hidden("uncached"),
        };
        let (receiver, names) = (self.receiver_name(), self.other_names());
        let turbofish = self.turbofish();
        quote!(Self::#uncached #turbofish(#receiver #names))
    }

    /// The function as its callers see it, with another body.
    pub(super) fn entry(&self, receiver: Option<TokenStream>, body: &TokenStream) -> TokenStream {
        let Function { attributes, visibility, signature, .. } = self.function;
        let (abi, word, name) = (&signature.abi, &signature.fn_token, &signature.ident);
        let inputs = self.other_inputs();
        let (asyncness, output) = (&signature.asyncness, &signature.output);
        let (generics, bounds) = (&signature.generics, &signature.generics.where_clause);
        let attributes = attributes.iter().map(unexpecting);
        // From its first token to its last it is the user's: lints about it are told.
        let mut block = Group::new(Delimiter::Brace, body.clone());
        block.set_span(Extent::of(&self.function.body).last);
        quote! {
            #(#attributes)*
            #visibility #asyncness #abi #word #name #generics(#receiver #inputs) #output #bounds #block
        }
    }

    /// The function as it was written, under another name.
    pub(super) fn uncached(&self, name: &Ident, documentation: Option<&str>) -> TokenStream {
        let Function { visibility, signature, body, .. } = self.function;
        let (conditions, lints) =
            (self.function.conditions(), self.function.lints().map(unexpecting));
        let mut signature = signature.clone();
        signature.ident = name.clone();
        signature.abi = None;
        let documentation = match documentation {
            Some(text) => quote!(#[doc = #text]),
            None => quote!(#[doc(hidden)]),
        };
        let visibility = quiet(visibility);
        quote! { #documentation #(#conditions)* #(#lints)* #visibility #signature #body }
    }

    /// The way in, over the machinery.
    pub(super) fn way_in(&self, home: &TokenStream) -> TokenStream {
        let (call, private) = (self.hidden("call"), &self.private);
        let turbofish = self.turbofish_and_one();
        let (receiver, names) = (self.receiver_name(), self.other_names());
        let wait = self.function.is_async().then(|| quote!(.await));
        self.entry(
            self.receiver_input(),
            &quote! {
                #home::#call #turbofish(#receiver #private::Call, #names) #wait
            },
        )
    }
}
