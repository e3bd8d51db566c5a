//! Keys: looked up in a borrowed form, owned only when they are kept.

#[cfg(any(feature = "shared", feature = "simulate"))]
pub(crate) mod brought;

use std::hash::{Hash, Hasher};

/// A borrowed form of a key: hashes as the key does, and compares with it. `str` is one of
/// `String`; a struct of references can be one of a struct of owned parts, so that a look-up
/// allocates nothing:
///
/// ```
/// use warp_cache::{Cache, Equivalent};
///
/// /// What is kept.
/// #[derive(PartialEq, Eq, Hash)]
/// struct Route {
///     host: String,
///     port: u16,
/// }
///
/// /// What is asked with. It hashes as the kept key does: the same fields, in the same order.
/// #[derive(Hash)]
/// struct RouteRef<'a> {
///     host: &'a str,
///     port: u16,
/// }
///
/// impl Equivalent<Route> for RouteRef<'_> {
///     fn equivalent(&self, key: &Route) -> bool {
///         self.host == key.host && self.port == key.port
///     }
/// }
///
/// let latencies = Cache::new(100);
/// latencies.insert(Route { host: "example.org".to_owned(), port: 443 }, 17);
/// assert_eq!(latencies.get(&RouteRef { host: "example.org", port: 443 }), Some(17));
/// assert!(latencies.invalidate(&RouteRef { host: "example.org", port: 443 }));
/// ```
pub use equivalent::Equivalent;

/// A key as a caller has it: it hashes as the owned key does, compares with it, and becomes one on
/// a miss.
pub trait Lookup: Hash {
    /// The key that a cache keeps.
    type Owned: Hash + Eq;

    /// Whether this is the key that is kept.
    fn equals(&self, kept: &Self::Owned) -> bool;

    /// The key to keep.
    fn into_owned(self) -> Self::Owned;
}

/// A key that is owned already.
#[derive(Clone, Copy, Debug, Hash)]
pub struct Given<K>(pub K);

impl<K: Hash + Eq> Lookup for Given<K> {
    type Owned = K;

    #[inline]
    fn equals(&self, kept: &K) -> bool {
        self.0 == *kept
    }
    fn into_owned(self) -> K {
        self.0
    }
}

/// A float as a key: all NaN are one, and both zeros are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Float<T>(pub T);

macro_rules! float {
    ($float:ty) => {
        impl Float<$float> {
            /// Equal for floats that are one key.
            #[inline]
            fn bits(self) -> impl Hash + Eq {
                // Adding zero makes the negative zero positive.
                if self.0.is_nan() { <$float>::NAN.to_bits() } else { (self.0 + 0.0).to_bits() }
            }
        }

        impl Hash for Float<$float> {
            #[inline]
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.bits().hash(state);
            }
        }

        impl PartialEq for Float<$float> {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.bits() == other.bits()
            }
        }

        impl Eq for Float<$float> {}
    };
}

float!(f32);
float!(f64);
