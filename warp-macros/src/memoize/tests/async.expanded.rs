async fn user(pool: &Pool, id: u64) -> io::Result<User> {
    user::__call(::warp_cache::__private::Purpose::Call, pool, id).await
}
///The controls of the cache of [`user()`].
#[allow(non_camel_case_types)]
#[allow(dead_code)]
enum user {}
impl user {
    ///Computes the function, without its cache.
    async fn uncached(pool: &Pool, id: u64) -> io::Result<User> {
        pool.fetch(id).await
    }
}
#[allow(dead_code)]
impl user {
    #[doc(hidden)]
    #[inline]
    fn __statics() -> &'static ::warp_cache::__private::Function {
        static FUNCTION: ::warp_cache::__private::Function = ::warp_cache::__private::Function::new(
            ::core::concat!(::core::module_path!(), "::", "user"),
            ::warp_cache::__private::bounded(128),
        );
        &FUNCTION
    }
    #[doc(hidden)]
    #[inline]
    fn __marker() -> ::warp_cache::__private::Marker {
        ::warp_cache::__private::marker(&())
    }
    #[doc(hidden)]
    #[inline(always)]
    async fn __call(
        purpose: ::warp_cache::__private::Purpose,
        pool: &Pool,
        id: u64,
    ) -> io::Result<User> {
        let pending = {
            let begun = {
                #[allow(unused_imports)]
                use ::warp_cache::__private::{
                    ProbeOption as _, ProbeResult as _, ProbeWhole as _,
                };
                Self::__statics()
                    .join::<
                        io::Result<User>,
                        _,
                        _,
                    >(
                        purpose,
                        Self::__marker(),
                        ::warp_cache::__private::part(&id),
                        (&&&::warp_cache::__private::Probe::<io::Result<User>>::new())
                            .outcome(),
                        |settings| {
                            settings
                                .ttl(::core::time::Duration::from_nanos(60000000000u64))
                                .single_flight()
                        },
                    )
            };
            match begun {
                ::warp_cache::__private::Joining::Hit(result) => return result,
                ::warp_cache::__private::Joining::Absent(pending) => pending,
            }
        };
        let pending = {
            let begun = pending.resolve::<io::Result<User>>().await;
            match begun {
                ::warp_cache::__private::Begun::Hit(result) => return result,
                ::warp_cache::__private::Begun::Miss(pending) => pending,
            }
        };
        pending.finish_async(Self::uncached(pool, id)).await
    }
    #[doc(hidden)]
    #[allow(unused_variables)]
    fn __inspect<__Control: ::warp_cache::__private::Inspect<io::Result<User>>>(
        control: __Control,
        pool: &Pool,
        id: u64,
    ) -> __Control::Output {
        #[allow(unused_imports)]
        use ::warp_cache::__private::{
            ProbeOption as _, ProbeResult as _, ProbeWhole as _,
        };
        Self::__statics()
            .inspect::<
                io::Result<User>,
                _,
                _,
                _,
            >(
                control,
                Self::__marker(),
                ::warp_cache::__private::part(&id),
                (&&&::warp_cache::__private::Probe::<io::Result<User>>::new()).outcome(),
                |settings| {
                    settings
                        .ttl(::core::time::Duration::from_nanos(60000000000u64))
                        .single_flight()
                },
            )
    }
    /// What was counted, in all instantiations of the function together.
    #[allow(clippy::must_use_candidate)]
    fn info() -> ::warp_cache::Info {
        Self::__statics().info()
    }
    /// Drops every result and starts the statistics again. What is being computed is
    /// returned to its callers and not kept.
    fn clear() {
        Self::__statics().clear()
    }
    ///Drops the result that is kept for this call; whether there was one. What is being computed for it is not kept.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn invalidate(pool: &Pool, id: u64) -> bool {
        Self::__inspect::<_>(::warp_cache::__private::Invalidate, pool, id)
    }
    ///Whether a result is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn contains(pool: &Pool, id: u64) -> bool {
        Self::__inspect::<_>(::warp_cache::__private::Contains, pool, id)
    }
    ///The result that is kept for this call; neither a use nor counted.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    fn get(pool: &Pool, id: u64) -> ::core::option::Option<io::Result<User>> {
        Self::__inspect::<_>(::warp_cache::__private::Get, pool, id)
    }
    /// Keeps a result for this call, in the place of one that is there, which counts as a
    /// use. A result that the function would not keep drops what is there.
    #[inline]
    fn set(pool: &Pool, id: u64, new: io::Result<User>) {
        Self::__inspect::<_>(::warp_cache::__private::Set(new), pool, id)
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
        Self::__call(::warp_cache::__private::Purpose::Refresh, pool, id).await
    }
}
