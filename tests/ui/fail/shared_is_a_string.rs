use warp_cache::warp_cache;

const NAME: u32 = 7;

#[warp_cache(shared = NAME)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(4);
}
