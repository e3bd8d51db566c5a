//! Functions that a `macro_rules!` makes, with options and parts that come from its caller.
use std::time::Duration;
use warp_cache::warp_cache;

macro_rules! function {
    ($visibility:vis fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty $body:block) => {
        #[warp_cache]
        $visibility fn $name($($argument: $type),*) -> $result $body
    };
}
function!(pub(crate) fn sum(a: f64, b: Option<&str>) -> Result<f64, String> {
    Ok(a + b.ok_or("none")?.len() as f64)
});
function!(fn nothing() -> &'static str { "nothing" });

macro_rules! options {
    ($name:ident, $size:expr, $strategy:ident, $shards:expr, $key:expr, $keep:expr) => {
        #[warp_cache(max_size = $size, strategy = $strategy, shards = $shards, key = $key, cache_if = $keep)]
        fn $name(n: u64) -> u64 {
            n
        }
    };
}
const HALF: u64 = 2;
options!(unbounded_by_word, unbounded, Fifo, 1 + 1, HALF + 1, |n| *n > 3);
options!(bounded, 3 * 4, Lfu, 1, (HALF, 'a'), |_| true);

macro_rules! literal {
    ($size:literal, $ttl:literal, $ttl_of:expr) => {
        #[warp_cache(max_size = $size, ttl = $ttl)]
        fn fixed(n: u64) -> u64 {
            n
        }
        #[warp_cache(max_size = $size, ttl = $ttl_of)]
        fn by_value(n: u64) -> u64 {
            n
        }
    };
}
literal!(10, 1h30m, |n: &u64| Duration::from_secs(*n));

/// Two arguments of one name, which are not the same.
macro_rules! two {
    ($x:ident) => {
        #[warp_cache]
        fn two($x: u64, x: u64) -> u64 {
            10 * $x + x
        }
    };
}
two!(x);

struct Shop(u64);

macro_rules! method {
    ($name:ident, $self:ident, $n:ident, $body:block) => {
        impl Shop {
            #[warp_cache(key = ($self.0, $n))]
            fn $name(&$self, $n: u64) -> u64 $body
        }
    };
}
method!(price, self, n, { self.0 * n });

fn main() {
    assert_eq!((sum(1.0, Some("a")), sum(1.0, None).is_err()), (Ok(2.0), true));
    assert_eq!((sum::info().len, nothing(), nothing::info().misses), (1, "nothing", 1));
    assert_eq!((fixed(1), by_value(0), by_value(1)), (1, 0, 1));
    assert_eq!((by_value::contains(0), by_value::contains(1)), (false, true));
    assert_eq!((unbounded_by_word(1), unbounded_by_word(7), unbounded_by_word(8)), (1, 7, 7));
    assert_eq!((unbounded_by_word::info().max_size, bounded::info().max_size), (None, Some(12)));
    assert_eq!((bounded(1), bounded(2)), (1, 1));
    assert_eq!((two(1, 2), two(1, 3), two(2, 3)), (12, 13, 23));
    assert_eq!((Shop(2).price(3), Shop(3).price(3)), (6, 9));
}
