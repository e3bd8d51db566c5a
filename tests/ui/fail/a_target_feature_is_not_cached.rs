use warp_cache::warp_cache;

#[warp_cache]
#[target_feature(enable = "sse2")]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    let _ = double;
}
