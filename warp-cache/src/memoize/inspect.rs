//! The controls that look at one entry or change it, and compute nothing.

use super::memo::Memoized;
use super::outcome::Outcome;
use crate::key::{Equivalent, Lookup};

/// What a control does with the entry of a call.
pub trait Inspect<R> {
    /// What it returns.
    type Output;

    /// Does it.
    fn run<H: Memoized, M: Outcome<R, Kept = H::Value>>(
        self,
        handle: &H,
        key: impl Lookup<Owned = H::Key>,
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

    fn run<H: Memoized, M: Outcome<R, Kept = H::Value>>(
        self,
        handle: &H,
        key: impl Lookup<Owned = H::Key>,
        outcome: M,
    ) -> Option<R> {
        handle.cache().peek(&Borrowed(key)).map(|kept| outcome.restore(kept))
    }
}

/// Whether a result is kept.
#[derive(Debug)]
pub struct Contains;

impl<R> Inspect<R> for Contains {
    type Output = bool;

    fn run<H: Memoized, M: Outcome<R, Kept = H::Value>>(
        self,
        handle: &H,
        key: impl Lookup<Owned = H::Key>,
        _: M,
    ) -> bool {
        handle.cache().contains(&Borrowed(key))
    }
}

/// Drops a result; whether there was one.
#[derive(Debug)]
pub struct Invalidate;

impl<R> Inspect<R> for Invalidate {
    type Output = bool;

    fn run<H: Memoized, M: Outcome<R, Kept = H::Value>>(
        self,
        handle: &H,
        key: impl Lookup<Owned = H::Key>,
        _: M,
    ) -> bool {
        handle.cache().invalidate(&Borrowed(key))
    }
}

/// Keeps a result; one of which nothing is kept drops what was there.
#[derive(Debug)]
pub struct Set<R>(pub R);

impl<R> Inspect<R> for Set<R> {
    type Output = ();

    fn run<H: Memoized, M: Outcome<R, Kept = H::Value>>(
        self,
        handle: &H,
        key: impl Lookup<Owned = H::Key>,
        outcome: M,
    ) {
        match outcome.keep(&self.0) {
            Some(kept) => drop(handle.cache().insert(key.into_owned(), kept)),
            None => drop(handle.cache().invalidate(&Borrowed(key))),
        }
    }
}
