use warp_cache::warp_cache;

struct User(u64);

impl User {
    #[warp_cache]
    fn id(n: u64) -> u64 {
        n
    }
}

fn main() {
    User::id(User(1).0);
}
