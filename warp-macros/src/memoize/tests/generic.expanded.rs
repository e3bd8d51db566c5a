fn label<T: Display, const N: usize>(user: &User, shown: impl Debug) -> io::Result<T>
where
    T: Clone,
{
    label::__call::<T, N, _>(::warp_cache::__private::Call, user, shown)
}
///The controls of the cache of [`label()`].
#[allow(non_camel_case_types)]
enum label {}
impl label {
    ///Computes the function, without its cache.
    fn uncached<T: Display, const N: usize>(
        user: &User,
        shown: impl Debug,
    ) -> io::Result<T>
    where
        T: Clone,
    {
        user.label(shown)
    }
    #[doc(hidden)]
    #[inline]
    fn __statics() -> &'static ::warp_cache::__private::Function<
        ::warp_cache::__private::strategies::Lru,
    > {
        static __WARP_CACHE_FUNCTION: ::warp_cache::__private::Function<
            ::warp_cache::__private::strategies::Lru,
        > = ::warp_cache::__private::Function::new(
            ::core::concat!(::core::module_path!(), "::", "label"),
            ::warp_cache::__private::bounded(128),
            ::core::option::Option::None,
        );
        &__WARP_CACHE_FUNCTION
    }
    #[doc(hidden)]
    #[inline(always)]
    fn __call<
        T: Display,
        const N: usize,
        __Control: ::warp_cache::__private::Control<io::Result<T>>,
    >(__control: __Control, user: &User, shown: impl Debug) -> __Control::Output
    where
        T: Clone,
    {
        let __begun = {
            #[allow(unused_imports)]
            use ::warp_cache::__private::{
                KeyedNested as _, KeyedNumber as _, KeyedOwnNumber as _, KeyedPlain as _,
                KeyedReference as _, ProbeOption as _, ProbeResult as _, ProbeWhole as _,
            };
            ::warp_cache::__private::Function::begin::<
                io::Result<T>,
                _,
                _,
                _,
            >(
                Self::__statics(),
                __control,
                Self::__marker::<T, N, _>(&shown),
                (
                    match &user.id {
                        __value => {
                            ::warp_cache::__private::shared_keyed(
                                ::warp_cache::__private::Kind::part(
                                    (&&&&::warp_cache::__private::Keyed(&__value))
                                        .__warp_cache_kind(),
                                    __value,
                                ),
                            )
                        }
                    },
                    match user.name() {
                        __value => {
                            ::warp_cache::__private::shared_keyed(
                                ::warp_cache::__private::Kind::part(
                                    (&&&&::warp_cache::__private::Keyed(&__value))
                                        .__warp_cache_kind(),
                                    __value,
                                ),
                            )
                        }
                    },
                    ::warp_cache::__private::shared_part(&shown),
                ),
                ::warp_cache::__private::Returns::<
                    io::Result<T>,
                >::shared(
                    (&&&::warp_cache::__private::Probe::<io::Result<T>>::new())
                        .__warp_cache_outcome(),
                ),
                |__settings| {
                    let __settings = __settings.cache_if(|label| label.is_short());
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
                >(__pending, move || Self::uncached::<T, N>(user, shown))
            }
        }
    }
    #[doc(hidden)]
    #[inline]
    fn __marker<T: ?::core::marker::Sized, const N: usize, __Anonymous0>(
        _: &__Anonymous0,
    ) -> ::warp_cache::__private::Marker {
        ::warp_cache::__private::marker(&|| ())
    }
    /// What was counted, in all instantiations of the function together.
    #[allow(clippy::must_use_candidate)]
    #[inline]
    fn info() -> ::warp_cache::__private::Info {
        ::warp_cache::__private::Function::info(Self::__statics())
    }
    /// Drops every result and starts the statistics again. What is being computed is
    /// returned to its callers and not kept.
    #[inline]
    fn clear() {
        ::warp_cache::__private::Function::clear(Self::__statics())
    }
    ///Drops the result that is kept for this call; whether there was one. What is being computed for it is not kept.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn invalidate<T: Display, const N: usize>(
        user: &User,
        shown: impl Debug,
    ) -> ::core::primitive::bool
    where
        T: Clone,
    {
        Self::__call::<T, N, _>(::warp_cache::__private::Invalidate, user, shown)
    }
    ///Whether a result is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn contains<T: Display, const N: usize>(
        user: &User,
        shown: impl Debug,
    ) -> ::core::primitive::bool
    where
        T: Clone,
    {
        Self::__call::<T, N, _>(::warp_cache::__private::Contains, user, shown)
    }
    ///The result that is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn get<T: Display, const N: usize>(
        user: &User,
        shown: impl Debug,
    ) -> ::core::option::Option<io::Result<T>>
    where
        T: Clone,
    {
        Self::__call::<T, N, _>(::warp_cache::__private::Get, user, shown)
    }
    /// Keeps a result for this call, in the place of one that is there, which counts as a
    /// use. A result that the function would not keep drops what is there.
    #[inline]
    fn set<T: Display, const N: usize>(
        user: &User,
        shown: impl Debug,
        new: io::Result<T>,
    )
    where
        T: Clone,
    {
        Self::__call::<T, N, _>(::warp_cache::__private::Set(new), user, shown)
    }
    /// Computes this call's result in any case, and keeps it in the place of one that is
    /// there. If that fails, what is there stays.
    #[inline]
    #[allow(
        clippy::must_use_candidate,
        clippy::missing_errors_doc,
        clippy::missing_panics_doc
    )]
    fn refresh<T: Display, const N: usize>(
        user: &User,
        shown: impl Debug,
    ) -> io::Result<T>
    where
        T: Clone,
    {
        Self::__call::<T, N, _>(::warp_cache::__private::Refresh, user, shown)
    }
}
