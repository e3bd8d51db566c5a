//! Functions with `shared` of every kind. They are not called: regions would be left behind.
use std::borrow::Cow;
use warp_cache::warp_cache;

mod core {}
mod std_ {}

const NAME: &str = "by a constant";

#[warp_cache(shared = "names of ours")]
fn names(never: u8, this: u8, settings: u8, statics: &str, pending: Option<&str>) -> u8 {
    never + this + settings + statics.len() as u8 + pending.map_or(0, |text| text.len() as u8)
}

#[warp_cache(shared = NAME)]
fn patterns((a, _): (u64, u8), [b, ..]: [u64; 3], _: u64, mut c: u64) -> u64 {
    c += 1;
    a + b + c
}

#[warp_cache(shared = format!("{NAME} {}", 2))]
fn borrowed<'a>(text: &'a str, cow: Cow<'a, str>, bytes: &[u8]) -> String {
    format!("{text}{cow}{}", bytes.len())
}

#[warp_cache(shared = "closure", ttl = |n| (*n > 3).then(|| ::std::time::Duration::from_secs(1)))]
fn closure(n: u32) -> u32 {
    n
}

#[warp_cache(shared = "anonymous", key = n)]
fn anonymous(n: u32, shown: impl ::std::fmt::Debug) -> String {
    format!("{n}{shown:?}")
}

struct Store<T>(T);

#[warp_cache::methods]
impl<T: Clone + serde::Serialize + serde::de::DeserializeOwned + 'static> Store<T> {
    #[warp_cache(shared = "first", key = (self.0.clone(), n))]
    fn first(&self, n: u32) -> u32 {
        n
    }
    #[warp_cache(shared = "second", skip(self))]
    fn second<'a>(self: &'a Self, text: &'a str) -> usize {
        text.len()
    }
    #[warp_cache(shared = "third", skip(self), single_flight)]
    async fn third(&self, n: u32) -> Result<u32, ::std::io::Error>
    where
        T: ::std::hash::Hash + Eq,
        Self: Sized,
    {
        Ok(n)
    }
}

fn main() {
    let _ = || anonymous(1, "a");
    let _ = (names as fn(u8, u8, u8, &'static str, Option<&'static str>) -> u8, names::clear, patterns::info);
    let _ = (borrowed::info, closure::info, anonymous::info);
    let _ = (Store::<u8>::first, Store::<u8>::second_cache, Store::<u8>::third_cache);
}
