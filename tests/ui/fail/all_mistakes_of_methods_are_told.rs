struct User(u64);

#[warp_cache::methods]
impl User {
    #[warp_cache(maxsize = 10)]
    fn id(&self) -> u64 {
        self.0
    }
    #[warp_cache(skip(self))]
    fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

fn main() {
    let mut user = User(1);
    user.id();
    user.next();
}
