fn score(x: f64) -> Rc<f64> {
    score::__call(::warp_cache::__private::Purpose::Call, x)
}
///The controls of the cache of [`score()`].
#[allow(non_camel_case_types)]
#[allow(dead_code)]
enum score {}
impl score {
    ///Computes the function, without its cache.
    fn uncached(x: f64) -> Rc<f64> {
        Rc::new(x)
    }
}
#[allow(dead_code)]
impl score {
    #[doc(hidden)]
    #[inline]
    fn __statics() -> &'static ::warp_cache::__private::LocalKey<
        ::warp_cache::__private::LocalFunction,
    > {
        ::warp_cache::__private::thread_local_static! {
            static FUNCTION : ::warp_cache::__private::LocalFunction = const {
            ::warp_cache::__private::LocalFunction::new(::warp_cache::__private::bounded(128))
            };
        }
        &FUNCTION
    }
    #[doc(hidden)]
    #[inline]
    fn __marker() -> ::warp_cache::__private::Marker {
        ::warp_cache::__private::marker(&())
    }
    #[doc(hidden)]
    #[inline(always)]
    fn __call(purpose: ::warp_cache::__private::Purpose, x: f64) -> Rc<f64> {
        let begun = {
            #[allow(unused_imports)]
            use ::warp_cache::__private::{
                ProbeOption as _, ProbeResult as _, ProbeWhole as _,
            };
            ::warp_cache::__private::with_local(
                Self::__statics(),
                |function| {
                    function
                        .begin::<
                            Rc<f64>,
                            _,
                            _,
                        >(
                            purpose,
                            Self::__marker(),
                            ::warp_cache::__private::float(x),
                            (&&&::warp_cache::__private::Probe::<Rc<f64>>::new())
                                .outcome(),
                            |settings| settings,
                        )
                },
            )
        };
        match begun {
            ::warp_cache::__private::Begun::Hit(result) => result,
            ::warp_cache::__private::Begun::Miss(pending) => {
                pending.finish(move || Self::uncached(x))
            }
        }
    }
    #[doc(hidden)]
    #[allow(unused_variables)]
    fn __inspect<__Control: ::warp_cache::__private::Inspect<Rc<f64>>>(
        control: __Control,
        x: f64,
    ) -> __Control::Output {
        #[allow(unused_imports)]
        use ::warp_cache::__private::{
            ProbeOption as _, ProbeResult as _, ProbeWhole as _,
        };
        ::warp_cache::__private::with_local(
            Self::__statics(),
            |function| {
                function
                    .inspect::<
                        Rc<f64>,
                        _,
                        _,
                        _,
                    >(
                        control,
                        Self::__marker(),
                        ::warp_cache::__private::float(x),
                        (&&&::warp_cache::__private::Probe::<Rc<f64>>::new()).outcome(),
                        |settings| settings,
                    )
            },
        )
    }
    /// What was counted, in all instantiations of the function together.
    #[allow(clippy::must_use_candidate)]
    fn info() -> ::warp_cache::Info {
        ::warp_cache::__private::with_local(
            Self::__statics(),
            |function| function.info(),
        )
    }
    /// Drops every result and starts the statistics again. What is being computed is
    /// returned to its callers and not kept.
    fn clear() {
        ::warp_cache::__private::with_local(
            Self::__statics(),
            |function| function.clear(),
        )
    }
    ///Drops the result that is kept for this call; whether there was one. What is being computed for it is not kept.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn invalidate(x: f64) -> bool {
        Self::__inspect::<_>(::warp_cache::__private::Invalidate, x)
    }
    ///Whether a result is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn contains(x: f64) -> bool {
        Self::__inspect::<_>(::warp_cache::__private::Contains, x)
    }
    ///The result that is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn get(x: f64) -> ::core::option::Option<Rc<f64>> {
        Self::__inspect::<_>(::warp_cache::__private::Get, x)
    }
    /// Keeps a result for this call, in the place of one that is there, which counts as a
    /// use. A result that the function would not keep drops what is there.
    #[inline]
    fn set(x: f64, new: Rc<f64>) {
        Self::__inspect::<_>(::warp_cache::__private::Set(new), x)
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
        Self::__call(::warp_cache::__private::Purpose::Refresh, x)
    }
}
