//! How hits reach a policy: one after the other, or many at once.

use std::convert::Infallible;

use super::{SharedHit, Slot};

/// How hits reach the policy. What `#[strategies]` makes of `hit = exclusive` and `hit = shared`.
pub trait Hits: Sized {
    /// [`Exclusive`] or [`Shared`].
    type Access: Access<Self>;
}

/// How hits reach the policy `P`: known by the type, so that what is there for shared hits does not
/// exist for the others, and asks nothing of keys and values.
pub trait Access<P> {
    /// Whether any number of hits may come at once.
    const SHARED: bool;

    /// A `T`, or nothing that there can be, if hits are exclusive.
    type IfShared<T: Clone>: Clone;

    /// What is only there if hits are shared.
    fn if_shared<T: Clone>(with: impl FnOnce() -> T) -> Option<Self::IfShared<T>>;

    /// The `T` itself.
    fn into_inner<T: Clone>(with: Self::IfShared<T>) -> T;

    /// The `T`, and how to tell the policy of a hit.
    fn inner<T: Clone>(with: &Self::IfShared<T>) -> (&T, fn(&P, Slot));
}

/// A hit needs the policy for itself.
#[derive(Debug)]
pub enum Exclusive {}

impl<P> Access<P> for Exclusive {
    const SHARED: bool = false;
    type IfShared<T: Clone> = Infallible;

    fn if_shared<T: Clone>(_with: impl FnOnce() -> T) -> Option<Infallible> {
        None
    }
    fn into_inner<T: Clone>(with: Infallible) -> T {
        match with {}
    }
    fn inner<T: Clone>(with: &Infallible) -> (&T, fn(&P, Slot)) {
        match *with {}
    }
}

/// Hits come from anywhere, at once.
#[derive(Debug)]
pub enum Shared {}

impl<P: SharedHit> Access<P> for Shared {
    const SHARED: bool = true;
    type IfShared<T: Clone> = T;

    fn if_shared<T: Clone>(with: impl FnOnce() -> T) -> Option<T> {
        Some(with())
    }
    fn into_inner<T: Clone>(with: T) -> T {
        with
    }
    #[inline]
    fn inner<T: Clone>(with: &T) -> (&T, fn(&P, Slot)) {
        (with, P::hit_shared)
    }
}
