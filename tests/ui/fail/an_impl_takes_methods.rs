use warp_cache::warp_cache;

struct User(u64);

#[warp_cache]
impl User {
    fn id(&self) -> u64 {
        self.0
    }
}

fn main() {
    User(1).id();
}
