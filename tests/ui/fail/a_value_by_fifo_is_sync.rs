use std::cell::Cell;
use warp_cache::warp_cache;

#[warp_cache(strategy = Fifo)]
fn double(n: u64) -> Cell<u64> {
    Cell::new(n * 2)
}

fn main() {
    double(4);
}
