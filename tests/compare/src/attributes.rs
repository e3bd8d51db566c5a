//! The peers that are attributes, used as their documentation says.
//!
//! What they keep for a `&str` is a `String`, made anew for every call. Generic functions need a
//! key that is not generic, and the receiver of a method is part of the key by hand only.

use std::sync::Arc;
use std::time::Duration;

use cached::macros::{cached, concurrent_cached};
use kash::kash;
use memoize::memoize;

use crate::work::{self, Page, Shop};

/// `#[cached]`: one lock and an LRU list.
pub mod plain {
    use super::*;

    #[cached(max_size = 1000)]
    pub fn number(n: u64) -> u64 {
        work::square(n)
    }

    #[cached(max_size = 1000)]
    pub fn page(book: &str, page: u32) -> Arc<Page> {
        work::page(book, page)
    }

    #[cached(max_size = 1000, ttl_secs = 3600)]
    pub fn expiring(n: u64) -> u64 {
        work::square(n)
    }

    #[cached(max_size = 1000, key = "u64", convert = { n.into() })]
    pub fn generic<T: Into<u64> + Copy>(n: T) -> u64 {
        work::square(n.into())
    }

    impl Shop {
        #[cached(max_size = 1000, in_impl = true, key = "(Shop, u64)", convert = { (*self, item) })]
        pub fn cached_price(&self, item: u64) -> u64 {
            self.compute(item)
        }
    }
}

/// `#[concurrent_cached]`: the same in parts that are locked for themselves.
pub mod concurrent {
    use super::*;

    #[concurrent_cached(max_size = 1000)]
    pub fn number(n: u64) -> u64 {
        work::square(n)
    }

    #[concurrent_cached(
        max_size = 1000,
        key = "(String, u32)",
        convert = { (book.to_owned(), page) }
    )]
    pub fn page(book: &str, page: u32) -> Arc<Page> {
        work::page(book, page)
    }

    #[concurrent_cached(max_size = 1000, ttl_secs = 3600)]
    pub fn expiring(n: u64) -> u64 {
        work::square(n)
    }

    #[concurrent_cached(max_size = 1000, key = "u64", convert = { n.into() })]
    pub fn generic<T: Into<u64> + Copy>(n: T) -> u64 {
        work::square(n.into())
    }

    impl Shop {
        #[concurrent_cached(
            max_size = 1000,
            in_impl = true,
            key = "(Shop, u64)",
            convert = { (*self, item) }
        )]
        pub fn concurrent_price(&self, item: u64) -> u64 {
            self.compute(item)
        }
    }
}

/// `#[memoize]`: a map for each thread. It takes neither methods nor type parameters, and a key
/// that is owned by the caller.
pub mod local {
    use super::*;

    #[memoize(Capacity: 1000)]
    pub fn number(n: u64) -> u64 {
        work::square(n)
    }

    #[memoize(Capacity: 1000)]
    pub fn page(book: String, page: u32) -> Arc<Page> {
        work::page(&book, page)
    }

    #[memoize(Capacity: 1000, TimeToLive: Duration::from_secs(3600))]
    pub fn expiring(n: u64) -> u64 {
        work::square(n)
    }
}

/// `#[memoize(SharedCache)]`: one map for all threads.
pub mod shared {
    use super::*;

    #[memoize(SharedCache, Capacity: 1000)]
    pub fn number(n: u64) -> u64 {
        work::square(n)
    }

    #[memoize(SharedCache, Capacity: 1000)]
    pub fn page(book: String, page: u32) -> Arc<Page> {
        work::page(&book, page)
    }

    #[memoize(SharedCache, Capacity: 1000, TimeToLive: Duration::from_secs(3600))]
    pub fn expiring(n: u64) -> u64 {
        work::square(n)
    }
}

/// `#[kash]`: an attribute over moka.
pub mod over_moka {
    use super::*;

    #[kash(size = "1000")]
    pub fn number(n: u64) -> u64 {
        work::square(n)
    }

    #[kash(size = "1000", key(ty = "(String, u32)", expr = "{ (book.to_owned(), page) }"))]
    pub fn page(book: &str, page: u32) -> Arc<Page> {
        work::page(book, page)
    }

    #[kash(size = "1000", ttl = "3600")]
    pub fn expiring(n: u64) -> u64 {
        work::square(n)
    }

    #[kash(size = "1000", key(ty = "u64", expr = "{ n.into() }"))]
    pub fn generic<T: Into<u64> + Copy>(n: T) -> u64 {
        work::square(n.into())
    }

    impl Shop {
        #[kash(size = "1000", in_impl, key(ty = "(Shop, u64)", expr = "{ (*self, item) }"))]
        pub fn kash_price(&self, item: u64) -> u64 {
            self.compute(item)
        }
    }
}
