use warp_cache::warp_cache;

#[warp_cache]
fn apply<F: Fn(u64) -> u64>(f: F, n: u64) -> u64 {
    f(n)
}

fn main() {
    apply(|n| n, 4);
}
