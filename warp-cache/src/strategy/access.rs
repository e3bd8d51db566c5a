//! How hits reach a policy: one after the other, or many at once.

use super::{Policy, SharedHit, Slot};

/// How the hits of a policy reach it: what `#[strategies]` makes of `hit = exclusive` and
/// `hit = shared`.
pub trait Hits: Sized {
    /// [`Exclusive`] or [`Shared`].
    type Access: Access<Self>;
}

/// How hits reach the policy `P`: known by the type, so that what is there for shared hits asks
/// nothing of the keys and values of other policies. [`Exclusive`] and [`Shared`] are all there is.
pub trait Access<P>: sealed::Sealed {
    /// Whether any number of hits may come at once.
    const SHARED: bool;

    /// What threads look at side by side: a `T`, or nothing. A type that holds a
    /// `PhantomData<Read<T>>` is `Sync` only if what is read at once is.
    type Read<T>;

    /// Tells the policy of a hit, where hits are shared.
    fn hit(policy: &P, slot: Slot);
}

/// A hit needs the policy for itself.
#[derive(Debug)]
pub enum Exclusive {}

impl<P: Policy> Access<P> for Exclusive {
    const SHARED: bool = false;
    type Read<T> = ();

    fn hit(_policy: &P, _slot: Slot) {
        unreachable!("a hit that is not shared has the policy for itself")
    }
}

/// Hits come from anywhere, at once.
#[derive(Debug)]
pub enum Shared {}

impl<P: SharedHit> Access<P> for Shared {
    const SHARED: bool = true;
    type Read<T> = T;

    #[inline]
    fn hit(policy: &P, slot: Slot) {
        policy.hit_shared(slot);
    }
}

mod sealed {
    /// What is read at once must be `Sync`: nobody else may say what is.
    pub trait Sealed {}
    impl Sealed for super::Exclusive {}
    impl Sealed for super::Shared {}
}
