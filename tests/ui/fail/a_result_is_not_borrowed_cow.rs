use std::borrow::Cow;
use warp_cache::warp_cache;

#[warp_cache]
fn trimmed(text: &str) -> Cow<'_, str> {
    text.trim().into()
}

fn main() {
    trimmed("a b");
}
