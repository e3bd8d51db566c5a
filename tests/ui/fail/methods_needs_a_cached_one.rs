struct User(u64);

#[warp_cache::methods]
impl User {
    fn id(&self) -> u64 {
        self.0
    }
}

fn main() {
    User(1).id();
}
