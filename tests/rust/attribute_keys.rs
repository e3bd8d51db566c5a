//! What is one key, and what is another.
#![cfg(not(loom))]

use std::borrow::{Borrow, Cow};
use std::hash::{Hash, Hasher};

use warp_cache::warp_cache;
use warp_tests::computed::{computations, computed};

#[warp_cache]
fn double(x: f64) -> u64 {
    computed((x * 2.0).to_bits())
}
#[warp_cache]
fn single(x: f32, y: &f32) -> f32 {
    computed(x + y)
}
#[warp_cache]
fn nested(x: Option<f64>, (y, _): (f32, u8)) -> f64 {
    computed(x.unwrap_or(0.0) + f64::from(y))
}

#[test]
fn floats_are_keys_with_one_nan_and_one_zero() {
    let other_nan = f64::from_bits(f64::NAN.to_bits() ^ 1 ^ (1 << 63));
    assert!(other_nan.is_nan());
    assert_eq!(computations(|| [f64::NAN, -f64::NAN, other_nan].map(double)), 1);
    assert_eq!(computations(|| [0.0, -0.0].map(double)), 1);
    let different = [1.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, 5e-324];
    assert_eq!(computations(|| different.map(double)), 6);
    assert_eq!(computations(|| different.map(double)), 0);
    assert_eq!(computations(|| (single(0.0, &f32::NAN), single(-0.0, &-f32::NAN))), 1);
    let calls = || {
        nested(Some(f64::NAN), (-0.0, 1));
        nested(Some(-f64::NAN), (0.0, 1));
        nested(None, (0.0, 1));
        nested(Some(0.0), (0.0, 1));
    };
    assert_eq!(computations(calls), 3);
}

#[derive(Clone)]
struct User {
    id: u64,
    name: String,
    weight: f64,
    tags: [String; 2],
    inner: Box<Inner>,
}
#[derive(Clone)]
struct Inner {
    code: String,
}
impl User {
    fn new(id: u64, name: &str, weight: f64) -> User {
        let inner = Box::new(Inner { code: name.to_uppercase() });
        User { id, name: name.into(), weight, tags: [name.into(), "b".into()], inner }
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn id(&self) -> u64 {
        self.id
    }
}

const VERSION: u32 = 3;

#[warp_cache(key = user.id)]
fn by_field(user: &User) -> String {
    computed(user.name.clone())
}
#[warp_cache(key = user.name)]
fn by_owned_field(user: User) -> u64 {
    computed(user.id)
}
#[warp_cache(key = user.weight)]
fn by_float_field(user: &User) -> u64 {
    computed(user.id)
}
#[warp_cache(key = (user.id(), user.name(), VERSION))]
fn by_calls(user: &User) -> u64 {
    computed(user.id)
}
#[warp_cache(key = (&user.name, &user.weight, &user.inner.code, user.inner.code))]
fn by_references(user: &User) -> u64 {
    computed(user.id)
}
#[warp_cache(key = (name, more))]
fn by_arguments(name: String, more: &[u8], _rest: &User) -> usize {
    computed(name.len() + more.len())
}
#[warp_cache(key = (name))]
fn by_one_in_parentheses(name: String, _rest: &User) -> usize {
    computed(name.len())
}
#[warp_cache(key = (user.tags[0], *pair.0, pair.1))]
fn by_places(user: &User, pair: (&str, f32)) -> usize {
    computed(user.tags[0].len() + pair.0.len())
}
#[warp_cache(key = if text.is_empty() { 0 } else { text.split(' ').count() })]
fn by_branches(text: &str) -> usize {
    computed(text.len())
}
#[warp_cache(key = (x / 10.0, (x as i64, 'c')))]
fn by_float(x: f64) -> f64 {
    computed(x)
}
#[warp_cache(key = ())]
fn by_nothing(x: f64) -> f64 {
    computed(x)
}
#[warp_cache(key = Some(user.id))]
fn by_option(user: &User) -> u64 {
    computed(user.id)
}

#[test]
fn a_key_is_what_the_expression_says() {
    let [ann, bob] = [User::new(1, "ann", 1.5), User::new(2, "bob", f64::NAN)];
    let other_ann = User::new(9, "ann", 1.5);
    let same_id = User::new(1, "eve", -0.0);
    // Each pair is one key.
    assert_eq!(computations(|| (by_field(&ann), by_field(&same_id))), 1);
    assert_eq!(
        computations(|| (by_owned_field(ann.clone()), by_owned_field(other_ann.clone()))),
        1
    );
    assert_eq!(computations(|| (by_float_field(&ann), by_float_field(&other_ann))), 1);
    assert_eq!(computations(|| (by_float_field(&bob), by_float_field(&bob))), 1);
    assert_eq!(computations(|| (by_calls(&ann), by_calls(&ann))), 1);
    assert_eq!(computations(|| (by_references(&ann), by_references(&other_ann))), 1);
    assert_eq!(
        computations(|| (
            by_arguments("a".into(), &[1], &ann),
            by_arguments("a".into(), &[1], &bob)
        )),
        1
    );
    let calls =
        || (by_one_in_parentheses("a".into(), &ann), by_one_in_parentheses("a".into(), &bob));
    assert_eq!(computations(calls), 1);
    assert_eq!(
        computations(|| (by_places(&ann, ("a", 0.0)), by_places(&other_ann, ("a", -0.0)))),
        1
    );
    assert_eq!(computations(|| (by_branches("a b"), by_branches("c d"))), 1);
    assert_eq!(computations(|| (by_float(5.0), by_float(5.0))), 1);
    assert_eq!(computations(|| (by_nothing(5.0), by_nothing(6.0))), 1);
    assert_eq!(computations(|| (by_option(&ann), by_option(&same_id))), 1);
    // And each of these is another.
    assert_eq!(computations(|| by_field(&bob)), 1);
    assert_eq!(computations(|| by_owned_field(bob.clone())), 1);
    assert_eq!(computations(|| by_float_field(&same_id)), 1);
    assert_eq!(computations(|| (by_calls(&same_id), by_calls(&other_ann))), 2);
    assert_eq!(computations(|| by_references(&bob)), 1);
    assert_eq!(
        computations(|| (
            by_arguments("b".into(), &[1], &ann),
            by_arguments("a".into(), &[], &ann)
        )),
        2
    );
    assert_eq!(computations(|| (by_places(&bob, ("a", 0.0)), by_places(&ann, ("b", 0.0)))), 2);
    assert_eq!(computations(|| by_float(5.5)), 1);
    assert_eq!(by_one_in_parentheses::get("a".into(), &ann), Some(1));
}

/// All of one hash: `Eq` alone tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SameHash(u32);
impl Hash for SameHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        0.hash(state);
    }
}

#[warp_cache(max_size = 50)]
fn of_one_hash(key: SameHash) -> u32 {
    computed(key.0)
}

#[test]
fn keys_of_one_hash_are_told_apart() {
    let calls = || (0..100).for_each(|n| assert_eq!(of_one_hash(SameHash(n)), n));
    assert_eq!(computations(calls), 100);
    let calls = || (50..100).for_each(|n| assert_eq!(of_one_hash(SameHash(n)), n));
    assert_eq!(computations(calls), 0);
    assert!(of_one_hash::invalidate(SameHash(77)));
    assert_eq!(computations(|| of_one_hash(SameHash(78))), 0);
    assert_eq!(computations(|| of_one_hash(SameHash(77))), 1);
}

/// Hashes and compares without regard to case.
#[derive(Clone, Debug)]
struct Folded(String);
impl Hash for Folded {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_lowercase().hash(state);
    }
}
impl PartialEq for Folded {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}
impl Eq for Folded {}

#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct Name(String);
impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[warp_cache]
fn of_owned(name: &Name, folded: Folded) -> usize {
    computed(name.0.len() + folded.0.len())
}

#[test]
fn users_own_hashes_and_equalities_decide() {
    let calls = || {
        assert_eq!(of_owned(&Name("a".into()), Folded("b".into())), 2);
        assert_eq!(of_owned(&Name("a".into()), Folded("B".into())), 2);
        assert_eq!(of_owned(&Name("a".into()), Folded("c".into())), 2);
    };
    assert_eq!(computations(calls), 2);
}

/// What is set under an owned key is found by a borrowed one, and the other way round.
#[test]
fn a_key_is_one_in_every_form() {
    #[warp_cache]
    fn mixed(
        a: &str,
        b: &[u8],
        c: Option<&str>,
        d: Cow<'_, str>,
        e: (f64, &str),
        f: Vec<u8>,
    ) -> u32 {
        let _ = (a, b, c, d, e, f);
        computed(1)
    }
    let owned = || vec![4];
    mixed::set("a", &[1], Some("c"), "d".into(), (-0.0, "e"), owned(), 7);
    let text = String::from("a");
    assert_eq!(mixed(&text, &[1], Some("c"), Cow::Owned("d".into()), (0.0, "e"), owned()), 7);
    assert!(mixed::contains("a", &[1], Some("c"), "d".into(), (0.0, "e"), owned()));
    assert!(mixed::invalidate("a", &[1], Some("c"), "d".into(), (0.0, "e"), owned()));
    assert_eq!(mixed("a", &[1], Some("c"), "d".into(), (0.0, "e"), owned()), 1);
    assert_eq!(mixed::refresh("a", &[1], Some("c"), "d".into(), (0.0, "e"), owned()), 1);
    assert_eq!(mixed::get("a", &[1], Some("c"), "d".into(), (0.0, "e"), owned()), Some(1));
    for differently in [None, Some("d"), Some("")] {
        assert_eq!(mixed::get("a", &[1], differently, "d".into(), (0.0, "e"), owned()), None);
    }
}

/// Parts that run into each other are kept apart.
#[test]
fn what_is_split_otherwise_is_another_key() {
    #[warp_cache]
    fn joined(a: &str, b: &str) -> String {
        computed(format!("{a}{b}"))
    }
    assert_eq!(computations(|| (joined("ab", "c"), joined("a", "bc"), joined("", "abc"))), 3);
}
