use warp_cache::warp_cache;

struct User(u64);

#[warp_cache]
fn name(user: &User, n: u64) -> u64 {
    user.0 + n
}

fn main() {
    name(&User(1), 2);
}
