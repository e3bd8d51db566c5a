use std::hash::Hash;
use warp_cache::warp_cache;

#[warp_cache]
fn count<T: Hash + Eq + Clone + Send>(items: &[T]) -> usize {
    items.len()
}

fn main() {
    count(&[1]);
}
