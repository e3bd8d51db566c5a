use warp_cache::warp_cache;

#[derive(Clone)]
struct Id(u64);
struct User(Id);

#[warp_cache(key = (user.0.clone(), n))]
fn name(user: &User, n: u64) -> u64 {
    user.0.0 + n
}

fn main() {
    name(&User(Id(1)), 2);
}
