use warp_cache::warp_cache;

#[warp_cache]
unsafe fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    unsafe { double(4) };
}
