//! The parts of a key that processes share: encoded as they come, so that a look-up owns nothing.

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

use super::parts::{Computed, Part};
use crate::key::{Float, Given};

/// An argument that can be part of a key that processes share.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a key in shared memory, which takes serde's Serialize and \
               DeserializeOwned, and Clone; derive them, leave the argument out by `skip(..)`, or \
               give a key by `key = (..)`",
    label = "not Serialize, DeserializeOwned and Clone"
)]
pub trait RegionArgument: Serialize {
    /// What its type looks like tells regions apart; it is never made.
    type Owned: DeserializeOwned;
}

#[diagnostic::do_not_recommend]
impl<T> RegionArgument for T
where
    T: Serialize + ToOwned + ?Sized,
    T::Owned: DeserializeOwned,
{
    type Owned = T::Owned;
}

/// A value that can be a key that processes share.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a key in shared memory, which takes serde's Serialize and \
               DeserializeOwned",
    label = "not Serialize and DeserializeOwned"
)]
pub trait RegionKeyValue: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> RegionKeyValue for T {}

/// A part of a key, or all of it, that processes share.
pub trait RegionKey: Serialize {
    /// What its type looks like tells regions apart; it is never made.
    type Owned: DeserializeOwned;
}

/// The part, checked where the argument's type is written. It leaves as a type that is known to fit,
/// so that nothing else complains.
#[inline]
pub fn region_keyed<L: RegionKey>(part: L) -> impl RegionKey<Owned = L::Owned> {
    part
}

impl<T: RegionArgument + ?Sized> Serialize for Part<'_, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: RegionArgument + ?Sized> RegionKey for Part<'_, T> {
    type Owned = T::Owned;
}

impl<T: RegionKeyValue> Serialize for Computed<T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: RegionKeyValue> RegionKey for Computed<T> {
    type Owned = T;
}

macro_rules! float {
    ($float:ty) => {
        /// All floats in keys are canonical where they are encoded.
        impl Serialize for Given<Float<$float>> {
            #[inline]
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.0.serialize(serializer)
            }
        }

        impl RegionKey for Given<Float<$float>> {
            type Owned = $float;
        }
    };
}

float!(f32);
float!(f64);

impl<L: RegionKey> RegionKey for Option<L> {
    type Owned = Option<L::Owned>;
}

impl RegionKey for () {
    type Owned = ();
}

macro_rules! tuples {
    ($(($($part:ident)+))*) => {$(
        impl<$($part: RegionKey),+> RegionKey for ($($part,)+) {
            type Owned = ($($part::Owned,)+);
        }
    )*};
}

tuples! {
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
    (A B C D E F G H I)
    (A B C D E F G H I J)
    (A B C D E F G H I J K)
    (A B C D E F G H I J K L)
}
