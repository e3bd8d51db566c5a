use warp_cache::warp_cache;

struct User(u64);

#[warp_cache]
fn user(id: u64) -> Result<User, std::fmt::Error> {
    Ok(User(id))
}

fn main() {
    user(1).map(|user| user.0).ok();
}
