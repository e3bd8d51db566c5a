//! What a cached function becomes.
//!
//! A free function stays as the caller's way in. Its body moves to `uncached` of an enum with the
//! function's name, which has no values: types and functions have different namespaces, so that
//! `price(7)` calls and `price::clear()` controls. A method by itself has no place for controls and
//! keeps its body in a closure.
//!
//! Names of ours are hygienic where they are variables, and stand in the enum where they are items.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::GenericParam;

use super::function::Function;
use super::key::key;
use super::options::{MaxSize, Options, Ttl};
use super::types;

/// A function with everything that its parts are made of.
pub(super) struct Expansion<'a> {
    pub(super) function: &'a Function,
    pub(super) options: &'a Options,
    /// The engine crate's private module.
    pub(super) private: TokenStream,
    /// The engine crate.
    pub(super) engine: TokenStream,
    /// What stands before the names of our functions: nothing in an enum of their own.
    prefix: String,
}

impl<'a> Expansion<'a> {
    pub(super) fn new(function: &'a Function, options: &'a Options, prefix: String) -> Self {
        let engine = match &options.engine {
            Some((_, path)) => path.to_token_stream(),
            None => quote!(::warp_cache),
        };
        Expansion { function, options, private: quote!(#engine::__private), engine, prefix }
    }

    /// The name of a function of ours.
    pub(super) fn hidden(&self, name: &str) -> Ident {
        format_ident!("__{}{name}", self.prefix)
    }

    /// The type of the result.
    pub(super) fn output(&self) -> TokenStream {
        self.function.output().map_or_else(|| quote!(()), ToTokens::to_token_stream)
    }

    /// The receiver as an input, with a comma.
    fn receiver_input(&self) -> Option<TokenStream> {
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

    /// The receiver's name, with a comma.
    fn receiver_name(&self) -> Option<TokenStream> {
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
        quote!(::<#(#parameters,)* _>)
    }

    fn parameters(&self) -> Vec<&Ident> {
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
    fn anonymous(&self) -> Vec<(Ident, Ident)> {
        let arguments = self.function.arguments().into_iter();
        arguments
            .filter(|argument| types::impl_trait(&argument.ty).is_some())
            .zip(0..)
            .map(|(argument, index)| (format_ident!("__Anonymous{index}"), argument.name))
            .collect()
    }

    fn is_generic(&self) -> bool {
        !self.prefix.is_empty() || !self.turbofish().is_empty()
    }

    /// The expression that computes.
    fn compute(&self) -> TokenStream {
        let uncached = match self.prefix.as_str() {
            "" => format_ident!("uncached"),
            _ => self.hidden("uncached"),
        };
        let (receiver, names) = (self.receiver_name(), self.other_names());
        let turbofish = self.turbofish();
        quote!(Self::#uncached #turbofish(#receiver #names))
    }

    /// What is kept of a result.
    fn outcome(&self) -> TokenStream {
        let (private, output) = (&self.private, self.output());
        let span = self.function.output_span();
        if self.options.cache_errors.is_some() {
            return quote_spanned!(span=> #private::keep_errors::<#output>());
        }
        if self.options.cache_none.is_some() {
            return quote_spanned!(span=> #private::keep_none::<#output>());
        }
        quote_spanned!(span=> (&&&#private::Probe::<#output>::new()).outcome())
    }

    /// The closure that hands the options over.
    fn settings(&self) -> TokenStream {
        let Expansion { options, private, engine, .. } = self;
        let settings = format_ident!("settings", span = Span::mixed_site());
        let mut calls = Vec::new();
        if let Some((_, word)) = &options.strategy {
            calls.push(quote_spanned!(word.span()=> .strategy(#engine::Strategy::#word)));
        }
        match &options.ttl {
            Some((_, Ttl::Nanos(nanos, span))) => {
                calls.push(quote_spanned! {*span=>
                    .ttl(::core::time::Duration::from_nanos(#nanos))
                });
            }
            Some((_, Ttl::Fixed(ttl))) => calls.push(quote!(.ttl(#ttl))),
            Some((_, Ttl::By(ttl))) => calls.push(quote!(.ttl_by(#ttl))),
            None => {}
        }
        if let Some((_, cache_if)) = &options.cache_if {
            calls.push(quote!(.cache_if(#cache_if)));
        }
        if options.single_flight.is_some() {
            calls.push(quote!(.single_flight()));
        }
        if let Some((_, shards)) = &options.shards {
            calls.push(quote!(.shards(const { #private::above_zero(#shards) })));
        }
        if let Some((_, on_evict)) = &options.on_evict {
            calls.push(quote!(.on_evict(#on_evict)));
        }
        quote!(|#settings| #settings #(#calls)*)
    }

    fn max_size(&self) -> TokenStream {
        let private = &self.private;
        match &self.options.max_size {
            None => quote!(#private::bounded(128)),
            Some((_, MaxSize::Entries(size))) => quote!(#private::bounded(#size)),
            Some((_, MaxSize::Unbounded)) => quote!(#private::UNBOUNDED),
        }
    }

    /// The declaration of the function's static.
    fn declaration(&self, name: &Ident) -> TokenStream {
        let (private, max_size) = (&self.private, self.max_size());
        if self.options.local.is_some() {
            return quote! {
                #private::thread_local_static! {
                    static #name: #private::LocalFunction =
                        const { #private::LocalFunction::new(#max_size) };
                }
            };
        }
        // `r#type` is called `type`.
        let function = syn::ext::IdentExt::unraw(self.function.name()).to_string();
        quote! {
            static #name: #private::Function = #private::Function::new(
                ::core::concat!(::core::module_path!(), "::", #function),
                #max_size,
            );
        }
    }

    /// A call of a method of the function's static.
    fn on_static(&self, statics: &TokenStream, call: &TokenStream) -> TokenStream {
        if self.options.local.is_some() {
            let function = format_ident!("function", span = Span::mixed_site());
            let private = &self.private;
            return quote!(#private::with_local(#statics, |#function| #function #call));
        }
        quote!(#statics #call)
    }

    /// Looks a call up and computes on a miss. `statics` is the function's static.
    fn look_up(
        &self,
        statics: &TokenStream,
        purpose: &TokenStream,
        marker: &TokenStream,
        compute: &TokenStream,
    ) -> TokenStream {
        let Expansion { function, options, private, .. } = self;
        let (key, outcome) = (key(function, options, private), self.outcome());
        let settings = self.settings();
        let begun = format_ident!("begun", span = Span::mixed_site());
        let result = format_ident!("result", span = Span::mixed_site());
        let pending = format_ident!("pending", span = Span::mixed_site());
        let joins = function.is_async() && options.single_flight.is_some();
        let begin = if joins { quote!(join) } else { quote!(begin) };
        let (output, traits) = (self.output(), self.traits());
        // The result's type first: it tells closures among the options what they are given.
        let call = quote! {
            .#begin::<#output, _, _>(#purpose, #marker, #key, #outcome, #settings)
        };
        let call = self.on_static(statics, &call);
        if !function.is_async() {
            return quote! {
                let #begun = { #traits #call };
                match #begun {
                    #private::Begun::Hit(#result) => #result,
                    #private::Begun::Miss(#pending) => #pending.finish(move || #compute),
                }
            };
        }
        // Results in blocks of their own: what is there at an `await` has to be Send.
        let or_return = |hit: TokenStream, miss: TokenStream| {
            quote! {
                match #begun {
                    #private::#hit(#result) => return #result,
                    #private::#miss(#pending) => #pending,
                }
            }
        };
        let miss = or_return(quote!(Begun::Hit), quote!(Begun::Miss));
        let absent = joins.then(|| {
            let absent = or_return(quote!(Joining::Hit), quote!(Joining::Absent));
            quote! {
                let #pending = {
                    let #begun = { #traits #call };
                    #absent
                };
            }
        });
        let begun_by = match joins {
            true => quote!(#pending.resolve::<#output>().await),
            false => quote!({ #traits #call }),
        };
        quote! {
            #absent
            let #pending = {
                let #begun = #begun_by;
                #miss
            };
            #pending.finish_async(#compute).await
        }
    }

    /// The traits by which types are asked what they are; they bind no names.
    fn traits(&self) -> TokenStream {
        let private = &self.private;
        let keyed = self.options.key.is_some().then(|| {
            quote! {
                KeyedNested as _, KeyedNumber as _, KeyedOwnNumber as _, KeyedPlain as _,
                KeyedReference as _,
            }
        });
        let probes = (self.options.cache_errors.is_none() && self.options.cache_none.is_none())
            .then(|| quote!(ProbeOption as _, ProbeResult as _, ProbeWhole as _,));
        quote! {
            #[allow(unused_imports)]
            use #private::{#keyed #probes};
        }
    }

    /// The function as its callers see it, with another body.
    pub(super) fn entry(&self, body: &TokenStream) -> TokenStream {
        let Function { attributes, visibility, signature, .. } = self.function;
        let (abi, name) = (&signature.abi, &signature.ident);
        let (receiver, inputs) = (self.receiver_input(), self.other_inputs());
        let (asyncness, output) = (&signature.asyncness, &signature.output);
        let (generics, bounds) = (&signature.generics, &signature.generics.where_clause);
        // An expectation is met once, in the body.
        let attributes = attributes.iter().filter(|attribute| !attribute.path().is_ident("expect"));
        quote! {
            #(#attributes)*
            #visibility #asyncness #abi fn #name #generics(#receiver #inputs) #output #bounds { #body }
        }
    }

    /// The function as it was written, under another name.
    pub(super) fn uncached(&self, name: &Ident, documentation: Option<&str>) -> TokenStream {
        let Function { visibility, signature, body, .. } = self.function;
        let (conditions, lints) = (self.function.conditions(), self.function.lints());
        let mut signature = signature.clone();
        signature.ident = name.clone();
        signature.abi = None;
        let documentation = match documentation {
            Some(text) => quote!(#[doc = #text]),
            None => quote!(#[doc(hidden)]),
        };
        quote! { #documentation #(#conditions)* #(#lints)* #visibility #signature #body }
    }

    /// The functions of ours by which the function and its controls reach the cache.
    pub(super) fn machinery(&self) -> TokenStream {
        let Expansion { function, private, .. } = self;
        let [statics, marker, call, inspect] =
            ["statics", "marker", "call", "inspect"].map(|name| self.hidden(name));
        let declaration = self.declaration(&format_ident!("FUNCTION"));
        let generics = &function.signature.generics;
        let bounds = &generics.where_clause;
        let output = self.output();
        let asyncness = &function.signature.asyncness;
        let kind = match &self.options.local {
            Some(_) => quote!(#private::LocalKey<#private::LocalFunction>),
            None => quote!(#private::Function),
        };
        let (anonymous, anonymous_names): (Vec<_>, Vec<_>) = self.anonymous().into_iter().unzip();
        let is_generic = self.is_generic() || !anonymous.is_empty();
        let mark = if is_generic { quote!(&|| ()) } else { quote!(&()) };
        let parameters = self.parameters();
        let infer = anonymous.iter().map(|_| quote!(_));
        let on_marker = match is_generic {
            true => quote!(Self::#marker::<#(#parameters,)* #(#infer),*>(#(&#anonymous_names),*)),
            false => quote!(Self::#marker()),
        };
        let on_static = quote!(Self::#statics());
        let purpose = format_ident!("purpose", span = Span::mixed_site());
        let look_up =
            self.look_up(&on_static, &purpose.to_token_stream(), &on_marker, &self.compute());
        let control = format_ident!("control", span = Span::mixed_site());
        let inspection = {
            let key = key(function, self.options, private);
            let (outcome, settings, traits) = (self.outcome(), self.settings(), self.traits());
            let call = quote! {
                .inspect::<#output, _, _, _>(#control, #on_marker, #key, #outcome, #settings)
            };
            let call = self.on_static(&on_static, &call);
            quote!(#traits #call)
        };
        let with_control = with_parameter(generics, &quote!(__Control: #private::Inspect<#output>));
        let (receiver, rest) = (self.receiver_input(), self.other_inputs());
        let only_own = without_lifetimes(generics, &anonymous);
        let conditions: Vec<_> = function.conditions().collect();
        quote! {
            #(#conditions)*
            #[doc(hidden)]
            #[inline]
            fn #statics() -> &'static #kind { #declaration &FUNCTION }

            #(#conditions)*
            #[doc(hidden)]
            #[inline]
            fn #marker #only_own(#(_: &#anonymous),*) -> #private::Marker {
                #private::marker(#mark)
            }

            #(#conditions)*
            #[doc(hidden)]
            #[inline(always)]
            #asyncness fn #call #generics(#receiver #purpose: #private::Purpose, #rest) -> #output
            #bounds { #look_up }

            #(#conditions)*
            #[doc(hidden)]
            #[allow(unused_variables)]
            fn #inspect #with_control(#receiver #control: __Control, #rest) -> __Control::Output
            #bounds { #inspection }
        }
    }

    /// The way in, over the machinery.
    pub(super) fn way_in(&self, home: &TokenStream) -> TokenStream {
        let (call, private) = (self.hidden("call"), &self.private);
        let turbofish = self.turbofish();
        let (receiver, names) = (self.receiver_name(), self.other_names());
        let wait = self.function.is_async().then(|| quote!(.await));
        self.entry(&quote! {
            #home::#call #turbofish(#receiver #private::Purpose::Call, #names) #wait
        })
    }

    /// A method by itself.
    pub(super) fn method(&self) -> TokenStream {
        let Expansion { function, private, .. } = self;
        let statics = format_ident!("__WARP_CACHE_FUNCTION");
        let declaration = self.declaration(&statics);
        let output = self.output();
        // Without its braces, which would be ours and unused.
        let body = function.statements();
        let patterns = function.arguments().into_iter().filter_map(|argument| {
            let (pattern, name) = (argument.pattern, argument.name);
            let is_plain = matches!(&pattern, syn::Pat::Ident(plain)
                if plain.mutability.is_none() && plain.by_ref.is_none() && plain.subpat.is_none());
            (!is_plain).then(|| quote!(let #pattern = #name;))
        });
        let result = format_ident!("result", span = Span::mixed_site());
        let compute = if function.is_async() {
            // The first line tells `?` and `return` the type.
            quote! {
                async move {
                    if let ::core::option::Option::Some(#result) =
                        ::core::option::Option::None::<#output>
                    {
                        return #result;
                    }
                    let #result: #output = { #(#patterns)* #body };
                    #[allow(unreachable_code)]
                    #result
                }
            }
        } else {
            quote!((move || -> #output { #(#patterns)* #body })())
        };
        let on_static = match &self.options.local {
            Some(_) => quote!(&#statics),
            None => quote!(#statics),
        };
        let look_up = self.look_up(
            &on_static,
            &quote!(#private::Purpose::Call),
            &quote!(#private::marker(&|| ())),
            &compute,
        );
        self.entry(&quote!(#declaration #look_up))
    }
}

/// The generics with one parameter more.
fn with_parameter(generics: &syn::Generics, parameter: &TokenStream) -> TokenStream {
    let parameters = generics.params.iter();
    quote!(<#(#parameters,)* #parameter>)
}

/// The type and const parameters, without bounds and lifetimes, and some more.
fn without_lifetimes(generics: &syn::Generics, more: &[Ident]) -> TokenStream {
    let mut parameters: Vec<TokenStream> = generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Lifetime(_) => None,
            GenericParam::Type(parameter) => {
                let name = &parameter.ident;
                Some(quote!(#name: ?::core::marker::Sized))
            }
            GenericParam::Const(parameter) => {
                let (name, ty) = (&parameter.ident, &parameter.ty);
                Some(quote!(const #name: #ty))
            }
        })
        .collect();
    parameters.extend(more.iter().map(ToTokens::to_token_stream));
    if parameters.is_empty() { quote!() } else { quote!(<#(#parameters),*>) }
}
