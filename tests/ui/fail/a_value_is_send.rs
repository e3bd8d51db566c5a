use std::rc::Rc;
use warp_cache::warp_cache;

#[warp_cache]
fn double(n: u64) -> Rc<u64> {
    Rc::new(n * 2)
}

fn main() {
    double(4);
}
