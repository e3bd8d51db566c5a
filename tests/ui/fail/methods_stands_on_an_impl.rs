#[warp_cache::methods]
pub struct User(pub u64);

fn main() {
    println!("{}", User(1).0);
}
