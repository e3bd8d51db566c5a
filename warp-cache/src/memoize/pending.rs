//! From a look-up that found nothing to the result.

use super::memo::Memoized;
use super::outcome::{Judged, Outcome};
use crate::cache::{self, Computation, Refresh};
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
pub enum Begun<R, H: Memoized, M> {
    /// The result is there.
    Hit(R),
    /// The function has to be computed.
    Miss(Pending<H, M>),
}

enum Running<H: Memoized> {
    Call(Computation<H>),
    Refresh(Refresh<H>),
}

/// A function that is being computed.
pub struct Pending<H: Memoized, M> {
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
) -> Begun<R, H, M> {
    match purpose {
        Purpose::Call => call(cache::begin(handle, key), outcome),
        Purpose::Refresh => {
            let running = Running::Refresh(Refresh::begin(handle, key));
            Begun::Miss(Pending { running, outcome })
        }
    }
}

/// An async call with single flight at first sight.
pub enum Joining<R, H: Memoized, M> {
    /// The result is there.
    Hit(R),
    /// It is not.
    Absent(Absent<H, M>),
}

/// An async call that has to compute, or to wait for another's computation. It holds no result: what
/// a future holds while it waits decides whether it is Send.
pub struct Absent<H: Memoized, M>(Next<H, M>);

enum Next<H: Memoized, M> {
    Compute(Pending<H, M>),
    Join(cache::Joining<H>, M),
}

/// Looks an async call up.
pub(super) fn join<R, H: Memoized, M: Outcome<R, Kept = H::Value>>(
    handle: H,
    purpose: Purpose,
    key: impl Lookup<Owned = H::Key>,
    outcome: M,
) -> Joining<R, H, M> {
    let next = if purpose == Purpose::Refresh {
        let running = Running::Refresh(Refresh::begin(handle, key));
        Next::Compute(Pending { running, outcome })
    } else {
        match cache::look_up(handle, key) {
            cache::Found::Alone(joining) => Next::Join(joining, outcome),
            cache::Found::Begun(begun) => match call(begun, outcome) {
                Begun::Hit(result) => return Joining::Hit(result),
                Begun::Miss(pending) => Next::Compute(pending),
            },
        }
    };
    Joining::Absent(Absent(next))
}

impl<H: Memoized, M> Absent<H, M> {
    /// Waits until the value is there, or this call has to compute it.
    pub async fn resolve<R>(self) -> Begun<R, H, M>
    where
        M: Outcome<R, Kept = H::Value>,
    {
        match self.0 {
            Next::Compute(pending) => Begun::Miss(pending),
            Next::Join(joining, outcome) => call(joining.wait().await, outcome),
        }
    }
}

#[inline]
fn call<R, H: Memoized, M: Outcome<R, Kept = H::Value>>(
    begun: cache::Begun<H>,
    outcome: M,
) -> Begun<R, H, M> {
    match begun {
        cache::Begun::Hit(kept) => Begun::Hit(outcome.restore(kept)),
        cache::Begun::Miss(computation) => {
            Begun::Miss(Pending { running: Running::Call(computation), outcome })
        }
    }
}

impl<H: Memoized, M> Pending<H, M> {
    /// Computes the result, and keeps what is to be kept of it.
    #[inline]
    pub fn finish<R>(self, compute: impl FnOnce() -> R) -> R
    where
        M: Outcome<R, Kept = H::Value>,
    {
        let result = match &self.running {
            Running::Call(computation) => computation.run(compute),
            Running::Refresh(_) => compute(),
        };
        self.settle(&result);
        result
    }

    /// As `finish`, for an async function.
    pub async fn finish_async<R>(self, compute: impl Future<Output = R>) -> R
    where
        M: Outcome<R, Kept = H::Value>,
    {
        let result = match &self.running {
            Running::Call(computation) => computation.run_async(compute).await,
            Running::Refresh(_) => compute.await,
        };
        self.settle(&result);
        result
    }

    fn settle<R>(self, result: &R)
    where
        M: Outcome<R, Kept = H::Value>,
    {
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
                Judged::Fail => refresh.fail(),
            },
        }
    }
}
