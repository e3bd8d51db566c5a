impl<T: Codec> Store<T> {
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::__open_call(::warp_cache::__private::Call, path)
    }
    fn plain(&self) {}
}
const _: () = {
    impl<T: Codec> Store<T> {
        #[doc(hidden)]
        pub fn __open_uncached(path: &Path) -> io::Result<Self> {
            read(path)
        }
        #[doc(hidden)]
        #[inline]
        fn __open_statics() -> &'static ::warp_cache::__private::Function<
            ::warp_cache::__private::strategies::Lru,
        > {
            static __WARP_CACHE_FUNCTION: ::warp_cache::__private::Function<
                ::warp_cache::__private::strategies::Lru,
            > = ::warp_cache::__private::Function::new(
                ::core::concat!(::core::module_path!(), "::", "open"),
                ::warp_cache::__private::UNBOUNDED,
                ::core::option::Option::None,
            );
            &__WARP_CACHE_FUNCTION
        }
        #[doc(hidden)]
        #[inline(always)]
        fn __open_call<__Control: ::warp_cache::__private::Control<io::Result<Self>>>(
            __control: __Control,
            path: &Path,
        ) -> __Control::Output {
            let __begun = {
                #[allow(unused_imports)]
                use ::warp_cache::__private::{
                    ProbeOption as _, ProbeResult as _, ProbeWhole as _,
                };
                ::warp_cache::__private::Function::begin::<
                    io::Result<Self>,
                    _,
                    _,
                    _,
                >(
                    Self::__open_statics(),
                    __control,
                    Self::__open_marker(),
                    ::warp_cache::__private::shared_keyed(
                        ::warp_cache::__private::part(path),
                    ),
                    ::warp_cache::__private::Returns::<
                        io::Result<Self>,
                    >::shared(
                        (&&&::warp_cache::__private::Probe::<io::Result<Self>>::new())
                            .__warp_cache_outcome(),
                    ),
                    |__settings| {
                        let __settings = __settings.method_of::<Self>();
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
                    >(__pending, move || Self::__open_uncached(path))
                }
            }
        }
        #[doc(hidden)]
        #[inline]
        fn __open_marker() -> ::warp_cache::__private::Marker {
            ::warp_cache::__private::marker(&|| ())
        }
        ///The controls of the cache of `open`.
        #[allow(clippy::must_use_candidate)]
        pub fn open_cache() -> open_cache<Self> {
            open_cache(::core::marker::PhantomData)
        }
    }
    ///The controls of the cache of `open`.
    #[allow(non_camel_case_types)]
    #[derive(::core::fmt::Debug)]
    pub struct open_cache<__Owner: ?::core::marker::Sized>(
        ::core::marker::PhantomData<fn() -> __Owner>,
    );
    impl<T: Codec> open_cache<Store<T>> {
        /// What was counted, in all instantiations of the function together.
        #[allow(clippy::must_use_candidate)]
        #[inline]
        pub fn info(self) -> ::warp_cache::__private::Info {
            ::warp_cache::__private::Function::info(<Store<T>>::__open_statics())
        }
        /// Drops every result and starts the statistics again. What is being computed is
        /// returned to its callers and not kept.
        #[inline]
        pub fn clear(self) {
            ::warp_cache::__private::Function::clear(<Store<T>>::__open_statics())
        }
        ///Drops the result that is kept for this call; whether there was one. What is being computed for it is not kept.
        #[inline]
        #[allow(clippy::must_use_candidate)]
        pub fn invalidate(self, path: &Path) -> ::core::primitive::bool {
            <Store<T>>::__open_call(::warp_cache::__private::Invalidate, path)
        }
        ///Whether a result is kept for this call; neither a use nor counted.
        #[inline]
        #[allow(clippy::must_use_candidate)]
        pub fn contains(self, path: &Path) -> ::core::primitive::bool {
            <Store<T>>::__open_call(::warp_cache::__private::Contains, path)
        }
        ///The result that is kept for this call; neither a use nor counted.
        #[inline]
        #[allow(clippy::must_use_candidate)]
        pub fn get(self, path: &Path) -> ::core::option::Option<io::Result<Store<T>>> {
            <Store<T>>::__open_call(::warp_cache::__private::Get, path)
        }
        /// Keeps a result for this call, in the place of one that is there, which counts as a
        /// use. A result that the function would not keep drops what is there.
        #[inline]
        pub fn set(self, path: &Path, new: io::Result<Store<T>>) {
            <Store<T>>::__open_call(::warp_cache::__private::Set(new), path)
        }
        /// Computes this call's result in any case, and keeps it in the place of one that is
        /// there. If that fails, what is there stays.
        #[inline]
        #[allow(
            clippy::must_use_candidate,
            clippy::missing_errors_doc,
            clippy::missing_panics_doc
        )]
        pub fn refresh(self, path: &Path) -> io::Result<Store<T>> {
            <Store<T>>::__open_call(::warp_cache::__private::Refresh, path)
        }
        /// Computes the method, without its cache.
        #[inline]
        #[allow(
            clippy::must_use_candidate,
            clippy::missing_errors_doc,
            clippy::missing_panics_doc
        )]
        pub fn uncached(self, path: &Path) -> io::Result<Store<T>> {
            <Store<T>>::__open_uncached(path)
        }
    }
};
