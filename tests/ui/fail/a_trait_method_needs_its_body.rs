use warp_cache::warp_cache;

trait Area {
    #[warp_cache]
    fn area(&self) -> u64;
}

impl Area for u64 {
    fn area(&self) -> u64 {
        *self
    }
}

fn main() {
    1u64.area();
}
