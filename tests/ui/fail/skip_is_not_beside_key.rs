use warp_cache::warp_cache;

#[warp_cache(key = id, skip(pool))]
fn user(pool: &u64, id: u64) -> u64 {
    *pool + id
}

fn main() {
    user(&1, 4);
}
