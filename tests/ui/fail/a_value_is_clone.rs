use warp_cache::warp_cache;

struct User(u64);

#[warp_cache]
fn user(id: u64) -> User {
    User(id)
}

fn main() {
    let _ = user(1).0;
}
