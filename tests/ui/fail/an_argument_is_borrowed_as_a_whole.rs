use warp_cache::warp_cache;

struct Pattern<'a>(&'a str);

#[warp_cache]
fn total(words: &[&str], by: (u8, Option<&Vec<&str>>), pattern: Pattern<'_>) -> usize {
    words.len() + by.1.map_or(0, Vec::len) + pattern.0.len()
}

fn main() {
    total(&["a"], (1, None), Pattern("a"));
}
