use warp_cache::warp_cache;

#[warp_cache]
fn say(word: &str) -> () {
    println!("{word}");
}

fn main() {
    say("a");
}
