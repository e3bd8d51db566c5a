#[warp_macros::strategies]
struct Never;

fn main() {}
