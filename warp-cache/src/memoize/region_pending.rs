//! From a look-up in a region that found nothing to the result: as `pending` for a region.

use serde::Serialize;

use super::outcome::{Judged, Outcome};
use super::pending::{Begun, Finish, Purpose};
use super::region::Storable;
use super::region_memo::RegionMemo;
use crate::flight;
use crate::shared::{self, Computation, Joining, Missed};

/// A function that is being computed.
pub(super) struct Pending<V: 'static, M> {
    memo: &'static RegionMemo<V>,
    computation: Computation<'static, V>,
    outcome: M,
}

/// Looks a call up.
#[inline]
pub(super) fn begin<R, K: Serialize, M: Outcome<R, Kept: Storable>>(
    memo: &'static RegionMemo<M::Kept>,
    purpose: Purpose,
    key: &K,
    outcome: M,
) -> Begun<R, Pending<M::Kept, M>> {
    let computes = |computation| Begun::Miss(Pending { memo, computation, outcome });
    if purpose == Purpose::Refresh {
        return computes(memo.layers.refresh(key));
    }
    let hit = |kept| Begun::Hit(outcome.restore(kept));
    memo.layers.look_up(key, hit, |missed| match missed {
        Missed::Computes(computation) => computes(computation),
        Missed::Joins(joining) => joined(memo, joining.block(), outcome),
    })
}

/// Looks an async call with single flight up: the result, or a future of how it goes on.
#[inline]
pub(super) fn join<R, K, M>(
    memo: &'static RegionMemo<M::Kept>,
    purpose: Purpose,
    key: &K,
    outcome: M,
) -> Begun<R, impl Future<Output = Begun<R, Pending<M::Kept, M>>> + use<R, K, M> + 'static>
where
    R: 'static,
    K: Serialize,
    M: Outcome<R, Kept: Storable> + 'static,
{
    let go_on = |missed| Begun::Miss(resolve(memo, missed, outcome));
    if purpose == Purpose::Refresh {
        return go_on(Missed::Computes(memo.layers.refresh(key)));
    }
    let hit = |kept| Begun::Hit(outcome.restore(kept));
    memo.layers.look_up(key, hit, go_on)
}

/// Waits until the value is there, or this call has to compute it.
async fn resolve<R, M: Outcome<R, Kept: Storable>>(
    memo: &'static RegionMemo<M::Kept>,
    missed: Missed<'static, M::Kept>,
    outcome: M,
) -> Begun<R, Pending<M::Kept, M>> {
    match missed {
        Missed::Computes(computation) => Begun::Miss(Pending { memo, computation, outcome }),
        Missed::Joins(joining) => joined(memo, Joining::wait(joining).await, outcome),
    }
}

/// What another's computation came to.
fn joined<R, M: Outcome<R, Kept: Storable>>(
    memo: &'static RegionMemo<M::Kept>,
    begun: shared::Begun<'static, M::Kept>,
    outcome: M,
) -> Begun<R, Pending<M::Kept, M>> {
    match begun {
        shared::Begun::Hit(kept) => Begun::Hit(outcome.restore(kept)),
        shared::Begun::Miss(computation) => Begun::Miss(Pending { memo, computation, outcome }),
    }
}

impl<R, V: Clone + Storable + 'static, M: Outcome<R, Kept = V>> Finish<R> for Pending<V, M> {
    #[inline]
    fn enter(&self) -> Option<flight::Running> {
        self.computation.enter()
    }

    fn settle(self, result: &R) {
        let Pending { memo, computation, outcome } = self;
        match outcome.judge(result) {
            Judged::Keep(value) if memo.wants(&value) => computation.succeed(value),
            Judged::Keep(value) => computation.reject(value),
            Judged::Decline => computation.decline(),
            Judged::Fail => computation.fail(),
        }
    }
}
