use warp_cache::warp_cache;

const SIZE: usize = 128;

#[warp_cache(max_size = SIZE - 128)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(4);
}
