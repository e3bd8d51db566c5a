//! From a look-up in a region that found nothing to the result: as `pending` for a region.

use serde::Serialize;

use super::control::Purpose;
use super::outcome::{Judged, Outcome};
use super::pending::{Begun, Finish};
use super::region::Storable;
use super::region_memo::{RegionControl, RegionMemo};
use crate::flight;
use crate::shared::{self, Computation, Joining, Missed};

/// A function that is being computed.
pub(super) struct Pending<V: 'static, M> {
    memo: &'static RegionMemo<V>,
    computation: Computation<'static, V>,
    outcome: M,
}

type PendingOf<R, M> = Pending<<M as Outcome<R>>::Kept, M>;

/// Looks a call up, or its entry.
#[inline]
pub(super) fn begin<R, C: RegionControl<R>, K: Serialize, M: Outcome<R, Kept: Storable>>(
    memo: &'static RegionMemo<M::Kept>,
    control: C,
    key: &K,
    outcome: M,
) -> Begun<C::Output, Pending<M::Kept, M>> {
    match C::PURPOSE {
        Some(Purpose::Call) => {
            let hit = |kept| Begun::Hit(C::of_result(outcome.restore(kept)));
            memo.layers.look_up(key, hit, |missed| match missed {
                Missed::Computes(computation) => {
                    Begun::Miss(Pending { memo, computation, outcome })
                }
                Missed::Joins(joining) => joined(memo, joining.block(), outcome).map(C::of_result),
            })
        }
        Some(Purpose::Refresh) => {
            Begun::Miss(Pending { memo, computation: memo.layers.refresh(key), outcome })
        }
        None => Begun::Hit(control.inspect_stored(memo, key, outcome)),
    }
}

/// Looks an async call with single flight up: the result, or a future of how it goes on.
#[inline]
pub(super) fn join<R, C, K, M>(
    memo: &'static RegionMemo<M::Kept>,
    control: C,
    key: &K,
    outcome: M,
) -> Begun<C::Output, impl Future<Output = Begun<R, PendingOf<R, M>>> + use<R, C, K, M> + 'static>
where
    R: 'static,
    C: RegionControl<R>,
    K: Serialize,
    M: Outcome<R, Kept: Storable> + 'static,
{
    let go_on = |missed| Begun::Miss(resolve(memo, missed, outcome));
    match C::PURPOSE {
        Some(Purpose::Call) => {
            let hit = |kept| Begun::Hit(C::of_result(outcome.restore(kept)));
            memo.layers.look_up(key, hit, go_on)
        }
        Some(Purpose::Refresh) => go_on(Missed::Computes(memo.layers.refresh(key))),
        None => Begun::Hit(control.inspect_stored(memo, key, outcome)),
    }
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
