use warp_cache::warp_cache;

#[warp_cache(max_size = 10, max_size = 10)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(4);
}
