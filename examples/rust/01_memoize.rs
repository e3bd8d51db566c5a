//! A function's results, kept: each argument is computed once.
//!
//! cargo run --example 01_memoize

use std::sync::atomic::{AtomicU32, Ordering};

use warp_cache::Cache;

static CALLS: AtomicU32 = AtomicU32::new(0);

/// What takes long.
fn letters(word: &str) -> usize {
    CALLS.fetch_add(1, Ordering::Relaxed);
    word.chars().filter(|letter| letter.is_alphabetic()).count()
}

/// The same, remembered for the last 128 words.
fn cached_letters(cache: &Cache<String, usize>, word: &str) -> usize {
    cache.get_or_insert_with(word.to_owned(), || letters(word))
}

/// Recursion works too: the computation may use its own cache.
fn fibonacci(cache: &Cache<u64, u64>, n: u64) -> u64 {
    cache.get_or_insert_with(n, || match n {
        0 | 1 => n,
        _ => fibonacci(cache, n - 1) + fibonacci(cache, n - 2),
    })
}

fn main() {
    let cache = Cache::new(128);
    let text = "the cat and the dog and the bird";
    let total: usize = text.split(' ').map(|word| cached_letters(&cache, word)).sum();
    println!("{total} letters, {} of 8 words looked at", CALLS.load(Ordering::Relaxed));
    assert_eq!(total, 25);
    assert_eq!(CALLS.load(Ordering::Relaxed), 5);

    let cache = Cache::new(128);
    println!("fibonacci(90) = {}", fibonacci(&cache, 90));
    assert_eq!(cache.info().misses, 91);
}
