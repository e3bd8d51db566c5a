//! The questions, each with the contenders that can answer it.

use crate::attributes::{concurrent, local, over_moka, plain, shared};
use crate::maps::{before, borrowed_page, floor, linked, lru, mini_moka, moka, owned_page, quick};
use crate::ours;
use crate::race::Contender;
use crate::work::{self, SHOP};

pub const FLOOR: &str = "hashbrown + Mutex";
pub const CACHED: &str = "#[cached]";
pub const QUICK_CACHE: &str = "quick_cache";
/// Ours whose hits lock, and whose hits do not.
pub const OURS: &str = "#[warp_cache] Lru";
pub const OURS_SHARED_HIT: &str = "#[warp_cache] Fifo";

const OURS_LOCAL: &str = "#[warp_cache] local";
const CONCURRENT: &str = "#[concurrent_cached]";
const MEMOIZE: &str = "#[memoize] by thread";
const MEMOIZE_SHARED: &str = "#[memoize] shared";
const KASH: &str = "#[kash]";
const MOKA: &str = "moka";
const MINI_MOKA: &str = "mini-moka";
const HASHLINK: &str = "hashlink + Mutex";
const LRU: &str = "lru + Mutex";

pub struct Question {
    pub name: &'static str,
    pub contenders: Vec<Contender>,
}

impl Question {
    fn position(&self, contender: &str) -> Option<usize> {
        self.contenders.iter().position(|it| it.name == contender)
    }

    pub fn has(&self, contender: &str) -> bool {
        self.position(contender).is_some()
    }

    /// Where a contender is that answers every question, or `has` said so.
    pub fn index(&self, contender: &str) -> usize {
        self.position(contender).unwrap_or_else(|| panic!("{contender} is not in {}", self.name))
    }

    /// Each contender's figure, with its name.
    pub fn figures(&self, figure: impl Fn(usize) -> f64) -> Vec<(String, f64)> {
        let name = |index: usize| self.contenders[index].name.to_owned();
        (0..self.contenders.len()).map(|index| (name(index), figure(index))).collect()
    }
}

pub const NUMBER: &str = "fn(u64)";
pub const PAGE: &str = "fn(&str, u32)";
pub const EXPIRING: &str = "ttl";

pub fn questions() -> Vec<Question> {
    vec![
        Question { name: NUMBER, contenders: numbers() },
        Question { name: PAGE, contenders: pages() },
        Question { name: EXPIRING, contenders: expiring() },
        Question { name: "generic", contenders: generic() },
        Question { name: "method", contenders: methods() },
    ]
}

type Call<A, V> = fn(A) -> V;

/// `fn(u64) -> u64`
fn numbers() -> Vec<Contender> {
    let asked = work::numbers();
    let right: Call<u64, u64> = work::square;
    vec![
        Contender::new(OURS, asked, right, ours::lru::number),
        Contender::new(OURS_SHARED_HIT, asked, right, ours::fifo::number),
        Contender::new(OURS_LOCAL, asked, right, ours::local::number),
        Contender::new(CACHED, asked, right, plain::number),
        Contender::new(CONCURRENT, asked, right, concurrent::number),
        Contender::new(MEMOIZE, asked, right, local::number),
        Contender::new(MEMOIZE_SHARED, asked, right, shared::number),
        Contender::new(KASH, asked, right, over_moka::number),
        Contender::new(QUICK_CACHE, asked, right, before(quick(), work::square)),
        Contender::new(MOKA, asked, right, before(moka(false), work::square)),
        Contender::new(MINI_MOKA, asked, right, before(mini_moka(false), work::square)),
        Contender::new(HASHLINK, asked, right, before(linked(), work::square)),
        Contender::new(LRU, asked, right, before(lru(), work::square)),
        Contender::new(FLOOR, asked, right, before(floor(), work::square)),
    ]
}

/// `fn(&str, u32) -> Arc<Page>`
fn pages() -> Vec<Contender> {
    let asked = work::pages();
    let right = |(book, page): (&'static str, u32)| work::page(book, page);
    vec![
        Contender::new(OURS, asked, right, |(book, page)| ours::lru::page(book, page)),
        Contender::new(OURS_SHARED_HIT, asked, right, |(book, page)| ours::fifo::page(book, page)),
        Contender::new(OURS_LOCAL, asked, right, |(book, page)| ours::local::page(book, page)),
        Contender::new(CACHED, asked, right, |(book, page)| plain::page(book, page)),
        Contender::new(CONCURRENT, asked, right, |(book, page)| concurrent::page(book, page)),
        Contender::new(MEMOIZE, asked, right, |(book, page)| local::page(book.to_owned(), page)),
        Contender::new(MEMOIZE_SHARED, asked, right, |(book, page)| {
            shared::page(book.to_owned(), page)
        }),
        Contender::new(KASH, asked, right, |(book, page)| over_moka::page(book, page)),
        Contender::new(QUICK_CACHE, asked, right, borrowed_page(quick())),
        Contender::new(MOKA, asked, right, borrowed_page(moka(false))),
        Contender::new(MINI_MOKA, asked, right, owned_page(mini_moka(false))),
        Contender::new(HASHLINK, asked, right, owned_page(linked())),
        Contender::new(LRU, asked, right, owned_page(lru())),
        Contender::new(FLOOR, asked, right, borrowed_page(floor())),
    ]
}

/// `fn(u64) -> u64`, kept for an hour. The floor keeps for good.
fn expiring() -> Vec<Contender> {
    let asked = work::numbers();
    let right: Call<u64, u64> = work::square;
    vec![
        Contender::new(OURS, asked, right, ours::lru::expiring),
        Contender::new(OURS_SHARED_HIT, asked, right, ours::fifo::expiring),
        Contender::new(OURS_LOCAL, asked, right, ours::local::expiring),
        Contender::new(CACHED, asked, right, plain::expiring),
        Contender::new(CONCURRENT, asked, right, concurrent::expiring),
        Contender::new(MEMOIZE, asked, right, local::expiring),
        Contender::new(MEMOIZE_SHARED, asked, right, shared::expiring),
        Contender::new(KASH, asked, right, over_moka::expiring),
        Contender::new(MOKA, asked, right, before(moka(true), work::square)),
        Contender::new(MINI_MOKA, asked, right, before(mini_moka(true), work::square)),
        Contender::new(FLOOR, asked, right, before(floor(), work::square)),
    ]
}

/// `fn<T>(T) -> u64`, called with a u64. The floor is not generic.
fn generic() -> Vec<Contender> {
    let asked = work::numbers();
    let right: Call<u64, u64> = work::square;
    vec![
        Contender::new(OURS, asked, right, ours::lru::generic::<u64>),
        Contender::new(OURS_SHARED_HIT, asked, right, ours::fifo::generic::<u64>),
        Contender::new(CACHED, asked, right, plain::generic::<u64>),
        Contender::new(CONCURRENT, asked, right, concurrent::generic::<u64>),
        Contender::new(KASH, asked, right, over_moka::generic::<u64>),
        Contender::new(FLOOR, asked, right, before(floor(), work::square)),
    ]
}

/// `fn(&self, u64) -> u64`, with the receiver in the key.
fn methods() -> Vec<Contender> {
    let asked = work::numbers();
    let right = |item| SHOP.compute(item);
    let map = before(floor(), |(shop, item): (work::Shop, u64)| shop.compute(item));
    vec![
        Contender::new(OURS, asked, right, |item| SHOP.lru_price(item)),
        Contender::new(OURS_SHARED_HIT, asked, right, |item| SHOP.fifo_price(item)),
        Contender::new(CACHED, asked, right, |item| SHOP.cached_price(item)),
        Contender::new(CONCURRENT, asked, right, |item| SHOP.concurrent_price(item)),
        Contender::new(KASH, asked, right, |item| SHOP.kash_price(item)),
        Contender::new(FLOOR, asked, right, move |item| map((SHOP, item))),
    ]
}
