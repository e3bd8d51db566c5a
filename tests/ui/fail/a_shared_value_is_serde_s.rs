use warp_cache::warp_cache;

#[derive(Clone)]
struct User(u64);

#[warp_cache(shared = "users")]
fn user(id: u64) -> Result<User, String> {
    Ok(User(id))
}

fn main() {
    assert!(user(1).is_ok_and(|user| user.0 == 1));
}
