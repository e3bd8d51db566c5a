use std::rc::Rc;
use warp_cache::warp_cache;

#[warp_cache]
fn double(n: u64, name: Rc<str>) -> u64 {
    n * 2 + name.len() as u64
}

fn main() {
    double(4, "a".into());
}
