use warp_cache::warp_cache;

#[warp_cache]
fn u64(text: &str) -> Option<u64> {
    text.parse().ok()
}

fn main() {
    u64("1");
}
