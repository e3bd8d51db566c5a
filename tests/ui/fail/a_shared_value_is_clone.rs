use std::sync::Mutex;

use warp_cache::warp_cache;

#[warp_cache(shared = "users")]
fn user(id: u64) -> Mutex<u64> {
    Mutex::new(id)
}

fn main() {
    user(1);
}
