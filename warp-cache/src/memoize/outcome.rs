//! What of a function's result is kept: all of it, or the `T` of an `Ok(T)` or `Some(T)`.
//!
//! Which it is depends on the type, not on its name: [`Probe`] finds it by method resolution, which
//! sees through every alias. The method's name is one that no trait of the user's has. Among
//! `Result`, `Option` and everything else the first that fits is taken, as each further reference
//! makes a candidate come later.

use std::marker::PhantomData;

use super::function::Shareable;

/// What a result means for the cache.
pub enum Judged<V> {
    /// To be kept.
    Keep(V),
    /// Returned and not kept.
    Decline,
    /// Returned, counted as an error and not kept.
    Fail,
}

/// How a result `R` is kept and given again.
pub trait Outcome<R>: Copy {
    /// What is kept of it.
    type Kept: Clone + 'static;

    /// Looks at a result and clones what is to be kept.
    fn judge(self, result: &R) -> Judged<Self::Kept>;

    /// Makes a result of what was kept.
    fn restore(self, kept: Self::Kept) -> R;

    /// What is kept of a result that is set by hand, if anything.
    fn keep(self, result: &R) -> Option<Self::Kept> {
        match self.judge(result) {
            Judged::Keep(kept) => Some(kept),
            Judged::Decline | Judged::Fail => None,
        }
    }
}

/// What can be kept: each hit gives a clone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept, as it is not Clone: each hit gives a clone; derive it, or \
               return an Arc",
    label = "not Clone"
)]
pub trait Value: Clone + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + 'static> Value for T {}

/// Keeps the whole result.
#[derive(Clone, Copy, Debug)]
pub struct Whole;

impl<R: Value> Outcome<R> for Whole {
    type Kept = R;

    fn judge(self, result: &R) -> Judged<R> {
        Judged::Keep(result.clone())
    }
    #[inline]
    fn restore(self, kept: R) -> R {
        kept
    }
}

/// Keeps what an `Ok` holds.
#[derive(Clone, Copy, Debug)]
pub struct OkOnly;

impl<T: Value, E> Outcome<Result<T, E>> for OkOnly {
    type Kept = T;

    fn judge(self, result: &Result<T, E>) -> Judged<T> {
        match result {
            Ok(value) => Judged::Keep(value.clone()),
            Err(_) => Judged::Fail,
        }
    }
    #[inline]
    fn restore(self, kept: T) -> Result<T, E> {
        Ok(kept)
    }
}

/// Keeps what a `Some` holds.
#[derive(Clone, Copy, Debug)]
pub struct SomeOnly;

impl<T: Value> Outcome<Option<T>> for SomeOnly {
    type Kept = T;

    fn judge(self, result: &Option<T>) -> Judged<T> {
        result.as_ref().map_or(Judged::Decline, |value| Judged::Keep(value.clone()))
    }
    #[inline]
    fn restore(self, kept: T) -> Option<T> {
        Some(kept)
    }
}

/// Finds how results of type `R` are kept: `(&&&Probe::<R>::new()).__warp_cache_outcome()`.
#[derive(Debug)]
pub struct Probe<R>(PhantomData<fn() -> R>);

impl<R> Probe<R> {
    /// A probe for a type.
    #[expect(clippy::new_without_default, reason = "only generated code makes probes")]
    pub const fn new() -> Self {
        Probe(PhantomData)
    }
}

/// The first candidate.
pub trait ProbeResult {
    /// For a `Result`.
    fn __warp_cache_outcome(&self) -> OkOnly {
        OkOnly
    }
}
impl<T, E> ProbeResult for &&Probe<Result<T, E>> {}

/// The second candidate.
pub trait ProbeOption {
    /// For an `Option`.
    fn __warp_cache_outcome(&self) -> SomeOnly {
        SomeOnly
    }
}
impl<T> ProbeOption for &Probe<Option<T>> {}

/// The last candidate.
pub trait ProbeWhole {
    /// For everything else.
    fn __warp_cache_outcome(&self) -> Whole {
        Whole
    }
}
impl<R> ProbeWhole for Probe<R> {}

/// A `Result`, by whatever name.
#[diagnostic::on_unimplemented(
    message = "`cache_errors` keeps the errors of a Result, and this function returns `{Self}`",
    label = "no Result"
)]
pub trait IsResult {}
impl<T, E> IsResult for Result<T, E> {}

/// An `Option`, by whatever name.
#[diagnostic::on_unimplemented(
    message = "`cache_none` keeps the None of an Option, and this function returns `{Self}`",
    label = "no Option"
)]
pub trait IsOption {}
impl<T> IsOption for Option<T> {}

/// With `cache_errors`.
pub const fn keep_errors<R: IsResult>() -> Whole {
    Whole
}

/// With `cache_none`.
pub const fn keep_none<R: IsOption>() -> Whole {
    Whole
}

/// An outcome of a cache that all threads share.
pub trait SharedOutcome<R>: Outcome<R, Kept: Shareable> + Send {}

impl<R, M: Outcome<R, Kept: Shareable> + Send> SharedOutcome<R> for M {}

/// Checks the outcome of a function that returns `R`, where that type is written. It leaves as a
/// type that is known to fit, so that nothing else complains.
#[derive(Debug)]
pub struct Returns<R>(PhantomData<fn() -> R>);

impl<R> Returns<R> {
    /// Of a cache that a thread has for itself.
    #[inline]
    pub fn kept<M: Outcome<R> + 'static>(outcome: M) -> impl Outcome<R, Kept = M::Kept> + 'static {
        outcome
    }

    /// Of a cache that all threads share.
    #[inline]
    pub fn shared<M: SharedOutcome<R> + 'static>(
        outcome: M,
    ) -> impl SharedOutcome<R, Kept = M::Kept> + 'static {
        outcome
    }
}
