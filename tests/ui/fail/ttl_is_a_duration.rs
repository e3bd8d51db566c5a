use warp_cache::warp_cache;

const SECONDS: u64 = 30;

#[warp_cache(ttl = SECONDS)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(4);
}
