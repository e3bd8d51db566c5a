//! `shared`: a function's cache in shared memory, used by one process. It does what an unshared one
//! does.
#![cfg(all(unix, not(any(loom, miri))))]

use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use serde::{Deserialize, Serialize};
use warp_cache::warp_cache;
use warp_tests::elsewhere::elsewhere;
use warp_tests::executor::block_on;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Thumb {
    id: u64,
    pixels: Vec<u8>,
    label: Option<String>,
}

#[warp_cache(shared = "thumbs")]
fn thumb(id: u64) -> Thumb {
    Thumb { id, pixels: vec![id as u8; 3], label: (id % 2 == 0).then(|| "even".to_owned()) }
}

#[test]
fn a_result_is_kept_and_comes_back_as_it_was() {
    elsewhere("a_result_is_kept_and_comes_back_as_it_was", || {
        for id in [1, 2, 1, 2, 1] {
            assert_eq!(thumb(id), thumb::uncached(id));
        }
        let info = thumb::info();
        assert_eq!((info.hits, info.misses, info.len, info.max_size), (3, 2, 2, Some(128)));
        assert_eq!((info.errors, info.evictions, info.waits), (0, 0, 0));
    });
}

#[test]
fn controls_do_what_they_do_in_process() {
    static BY: AtomicU32 = AtomicU32::new(1);
    #[warp_cache(shared = "controls")]
    fn scaled(n: u32) -> Result<u32, String> {
        match BY.load(Relaxed) {
            0 => Err("by zero".into()),
            by => Ok(n * by),
        }
    }
    elsewhere("controls_do_what_they_do_in_process", || {
        assert_eq!(
            (scaled::get(1), scaled::contains(1), scaled::invalidate(1)),
            (None, false, false)
        );
        assert_eq!(scaled(1), Ok(1));
        assert_eq!((scaled::get(1), scaled::contains(1)), (Some(Ok(1)), true));
        scaled::set(1, Ok(7));
        assert_eq!((scaled(1), scaled::get(1)), (Ok(7), Some(Ok(7))));
        let info = scaled::info();
        assert_eq!((info.hits, info.misses), (1, 1), "controls are not counted");

        // A result that would not be kept drops what is there.
        scaled::set(1, Err("by hand".into()));
        assert!(!scaled::contains(1));

        scaled::set(2, Ok(5));
        assert_eq!(scaled::refresh(2), Ok(2));
        assert_eq!(scaled::get(2), Some(Ok(2)));
        BY.store(0, Relaxed);
        assert!(scaled::refresh(2).is_err());
        assert_eq!(scaled::get(2), Some(Ok(2)), "what is there stays");
        assert!(scaled::uncached(2).is_err());
        assert!(scaled(3).is_err() && !scaled::contains(3));
        assert_eq!(scaled::info().errors, 2);

        assert!(scaled::invalidate(2) && !scaled::invalidate(2));
        scaled::set(4, Ok(4));
        scaled::clear();
        assert!(!scaled::contains(4));
        let info = scaled::info();
        assert_eq!((info.hits, info.misses, info.errors, info.len), (0, 0, 0, 0));
    });
}

#[test]
fn keys_of_every_shape() {
    #[warp_cache(shared = "shapes")]
    fn shapes(
        text: &str,
        (bytes, some): (&[u8], Option<&str>),
        cow: Cow<'_, str>,
        pair: (f64, Option<f32>),
        (thumb, [a, b]): (&Thumb, [u16; 2]),
        nested: &Option<Vec<String>>,
    ) -> usize {
        let _ = (pair, thumb, nested);
        text.len() + bytes.len() + some.map_or(0, str::len) + cow.len() + usize::from(a + b)
    }
    elsewhere("keys_of_every_shape", || {
        let thumb = thumb::uncached(1);
        let call = |cow, zero: f64, nan: f32| {
            shapes("ab", (&[1, 2], Some("c")), cow, (zero, Some(nan)), (&thumb, [1, 2]), &None)
        };
        assert_eq!(call("d".into(), 0.0, f32::NAN), 9);
        assert_eq!(call(String::from("d").into(), -0.0, -f32::NAN), 9);
        assert_eq!((shapes::info().hits, shapes::info().misses), (1, 1));
        // Parts do not run into each other.
        #[warp_cache(shared = "parts")]
        fn parts(a: &str, b: &str) -> String {
            format!("{a}|{b}")
        }
        assert_eq!(
            [parts("ab", "c"), parts("a", "bc"), parts("", "abc")],
            ["ab|c", "a|bc", "|abc"]
        );
        assert_eq!(parts::info().misses, 3);
    });
}

#[test]
fn instantiations_have_regions_of_their_own() {
    #[warp_cache(shared = "generic")]
    fn name<T: 'static, const N: usize>(prefix: &str) -> String {
        format!("{prefix}{}{N}", std::any::type_name::<T>())
    }
    #[warp_cache(shared = "generic too")]
    fn twice<T>(value: T) -> T
    where
        T: Clone + Send + Serialize + serde::de::DeserializeOwned + 'static,
    {
        value
    }
    elsewhere("instantiations_have_regions_of_their_own", || {
        for _ in 0..2 {
            assert_eq!(name::<u8, 1>("a "), "a u81");
            assert_eq!(name::<u8, 2>("a "), "a u82");
            assert_eq!(name::<u16, 1>("a "), "a u161");
            assert_eq!((twice(1_u8), twice(1_u16), twice("1".to_owned())), (1, 1, "1".to_owned()));
        }
        assert_eq!((name::info().hits, name::info().misses, name::info().len), (3, 3, 3));
        assert_eq!((twice::info().hits, twice::info().misses), (3, 3));
        assert!(name::contains::<u8, 2>("a ") && !name::contains::<u8, 3>("a "));
        twice::clear();
        assert_eq!(twice::info().len, 0);
    });
}

/// On purpose, by the name.
#[test]
fn functions_of_one_name_and_type_share_a_cache() {
    #[warp_cache(shared = "one name")]
    fn one(n: u32) -> u32 {
        n
    }
    #[warp_cache(shared = concat!("one", " ", "name"))]
    fn other(n: u32) -> u32 {
        n + 1000
    }
    #[warp_cache(shared = "one name", max_size = 3)]
    fn third(n: u32) -> u32 {
        n + 2000
    }
    elsewhere("functions_of_one_name_and_type_share_a_cache", || {
        assert_eq!((one(1), other(1)), (1, 1));
        other::set(1, 5);
        assert_eq!(one(1), 5);
        one::clear();
        assert_eq!(other(1), 1001);
        assert_eq!(third(1), 2001, "another configuration is another cache");
    });
}

#[derive(Clone, Serialize, Deserialize)]
struct Shop {
    rate: u64,
}

#[warp_cache::methods]
impl Shop {
    #[warp_cache(shared = "prices", max_size = 1000)]
    fn price(&self, item: &str) -> u64 {
        self.rate * item.len() as u64
    }
    #[warp_cache(shared = "best")]
    fn best(rates: &[u64]) -> Option<u64> {
        rates.iter().max().copied()
    }
}

trait Area {
    fn area(&self, scale: u64) -> u64;
}

impl Area for Shop {
    #[warp_cache(shared = "areas", skip(self))]
    fn area(&self, scale: u64) -> u64 {
        self.rate * scale
    }
}

#[test]
fn methods_have_their_controls() {
    elsewhere("methods_have_their_controls", || {
        let (near, far) = (Shop { rate: 1 }, Shop { rate: 2 });
        assert_eq!((near.price("tea"), far.price("tea"), near.price("tea")), (3, 6, 3));
        assert_eq!(Shop::price_cache().get(&near, "tea"), Some(3));
        assert!(Shop::price_cache().invalidate(&near, "tea"));
        assert!(!Shop::price_cache().contains(&near, "tea"));
        assert_eq!((Shop::price_cache().info().len, Shop::price_cache().info().hits), (1, 1));
        assert_eq!((Shop::best(&[1, 3]), Shop::best(&[])), (Some(3), None));
        assert_eq!(Shop::best_cache().info().len, 1);
        assert_eq!((near.area(3), far.area(3)), (3, 3), "self is not in the key");
    });
}

#[test]
fn async_functions_are_looked_up_when_they_are_polled() {
    #[warp_cache(shared = "pages")]
    async fn page(url: &str) -> std::io::Result<String> {
        if url.is_empty() {
            Err(std::io::Error::other("no address"))
        } else {
            Ok(url.to_uppercase())
        }
    }
    elsewhere("async_functions_are_looked_up_when_they_are_polled", || {
        block_on(async {
            assert_eq!(page("a").await.unwrap(), "A");
            assert_eq!(page("a").await.unwrap(), "A");
            assert!(page("").await.is_err() && page("").await.is_err());
            page::set("a", Ok("set".into()));
            assert_eq!(page("a").await.unwrap(), "set");
            assert_eq!(page::refresh("a").await.unwrap(), "A");
        });
        let info = page::info();
        assert_eq!((info.hits, info.misses, info.errors, info.len), (2, 3, 2, 1));
    });
}

#[test]
fn shared_functions_are_listed_and_cleared_with_the_others() {
    elsewhere("shared_functions_are_listed_and_cleared_with_the_others", || {
        thumb(1);
        let listed = warp_cache::functions();
        let (_, info) = listed.iter().find(|(name, _)| name.ends_with("::thumb")).expect("thumb");
        assert_eq!((info.misses, info.len), (1, 1));
        warp_cache::clear_all();
        assert_eq!(thumb::info().len, 0);
    });
}
