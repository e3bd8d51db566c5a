//! Signatures beside their arguments.
use std::fmt::Debug;
use std::hash::Hash;
use warp_cache::warp_cache;

#[warp_cache]
fn lifetimes<'a, 'b: 'a>(a: &'a str, b: &'b str) -> usize {
    let longer: &'a str = if a.is_empty() { b } else { a };
    longer.len()
}

#[warp_cache]
fn bounds<T, const N: usize>(items: [T; N]) -> Vec<T>
where
    T: Clone + Eq + Hash + Send + Debug + 'static,
    [T; N]: Clone,
{
    items.to_vec()
}

#[warp_cache]
extern "C" fn c(n: u32) -> u32 {
    n + 1
}

#[warp_cache]
fn returns_static() -> &'static str {
    "a"
}

#[warp_cache]
fn returns_functions(n: u8) -> fn(&str, &mut u8) -> usize {
    fn length(text: &str, n: &mut u8) -> usize {
        text.len() + usize::from(*n)
    }
    let _ = n;
    length
}

#[warp_cache]
fn returns_dyn(n: u8) -> std::sync::Arc<dyn Fn(&str) -> &str + Send + Sync> {
    std::sync::Arc::new(move |text| &text[usize::from(n)..])
}

#[warp_cache]
fn returns_never(n: u8) -> Result<u8, Box<dyn std::error::Error>> {
    if n == 0 {
        return Err("zero".into());
    }
    let n: u8 = n.to_string().parse()?;
    Ok(n)
}

mod inner {
    pub(crate) mod deep {
        use warp_cache::warp_cache;

        #[warp_cache]
        pub(in crate::inner) fn in_path(n: u8) -> u8 {
            super::super::c(n.into()) as u8
        }
        #[warp_cache]
        pub(super) fn in_super(n: u8) -> u8 {
            in_path(n)
        }
        #[warp_cache]
        pub(crate) fn in_crate(n: u8) -> u8 {
            self::in_super(n)
        }
    }
    pub(crate) fn all(n: u8) -> u8 {
        deep::in_path(n) + deep::in_super::uncached(n) + deep::in_crate(n)
    }
}
use inner::deep::in_crate;

#[cfg(all())]
#[warp_cache]
fn conditional(n: u8) -> u8 {
    n
}

#[warp_cache]
#[cfg(any())]
fn conditional(n: u8) -> NoSuchType {
    n
}

#[cfg(any())]
#[warp_cache]
fn conditional(n: u8) -> NoSuchType {
    n
}

#[warp_cache]
#[cfg_attr(all(), must_use)]
#[inline(never)]
#[deprecated = "old"]
#[doc = "A function."]
#[doc(hidden)]
#[track_caller]
#[cold]
/// With documentation.
pub fn attributes(n: u8) -> u8 {
    n
}

fn nested(n: u8) -> u8 {
    #[warp_cache]
    fn nested(n: u8) -> u8 {
        #[warp_cache]
        fn nested(n: u8) -> u8 {
            n + 1
        }
        nested(n) + u8::from(nested::contains(n))
    }
    fn uncached() -> u8 {
        1
    }
    nested(n) + uncached()
}

#[warp_cache]
fn info(n: u8) -> u8 {
    n
}

#[warp_cache]
fn clear(n: u8) -> u8 {
    fn info(n: u8) -> u8 {
        n
    }
    info(n)
}

#[warp_cache]
fn uncached(n: u8) -> u8 {
    if n == 0 { 0 } else { uncached(n - 1) }
}

#[warp_cache(single_flight)]
async fn waits<T: Clone + Send + 'static>(n: u8, value: T) -> Result<T, std::io::Error>
where
    T: Eq + Hash,
{
    let _ = std::future::ready(n).await;
    Ok(value)
}

fn is_send<T: Send>(_: T) {}

fn main() {
    lifetimes("a", "b");
    bounds([1, 2]);
    let pointer: extern "C" fn(u32) -> u32 = c;
    pointer(1);
    returns_static();
    returns_functions(1)("a", &mut 1);
    returns_dyn(1)("ab");
    returns_never(1).ok();
    inner::all(1);
    in_crate::clear();
    conditional(1);
    #[expect(deprecated)]
    let _ = attributes(1);
    assert_eq!(nested(1), 4);
    assert_eq!((info(1), clear(1), uncached(3)), (1, 1, 0));
    assert_eq!((info::info().len, clear::info().len, uncached::info().len), (1, 1, 4));
    is_send(waits(1, 2));
    is_send(waits::refresh(1, 2));
}
