//! Keys that are looked up as they come, borrowed, and owned only when they are kept.
//!
//! cargo run --example 05_keys

use warp_cache::key::Equivalent;
use warp_cache::{Cache, LruStore};

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Route {
    host: String,
    port: u16,
}

/// What is asked with. It hashes as the kept key does: the same fields, in the same order.
#[derive(Hash)]
struct RouteRef<'a> {
    host: &'a str,
    port: u16,
}

impl Equivalent<Route> for RouteRef<'_> {
    fn equivalent(&self, key: &Route) -> bool {
        self.host == key.host && self.port == key.port
    }
}

fn main() {
    // A String is found by a str.
    let lengths = Cache::new(100);
    lengths.insert("warp".to_owned(), 4);
    assert_eq!(lengths.get("warp"), Some(4));
    assert!(!lengths.contains("weft"));

    // A struct is found by a struct of references: a hit allocates nothing.
    let latencies = Cache::new(100);
    latencies.insert(Route { host: "example.org".to_owned(), port: 443 }, 17);
    let asked = RouteRef { host: "example.org", port: 443 };
    assert_eq!(latencies.get(&asked), Some(17));
    assert_eq!(latencies.get(&RouteRef { port: 80, ..asked }), None);

    // One call is forgotten, the others stay.
    latencies.insert(Route { host: "example.org".to_owned(), port: 80 }, 90);
    assert!(latencies.invalidate(&RouteRef { host: "example.org", port: 443 }));
    let kept: Vec<_> = latencies.iter().map(|(route, latency)| (route.port, latency)).collect();
    println!("kept: {kept:?}");
    assert_eq!(kept, [(80, 90)]);

    // The stores for one thread are asked in the same way.
    let mut store = LruStore::new(10);
    drop(store.insert(Route { host: "localhost".to_owned(), port: 1 }, "up"));
    assert_eq!(store.get(&RouteRef { host: "localhost", port: 1 }), Some(&"up"));
}
