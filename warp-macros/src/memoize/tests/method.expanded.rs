impl Store {
    pub fn rate(&self, pool: &Pool, item: Cow<'_, str>) -> Option<f64> {
        static __WARP_CACHE_FUNCTION: ::warp_cache::__private::Function<
            ::warp_cache::__private::strategies::Lru,
        > = ::warp_cache::__private::Function::new(
            ::core::concat!(::core::module_path!(), "::", "rate"),
            ::warp_cache::__private::bounded(128),
            ::core::option::Option::None,
        );
        let __begun = {
            #[allow(unused_imports)]
            use ::warp_cache::__private::{
                ProbeOption as _, ProbeResult as _, ProbeWhole as _,
            };
            ::warp_cache::__private::Function::begin::<
                Option<f64>,
                _,
                _,
                _,
            >(
                &__WARP_CACHE_FUNCTION,
                ::warp_cache::__private::Call,
                ::warp_cache::__private::marker(&|| ()),
                (
                    ::warp_cache::__private::shared_keyed(
                        ::warp_cache::__private::part(self),
                    ),
                    ::warp_cache::__private::shared_keyed(
                        ::warp_cache::__private::part(&*item),
                    ),
                ),
                ::warp_cache::__private::Returns::<
                    Option<f64>,
                >::shared(
                    (&&&::warp_cache::__private::Probe::<Option<f64>>::new())
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
                    ::warp_cache::__private::Call,
                    _,
                >(
                    __pending,
                    move || (move || -> Option<f64> {
                        let pool = pool;
                        let mut item = item;
                        item.to_mut().make_ascii_lowercase();
                        self.find(pool, &item)
                    })(),
                )
            }
        }
    }
}
