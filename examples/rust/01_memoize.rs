//! A function's results, kept: each argument is computed once.
//!
//! cargo run --example 01_memoize

use std::sync::atomic::{AtomicU32, Ordering};

use warp_cache::{Cache, warp_cache};

static CALLS: AtomicU32 = AtomicU32::new(0);

/// What takes long, remembered for the last 128 words.
#[warp_cache]
fn letters(word: &str) -> usize {
    CALLS.fetch_add(1, Ordering::Relaxed);
    word.chars().filter(|letter| letter.is_alphabetic()).count()
}

/// Recursion works too: the function may use its own cache.
#[warp_cache(max_size = unbounded)]
fn fibonacci(n: u64) -> u64 {
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

fn main() {
    let text = "the cat and the dog and the bird";
    let total: usize = text.split(' ').map(letters).sum();
    println!("{total} letters, {} of 8 words looked at", CALLS.load(Ordering::Relaxed));
    assert_eq!((total, CALLS.load(Ordering::Relaxed)), (25, 5));

    println!("fibonacci(90) = {}", fibonacci(90));
    assert_eq!(fibonacci::info().misses, 91);

    // It stays the function that it was, and its controls stand under its name.
    let function: fn(&str) -> usize = letters;
    assert_eq!(function("cat"), 3);
    assert_eq!(letters::uncached("plain"), 5);
    assert!(!letters::contains("plain"));
    println!("letters: {:?}", letters::info());
    letters::clear();
    assert_eq!((letters::info().hits, letters::info().len), (0, 0));

    // Below it there is a map, for those who want to hold it themselves.
    let squares = Cache::new(2);
    for x in [1, 2, 1, 3, 2] {
        assert_eq!(squares.get_or_insert_with(x, || x * x), x * x);
    }
    assert_eq!((squares.info().hits, squares.info().misses, squares.len()), (1, 4, 2));
}
