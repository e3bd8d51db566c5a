use warp_cache::warp_cache;

#[warp_cache]
fn up_to(n: u64) -> impl Iterator<Item = u64> {
    0..n
}

fn main() {
    up_to(4).next();
}
