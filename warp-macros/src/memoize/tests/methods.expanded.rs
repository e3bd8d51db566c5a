const _: () = {
    impl<T: Codec> Store<T> {
        pub fn open(path: &Path) -> io::Result<Self> {
            Self::__open_call(::warp_cache::__private::Purpose::Call, path)
        }
        #[doc(hidden)]
        pub fn __open_uncached(path: &Path) -> io::Result<Self> {
            read(path)
        }
        #[doc(hidden)]
        #[inline]
        fn __open_statics() -> &'static ::warp_cache::__private::Function {
            static FUNCTION: ::warp_cache::__private::Function = ::warp_cache::__private::Function::new(
                ::core::concat!(::core::module_path!(), "::", "open"),
                ::warp_cache::__private::UNBOUNDED,
            );
            &FUNCTION
        }
        #[doc(hidden)]
        #[inline]
        fn __open_marker() -> ::warp_cache::__private::Marker {
            ::warp_cache::__private::marker(&|| ())
        }
        #[doc(hidden)]
        #[inline(always)]
        fn __open_call(
            purpose: ::warp_cache::__private::Purpose,
            path: &Path,
        ) -> io::Result<Self> {
            let begun = {
                #[allow(unused_imports)]
                use ::warp_cache::__private::{
                    ProbeOption as _, ProbeResult as _, ProbeWhole as _,
                };
                Self::__open_statics()
                    .begin::<
                        io::Result<Self>,
                        _,
                        _,
                    >(
                        purpose,
                        Self::__open_marker(),
                        ::warp_cache::__private::part(&*path),
                        (&&&::warp_cache::__private::Probe::<io::Result<Self>>::new())
                            .outcome(),
                        |settings| settings,
                    )
            };
            match begun {
                ::warp_cache::__private::Begun::Hit(result) => result,
                ::warp_cache::__private::Begun::Miss(pending) => {
                    pending.finish(move || Self::__open_uncached(path))
                }
            }
        }
        #[doc(hidden)]
        #[allow(unused_variables)]
        fn __open_inspect<__Control: ::warp_cache::__private::Inspect<io::Result<Self>>>(
            control: __Control,
            path: &Path,
        ) -> __Control::Output {
            #[allow(unused_imports)]
            use ::warp_cache::__private::{
                ProbeOption as _, ProbeResult as _, ProbeWhole as _,
            };
            Self::__open_statics()
                .inspect::<
                    io::Result<Self>,
                    _,
                    _,
                    _,
                >(
                    control,
                    Self::__open_marker(),
                    ::warp_cache::__private::part(&*path),
                    (&&&::warp_cache::__private::Probe::<io::Result<Self>>::new())
                        .outcome(),
                    |settings| settings,
                )
        }
        ///The controls of the cache of `open`.
        #[allow(dead_code, clippy::must_use_candidate)]
        pub fn open_cache() -> open_cache<Self> {
            open_cache(::core::marker::PhantomData)
        }
        fn plain(&self) {}
    }
    ///The controls of the cache of `open`.
    #[allow(non_camel_case_types, unreachable_pub, unnameable_types, dead_code)]
    #[derive(::core::fmt::Debug)]
    pub struct open_cache<__Owner>(::core::marker::PhantomData<fn() -> __Owner>);
    #[allow(dead_code)]
    impl<T: Codec> open_cache<Store<T>> {
        /// What was counted, in all instantiations of the function together.
        #[allow(clippy::must_use_candidate)]
        pub fn info(self) -> ::warp_cache::Info {
            <Store<T>>::__open_statics().info()
        }
        /// Drops every result and starts the statistics again. What is being computed is
        /// returned to its callers and not kept.
        pub fn clear(self) {
            <Store<T>>::__open_statics().clear()
        }
        ///Drops the result that is kept for this call; whether there was one. What is being computed for it is not kept.
        #[inline]
        #[allow(clippy::must_use_candidate)]
        pub fn invalidate(self, path: &Path) -> bool {
            <Store<T>>::__open_inspect::<_>(::warp_cache::__private::Invalidate, path)
        }
        ///Whether a result is kept for this call; neither a use nor counted.
        #[inline]
        #[allow(clippy::must_use_candidate)]
        pub fn contains(self, path: &Path) -> bool {
            <Store<T>>::__open_inspect::<_>(::warp_cache::__private::Contains, path)
        }
        ///The result that is kept for this call; neither a use nor counted.
        #[inline]
        #[allow(clippy::must_use_candidate)]
        pub fn get(self, path: &Path) -> ::core::option::Option<io::Result<Store<T>>> {
            <Store<T>>::__open_inspect::<_>(::warp_cache::__private::Get, path)
        }
        /// Keeps a result for this call, in the place of one that is there, which counts as a
        /// use. A result that the function would not keep drops what is there.
        #[inline]
        pub fn set(self, path: &Path, new: io::Result<Store<T>>) {
            <Store<T>>::__open_inspect::<_>(::warp_cache::__private::Set(new), path)
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
            <Store<T>>::__open_call(::warp_cache::__private::Purpose::Refresh, path)
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
