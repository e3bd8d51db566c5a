//! A method by itself: there is no place for controls or functions of ours beside it, so that the
//! body stays in it, as a closure.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::expand::Expansion;
use super::spans::ours;

impl Expansion<'_> {
    /// A method by itself.
    pub(super) fn method(&self) -> TokenStream {
        let private = &self.private;
        let statics = format_ident!("__WARP_CACHE_FUNCTION");
        let declaration = self.declaration(&statics);
        let (_, marker) = self.marker_names();
        let look_up = self.look_up(
            &quote!(&#statics),
            (&quote!(#private::Call), &quote!(#private::Call)),
            &quote!(#private::#marker(&|| ())),
            &self.body_as_expression(),
        );
        // The body is in here, and may change `mut self`.
        let receiver = self.function.receiver().map(|receiver| quote!(#receiver,));
        self.entry(receiver, &quote!(#declaration #look_up))
    }

    /// The body, in which `return` and `?` mean what they meant.
    fn body_as_expression(&self) -> TokenStream {
        let (function, output) = (self.function, self.output());
        // Without its braces, which would be ours and unused.
        let body = function.statements();
        // Plain names too: their use in the key is none in the body.
        let patterns = function.arguments().into_iter().map(|argument| {
            let (pattern, name) = (argument.pattern, argument.name);
            quote!(let #pattern = #name;)
        });
        if !function.is_async() {
            return quote!((move || -> #output { #(#patterns)* #body })());
        }
        let result = ours("result");
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
    }
}
