//! A shared region against the naive oracles of the strategies.
#![cfg(not(loom))]

use warp_cache::Strategy;
use warp_tests::battery;
use warp_tests::oracle;
use warp_tests::region::OnHeap;

macro_rules! tests_of {
    ($($policy:ident $store:ident,)*) => {
        $(#[allow(non_snake_case, reason = "named as the strategy is")]
        #[test]
        fn $policy() {
            if Strategy::$policy.shared_order().is_some() {
                battery::run::<_, oracle::$policy>(|max_size| OnHeap::new(max_size, Strategy::$policy));
            }
        })*
    };
}
warp_cache::with_strategy!(tests_of);
