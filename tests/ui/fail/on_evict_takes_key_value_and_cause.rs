use warp_cache::warp_cache;

fn gone(_key: &u64) {}

#[warp_cache(on_evict = gone)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(4);
}
