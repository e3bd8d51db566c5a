//! The functions of ours by which a function and its controls reach the cache.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, Generics, WhereClause};

use super::expand::Expansion;
use super::options::Sharing;
use super::spans::{ours, quiet};

impl Expansion<'_> {
    /// `statics`, `marker` and `call`.
    pub(super) fn machinery(&self) -> TokenStream {
        let (conditions, allowed) = (self.function.conditions(), self.function.allowed());
        let attributes = quote!(#(#conditions)* #(#allowed)* #[doc(hidden)]);
        let functions = [self.statics(), self.call()].into_iter();
        let functions = functions
            .chain(self.marker())
            .chain(self.opener())
            .map(|function| quote!(#attributes #function));
        quote!(#(#functions)*)
    }

    /// Where the static is.
    fn statics(&self) -> TokenStream {
        let (statics, private) = (self.hidden("statics"), &self.private);
        // The user's constants are in scope of its options.
        let name = format_ident!("__WARP_CACHE_FUNCTION");
        let (declaration, policy) = (self.declaration(&name), self.policy());
        let kind = match self.options.sharing() {
            Sharing::Local => quote!(#private::LocalKey<#private::LocalFunction<#policy>>),
            Sharing::Threads => quote!(#private::Function<#policy>),
            Sharing::Processes => quote!(#private::RegionFunction<#policy>),
        };
        quote! {
            #[inline]
            fn #statics() -> &'static #kind { #declaration &#name }
        }
    }

    /// What tells the instantiations apart, where there may be several.
    fn marker(&self) -> Option<TokenStream> {
        let (marker, private) = (self.hidden("marker"), &self.private);
        let anonymous: Vec<_> = self.anonymous().into_iter().map(|(ty, _)| ty).collect();
        let generics = without_lifetimes(&self.function.signature.generics, &anonymous);
        let (kind, make) = self.marker_names();
        self.is_generic().then(|| {
            quote! {
                #[inline]
                fn #marker #generics(#(_: &#anonymous),*) -> #private::#kind {
                    #private::#make(&|| ())
                }
            }
        })
    }

    /// Where a region can be opened without a call: so that `info` and `clear` mean what other
    /// processes have done, too. There are no arguments then, and the key's type is told by code
    /// that nothing reaches.
    fn opener(&self) -> Option<TokenStream> {
        if !self.has_opener() {
            return None;
        }
        let open = self.hidden("open");
        let [this, never] = ["this", "never"].map(ours);
        let receiver = self.function.receiver().map(|receiver| {
            let ty = quiet(&receiver.ty);
            quote!(let #this: #ty = match #never {};)
        });
        let arguments = self.function.arguments().into_iter().map(|argument| {
            let (name, ty) = (argument.name, quiet(&argument.ty));
            quote!(let #name: #ty = match #never {};)
        });
        let (statics, marker) = self.home();
        let (key, rest) = self.request();
        let key = without_self(key, &this);
        let key = quote! {
            |#never: ::core::convert::Infallible| { #receiver #(#arguments)* #key }
        };
        let output = self.output();
        let method = quote!(open::<#output, _, _>);
        let call = self.on_static(&statics, &method, quote!(#marker, #key, #rest));
        let (generics, _) = self.generics();
        let traits = self.traits();
        Some(quote! {
            #[allow(unreachable_code, unused_variables, clippy::unused_unit)]
            fn #open #generics() { #traits #call }
        })
    }

    /// Whether there is an `open`.
    pub(super) fn has_opener(&self) -> bool {
        self.options.sharing() == Sharing::Processes
            && self.parameters().is_empty()
            && self.anonymous().is_empty()
            // It could say what the types of an impl have to be.
            && self.function.signature.generics.where_clause.is_none()
    }

    /// The type of what tells instantiations apart, and what makes one.
    pub(super) fn marker_names(&self) -> (Ident, Ident) {
        match self.options.sharing() {
            Sharing::Processes => (format_ident!("RegionMarker"), format_ident!("region_marker")),
            _ => (format_ident!("Marker"), format_ident!("marker")),
        }
    }

    /// What the function and its controls go through: a second one would have the compiler check the
    /// key and the options twice, which takes it longer than all the rest.
    fn call(&self) -> TokenStream {
        let (call, private) = (self.hidden("call"), &self.private);
        let control = ours("control").to_token_stream();
        let (statics, marker) = self.home();
        let kind = quote!(__Control);
        let look_up = self.look_up(&statics, (&control, &kind), &marker, &self.compute());
        let asyncness = &self.function.signature.asyncness;
        let (_, bounds) = self.generics();
        let parameters = self.function.signature.generics.params.iter();
        let (receiver, inputs) = (self.receiver_input(), self.quiet_inputs());
        let output = quiet(&self.output());
        let controls = match self.options.sharing() {
            Sharing::Processes => quote!(RegionControl),
            _ => quote!(Control),
        };
        quote! {
            #[inline(always)]
            #asyncness fn #call<#(#parameters,)* #kind: #private::#controls<#output>>(
                #receiver #control: #kind, #inputs
            ) -> #kind::Output
            #bounds { #look_up }
        }
    }

    fn home(&self) -> (TokenStream, TokenStream) {
        let (statics, marker) = (self.hidden("statics"), self.hidden("marker"));
        let statics = quote!(Self::#statics());
        if !self.is_generic() {
            let private = &self.private;
            let one = match self.options.sharing() {
                Sharing::Processes => quote!(ONE_REGION),
                _ => quote!(ONE),
            };
            return (statics, quote!(#private::#one));
        }
        let parameters = self.parameters();
        let names: Vec<_> = self.anonymous().into_iter().map(|(_, name)| name).collect();
        let inferred = names.iter().map(|_| quote!(_));
        (statics, quote!(Self::#marker::<#(#parameters,)* #(#inferred),*>(#(&#names),*)))
    }

    /// The generics and the where clause. They stay the user's: the compiler suggests to add to them.
    pub(super) fn generics(&self) -> (&Generics, &Option<WhereClause>) {
        let generics = &self.function.signature.generics;
        (generics, &generics.where_clause)
    }
}

/// An expression in which another name stands for `self`.
fn without_self(tokens: TokenStream, this: &Ident) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(word) if word == "self" => TokenTree::Ident(this.clone()),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), without_self(group.stream(), this));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        token => token,
    });
    tokens.collect()
}

/// The type and const parameters, the lifetimes left out, and some more.
fn without_lifetimes(generics: &Generics, more: &[Ident]) -> TokenStream {
    let mut parameters: Vec<TokenStream> = generics
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
    parameters.extend(more.iter().map(ToTokens::to_token_stream));
    if parameters.is_empty() { quote!() } else { quote!(<#(#parameters),*>) }
}
