use warp_cache::warp_cache;

#[warp_cache]
fn double(n: u64, #[cfg(all())] m: u64) -> u64 {
    n * m
}

fn main() {
    double(4, 5);
}
