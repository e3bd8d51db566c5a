//! What the raced functions do, and what they are asked.
//!
//! All contenders run the same bodies, which count themselves: a race of hits that computed
//! anything was none.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most entries of every cache. The attributes repeat it, as most take a literal only.
pub const MAX_SIZE: usize = 1000;

/// Distinct arguments: far fewer than `MAX_SIZE`, as caches in parts bound each part for itself.
const KEYS: u64 = 256;

static COMPUTED: AtomicU64 = AtomicU64::new(0);

/// How many times a body ran.
pub fn computed() -> u64 {
    COMPUTED.load(Ordering::Relaxed)
}

pub fn square(n: u64) -> u64 {
    COMPUTED.fetch_add(1, Ordering::Relaxed);
    n.wrapping_mul(n)
}

/// A value that a cache hands out by its `Arc`.
#[derive(Debug, PartialEq)]
pub struct Page {
    text: String,
}

pub fn page(book: &str, number: u32) -> Arc<Page> {
    COMPUTED.fetch_add(1, Ordering::Relaxed);
    Arc::new(Page { text: format!("{book}, page {number}") })
}

/// The receiver of the method. One is enough: not every attribute makes it part of the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shop {
    pub discount: u64,
}

pub const SHOP: Shop = Shop { discount: 3 };

impl Shop {
    pub fn compute(&self, item: u64) -> u64 {
        square(item).wrapping_sub(self.discount)
    }
}

/// Every argument twice, in an order that no prefetcher guesses, and the same for everyone.
fn shuffled<A>(argument: impl Fn(u64) -> A) -> &'static [A] {
    let mut arguments: Vec<A> = (0..2 * KEYS).map(|i| argument(i % KEYS)).collect();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for i in (1..arguments.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        arguments.swap(i, (state >> 33) as usize % (i + 1));
    }
    arguments.leak()
}

pub fn numbers() -> &'static [u64] {
    shuffled(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

pub fn pages() -> &'static [(&'static str, u32)] {
    shuffled(|i| {
        let book: &str = format!("the {i}. book of the library").leak();
        (book, i as u32)
    })
}
