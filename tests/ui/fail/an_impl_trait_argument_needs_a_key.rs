use warp_cache::warp_cache;

#[warp_cache]
fn shout(word: impl AsRef<str>) -> String {
    word.as_ref().to_uppercase()
}

fn main() {
    shout("a");
}
