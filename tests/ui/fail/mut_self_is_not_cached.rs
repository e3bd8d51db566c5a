use warp_cache::warp_cache;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Counter(u64);

impl Counter {
    #[warp_cache]
    fn next(&mut self, step: u64) -> u64 {
        self.0 += step;
        self.0
    }
}

fn main() {
    Counter(0).next(1);
}
