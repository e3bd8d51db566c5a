//! The functions of ours by which a function and its controls reach the cache.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, Generics, WhereClause};

use super::expand::Expansion;
use super::spans::quiet;

impl Expansion<'_> {
    /// `statics`, `marker`, `call` and `inspect`.
    pub(super) fn machinery(&self) -> TokenStream {
        let conditions = self.function.conditions();
        let conditions = quote!(#(#conditions)*);
        let functions = [self.statics(), self.marker(), self.call(), self.inspection()].into_iter();
        let functions = functions.map(|function| quote!(#conditions #[doc(hidden)] #function));
        quote!(#(#functions)*)
    }

    /// Where the static is.
    fn statics(&self) -> TokenStream {
        let (statics, private) = (self.hidden("statics"), &self.private);
        // The user's constants are in scope of its options.
        let name = format_ident!("__WARP_CACHE_FUNCTION");
        let (declaration, policy) = (self.declaration(&name), self.policy());
        let kind = match &self.options.local {
            Some(_) => quote!(#private::LocalKey<#private::LocalFunction<#policy>>),
            None => quote!(#private::Function<#policy>),
        };
        quote! {
            #[inline]
            fn #statics() -> &'static #kind { #declaration &#name }
        }
    }

    /// What tells the instantiations apart.
    fn marker(&self) -> TokenStream {
        let (marker, private) = (self.hidden("marker"), &self.private);
        let generics = without_lifetimes(&self.function.signature.generics);
        let mark = if self.is_generic() { quote!(&|| ()) } else { quote!(&()) };
        quote! {
            #[inline]
            fn #marker #generics() -> #private::Marker { #private::marker(#mark) }
        }
    }

    /// A call of the function, through the cache.
    fn call(&self) -> TokenStream {
        let (call, private) = (self.hidden("call"), &self.private);
        let purpose = format_ident!("purpose", span = Span::mixed_site());
        let (statics, marker) = self.home();
        let look_up = self.look_up(&statics, &purpose.to_token_stream(), &marker, &self.compute());
        let asyncness = &self.function.signature.asyncness;
        let (generics, bounds) = self.generics();
        let (receiver, inputs) = (self.receiver_input(), self.quiet_inputs());
        let output = quiet(&self.output());
        quote! {
            #[inline(always)]
            #asyncness fn #call #generics(#receiver #purpose: #private::Purpose, #inputs) -> #output
            #bounds { #look_up }
        }
    }

    /// A control on the entry of a call.
    fn inspection(&self) -> TokenStream {
        let (inspect, private) = (self.hidden("inspect"), &self.private);
        let control = Ident::new("control", Span::mixed_site());
        let (statics, marker) = self.home();
        let body = self.inspect(&statics, &control, &marker);
        let (_, bounds) = self.generics();
        let parameters = self.function.signature.generics.params.iter();
        let (receiver, inputs) = (self.receiver_input(), self.quiet_inputs());
        let output = quiet(&self.output());
        quote! {
            #[allow(unused_variables)]
            fn #inspect<#(#parameters,)* __Control: #private::Inspect<#output>>(
                #receiver #control: __Control, #inputs
            ) -> __Control::Output
            #bounds { #body }
        }
    }

    fn home(&self) -> (TokenStream, TokenStream) {
        let (statics, marker) = (self.hidden("statics"), self.hidden("marker"));
        let turbofish = self.turbofish();
        (quote!(Self::#statics()), quote!(Self::#marker #turbofish()))
    }

    /// The generics and the where clause. They stay the user's: the compiler suggests to add to them.
    pub(super) fn generics(&self) -> (&Generics, &Option<WhereClause>) {
        let generics = &self.function.signature.generics;
        (generics, &generics.where_clause)
    }
}

/// The type and const parameters, the lifetimes left out.
fn without_lifetimes(generics: &Generics) -> TokenStream {
    let parameters: Vec<TokenStream> = generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Lifetime(_) => None,
            GenericParam::Type(parameter) => {
                let name = quiet(&parameter.ident);
                Some(quote!(#name: ?::core::marker::Sized))
            }
            GenericParam::Const(parameter) => {
                let (name, ty) = (quiet(&parameter.ident), quiet(&parameter.ty));
                Some(quote!(const #name: #ty))
            }
        })
        .collect();
    if parameters.is_empty() { quote!() } else { quote!(<#(#parameters),*>) }
}
