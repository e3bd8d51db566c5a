//! From a look-up that found nothing to the result.
//!
//! What is pending is handed out as some type that can [`Finish`]: so that a key or value that lacks
//! a trait is told of once, where the call begins, and not again where it ends.

use std::future::poll_fn;
use std::pin::pin;

use super::memo::Memoized;
use super::outcome::{Judged, Outcome};
use crate::cache::{self, Computation, Missed, Refresh};
use crate::flight;
use crate::key::Lookup;

/// Why a function may be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It was called: what is kept is returned.
    Call,
    /// It is to be computed again in any case.
    Refresh,
}

/// How a call begins.
pub enum Begun<R, P> {
    /// The result is there.
    Hit(R),
    /// The function has to be computed.
    Miss(P),
}

/// A function that is to be computed.
pub trait Finish<R> {
    /// Known to the calls within as who computes, as long as the guard is there.
    fn enter(&self) -> Option<flight::Running>;
    /// Keeps what is to be kept of the result.
    fn settle(self, result: &R);
}

/// Computes the result, and keeps what is to be kept of it.
#[inline]
pub fn finish<R>(pending: impl Finish<R>, compute: impl FnOnce() -> R) -> R {
    let running = pending.enter();
    let result = compute();
    drop(running);
    pending.settle(&result);
    result
}

/// As `finish`, for an async function.
pub async fn finish_async<R>(pending: impl Finish<R>, compute: impl Future<Output = R>) -> R {
    let mut compute = pin!(compute);
    let polled = poll_fn(|context| {
        let _running = pending.enter();
        compute.as_mut().poll(context)
    });
    let result = polled.await;
    pending.settle(&result);
    result
}

enum Running<H: Memoized> {
    Call(Computation<H>),
    Refresh(Refresh<H>),
}

/// A function that is being computed.
pub(super) struct Pending<H: Memoized, M> {
    running: Running<H>,
    outcome: M,
}

/// Looks a call up.
#[inline]
pub(super) fn begin<R, H: Memoized, M: Outcome<R, Kept = H::Value>>(
    handle: H,
    purpose: Purpose,
    key: impl Lookup<Owned = H::Key>,
    outcome: M,
) -> Begun<R, Pending<H, M>> {
    if purpose == Purpose::Refresh {
        return refresh(handle, key, outcome);
    }
    let hit = |kept| Begun::Hit(outcome.restore(kept));
    cache::look_up(handle, key, hit, |missed| match missed {
        Missed::Computes(computation) => call(computation, outcome),
        Missed::Joins(joining) => joined(joining.block(), outcome),
    })
}

/// An async call with single flight, which may have to wait for another's computation.
pub(super) enum Joining<R, H: Memoized, M> {
    /// There is nothing to wait for.
    Begun(Begun<R, Pending<H, M>>),
    /// One call computes for all.
    Alone(cache::Joining<H>, M),
}

/// Looks an async call up.
pub(super) fn join<R, H: Memoized, M: Outcome<R, Kept = H::Value>>(
    handle: H,
    purpose: Purpose,
    key: impl Lookup<Owned = H::Key>,
    outcome: M,
) -> Joining<R, H, M> {
    if purpose == Purpose::Refresh {
        return Joining::Begun(refresh(handle, key, outcome));
    }
    let hit = |kept| Joining::Begun(Begun::Hit(outcome.restore(kept)));
    cache::look_up(handle, key, hit, |missed| match missed {
        Missed::Computes(computation) => Joining::Begun(call(computation, outcome)),
        Missed::Joins(joining) => Joining::Alone(joining, outcome),
    })
}

impl<R, H: Memoized, M: Outcome<R, Kept = H::Value>> Joining<R, H, M> {
    /// Waits until the value is there, or this call has to compute it.
    pub(super) async fn resolve(self) -> Begun<R, Pending<H, M>> {
        match self {
            Joining::Begun(begun) => begun,
            Joining::Alone(joining, outcome) => joined(joining.wait().await, outcome),
        }
    }
}

fn call<R, H: Memoized, M>(computation: Computation<H>, outcome: M) -> Begun<R, Pending<H, M>> {
    Begun::Miss(Pending { running: Running::Call(computation), outcome })
}

#[cold]
fn refresh<R, H: Memoized, M>(
    handle: H,
    key: impl Lookup<Owned = H::Key>,
    outcome: M,
) -> Begun<R, Pending<H, M>> {
    Begun::Miss(Pending { running: Running::Refresh(Refresh::begin(handle, key)), outcome })
}

/// What another's computation came to.
fn joined<R, H: Memoized, M: Outcome<R, Kept = H::Value>>(
    begun: cache::Begun<H>,
    outcome: M,
) -> Begun<R, Pending<H, M>> {
    match begun {
        cache::Begun::Hit(kept) => Begun::Hit(outcome.restore(kept)),
        cache::Begun::Miss(computation) => call(computation, outcome),
    }
}

impl<R, H: Memoized, M: Outcome<R, Kept = H::Value>> Finish<R> for Pending<H, M> {
    #[inline]
    fn enter(&self) -> Option<flight::Running> {
        match &self.running {
            Running::Call(computation) => computation.enter(),
            Running::Refresh(_) => None,
        }
    }

    fn settle(self, result: &R) {
        let judged = self.outcome.judge(result);
        match self.running {
            Running::Call(computation) => match judged {
                Judged::Keep(value) if computation.handle().memo().wants(&value) => {
                    computation.succeed(&value);
                }
                Judged::Keep(value) => computation.share(&value),
                Judged::Decline => computation.decline(),
                Judged::Fail => computation.fail(),
            },
            Running::Refresh(refresh) => match judged {
                Judged::Keep(value) => {
                    let wanted = refresh.handle().memo().wants(&value);
                    refresh.replace(wanted.then_some(&value));
                }
                Judged::Decline => refresh.replace(None),
                Judged::Fail => {}
            },
        }
    }
}
