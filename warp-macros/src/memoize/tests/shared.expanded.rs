fn thumb<T: Source>(source: &T, id: u64) -> io::Result<Thumb> {
    thumb::__call::<T, _>(::warp_cache::__private::Call, source, id)
}
///The controls of the cache of [`thumb()`].
#[allow(non_camel_case_types)]
enum thumb {}
impl thumb {
    ///Computes the function, without its cache.
    fn uncached<T: Source>(source: &T, id: u64) -> io::Result<Thumb> {
        source.thumb(id)
    }
    #[doc(hidden)]
    #[inline]
    fn __statics() -> &'static ::warp_cache::__private::RegionFunction<
        ::warp_cache::__private::strategies::Lru,
    > {
        static __WARP_CACHE_FUNCTION: ::warp_cache::__private::RegionFunction<
            ::warp_cache::__private::strategies::Lru,
        > = ::warp_cache::__private::RegionFunction::new(
            ::core::concat!(::core::module_path!(), "::", "thumb"),
            ::warp_cache::__private::bounded(128),
        );
        &__WARP_CACHE_FUNCTION
    }
    #[doc(hidden)]
    #[inline(always)]
    fn __call<
        T: Source,
        __Control: ::warp_cache::__private::RegionControl<io::Result<Thumb>>,
    >(__control: __Control, source: &T, id: u64) -> __Control::Output {
        let __begun = {
            #[allow(unused_imports)]
            use ::warp_cache::__private::{
                ProbeOption as _, ProbeResult as _, ProbeWhole as _,
            };
            ::warp_cache::__private::RegionFunction::begin::<
                io::Result<Thumb>,
                _,
                _,
                _,
            >(
                Self::__statics(),
                __control,
                Self::__marker::<T>(),
                ::warp_cache::__private::region_keyed(
                    ::warp_cache::__private::part(&id),
                ),
                ::warp_cache::__private::Returns::<
                    io::Result<Thumb>,
                >::stored(
                    (&&&::warp_cache::__private::Probe::<io::Result<Thumb>>::new())
                        .__warp_cache_outcome(),
                ),
                |__settings| {
                    let __settings = __settings.shared("thumbs");
                    let __settings = __settings
                        .ttl(::core::time::Duration::from_nanos(3600000000000u64));
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
                >(__pending, move || Self::uncached::<T>(source, id))
            }
        }
    }
    #[doc(hidden)]
    #[inline]
    fn __marker<T: ?::core::marker::Sized>() -> ::warp_cache::__private::RegionMarker {
        ::warp_cache::__private::region_marker(&|| ())
    }
    /// What was counted, in all instantiations of the function together.
    #[allow(clippy::must_use_candidate)]
    #[inline]
    fn info() -> ::warp_cache::__private::Info {
        ::warp_cache::__private::RegionFunction::info(Self::__statics())
    }
    /// Drops every result and starts the statistics again. What is being computed is
    /// returned to its callers and not kept.
    #[inline]
    fn clear() {
        ::warp_cache::__private::RegionFunction::clear(Self::__statics())
    }
    ///Drops the result that is kept for this call; whether there was one. What is being computed for it is not kept.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn invalidate<T: Source>(source: &T, id: u64) -> ::core::primitive::bool {
        Self::__call::<T, _>(::warp_cache::__private::Invalidate, source, id)
    }
    ///Whether a result is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn contains<T: Source>(source: &T, id: u64) -> ::core::primitive::bool {
        Self::__call::<T, _>(::warp_cache::__private::Contains, source, id)
    }
    ///The result that is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn get<T: Source>(source: &T, id: u64) -> ::core::option::Option<io::Result<Thumb>> {
        Self::__call::<T, _>(::warp_cache::__private::Get, source, id)
    }
    /// Keeps a result for this call, in the place of one that is there, which counts as a
    /// use. A result that the function would not keep drops what is there.
    #[inline]
    fn set<T: Source>(source: &T, id: u64, new: io::Result<Thumb>) {
        Self::__call::<T, _>(::warp_cache::__private::Set(new), source, id)
    }
    /// Computes this call's result in any case, and keeps it in the place of one that is
    /// there. If that fails, what is there stays.
    #[inline]
    #[allow(
        clippy::must_use_candidate,
        clippy::missing_errors_doc,
        clippy::missing_panics_doc
    )]
    fn refresh<T: Source>(source: &T, id: u64) -> io::Result<Thumb> {
        Self::__call::<T, _>(::warp_cache::__private::Refresh, source, id)
    }
}
