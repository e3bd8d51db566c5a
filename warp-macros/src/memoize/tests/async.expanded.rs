async fn user(pool: &Pool, id: u64) -> io::Result<User> {
    user::__call(::warp_cache::__private::Call, pool, id).await
}
///The controls of the cache of [`user()`].
#[allow(non_camel_case_types)]
enum user {}
impl user {
    ///Computes the function, without its cache.
    async fn uncached(pool: &Pool, id: u64) -> io::Result<User> {
        pool.fetch(id).await
    }
    #[doc(hidden)]
    #[inline]
    fn __statics() -> &'static ::warp_cache::__private::Function<
        ::warp_cache::__private::strategies::Lru,
    > {
        static __WARP_CACHE_FUNCTION: ::warp_cache::__private::Function<
            ::warp_cache::__private::strategies::Lru,
        > = ::warp_cache::__private::Function::new(
            ::core::concat!(::core::module_path!(), "::", "user"),
            ::warp_cache::__private::bounded(128),
            ::core::option::Option::None,
        );
        &__WARP_CACHE_FUNCTION
    }
    #[doc(hidden)]
    #[inline(always)]
    async fn __call<__Control: ::warp_cache::__private::Control<io::Result<User>>>(
        __control: __Control,
        pool: &Pool,
        id: u64,
    ) -> __Control::Output {
        let __pending = {
            let __begun = {
                #[allow(unused_imports)]
                use ::warp_cache::__private::{
                    ProbeOption as _, ProbeResult as _, ProbeWhole as _,
                };
                ::warp_cache::__private::Function::join::<
                    io::Result<User>,
                    _,
                    _,
                    _,
                >(
                    Self::__statics(),
                    __control,
                    ::warp_cache::__private::ONE,
                    ::warp_cache::__private::shared_part(&id),
                    ::warp_cache::__private::Returns::<
                        io::Result<User>,
                    >::shared(
                        (&&&::warp_cache::__private::Probe::<io::Result<User>>::new())
                            .__warp_cache_outcome(),
                    ),
                    |__settings| {
                        let __settings = __settings
                            .ttl(::core::time::Duration::from_nanos(60000000000u64));
                        let __settings = __settings.single_flight();
                        __settings
                    },
                )
            };
            match __begun {
                ::warp_cache::__private::Begun::Hit(__result) => return __result,
                ::warp_cache::__private::Begun::Miss(__pending) => __pending,
            }
        };
        let __pending = {
            let __begun = __pending.await;
            match __begun {
                ::warp_cache::__private::Begun::Hit(__result) => {
                    return ::warp_cache::__private::result::<__Control, _>(__result);
                }
                ::warp_cache::__private::Begun::Miss(__pending) => __pending,
            }
        };
        ::warp_cache::__private::finish_async::<
            __Control,
            _,
        >(__pending, Self::uncached(pool, id))
            .await
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
    fn invalidate(pool: &Pool, id: u64) -> ::core::primitive::bool {
        ::warp_cache::__private::at_once(
            Self::__call(::warp_cache::__private::Invalidate, pool, id),
        )
    }
    ///Whether a result is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn contains(pool: &Pool, id: u64) -> ::core::primitive::bool {
        ::warp_cache::__private::at_once(
            Self::__call(::warp_cache::__private::Contains, pool, id),
        )
    }
    ///The result that is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn get(pool: &Pool, id: u64) -> ::core::option::Option<io::Result<User>> {
        ::warp_cache::__private::at_once(
            Self::__call(::warp_cache::__private::Get, pool, id),
        )
    }
    /// Keeps a result for this call, in the place of one that is there, which counts as a
    /// use. A result that the function would not keep drops what is there.
    #[inline]
    fn set(pool: &Pool, id: u64, new: io::Result<User>) {
        ::warp_cache::__private::at_once(
            Self::__call(::warp_cache::__private::Set(new), pool, id),
        )
    }
    /// Computes this call's result in any case, and keeps it in the place of one that is
    /// there. If that fails, what is there stays.
    #[inline]
    #[allow(
        clippy::must_use_candidate,
        clippy::missing_errors_doc,
        clippy::missing_panics_doc
    )]
    async fn refresh(pool: &Pool, id: u64) -> io::Result<User> {
        Self::__call(::warp_cache::__private::Refresh, pool, id).await
    }
}
