//! The controls of a function: `info clear invalidate contains get set refresh uncached`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::expand::Expansion;

/// What the controls are made for.
pub(super) struct Subject {
    /// Whose functions they call: `Self`, or a type.
    pub(super) home: TokenStream,
    /// What each takes before the function's arguments, with a comma: nothing, or `self,`.
    pub(super) own: TokenStream,
    /// The function's receiver as an argument, with its type and a comma.
    pub(super) receiver_input: TokenStream,
    /// Its name, with a comma.
    pub(super) receiver: TokenStream,
    /// The other inputs and the result, as they are written outside of the function's impl.
    pub(super) inputs: TokenStream,
    pub(super) output: TokenStream,
}

impl Expansion<'_> {
    /// The controls, as functions of an impl.
    pub(super) fn controls(&self, subject: &Subject) -> TokenStream {
        let Subject { home, own, receiver_input, receiver, inputs, output } = subject;
        let Expansion { function, private, engine, .. } = self;
        let [statics, call, inspect] = ["statics", "call", "inspect"].map(|name| self.hidden(name));
        let names = self.other_names();
        let (turbofish, one_more) = (self.turbofish(), self.turbofish_and_one());
        let visibility = &function.visibility;
        let generics = &function.signature.generics;
        let bounds = &generics.where_clause;
        let asyncness = &function.signature.asyncness;
        let wait = asyncness.map(|_| quote!(.await));
        let conditions: Vec<_> = function.conditions().collect();
        let new = format_ident!("new", span = Span::mixed_site());
        let all = |call: TokenStream| {
            let call = quote!(.#call());
            if self.options.local.is_some() {
                let function = format_ident!("function", span = Span::mixed_site());
                return quote! {
                    #private::with_local(#home::#statics(), |#function| #function #call)
                };
            }
            quote!(#home::#statics() #call)
        };
        let (info, clear) = (all(quote!(info)), all(quote!(clear)));
        let inspections = [
            (
                "invalidate",
                "Drops the result that is kept for this call; whether there was one. What is being \
                 computed for it is not kept.",
                quote!(bool),
                quote!(Invalidate),
            ),
            (
                "contains",
                "Whether a result is kept for this call; neither a use nor counted.",
                quote!(bool),
                quote!(Contains),
            ),
            (
                "get",
                "The result that is kept for this call; neither a use nor counted.",
                quote!(::core::option::Option<#output>),
                quote!(Get),
            ),
        ]
        .map(|(name, documentation, answer, control)| {
            let name = format_ident!("{name}");
            quote! {
                #(#conditions)*
                #[doc = #documentation]
                #[inline]
                #[allow(clippy::must_use_candidate)]
                #visibility fn #name #generics(#own #receiver_input #inputs) -> #answer
                #bounds {
                    #home::#inspect #one_more(#receiver #private::#control, #names)
                }
            }
        });
        quote! {
            /// What was counted, in all instantiations of the function together.
            #(#conditions)*
            #[allow(clippy::must_use_candidate)]
            #visibility fn info(#own) -> #engine::Info { #info }

            /// Drops every result and starts the statistics again. What is being computed is
            /// returned to its callers and not kept.
            #(#conditions)*
            #visibility fn clear(#own) { #clear }

            #(#inspections)*

            /// Keeps a result for this call, in the place of one that is there, which counts as a
            /// use. A result that the function would not keep drops what is there.
            #(#conditions)*
            #[inline]
            #visibility fn set #generics(#own #receiver_input #inputs #new: #output)
            #bounds {
                #home::#inspect #one_more(#receiver #private::Set(#new), #names)
            }

            /// Computes this call's result in any case, and keeps it in the place of one that is
            /// there. If that fails, what is there stays.
            #(#conditions)*
            #[inline]
            #[allow(clippy::must_use_candidate, clippy::missing_errors_doc, clippy::missing_panics_doc)]
            #visibility #asyncness fn refresh #generics(#own #receiver_input #inputs) -> #output
            #bounds {
                #home::#call #turbofish(#receiver #private::Purpose::Refresh, #names) #wait
            }
        }
    }

    /// A free function: the way in, and an enum with its controls.
    pub(super) fn free(&self) -> TokenStream {
        let name = self.function.name();
        let visibility = &self.function.visibility;
        let conditions: Vec<_> = self.function.conditions().collect();
        let way_in = self.way_in(&name.to_token_stream());
        let uncached = self.uncached(
            &format_ident!("uncached"),
            Some("Computes the function, without its cache."),
        );
        let machinery = self.machinery();
        let inputs = self.other_inputs();
        let separator = (!inputs.is_empty()).then(|| quote!(,));
        let controls = self.controls(&Subject {
            home: quote!(Self),
            own: quote!(),
            receiver_input: quote!(),
            receiver: quote!(),
            inputs: quote!(#inputs #separator),
            output: self.output(),
        });
        let documentation = format!("The controls of the cache of [`{name}()`].");
        quote! {
            #way_in

            #(#conditions)*
            #[doc = #documentation]
            #[allow(non_camel_case_types)]
            #[allow(dead_code)]
            #visibility enum #name {}

            #(#conditions)*
            impl #name { #uncached }

            #(#conditions)*
            #[allow(dead_code)]
            impl #name { #machinery #controls }
        }
    }
}
