use warp_cache::warp_cache;

#[derive(Clone)]
struct Word<'a>(&'a str);

#[warp_cache]
fn first(text: &str) -> Word {
    Word(text)
}

fn main() {
    let _ = first("a b").0;
}
