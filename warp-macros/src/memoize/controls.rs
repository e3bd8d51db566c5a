//! The controls of a function: `info clear invalidate contains get set refresh uncached`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::expand::Expansion;
use super::spans::quiet;

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
        let Expansion { function, private, .. } = self;
        let [statics, call] = ["statics", "call"].map(|name| self.hidden(name));
        let (names, turbofish) = (self.other_names(), self.turbofish_and_one());
        let visibility = quiet(&function.visibility);
        let (generics, bounds) = self.generics();
        let asyncness = &function.signature.asyncness;
        let wait = asyncness.map(|_| quote!(.await));
        let conditions: Vec<_> = function.conditions().collect();
        let new = format_ident!("new", span = Span::mixed_site());
        let ask = |control| {
            let answer = quote!(#home::#call #turbofish(#receiver #private::#control, #names));
            // A control never waits.
            if function.is_async() { quote!(#private::at_once(#answer)) } else { answer }
        };
        let set = ask(quote!(Set(#new)));
        let all = |method| self.on_static(&quote!(#home::#statics()), &method, quote!());
        let open = self.has_opener().then(|| {
            let open = self.hidden("open");
            quote!(#home::#open();)
        });
        let (info, clear) = (all(quote!(info)), all(quote!(clear)));
        let inspections = [
            (
                "invalidate",
                "Drops the result that is kept for this call; whether there was one. What is being \
                 computed for it is not kept.",
                quote!(::core::primitive::bool),
                quote!(Invalidate),
            ),
            (
                "contains",
                "Whether a result is kept for this call; neither a use nor counted.",
                quote!(::core::primitive::bool),
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
            let (name, ask) = (format_ident!("{name}"), ask(control));
            quote! {
                #(#conditions)*
                #[doc = #documentation]
                #[inline]
                #[allow(clippy::must_use_candidate)]
                #visibility fn #name #generics(#own #receiver_input #inputs) -> #answer
                #bounds { #ask }
            }
        });
        quote! {
            /// What was counted, in all instantiations of the function together.
            #(#conditions)*
            #[allow(clippy::must_use_candidate)]
            #[inline]
            #visibility fn info(#own) -> #private::Info { #open #info }

            /// Drops every result and starts the statistics again. What is being computed is
            /// returned to its callers and not kept.
            #(#conditions)*
            #[inline]
            #visibility fn clear(#own) { #open #clear }

            #(#inspections)*

            /// Keeps a result for this call, in the place of one that is there, which counts as a
            /// use. A result that the function would not keep drops what is there.
            #(#conditions)*
            #[inline]
            #visibility fn set #generics(#own #receiver_input #inputs #new: #output)
            #bounds { #set }

            /// Computes this call's result in any case, and keeps it in the place of one that is
            /// there. If that fails, what is there stays.
            #(#conditions)*
            #[inline]
            #[allow(clippy::must_use_candidate, clippy::missing_errors_doc, clippy::missing_panics_doc)]
            #visibility #asyncness fn refresh #generics(#own #receiver_input #inputs) -> #output
            #bounds {
                #home::#call #turbofish(#receiver #private::Refresh, #names) #wait
            }
        }
    }

    /// A free function: the way in, and an enum with its controls.
    pub(super) fn free(&self) -> TokenStream {
        let function = self.function;
        let name = quiet(function.name());
        let visibility = quiet(&function.visibility);
        let conditions: Vec<_> = function.conditions().collect();
        let way_in = self.way_in(&name);
        let uncached = self.uncached(
            &format_ident!("uncached"),
            Some("Computes the function, without its cache."),
        );
        let machinery = self.machinery();
        let inputs = self.quiet_inputs();
        let separator = (!inputs.is_empty()).then(|| quote!(,));
        let controls = self.controls(&Subject {
            home: quote!(Self),
            own: quote!(),
            receiver_input: quote!(),
            receiver: quote!(),
            inputs: quote!(#inputs #separator),
            output: quiet(&self.output()),
        });
        let allowed = function.allowed();
        // Links to `r#type` are to `type`.
        let documentation =
            format!("The controls of the cache of [`{}()`].", function.name().unraw());
        quote! {
            #way_in

            #(#conditions)*
            #[doc = #documentation]
            #[allow(non_camel_case_types)]
            #visibility enum #name {}

            #(#conditions)*
            #(#allowed)*
            impl #name { #uncached #machinery #controls }
        }
    }
}
