//! From a look-up that found nothing to the result.
//!
//! What is pending is handed out as some type that can [`Finish`]: so that a key or value that lacks
//! a trait is told of once, where the call begins, and not again where it ends.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::control::{Control, Purpose};
use super::memo::Memoized;
use super::outcome::{Judged, Outcome};
use crate::cache::{self, Computation, Missed, Refresh};
use crate::flight;
use crate::key::Lookup;

/// How a call begins.
pub enum Begun<R, P> {
    /// The result is there.
    Hit(R),
    /// The function has to be computed.
    Miss(P),
}

impl<R, P> Begun<R, P> {
    pub(super) fn map<T>(self, of: impl FnOnce(R) -> T) -> Begun<T, P> {
        match self {
            Begun::Hit(result) => Begun::Hit(of(result)),
            Begun::Miss(pending) => Begun::Miss(pending),
        }
    }
}

/// A function that is to be computed.
pub trait Finish<R> {
    /// Known to the calls within as who computes, as long as the guard is there.
    fn enter(&self) -> Option<flight::Running>;
    /// Keeps what is to be kept of the result.
    fn settle(self, result: &R);
}

/// What a control returns of the function's result.
#[inline]
pub fn result<C: Control<R>, R>(result: R) -> C::Output {
    C::of_result(result)
}

/// Computes the result, and keeps what is to be kept of it.
#[cold]
#[inline(never)]
pub fn finish<C: Control<R>, R>(pending: impl Finish<R>, compute: impl FnOnce() -> R) -> C::Output {
    let running = pending.enter();
    let result = compute();
    drop(running);
    pending.settle(&result);
    C::of_result(result)
}

/// As `finish`, for an async function.
pub async fn finish_async<C: Control<R>, R>(
    mut pending: impl Finish<R>,
    compute: impl Future<Output = R>,
) -> C::Output {
    let mut compute = pin!(compute);
    // Exclusive, so that what is pending, and the key in it, has to be Send and need not be Sync.
    let entered = &mut pending;
    let polled = poll_fn(move |context| {
        let _running = entered.enter();
        compute.as_mut().poll(context)
    });
    let result = polled.await;
    pending.settle(&result);
    C::of_result(result)
}

/// The answer of a control of an async function: it computes nothing, and so waits for nothing.
pub fn at_once<T>(answer: impl Future<Output = T>) -> T {
    match pin!(answer).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("it waits for nothing"),
    }
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

/// Looks a call up, or its entry.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn begin<R, C: Control<R>, H: Memoized, M: Outcome<R, Kept = H::Value>>(
    handle: H,
    control: C,
    key: impl Lookup<Owned = H::Key>,
    outcome: M,
) -> Begun<C::Output, Pending<H, M>> {
    match C::PURPOSE {
        Some(Purpose::Call) => {
            let hit = |kept| Begun::Hit(C::of_result(outcome.restore(kept)));
            cache::look_up(handle, key, hit, |missed| match missed {
                Missed::Computes(computation) => call(computation, outcome),
                Missed::Joins(joining) => joined(joining.block(), outcome).map(C::of_result),
            })
        }
        Some(Purpose::Refresh) => refresh(handle, key, outcome),
        None => Begun::Hit(control.inspect(handle.memo(), key, outcome)),
    }
}

/// How an async call with single flight goes on that found nothing.
enum Absent<H: Memoized> {
    /// This call computes.
    Computes(Running<H>),
    /// One call computes for all.
    Joins(cache::Joining<H>),
}

/// Looks an async call with single flight up: the result, or a future of how it goes on.
#[inline]
pub(super) fn join<R, C, H, M>(
    handle: H,
    control: C,
    key: impl Lookup<Owned = H::Key>,
    outcome: M,
) -> Begun<C::Output, impl Future<Output = Begun<R, Pending<H, M>>> + 'static>
where
    R: 'static,
    C: Control<R>,
    H: Memoized + 'static,
    M: Outcome<R, Kept = H::Value> + 'static,
{
    let go_on = |absent| Begun::Miss(resolve(absent, outcome));
    match C::PURPOSE {
        Some(Purpose::Call) => {
            let hit = |kept| Begun::Hit(C::of_result(outcome.restore(kept)));
            cache::look_up(handle, key, hit, |missed| {
                go_on(match missed {
                    Missed::Computes(computation) => Absent::Computes(Running::Call(computation)),
                    Missed::Joins(joining) => Absent::Joins(joining),
                })
            })
        }
        Some(Purpose::Refresh) => {
            go_on(Absent::Computes(Running::Refresh(Refresh::begin(handle, key))))
        }
        None => Begun::Hit(control.inspect(handle.memo(), key, outcome)),
    }
}

/// Waits until the value is there, or this call has to compute it. No result is in here while it
/// waits: what a future holds then decides whether it is Send.
async fn resolve<R, H: Memoized, M: Outcome<R, Kept = H::Value>>(
    absent: Absent<H>,
    outcome: M,
) -> Begun<R, Pending<H, M>> {
    match absent {
        Absent::Computes(running) => Begun::Miss(Pending { running, outcome }),
        Absent::Joins(joining) => joined(joining.wait().await, outcome),
    }
}

fn call<T, H: Memoized, M>(computation: Computation<H>, outcome: M) -> Begun<T, Pending<H, M>> {
    Begun::Miss(Pending { running: Running::Call(computation), outcome })
}

#[cold]
fn refresh<T, H: Memoized, M>(
    handle: H,
    key: impl Lookup<Owned = H::Key>,
    outcome: M,
) -> Begun<T, Pending<H, M>> {
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
                    computation.succeed(value, || self.outcome.keep(result));
                }
                Judged::Keep(value) => computation.share(value),
                Judged::Decline => computation.decline(),
                Judged::Fail => computation.fail(),
            },
            Running::Refresh(refresh) => match judged {
                Judged::Keep(value) => {
                    let wanted = refresh.handle().memo().wants(&value);
                    refresh.replace(wanted.then_some(value));
                }
                Judged::Decline => refresh.replace(None),
                Judged::Fail => refresh.fail(),
            },
        }
    }
}
