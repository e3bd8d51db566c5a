use warp_cache::warp_cache;

struct Word<'a>(&'a str);

#[warp_cache]
fn first<'a>(text: &'a str) -> Word<'a> {
    Word(text)
}

fn main() {
    let _ = first("a b").0;
}
