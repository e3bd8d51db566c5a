use warp_cache::warp_cache;

#[warp_cache]
#[derive(Debug)]
pub struct User(pub u64);

fn main() {
    println!("{:?}", User(1));
}
