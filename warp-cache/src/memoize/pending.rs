//! From a look-up that found nothing to the result.

use std::pin::pin;

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
pub(super) fn begin<R, H: Memoized + Clone, M: Outcome<R, Kept = H::Value>>(
    handle: H,
    purpose: Purpose,
    key: impl Lookup<Owned = H::Key>,
    outcome: M,
) -> Begun<R, H, M> {
    let running = match purpose {
        Purpose::Call => match cache::begin(handle, key) {
            cache::Begun::Hit(kept) => return Begun::Hit(outcome.restore(kept)),
            cache::Begun::Miss(computation) => Running::Call(computation),
        },
        Purpose::Refresh => Running::Refresh(Refresh::begin(handle, key)),
    };
    Begun::Miss(Pending { running, outcome })
}

impl<H: Memoized, M> Pending<H, M> {
    /// Computes the result, and keeps what is to be kept of it.
    #[inline]
    pub fn finish<R>(self, compute: impl FnOnce() -> R) -> R
    where
        M: Outcome<R, Kept = H::Value>,
    {
        let result = compute();
        self.settle(&result);
        result
    }

    /// As `finish`, for an async function.
    pub async fn finish_async<R>(self, compute: impl Future<Output = R>) -> R
    where
        M: Outcome<R, Kept = H::Value>,
    {
        let result = pin!(compute).await;
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
                Judged::Fail => {}
            },
        }
    }
}
