use warp_cache::warp_cache;

#[warp_cache(ttl = |n: &u64| *n)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(4);
}
