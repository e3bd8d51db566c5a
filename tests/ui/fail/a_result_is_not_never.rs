use warp_cache::warp_cache;

#[warp_cache]
fn leave(code: i32) -> ! {
    std::process::exit(code)
}

fn main() {
    leave(0);
}
