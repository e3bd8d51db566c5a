//! `shared` where something cannot be shared: the call has its value all the same, and what is wrong
//! is counted and said once.
#![cfg(all(unix, not(any(loom, miri))))]

use std::collections::HashMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde::{Deserialize, Serialize};
use warp_cache::{SharedCache, warp_cache};
use warp_tests::elsewhere::{elsewhere, elsewhere_in, is_elsewhere};
use warp_tests::scratch::Scratch;

/// The lines of a process that are of the engine.
fn warnings(said: Option<&str>) -> Vec<&str> {
    said.unwrap_or_default().lines().filter(|line| line.starts_with("warp_cache: ")).collect()
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sparse {
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u8>,
    second: Option<u8>,
}

#[warp_cache(shared = "sparse results")]
fn sparse(n: u8) -> Sparse {
    Sparse { first: (n > 1).then_some(n), second: Some(n) }
}

#[warp_cache(shared = "sparse keys")]
fn second(sparse: &Sparse) -> Option<u8> {
    sparse.second
}

#[test]
fn what_has_no_encoding_is_computed_again() {
    let said = elsewhere("what_has_no_encoding_is_computed_again", || {
        for n in [1, 2, 1, 1] {
            assert_eq!(sparse(n), sparse::uncached(n));
            assert_eq!(second(&sparse::uncached(n)), Some(n));
        }
        assert_eq!(sparse(2), sparse::uncached(2), "this one leaves nothing out");
        for (info, hits, misses) in [(sparse::info(), 1, 4), (second::info(), 0, 4)] {
            assert_eq!((info.hits, info.misses, info.errors, info.len), (hits, misses, 3, 1));
        }
        assert!(second::get(&sparse::uncached(1)).is_none());
    });
    let said = warnings(said.as_deref());
    if !is_elsewhere() {
        assert_eq!(said.len(), 2, "{said:#?}");
        let start =
            "warp_cache: the shared cache \"sparse results\" does not keep a result of type";
        assert!(said[0].starts_with(start), "{said:#?}");
        assert!(said[1].contains("does not keep a key of type"), "{said:#?}");
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u32),
    Text(String),
}

#[warp_cache(shared = "untagged", single_flight)]
fn untagged(n: u32) -> Untagged {
    if n > 1 { Untagged::Number(n) } else { Untagged::Text(n.to_string()) }
}

/// This process has the decoded ones before it; another would compute again.
#[test]
fn what_cannot_be_read_is_computed_again() {
    let said = elsewhere("what_cannot_be_read_is_computed_again", || {
        assert_eq!((untagged(1), untagged(2)), (untagged::uncached(1), untagged::uncached(2)));
        let other = || {
            #[warp_cache(shared = "untagged", single_flight)]
            fn untagged(n: u32) -> Untagged {
                super_untagged(n)
            }
            (untagged(1), untagged::info())
        };
        fn super_untagged(n: u32) -> Untagged {
            untagged::uncached(n)
        }
        let (value, info) = other();
        assert_eq!(value, untagged::uncached(1));
        assert_eq!((info.hits, info.misses), (0, 3));
        assert!(info.errors > 0);
    });
    let said = warnings(said.as_deref());
    assert!(
        is_elsewhere() || said.len() == 1 && said[0].contains("could not be read as"),
        "{said:?}"
    );
}

#[test]
fn what_is_too_large_is_returned_and_not_kept() {
    #[warp_cache(shared = "large")]
    fn large(n: usize) -> Vec<u8> {
        vec![1; n]
    }
    let said = elsewhere("what_is_too_large_is_returned_and_not_kept", || {
        for n in [100_000, 10_000_000, 10_000_000, 100_000] {
            assert_eq!(large(n).len(), n);
        }
        let info = large::info();
        assert_eq!((info.hits, info.misses, info.errors, info.len), (1, 3, 2, 1));
        // One by hand drops what it was to replace.
        large::set(100_000, vec![2; 10_000_000]);
        assert!(!large::contains(100_000));
    });
    let said = warnings(said.as_deref());
    assert!(is_elsewhere() || said.len() == 1 && said[0].contains("takes up to"), "{said:?}");
}

#[warp_cache(shared = "alone", single_flight, ttl = 1h)]
fn alone(text: &str) -> HashMap<String, usize> {
    HashMap::from([(text.to_owned(), text.len())])
}

/// One warning, and a cache of the process's own.
#[test]
fn a_directory_that_is_not_trusted_is_not_used() {
    let scratch = (!is_elsewhere()).then(|| {
        let scratch = Scratch::new();
        // Where everybody may write, files of ours could be moved away.
        fs::set_permissions(scratch.path(), Permissions::from_mode(0o777)).expect("it is ours");
        scratch
    });
    let directory = scratch.as_ref().map(Scratch::path);
    let test = "a_directory_that_is_not_trusted_is_not_used";
    let said = elsewhere_in(test, directory, || {
        for _ in 0..3 {
            assert_eq!(alone("a")["a"], 1);
        }
        let info = alone::info();
        assert_eq!((info.hits, info.misses, info.len, info.max_size), (2, 1, 1, Some(128)));
        alone::set("b", HashMap::new());
        assert!(alone::invalidate("a") && alone::get("b").is_some());
        alone::clear();
        assert_eq!(alone::info().len, 0);
        // Who opens a cache by hand is told.
        let error = SharedCache::<u8, u8>::builder("by hand").build().expect_err("as well");
        assert!(!error.to_string().is_empty());
    });
    let said = warnings(said.as_deref());
    assert!(
        is_elsewhere()
            || said.len() == 1 && said[0].contains("is this process's own, as its region"),
        "{said:?}"
    );
    if let Some(directory) = directory {
        assert_eq!(fs::read_dir(directory).expect("it is there").count(), 0, "nothing is left");
    }
}
