//! How hits reach a policy: one after the other, or from many threads at once, to which what it
//! orders is lent.

use std::convert::Infallible;

use super::{SharedHit, Slot};
use crate::sync::Arc;

/// How hits reach the policy. What `#[strategies]` makes of `hit = exclusive` and `hit = shared`.
pub trait Hits: Sized {
    /// [`Exclusive`] or [`Shared`].
    type Access: Access<Self>;
}

/// How hits reach the policy `P`, and so what threads may do at once: known by the type, so that a
/// policy whose hits are exclusive asks nothing of keys and values that it does not need.
pub trait Access<P> {
    /// Whether there are loans.
    const LENDS: bool;

    /// One of several holds of a `T` that is lent.
    type Loan<T>: Clone;

    /// Lends, if that is possible.
    fn lend<T>(owned: T) -> Result<Self::Loan<T>, T>;

    /// Ends the loan if no other hold of it is left.
    fn end<T>(loan: Self::Loan<T>) -> Result<T, Self::Loan<T>>;

    /// What is lent, and how to tell its policy of a hit.
    fn borrow<T>(loan: &Self::Loan<T>) -> (&T, fn(&P, Slot));
}

/// A hit needs the policy for itself. Nothing is ever lent.
#[derive(Debug)]
pub enum Exclusive {}

impl<P> Access<P> for Exclusive {
    const LENDS: bool = false;
    type Loan<T> = Infallible;

    fn lend<T>(owned: T) -> Result<Infallible, T> {
        Err(owned)
    }
    fn end<T>(loan: Infallible) -> Result<T, Infallible> {
        Err(loan)
    }
    fn borrow<T>(loan: &Infallible) -> (&T, fn(&P, Slot)) {
        match *loan {}
    }
}

/// Hits of any number of threads at once.
#[derive(Debug)]
pub enum Shared {}

impl<P: SharedHit> Access<P> for Shared {
    const LENDS: bool = true;
    type Loan<T> = Arc<T>;

    fn lend<T>(owned: T) -> Result<Arc<T>, T> {
        Ok(Arc::new(owned))
    }
    fn end<T>(loan: Arc<T>) -> Result<T, Arc<T>> {
        Arc::try_unwrap(loan)
    }
    #[inline]
    fn borrow<T>(loan: &Arc<T>) -> (&T, fn(&P, Slot)) {
        (loan, P::hit_shared)
    }
}
