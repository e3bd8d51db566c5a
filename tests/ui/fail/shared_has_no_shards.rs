use warp_cache::warp_cache;

#[warp_cache(shared = "doubles", shards = 4)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(4);
}
