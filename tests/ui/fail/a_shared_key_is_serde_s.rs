use warp_cache::warp_cache;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Id(u64);

#[warp_cache(shared = "names", key = Id(n + 1))]
fn name(n: u64) -> u64 {
    n
}

fn main() {
    name(1);
}
