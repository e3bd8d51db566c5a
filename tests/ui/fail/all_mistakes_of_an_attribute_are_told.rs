use warp_cache::warp_cache;

#[warp_cache(
    maxsize = 10,
    ttl = 30,
    local,
    shards = 0,
    skip(pol),
    ttl = 1s,
    single_flight,
    strategy = "lru"
)]
const fn first(pool: &str, text: &'static str) -> &'static str {
    let _ = pool;
    text
}

#[warp_cache(shards)]
fn second(text: &mut String) -> Option<&str> {
    text.get(1..)
}

fn main() {
    // That they are refused is no reason for errors here.
    const FIRST: &str = first("a", "b");
    second(&mut FIRST.to_string());
}
