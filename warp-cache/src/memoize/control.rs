//! What a function is asked for: a call, or a control of a call's entry.

use std::hash::Hash;

use super::memo::Memo;
use super::outcome::Outcome;
use crate::key::{Equivalent, Lookup};
use crate::strategy::Policy;
use crate::sync::ShardMutex;

/// Why a function may be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It was called: what is kept is returned.
    Call,
    /// It is to be computed again in any case.
    Refresh,
}

/// What a function is asked for. All of it goes through one generated function: the compiler takes
/// longer to check its key than everything around it.
pub trait Control<R>: Sized {
    /// What it returns.
    type Output;

    /// Why the function may be computed; none where nothing is but looked at the entry.
    const PURPOSE: Option<Purpose> = None;

    /// What it returns of the function's result.
    fn of_result(_: R) -> Self::Output {
        unreachable!("a control that computes nothing has no result")
    }

    /// Looks at the entry.
    fn inspect<K: Hash + Eq, M: Outcome<R>, P: Policy, L: ShardMutex>(
        self,
        _: &Memo<K, M::Kept, P, L>,
        _: impl Lookup<Owned = K>,
        _: M,
    ) -> Self::Output {
        unreachable!("what computes the function is not answered by its entry")
    }
}

/// A key as a cache looks it up.
#[derive(Hash)]
struct Borrowed<L>(L);

impl<L: Lookup> Equivalent<L::Owned> for Borrowed<L> {
    fn equivalent(&self, kept: &L::Owned) -> bool {
        self.0.equals(kept)
    }
}

macro_rules! computes {
    ($($(#[$documentation:meta])* $control:ident)*) => {$(
        $(#[$documentation])*
        #[derive(Debug)]
        pub struct $control;

        impl<R> Control<R> for $control {
            type Output = R;

            const PURPOSE: Option<Purpose> = Some(Purpose::$control);

            #[inline]
            fn of_result(result: R) -> R {
                result
            }
        }
    )*};
}

computes! {
    /// The result: what is kept, or else what is computed.
    Call
    /// The result, computed in any case.
    Refresh
}

/// The result that is kept, neither used nor counted.
#[derive(Debug)]
pub struct Get;

impl<R> Control<R> for Get {
    type Output = Option<R>;

    fn inspect<K: Hash + Eq, M: Outcome<R>, P: Policy, L: ShardMutex>(
        self,
        memo: &Memo<K, M::Kept, P, L>,
        key: impl Lookup<Owned = K>,
        outcome: M,
    ) -> Option<R> {
        memo.cache.peek(&Borrowed(key)).map(|kept| outcome.restore(kept))
    }
}

/// Whether a result is kept.
#[derive(Debug)]
pub struct Contains;

impl<R> Control<R> for Contains {
    type Output = bool;

    fn inspect<K: Hash + Eq, M: Outcome<R>, P: Policy, L: ShardMutex>(
        self,
        memo: &Memo<K, M::Kept, P, L>,
        key: impl Lookup<Owned = K>,
        _: M,
    ) -> bool {
        memo.cache.contains(&Borrowed(key))
    }
}

/// Drops a result; whether there was one.
#[derive(Debug)]
pub struct Invalidate;

impl<R> Control<R> for Invalidate {
    type Output = bool;

    fn inspect<K: Hash + Eq, M: Outcome<R>, P: Policy, L: ShardMutex>(
        self,
        memo: &Memo<K, M::Kept, P, L>,
        key: impl Lookup<Owned = K>,
        _: M,
    ) -> bool {
        memo.cache.invalidate(&Borrowed(key))
    }
}

/// Keeps a result; one of which nothing is kept drops what was there.
#[derive(Debug)]
pub struct Set<R>(pub R);

impl<R> Control<R> for Set<R> {
    type Output = ();

    fn inspect<K: Hash + Eq, M: Outcome<R>, P: Policy, L: ShardMutex>(
        self,
        memo: &Memo<K, M::Kept, P, L>,
        key: impl Lookup<Owned = K>,
        outcome: M,
    ) {
        match outcome.keep(&self.0) {
            Some(kept) => drop(memo.cache.insert(key.into_owned(), kept)),
            None => drop(memo.cache.invalidate(&Borrowed(key))),
        }
    }
}
