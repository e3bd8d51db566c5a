//! How far a flight is, and who waits for its landing. Nothing here depends on what it carries, so
//! it is compiled once.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Poll, Waker};
use std::time::Duration;

use super::Waited;
use crate::sync::{Condvar, Mutex, MutexGuard};

#[derive(Debug)]
enum State {
    Running(Followers),
    Landed,
    Failed,
}

/// Who is to be woken.
#[derive(Debug, Default)]
struct Followers {
    /// Whether threads may be blocked.
    blocked: bool,
    next: u64,
    /// Futures, in the order in which they began to wait.
    wakers: BTreeMap<u64, Waker>,
}

#[derive(Debug)]
pub(super) struct Progress {
    state: Mutex<State>,
    landed: Condvar,
}

impl Progress {
    pub(super) fn start() -> Self {
        Progress { state: Mutex::new(State::Running(Followers::default())), landed: Condvar::new() }
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(*self.lock(), State::Running(_))
    }

    /// Ends, with a value or without, and wakes all who wait: futures in the order in which they
    /// began to. Only the first end counts.
    pub(super) fn end(&self, with_value: bool) {
        let mut state = self.lock();
        let State::Running(followers) = &mut *state else { return };
        let followers = std::mem::take(followers);
        *state = if with_value { State::Landed } else { State::Failed };
        drop(state);
        if followers.blocked {
            self.landed.notify_all();
        }
        for waker in followers.wakers.into_values() {
            // One that panics must not cost the others their wake-up. The hook has told of it.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
    }

    /// Blocks until the end.
    pub(super) fn block(&self, timeout: Option<Duration>) -> Waited<()> {
        let mut state = self.lock();
        loop {
            match &mut *state {
                State::Landed => return Waited::Landed(()),
                State::Failed => return Waited::Failed,
                State::Running(followers) => followers.blocked = true,
            }
            match timeout {
                None => {
                    state = self.landed.wait(state).unwrap_or_else(|poison| poison.into_inner());
                }
                Some(timeout) => {
                    let (next, result) = self
                        .landed
                        .wait_timeout(state, timeout)
                        .unwrap_or_else(|poison| poison.into_inner());
                    state = next;
                    if result.timed_out() && matches!(*state, State::Running(_)) {
                        return Waited::TimedOut;
                    }
                }
            }
        }
    }

    /// Says how it ended, or sees to it that the waker is woken when it does. A `place` is kept from
    /// poll to poll.
    pub(super) fn poll(&self, place: &mut Option<u64>, waker: &Waker) -> Poll<Waited<()>> {
        // What a waker does is its executor's affair, and none of it happens under the lock.
        let waker = waker.clone();
        let mut state = self.lock();
        let followers = match &mut *state {
            State::Landed => return Poll::Ready(Waited::Landed(())),
            State::Failed => return Poll::Ready(Waited::Failed),
            State::Running(followers) => followers,
        };
        let place = *place.get_or_insert_with(|| {
            followers.next += 1;
            followers.next
        });
        let _old = followers.wakers.insert(place, waker);
        drop(state);
        Poll::Pending
    }

    /// Wakes no more who had this place.
    pub(super) fn forget(&self, place: u64) {
        let mut state = self.lock();
        let _old = match &mut *state {
            State::Running(followers) => followers.wakers.remove(&place),
            State::Landed | State::Failed => None,
        };
        drop(state);
    }

    /// Panics cannot leave the state half changed, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poison| poison.into_inner())
    }
}
