//! `#[warp_cache]`, as its documentation says to use it.

use std::hash::Hash;
use std::sync::Arc;

use warp_cache::warp_cache;

use crate::work::{self, Page, Shop};

/// The attribute of the functions that `build_cost` generates; none while there is no attribute.
pub const ATTRIBUTE: Option<&str> = Some("#[warp_cache::warp_cache(max_size = 1000)]");

/// By LRU: a hit changes the order, so it locks.
pub mod lru {
    use super::*;

    #[warp_cache(max_size = 1000)]
    pub fn number(n: u64) -> u64 {
        work::square(n)
    }

    #[warp_cache(max_size = 1000)]
    pub fn page(book: &str, page: u32) -> Arc<Page> {
        work::page(book, page)
    }

    #[warp_cache(max_size = 1000, ttl = 1h)]
    pub fn expiring(n: u64) -> u64 {
        work::square(n)
    }

    #[warp_cache(max_size = 1000)]
    pub fn generic<T: Into<u64> + Copy + Hash + Eq + Send + Sync + 'static>(n: T) -> u64 {
        work::square(n.into())
    }

    impl Shop {
        #[warp_cache(max_size = 1000)]
        pub fn lru_price(&self, item: u64) -> u64 {
            self.compute(item)
        }
    }
}

/// By FIFO: a hit writes nothing that threads share.
pub mod fifo {
    use super::*;

    #[warp_cache(max_size = 1000, strategy = Fifo)]
    pub fn number(n: u64) -> u64 {
        work::square(n)
    }

    #[warp_cache(max_size = 1000, strategy = Fifo)]
    pub fn page(book: &str, page: u32) -> Arc<Page> {
        work::page(book, page)
    }

    #[warp_cache(max_size = 1000, strategy = Fifo, ttl = 1h)]
    pub fn expiring(n: u64) -> u64 {
        work::square(n)
    }

    #[warp_cache(max_size = 1000, strategy = Fifo)]
    pub fn generic<T: Into<u64> + Copy + Hash + Eq + Send + Sync + 'static>(n: T) -> u64 {
        work::square(n.into())
    }

    impl Shop {
        #[warp_cache(max_size = 1000, strategy = Fifo)]
        pub fn fifo_price(&self, item: u64) -> u64 {
            self.compute(item)
        }
    }
}

/// By LRU, one cache for each thread: without a lock.
pub mod local {
    use super::*;

    #[warp_cache(local, max_size = 1000)]
    pub fn number(n: u64) -> u64 {
        work::square(n)
    }

    #[warp_cache(local, max_size = 1000)]
    pub fn page(book: &str, page: u32) -> Arc<Page> {
        work::page(book, page)
    }

    #[warp_cache(local, max_size = 1000, ttl = 1h)]
    pub fn expiring(n: u64) -> u64 {
        work::square(n)
    }
}
