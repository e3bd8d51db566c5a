//! The only place that waits: one computation for all who ask for the same key at the same time.
//!
//! A flight is a computation under way: *running* until its leader lands it with a value or without
//! one (it failed, or may not be shared). Followers wait for the landing, blocked or as futures. A
//! landing without a value wakes them to try again, and one of them leads the next flight.
//!
//! ```
//! use warp_cache::flight::{Flight, Waited};
//!
//! let flight = Flight::start();
//! let follower = std::thread::spawn({
//!     let flight = flight.clone();
//!     move || match flight.follow() {
//!         Some(wait) => wait.block(None, u32::clone),
//!         None => unreachable!("nobody waits for this thread"),
//!     }
//! });
//! let value = {
//!     let _running = flight.enter();
//!     6 * 7
//! };
//! flight.land(Some(value));
//! assert_eq!(follower.join().unwrap(), Waited::Landed(42));
//! ```
//!
//! # Cycles
//!
//! A wait that would close a cycle of computations that wait for each other is refused, be they
//! blocked threads, futures, or both. For that a leader says where it computes, by
//! [`Flight::enter`] or [`Flight::run`]. What a computation waits for is what it asks for on its
//! own thread and in its own polls. It is not seen that it waits for a thread or a task that it
//! spawned, for a lock or a channel, or for a future that another polls.
//!
//! A future makes progress only while it is polled. A leader that is kept and not polled, or whose
//! executor's thread is blocked, lets its followers wait.

mod running;
mod table;
mod wait;
mod waits;

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Poll, Waker};
use std::time::Duration;

pub use running::Running;
pub use table::Flights;
pub use wait::{Wait, Waited};

use crate::sync::{Arc, Condvar, Counter, Mutex, MutexGuard, Ordering};
use running::FlightId;

#[derive(Debug)]
enum State<V> {
    Running(Followers),
    Landed(V),
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

/// One computation under way, shared by its leader and its followers.
#[derive(Debug)]
pub struct Flight<V> {
    /// How often the process had been forked when the flight began.
    forks: u64,
    state: Mutex<State<V>>,
    landed: Condvar,
}

impl<V> Flight<V> {
    /// A flight that the caller leads: it has to [`land`](Self::land) it, whatever happens, also
    /// when the computation panics or is cancelled.
    pub fn start() -> Arc<Self> {
        Arc::new(Flight {
            forks: FORKS.load(Ordering::Relaxed),
            state: Mutex::new(State::Running(Followers::default())),
            landed: Condvar::new(),
        })
    }

    /// Whether the flight began before the process was forked: its leader is then in another
    /// process, or came here alone, and nobody can wait for it.
    pub fn is_lost(&self) -> bool {
        self.forks != FORKS.load(Ordering::Relaxed)
    }

    /// Says that the calling thread computes what the flight is for, as long as the guard is there:
    /// what it waits for meanwhile, the flight waits for. A leader drops the guard before it lands.
    pub fn enter(&self) -> Running {
        Running::enter(FlightId::of(self))
    }

    /// Polls the future that computes what the flight is for, [entering](Self::enter) it each time.
    pub async fn run<F: Future + ?Sized>(&self, mut computation: Pin<&mut F>) -> F::Output {
        poll_fn(|context| {
            let _running = self.enter();
            computation.as_mut().poll(context)
        })
        .await
    }

    /// A wait for the landing; none if it would close a cycle. Then compute without it.
    pub fn follow(&self) -> Option<Wait<'_, V>> {
        Wait::enter(self)
    }

    /// Ends the flight, with a value for the followers or without, and wakes them: futures in the
    /// order in which they began to wait. The first landing counts.
    ///
    /// Without a value, take the flight from where others find it first, or they find it again.
    pub fn land(&self, value: Option<V>) {
        if self.is_lost() {
            // A thread that the fork left behind may have held the lock. No follower is here.
            return;
        }
        let mut state = self.lock();
        let State::Running(followers) = &mut *state else { return };
        let followers = std::mem::take(followers);
        *state = value.map_or(State::Failed, State::Landed);
        drop(state);
        if followers.blocked {
            self.landed.notify_all();
        }
        for waker in followers.wakers.into_values() {
            // One that panics must not cost the others their wake-up. The hook has told of it.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
    }

    /// Blocks until the landing.
    fn block<T>(&self, timeout: Option<Duration>, read: impl FnOnce(&V) -> T) -> Waited<T> {
        let mut state = self.lock();
        loop {
            match &mut *state {
                State::Landed(value) => return Waited::Landed(read(value)),
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

    /// Says how the flight landed, or sees to it that the waker is woken when it does. A `place`
    /// is kept from poll to poll.
    fn poll(&self, place: &mut Option<u64>, waker: &Waker) -> Poll<Waited<V>>
    where
        V: Clone,
    {
        if self.is_lost() {
            return Poll::Ready(Waited::Failed);
        }
        // What a waker does is its executor's affair, and none of it happens under the lock.
        let waker = waker.clone();
        let mut state = self.lock();
        let followers = match &mut *state {
            State::Landed(value) => return Poll::Ready(Waited::Landed(value.clone())),
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
    fn forget(&self, place: u64) {
        if self.is_lost() {
            return;
        }
        let mut state = self.lock();
        let _old = match &mut *state {
            State::Running(followers) => followers.wakers.remove(&place),
            State::Landed(_) | State::Failed => None,
        };
        drop(state);
    }

    /// Panics cannot leave the state half changed, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, State<V>> {
        self.state.lock().unwrap_or_else(|poison| poison.into_inner())
    }
}

static FORKS: Counter = Counter::new(0);

/// To be called in a child process right after a fork: flights that began before it are lost.
pub fn forked() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}
