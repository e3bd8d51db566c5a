//! How a function reaches its cache: the key, what is kept, the options, and the way back.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::expand::Expansion;
use super::key::key;
use super::options::{MaxSize, Sharing, Ttl};
use super::spans::{Extent, ours};

impl Expansion<'_> {
    /// What is kept of a result; checked at the result's type.
    fn outcome(&self) -> TokenStream {
        let (private, output) = (&self.private, self.output());
        let extent = self.function.output_extent();
        let generic = |name: &str| {
            let (path, name) = (private.at(extent.first), Ident::new(name, extent.first));
            quote_spanned!(extent.first=> #path::#name::<#output>)
        };
        let end = extent.end(quote!());
        let outcome = if self.options.cache_errors.is_some() {
            let keep = generic("keep_errors");
            quote!(#keep #end)
        } else if self.options.cache_none.is_some() {
            let keep = generic("keep_none");
            quote!(#keep #end)
        } else {
            let probe = generic("Probe");
            quote_spanned!(extent.first=> (&&&#probe::new()).__warp_cache_outcome #end)
        };
        let check = match self.options.sharing() {
            Sharing::Local => "kept",
            Sharing::Threads => "shared",
            Sharing::Processes => "stored",
        };
        let (returns, check) = (generic("Returns"), Ident::new(check, extent.first));
        let outcome = extent.end(outcome);
        quote_spanned!(extent.first=> #returns::#check #outcome)
    }

    /// The closure that hands the options over.
    fn settings(&self) -> TokenStream {
        let options = self.options;
        let settings = ours("settings");
        let mut steps = Vec::new();
        // Each stands where its value does, as errors about it do.
        let mut step = |name: &str, extent: Extent, value: TokenStream| {
            let (mut from, name) = (settings.clone(), Ident::new(name, extent.first));
            from.set_span(settings.span().located_at(extent.first));
            let value = extent.end(value);
            steps.push(quote_spanned!(extent.first=> let #settings = #from.#name #value;));
        };
        if let Some((_, name)) = &options.shared {
            step("shared", Extent::of(name), name.to_token_stream());
        }
        match &options.ttl {
            Some((_, Ttl::Nanos(nanos, span))) => {
                let ttl = quote!(::core::time::Duration::from_nanos(#nanos));
                step("ttl", Extent { first: *span, last: *span }, ttl);
            }
            Some((_, Ttl::Fixed(ttl))) => step("ttl", Extent::of(ttl), ttl.to_token_stream()),
            Some((_, Ttl::By(ttl))) => step("ttl_by", Extent::of(ttl), ttl.to_token_stream()),
            None => {}
        }
        if let Some((_, cache_if)) = &options.cache_if {
            step("cache_if", Extent::of(cache_if), cache_if.to_token_stream());
        }
        if let Some((word, ())) = &options.single_flight {
            step("single_flight", Extent::of(word), quote!());
        }
        if let Some((_, on_evict)) = &options.on_evict {
            step("on_evict", Extent::of(on_evict), on_evict.to_token_stream());
        }
        if self.is_method && options.local.is_none() {
            // The list of functions names it by its type.
            let owner = format_ident!("method_of", span = Span::mixed_site());
            steps.push(quote!(let #settings = #settings.#owner::<Self>();));
        }
        if steps.is_empty() {
            // Shared by all functions of the same types.
            let private = &self.private;
            return quote!(#private::plain);
        }
        quote!(|#settings| { #(#steps)* #settings })
    }

    fn max_size(&self) -> TokenStream {
        let private = &self.private;
        match &self.options.max_size {
            None => quote!(#private::bounded(128)),
            Some((_, MaxSize::Entries(size))) => {
                Extent::of(size).call(private, "bounded", size.to_token_stream())
            }
            Some((_, MaxSize::Unbounded)) => quote!(#private::UNBOUNDED),
        }
    }

    fn shards(&self) -> TokenStream {
        let private = &self.private;
        match &self.options.shards {
            None => quote!(::core::option::Option::None),
            Some((_, shards)) => {
                Extent::of(shards).call(private, "sharded", shards.to_token_stream())
            }
        }
    }

    /// The policy of the option `strategy`.
    pub(super) fn policy(&self) -> TokenStream {
        let Some((_, word)) = &self.options.strategy else {
            let private = &self.private;
            return quote!(#private::strategies::Lru);
        };
        let private = self.private.at(word.span());
        quote_spanned!(word.span()=> #private::strategies::#word)
    }

    /// The declaration of the function's static.
    pub(super) fn declaration(&self, name: &Ident) -> TokenStream {
        let (private, max_size, shards) = (&self.private, self.max_size(), self.shards());
        let policy = self.policy();
        if self.options.local.is_some() {
            return quote! {
                #private::thread_local_static! {
                    static #name: #private::LocalFunction<#policy> =
                        const { #private::LocalFunction::new(#max_size) };
                }
            };
        }
        // `r#type` is called `type`.
        let function = syn::ext::IdentExt::unraw(self.function.name()).to_string();
        let function = quote!(::core::concat!(::core::module_path!(), "::", #function));
        if self.options.shared.is_some() {
            return quote! {
                static #name: #private::RegionFunction<#policy> =
                    #private::RegionFunction::new(#function, #max_size);
            };
        }
        quote! {
            static #name: #private::Function<#policy> =
                #private::Function::new(#function, #max_size, #shards);
        }
    }

    /// A call of a function of the function's static. Methods are named by their type: a trait of
    /// the user's may have one of the same name.
    pub(super) fn on_static(
        &self,
        statics: &TokenStream,
        method: &TokenStream,
        arguments: TokenStream,
    ) -> TokenStream {
        let private = &self.private;
        let kind = match self.options.sharing() {
            Sharing::Local => quote!(LocalFunction),
            Sharing::Threads => quote!(Function),
            Sharing::Processes => quote!(RegionFunction),
        };
        quote!(#private::#kind::#method(#statics, #arguments))
    }

    /// What every use of the cache hands over, after what it is for and the marker: the key, and the
    /// rest.
    pub(super) fn request(&self) -> (TokenStream, TokenStream) {
        let key = key(self.function, self.options, &self.private);
        let (outcome, settings) = (self.outcome(), self.settings());
        (key, quote!(#outcome, #settings))
    }

    /// Does what is asked for, and computes on a miss. `statics` refers to the function's static,
    /// `control` is what is asked for, and `kind` its type.
    pub(super) fn look_up(
        &self,
        statics: &TokenStream,
        (control, kind): (&TokenStream, &TokenStream),
        marker: &TokenStream,
        compute: &TokenStream,
    ) -> TokenStream {
        let Expansion { function, options, private, .. } = self;
        let output = self.output();
        let [begun, result, pending] = ["begun", "result", "pending"].map(ours);
        let joins = function.is_async() && options.single_flight.is_some();
        let (traits, (key, rest)) = (self.traits(), self.request());
        let begin = Ident::new(if joins { "join" } else { "begin" }, Span::mixed_site());
        // The result's type first: it tells closures among the options what they are given.
        let begin = quote!(#begin::<#output, _, _, _>);
        let call = self.on_static(statics, &begin, quote!(#control, #marker, #key, #rest));
        let call = quote!({ #traits #call });
        if !function.is_async() {
            return quote! {
                let #begun = #call;
                match #begun {
                    #private::Begun::Hit(#result) => #result,
                    #private::Begun::Miss(#pending) => {
                        #private::finish::<#kind, _>(#pending, move || #compute)
                    }
                }
            };
        }
        // Results in blocks of their own: what is there at an `await` has to be Send.
        let or_return = |begun_by: &TokenStream, answer: &TokenStream| {
            quote! {
                let #pending = {
                    let #begun = #begun_by;
                    match #begun {
                        #private::Begun::Hit(#result) => return #answer,
                        #private::Begun::Miss(#pending) => #pending,
                    }
                };
            }
        };
        let begin = or_return(&call, &result.to_token_stream());
        let joined = quote!(#private::result::<#kind, _>(#result));
        let wait = joins.then(|| or_return(&quote!(#pending.await), &joined));
        quote!(#begin #wait #private::finish_async::<#kind, _>(#pending, #compute).await)
    }

    /// The traits by which types are asked what they are; they bind no names.
    pub(super) fn traits(&self) -> TokenStream {
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
}
