use warp_cache::warp_cache;

#[derive(Clone)]
struct User(u64);

impl User {
    #[warp_cache]
    fn new(n: u64) -> Self {
        User(n)
    }
}

fn main() {
    let _ = User::new(1).0;
}
