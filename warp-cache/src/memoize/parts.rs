//! The parts of a function's key: borrowed from its arguments on a look-up, owned on a miss.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

use super::function::Shareable;
use crate::key::{Float, Given, Lookup};

/// An argument that can be part of a key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a key, which takes Hash, Eq and Clone; derive them, leave \
               the argument out by `skip(..)`, or give a key by `key = (..)`",
    label = "not Hash, Eq and Clone"
)]
pub trait Argument {
    /// What is kept in the key.
    type Owned: Hash + Eq + 'static;
    /// As [`Hash::hash`].
    fn hash_argument<H: Hasher>(&self, state: &mut H);
    /// Whether this is what is kept.
    fn equals(&self, kept: &Self::Owned) -> bool;
    /// What to keep.
    fn own(&self) -> Self::Owned;
}

#[diagnostic::do_not_recommend]
impl<T> Argument for T
where
    T: Hash + Eq + ToOwned + ?Sized,
    T::Owned: Hash + Eq + 'static,
{
    type Owned = T::Owned;

    #[inline]
    fn hash_argument<H: Hasher>(&self, state: &mut H) {
        self.hash(state);
    }
    #[inline]
    fn equals(&self, kept: &T::Owned) -> bool {
        *self == *kept.borrow()
    }
    fn own(&self) -> T::Owned {
        self.to_owned()
    }
}

/// An argument by reference.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a, T: ?Sized>(pub(super) &'a T);

/// The part of the key that an argument is.
#[inline]
pub const fn part<T: ?Sized>(argument: &T) -> Part<'_, T> {
    Part(argument)
}

/// The part of the key that a float is.
#[inline]
pub const fn float<T>(argument: T) -> Given<Float<T>> {
    Given(Float(argument))
}

/// An optional argument by reference.
#[inline]
pub const fn as_ref<T>(argument: &Option<T>) -> Option<&T> {
    argument.as_ref()
}

impl<T: Argument + ?Sized> Hash for Part<'_, T> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash_argument(state);
    }
}

impl<T: Argument + ?Sized> Lookup for Part<'_, T> {
    type Owned = T::Owned;

    #[inline]
    fn equals(&self, kept: &T::Owned) -> bool {
        self.0.equals(kept)
    }
    fn into_owned(self) -> T::Owned {
        self.0.own()
    }
}

impl<L: Lookup> Lookup for Option<L> {
    type Owned = Option<L::Owned>;

    #[inline]
    fn equals(&self, kept: &Self::Owned) -> bool {
        match (self, kept) {
            (Some(part), Some(kept)) => part.equals(kept),
            (None, None) => true,
            _ => false,
        }
    }
    fn into_owned(self) -> Self::Owned {
        self.map(L::into_owned)
    }
}

/// A part of a key, or all of it, of a cache that all threads share.
pub trait SharedLookup: Lookup<Owned: Shareable> {}

impl<T: Argument<Owned: Shareable> + ?Sized> SharedLookup for Part<'_, T> {}
impl<T: KeyValue + Shareable> SharedLookup for Computed<T> {}
impl<T: Shareable> SharedLookup for Given<T> where Given<T>: Lookup<Owned = T> {}
impl<L: SharedLookup> SharedLookup for Option<L> {}

/// The part, checked where the argument's type is written. It leaves as a type that is known to fit,
/// so that nothing else complains.
#[inline]
pub fn keyed<L: Lookup>(part: L) -> impl Lookup<Owned = L::Owned> {
    part
}

/// As `keyed`, of a cache that all threads share.
#[inline]
pub fn shared_keyed<L: SharedLookup>(part: L) -> impl SharedLookup<Owned = L::Owned> {
    part
}

/// As `shared_keyed`, of an argument by itself: `part` and the check in one.
#[inline]
pub fn shared_part<T: Argument<Owned: Shareable> + ?Sized>(
    argument: &T,
) -> impl SharedLookup<Owned = T::Owned> {
    Part(argument)
}

macro_rules! tuples {
    ($(($($part:ident $index:tt),*))*) => {$(
        impl<$($part: Lookup),*> Lookup for ($($part,)*) {
            type Owned = ($($part::Owned,)*);

            #[inline]
            fn equals(&self, _kept: &Self::Owned) -> bool {
                true $(&& self.$index.equals(&_kept.$index))*
            }
            #[allow(clippy::unused_unit, reason = "the empty tuple is one of these")]
            fn into_owned(self) -> Self::Owned {
                ($(self.$index.into_owned(),)*)
            }
        }

        impl<$($part: SharedLookup),*> SharedLookup for ($($part,)*) {}
    )*};
}

tuples! {
    ()
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}

/// An expression of `key = ..`, whose type chooses its part:
/// `(&&&&Keyed(&value)).__warp_cache_kind()`. The first candidate has no other beside it, so that
/// nothing is said of an expression without a type beyond the mistake in it.
#[derive(Debug)]
pub struct Keyed<'a, T>(pub &'a T);

/// A kind of expression in a key.
pub trait Kind<T> {
    /// What it is looked up by.
    type Lookup;
    /// The part of the key that a value is.
    fn part(self, value: T) -> Self::Lookup;
}

/// A reference: what it points to is the key, owned on a miss.
#[derive(Debug)]
pub struct Reference;

impl<'a, T: ?Sized> Kind<&'a T> for Reference {
    type Lookup = Part<'a, T>;

    #[inline]
    fn part(self, value: &'a T) -> Part<'a, T> {
        Part(value)
    }
}

/// A reference to a reference, such as a field that is one.
#[derive(Debug)]
pub struct Nested;

impl<'a, T: ?Sized> Kind<&&'a T> for Nested {
    type Lookup = Part<'a, T>;

    #[inline]
    fn part(self, value: &&'a T) -> Part<'a, T> {
        Part(value)
    }
}

/// A number that is keyed by its canonical bits.
#[derive(Debug)]
pub struct Number;

impl<T: Copy> Kind<&T> for Number {
    type Lookup = Given<Float<T>>;

    #[inline]
    fn part(self, value: &T) -> Given<Float<T>> {
        Given(Float(*value))
    }
}

/// A number by itself.
#[derive(Debug)]
pub struct OwnNumber;

impl<T> Kind<T> for OwnNumber {
    type Lookup = Given<Float<T>>;

    #[inline]
    fn part(self, value: T) -> Given<Float<T>> {
        Given(Float(value))
    }
}

/// A value that is the key itself.
#[derive(Debug)]
pub struct Plain;

impl<T> Kind<T> for Plain {
    type Lookup = Computed<T>;

    #[inline]
    fn part(self, value: T) -> Computed<T> {
        Computed(value)
    }
}

/// A part of a key that an expression gave.
#[derive(Debug)]
pub struct Computed<T>(pub(super) T);

impl<T: KeyValue> Hash for Computed<T> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T: KeyValue> Lookup for Computed<T> {
    type Owned = T;

    #[inline]
    fn equals(&self, kept: &T) -> bool {
        self.0 == *kept
    }
    fn into_owned(self) -> T {
        self.0
    }
}

/// A value that can be a key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a key, which takes Hash and Eq",
    label = "not Hash and Eq"
)]
pub trait KeyValue: Hash + Eq + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Hash + Eq + 'static> KeyValue for T {}

/// The first candidate.
pub trait KeyedNested {
    /// For a reference to a reference.
    fn __warp_cache_kind(&self) -> Nested {
        Nested
    }
}
impl<T: ?Sized> KeyedNested for &&&Keyed<'_, &&T> {}

/// The second candidate.
pub trait KeyedNumber {
    /// For a reference to a float.
    fn __warp_cache_kind(&self) -> Number {
        Number
    }
}
impl KeyedNumber for &&Keyed<'_, &f32> {}
impl KeyedNumber for &&Keyed<'_, &f64> {}

/// The third candidate.
pub trait KeyedReference {
    /// For any other reference.
    fn __warp_cache_kind(&self) -> Reference {
        Reference
    }
}
impl<T: ?Sized> KeyedReference for &Keyed<'_, &T> {}

/// Beside the third, as no type is both.
pub trait KeyedOwnNumber {
    /// For a float.
    fn __warp_cache_kind(&self) -> OwnNumber {
        OwnNumber
    }
}
impl KeyedOwnNumber for &Keyed<'_, f32> {}
impl KeyedOwnNumber for &Keyed<'_, f64> {}

/// The last candidate.
pub trait KeyedPlain {
    /// For everything else.
    fn __warp_cache_kind(&self) -> Plain {
        Plain
    }
}
impl<T> KeyedPlain for Keyed<'_, T> {}
