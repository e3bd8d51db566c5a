//! The controls that look at one entry or change it, and compute nothing.

use std::hash::Hash;

use super::memo::Memo;
use super::outcome::Outcome;
use crate::key::{Equivalent, Lookup};
use crate::strategy::Policy;
use crate::sync::ShardMutex;

/// What a control does with the entry of a call.
pub trait Inspect<R> {
    /// What it returns.
    type Output;

    /// Does it.
    fn run<K: Hash + Eq, M: Outcome<R>, P: Policy, L: ShardMutex>(
        self,
        memo: &Memo<K, M::Kept, P, L>,
        key: impl Lookup<Owned = K>,
        outcome: M,
    ) -> Self::Output;
}

/// A key as a cache looks it up.
#[derive(Hash)]
struct Borrowed<L>(L);

impl<L: Lookup> Equivalent<L::Owned> for Borrowed<L> {
    fn equivalent(&self, kept: &L::Owned) -> bool {
        self.0.equals(kept)
    }
}

/// The result that is kept, neither used nor counted.
#[derive(Debug)]
pub struct Get;

impl<R> Inspect<R> for Get {
    type Output = Option<R>;

    fn run<K: Hash + Eq, M: Outcome<R>, P: Policy, L: ShardMutex>(
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

impl<R> Inspect<R> for Contains {
    type Output = bool;

    fn run<K: Hash + Eq, M: Outcome<R>, P: Policy, L: ShardMutex>(
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

impl<R> Inspect<R> for Invalidate {
    type Output = bool;

    fn run<K: Hash + Eq, M: Outcome<R>, P: Policy, L: ShardMutex>(
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

impl<R> Inspect<R> for Set<R> {
    type Output = ();

    fn run<K: Hash + Eq, M: Outcome<R>, P: Policy, L: ShardMutex>(
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
