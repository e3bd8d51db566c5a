use warp_cache::warp_cache;

struct Point {
    x: u64,
}

#[warp_cache(key = (x, point.y))]
fn double(point: &Point) -> u64 {
    point.x * 2
}

fn main() {
    double(&Point { x: 1 });
}
