fn score(x: f64) -> Rc<f64> {
    score::__call(::warp_cache::__private::Call, x)
}
///The controls of the cache of [`score()`].
#[allow(non_camel_case_types)]
enum score {}
impl score {
    ///Computes the function, without its cache.
    fn uncached(x: f64) -> Rc<f64> {
        Rc::new(x)
    }
    #[doc(hidden)]
    #[inline]
    fn __statics() -> &'static ::warp_cache::__private::LocalKey<
        ::warp_cache::__private::LocalFunction<::warp_cache::__private::strategies::Lru>,
    > {
        ::warp_cache::__private::thread_local_static! {
            static __WARP_CACHE_FUNCTION : ::warp_cache::__private::LocalFunction <
            ::warp_cache::__private::strategies::Lru > = const {
            ::warp_cache::__private::LocalFunction::new(::warp_cache::__private::bounded(128))
            };
        }
        &__WARP_CACHE_FUNCTION
    }
    #[doc(hidden)]
    #[inline(always)]
    fn __call<__Control: ::warp_cache::__private::Control<Rc<f64>>>(
        __control: __Control,
        x: f64,
    ) -> __Control::Output {
        let __begun = {
            #[allow(unused_imports)]
            use ::warp_cache::__private::{
                ProbeOption as _, ProbeResult as _, ProbeWhole as _,
            };
            ::warp_cache::__private::LocalFunction::begin::<
                Rc<f64>,
                _,
                _,
                _,
            >(
                Self::__statics(),
                __control,
                ::warp_cache::__private::ONE,
                ::warp_cache::__private::keyed(::warp_cache::__private::float(x)),
                ::warp_cache::__private::Returns::<
                    Rc<f64>,
                >::kept(
                    (&&&::warp_cache::__private::Probe::<Rc<f64>>::new())
                        .__warp_cache_outcome(),
                ),
                ::warp_cache::__private::plain,
            )
        };
        match __begun {
            ::warp_cache::__private::Begun::Hit(__result) => __result,
            ::warp_cache::__private::Begun::Miss(__pending) => {
                ::warp_cache::__private::finish::<
                    __Control,
                    _,
                >(__pending, move || Self::uncached(x))
            }
        }
    }
    /// What was counted, in all instantiations of the function together.
    #[allow(clippy::must_use_candidate)]
    #[inline]
    fn info() -> ::warp_cache::__private::Info {
        ::warp_cache::__private::LocalFunction::info(Self::__statics())
    }
    /// Drops every result and starts the statistics again. What is being computed is
    /// returned to its callers and not kept.
    #[inline]
    fn clear() {
        ::warp_cache::__private::LocalFunction::clear(Self::__statics())
    }
    ///Drops the result that is kept for this call; whether there was one. What is being computed for it is not kept.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn invalidate(x: f64) -> ::core::primitive::bool {
        Self::__call(::warp_cache::__private::Invalidate, x)
    }
    ///Whether a result is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn contains(x: f64) -> ::core::primitive::bool {
        Self::__call(::warp_cache::__private::Contains, x)
    }
    ///The result that is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn get(x: f64) -> ::core::option::Option<Rc<f64>> {
        Self::__call(::warp_cache::__private::Get, x)
    }
    /// Keeps a result for this call, in the place of one that is there, which counts as a
    /// use. A result that the function would not keep drops what is there.
    #[inline]
    fn set(x: f64, new: Rc<f64>) {
        Self::__call(::warp_cache::__private::Set(new), x)
    }
    /// Computes this call's result in any case, and keeps it in the place of one that is
    /// there. If that fails, what is there stays.
    #[inline]
    #[allow(
        clippy::must_use_candidate,
        clippy::missing_errors_doc,
        clippy::missing_panics_doc
    )]
    fn refresh(x: f64) -> Rc<f64> {
        Self::__call(::warp_cache::__private::Refresh, x)
    }
}
