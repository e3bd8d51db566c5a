//! Which calls are the same call: methods, arguments that do not matter, floats, keys of your own.
//!
//! cargo run --example 05_keys

use warp_cache::warp_cache;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Shop(usize);

#[warp_cache::methods]
impl Shop {
    #[warp_cache(max_size = 1000)]
    fn price(&self, item: &str) -> usize {
        self.0 * item.len()
    }
}

/// What does not change the result is left out, and need not even be comparable.
#[warp_cache(skip(log))]
fn area(width: u32, height: u32, log: impl Fn(&str)) -> u32 {
    log("computed");
    width * height
}

/// Text is looked up borrowed, and owned only on a miss. Floats are keys too.
#[warp_cache]
fn scaled(text: &str, unit: Option<&str>, by: f64) -> String {
    format!("{text} {unit:?} {by}")
}

struct Order {
    id: u32,
    country: &'static str,
}

/// A key of your own, also for arguments that have no hash.
#[warp_cache(key = (order.id, order.country.to_lowercase()))]
fn tax(order: &Order) -> u32 {
    if order.country.eq_ignore_ascii_case("de") { 19 } else { 20 }
}

fn main() {
    // The instance is part of the key, and the controls of a method take it first.
    let (near, far) = (Shop(1), Shop(2));
    assert_eq!((near.price("tea"), far.price("tea")), (3, 6));
    assert!(Shop::price_cache().invalidate(&near, "tea"));
    assert_eq!(Shop::price_cache().get(&near, "tea"), None);
    println!("price: {:?}", Shop::price_cache().info());

    assert_eq!((area(2, 3, |text| println!("area: {text}")), area(2, 3, |_| ())), (6, 6));
    assert_eq!(area::info().hits, 1);

    // One NaN, one zero.
    assert_eq!(scaled("a", Some("m"), f64::NAN), scaled("a", Some("m"), -f64::NAN));
    assert_eq!(scaled("a", None, 0.0), scaled("a", None, -0.0));
    assert_eq!(scaled::info().hits, 2);

    assert_eq!(tax(&Order { id: 7, country: "DE" }), tax(&Order { id: 7, country: "de" }));
    assert_eq!(tax::info().hits, 1);
}
