/// Parses.
#[must_use]
pub(crate) fn parse(
    pattern: &str,
    flags: Option<&str>,
    argument2: (f64, u8),
) -> Arc<Regex> {
    parse::__call(::warp_cache::__private::Call, pattern, flags, argument2)
}
///The controls of the cache of [`parse()`].
#[allow(non_camel_case_types)]
pub(crate) enum parse {}
impl parse {
    ///Computes the function, without its cache.
    pub(crate) fn uncached(
        pattern: &str,
        flags: Option<&str>,
        (x, _): (f64, u8),
    ) -> Arc<Regex> {
        compile(pattern, flags, x)
    }
    #[doc(hidden)]
    #[inline]
    fn __statics() -> &'static ::warp_cache::__private::Function<
        ::warp_cache::__private::strategies::Lfu,
    > {
        static __WARP_CACHE_FUNCTION: ::warp_cache::__private::Function<
            ::warp_cache::__private::strategies::Lfu,
        > = ::warp_cache::__private::Function::new(
            ::core::concat!(::core::module_path!(), "::", "parse"),
            ::warp_cache::__private::bounded(10_000),
            ::core::option::Option::None,
        );
        &__WARP_CACHE_FUNCTION
    }
    #[doc(hidden)]
    #[inline(always)]
    fn __call<__Control: ::warp_cache::__private::Control<Arc<Regex>>>(
        __control: __Control,
        pattern: &str,
        flags: Option<&str>,
        argument2: (f64, u8),
    ) -> __Control::Output {
        let __begun = {
            #[allow(unused_imports)]
            use ::warp_cache::__private::{
                ProbeOption as _, ProbeResult as _, ProbeWhole as _,
            };
            ::warp_cache::__private::Function::begin::<
                Arc<Regex>,
                _,
                _,
                _,
            >(
                Self::__statics(),
                __control,
                ::warp_cache::__private::ONE,
                (
                    ::warp_cache::__private::shared_keyed(
                        ::warp_cache::__private::part(pattern),
                    ),
                    ::warp_cache::__private::shared_keyed(
                        ::warp_cache::__private::as_ref(&flags)
                            .map(|__element| ::warp_cache::__private::part(*__element)),
                    ),
                    ::warp_cache::__private::shared_keyed((
                        ::warp_cache::__private::float((argument2).0),
                        ::warp_cache::__private::part(&(argument2).1),
                    )),
                ),
                ::warp_cache::__private::Returns::<
                    Arc<Regex>,
                >::shared(
                    (&&&::warp_cache::__private::Probe::<Arc<Regex>>::new())
                        .__warp_cache_outcome(),
                ),
                |__settings| {
                    let __settings = __settings
                        .ttl(::core::time::Duration::from_nanos(5400000000000u64));
                    let __settings = __settings.on_evict(gone);
                    __settings
                },
            )
        };
        match __begun {
            ::warp_cache::__private::Begun::Hit(__result) => __result,
            ::warp_cache::__private::Begun::Miss(__pending) => {
                ::warp_cache::__private::finish::<
                    __Control,
                    _,
                >(__pending, move || Self::uncached(pattern, flags, argument2))
            }
        }
    }
    /// What was counted, in all instantiations of the function together.
    #[allow(clippy::must_use_candidate)]
    #[inline]
    pub(crate) fn info() -> ::warp_cache::__private::Info {
        ::warp_cache::__private::Function::info(Self::__statics())
    }
    /// Drops every result and starts the statistics again. What is being computed is
    /// returned to its callers and not kept.
    #[inline]
    pub(crate) fn clear() {
        ::warp_cache::__private::Function::clear(Self::__statics())
    }
    ///Drops the result that is kept for this call; whether there was one. What is being computed for it is not kept.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    pub(crate) fn invalidate(
        pattern: &str,
        flags: Option<&str>,
        argument2: (f64, u8),
    ) -> ::core::primitive::bool {
        Self::__call(::warp_cache::__private::Invalidate, pattern, flags, argument2)
    }
    ///Whether a result is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    pub(crate) fn contains(
        pattern: &str,
        flags: Option<&str>,
        argument2: (f64, u8),
    ) -> ::core::primitive::bool {
        Self::__call(::warp_cache::__private::Contains, pattern, flags, argument2)
    }
    ///The result that is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    pub(crate) fn get(
        pattern: &str,
        flags: Option<&str>,
        argument2: (f64, u8),
    ) -> ::core::option::Option<Arc<Regex>> {
        Self::__call(::warp_cache::__private::Get, pattern, flags, argument2)
    }
    /// Keeps a result for this call, in the place of one that is there, which counts as a
    /// use. A result that the function would not keep drops what is there.
    #[inline]
    pub(crate) fn set(
        pattern: &str,
        flags: Option<&str>,
        argument2: (f64, u8),
        new: Arc<Regex>,
    ) {
        Self::__call(::warp_cache::__private::Set(new), pattern, flags, argument2)
    }
    /// Computes this call's result in any case, and keeps it in the place of one that is
    /// there. If that fails, what is there stays.
    #[inline]
    #[allow(
        clippy::must_use_candidate,
        clippy::missing_errors_doc,
        clippy::missing_panics_doc
    )]
    pub(crate) fn refresh(
        pattern: &str,
        flags: Option<&str>,
        argument2: (f64, u8),
    ) -> Arc<Regex> {
        Self::__call(::warp_cache::__private::Refresh, pattern, flags, argument2)
    }
}
