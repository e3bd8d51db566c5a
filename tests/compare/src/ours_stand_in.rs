//! What `ours.rs` will be, by `warp_cache::Cache`, until there is an attribute. To be deleted.

use std::any::TypeId;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use warp_cache::{Cache, Strategy};

use crate::maps::PageRef;
use crate::work::{self, MAX_SIZE, Page, Shop};

/// The attribute of the functions that `build_cost` generates; none while there is no attribute.
pub const ATTRIBUTE: Option<&str> = None;

fn cache<K, V>(strategy: Strategy, ttl: Option<Duration>) -> Cache<K, V> {
    let builder = Cache::builder().max_size(MAX_SIZE).strategy(strategy);
    let builder = if let Some(ttl) = ttl { builder.ttl(ttl) } else { builder };
    builder.build().expect("the options are valid")
}

const HOUR: Option<Duration> = Some(Duration::from_secs(3600));

macro_rules! by {
    ($module:ident, $strategy:ident, $price:ident) => {
        pub mod $module {
            use super::*;

            pub fn number(n: u64) -> u64 {
                static CACHE: LazyLock<Cache<u64, u64>> =
                    LazyLock::new(|| cache(Strategy::$strategy, None));
                CACHE.get_or_insert_with(n, || work::square(n))
            }

            pub fn page(book: &str, page: u32) -> Arc<Page> {
                static CACHE: LazyLock<Cache<(String, u32), Arc<Page>>> =
                    LazyLock::new(|| cache(Strategy::$strategy, None));
                if let Some(page) = CACHE.get(&PageRef(book, page)) {
                    return page;
                }
                CACHE.get_or_insert_with((book.to_owned(), page), || work::page(book, page))
            }

            pub fn expiring(n: u64) -> u64 {
                static CACHE: LazyLock<Cache<u64, u64>> =
                    LazyLock::new(|| cache(Strategy::$strategy, HOUR));
                CACHE.get_or_insert_with(n, || work::square(n))
            }

            pub fn generic<T: Into<u64> + Copy + 'static>(n: T) -> u64 {
                static CACHE: LazyLock<Cache<(TypeId, u64), u64>> =
                    LazyLock::new(|| cache(Strategy::$strategy, None));
                CACHE.get_or_insert_with((TypeId::of::<T>(), n.into()), || work::square(n.into()))
            }

            impl Shop {
                pub fn $price(&self, item: u64) -> u64 {
                    static CACHE: LazyLock<Cache<(Shop, u64), u64>> =
                        LazyLock::new(|| cache(Strategy::$strategy, None));
                    CACHE.get_or_insert_with((*self, item), || self.compute(item))
                }
            }
        }
    };
}

by!(lru, Lru, lru_price);
by!(fifo, Fifo, fifo_price);
