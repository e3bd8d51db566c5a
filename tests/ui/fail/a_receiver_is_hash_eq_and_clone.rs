use warp_cache::warp_cache;

struct User(u64);

impl User {
    #[warp_cache]
    fn name(&self, n: u64) -> u64 {
        self.0 + n
    }
}

fn main() {
    User(1).name(2);
}
