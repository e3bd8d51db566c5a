//! The lints are those that the functions would have without the attribute.
#![deny(warnings)]
use warp_cache::warp_cache;

struct User;

fn helper() -> u64 {
    1
}

#[warp_cache]
fn never_called(n: u64) -> u64 {
    n + helper()
}

#[warp_cache(max_size = unbounded)]
fn only_recursive(n: u64) -> u64 {
    only_recursive(n)
}

#[warp_cache]
fn arguments(used: u64, unused: u64, mut not_changed: u64) -> u64 {
    let local = 1;
    used + not_changed
}

#[warp_cache]
async fn awaited(unused: u64) -> u64 {
    1
}

impl User {
    #[warp_cache(skip(self))]
    fn method(&self, unused: u64, mut not_changed: u64) -> u64 {
        not_changed
    }
    #[warp_cache(skip(self))]
    fn unused_method(&self, n: u64) -> u64 {
        n
    }
}

#[warp_cache::methods]
impl User {
    #[warp_cache(skip(self))]
    fn cached_method(&self, unused: u64) -> u64 {
        1
    }
    #[warp_cache]
    fn unused_function(n: u64) -> u64 {
        n
    }
}

fn main() {
    let _ = (arguments(1, 2, 3), awaited(1), User.method(1, 2), User.cached_method(2));
}
