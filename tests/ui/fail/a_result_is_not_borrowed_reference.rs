use warp_cache::warp_cache;

#[warp_cache]
fn first(text: &str) -> Option<&str> {
    text.split(' ').next()
}

fn main() {
    first("a b");
}
