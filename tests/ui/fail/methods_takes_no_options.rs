#[derive(Clone, PartialEq, Eq, Hash)]
struct User(u64);

#[warp_cache::methods(max_size = 10)]
impl User {
    #[warp_cache]
    fn id(&self) -> u64 {
        self.0
    }
}

fn main() {
    User(1).id();
}
