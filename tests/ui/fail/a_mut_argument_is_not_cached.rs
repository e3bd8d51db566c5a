use warp_cache::warp_cache;

#[warp_cache]
fn push(n: u64, all: &mut Vec<u64>) -> usize {
    all.push(n);
    all.len()
}

fn main() {
    push(4, &mut vec![]);
}
