impl Store {
    pub fn rate(&self, pool: &Pool, item: Cow<'_, str>) -> Option<f64> {
        static __WARP_CACHE_FUNCTION: ::warp_cache::__private::Function = ::warp_cache::__private::Function::new(
            ::core::concat!(::core::module_path!(), "::", "rate"),
            ::warp_cache::__private::bounded(128),
        );
        let begun = {
            #[allow(unused_imports)]
            use ::warp_cache::__private::{
                ProbeOption as _, ProbeResult as _, ProbeWhole as _,
            };
            __WARP_CACHE_FUNCTION
                .begin::<
                    Option<f64>,
                    _,
                    _,
                >(
                    ::warp_cache::__private::Purpose::Call,
                    ::warp_cache::__private::marker(&|| ()),
                    (
                        ::warp_cache::__private::part(&*self),
                        ::warp_cache::__private::part(&*item),
                    ),
                    (&&&::warp_cache::__private::Probe::<Option<f64>>::new()).outcome(),
                    |settings| settings,
                )
        };
        match begun {
            ::warp_cache::__private::Begun::Hit(result) => result,
            ::warp_cache::__private::Begun::Miss(pending) => {
                pending
                    .finish(move || (move || -> Option<f64> {
                        let mut item = item;
                        item.to_mut().make_ascii_lowercase();
                        self.find(pool, &item)
                    })())
            }
        }
    }
}
