use warp_cache::warp_cache;

#[derive(Clone, PartialEq, Eq, Hash)]
struct User(u64);

#[warp_cache(shared = "names")]
fn name(user: &User, n: u64) -> u64 {
    user.0 + n
}

fn main() {
    name(&User(1), 2);
}
