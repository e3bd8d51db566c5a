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

mod progress;
mod running;
mod table;
mod wait;
mod waits;

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Poll, Waker};
use std::time::Duration;

pub use running::Running;
pub use table::Flights;
pub use wait::{Wait, Waited};

use crate::sync::{Arc, Counter, Mutex, MutexGuard, Ordering};
use progress::Progress;
use running::FlightId;

/// One computation under way, shared by its leader and its followers.
#[derive(Debug)]
pub struct Flight<V> {
    /// How often the process had been forked when the flight began.
    forks: u64,
    progress: Progress,
    /// There once it has landed with one.
    value: Mutex<Option<V>>,
}

impl<V> Flight<V> {
    /// A flight that the caller leads: it has to [`land`](Self::land) it, whatever happens, also
    /// when the computation panics or is cancelled.
    pub fn start() -> Arc<Self> {
        Arc::new(Flight {
            forks: FORKS.load(Ordering::Relaxed),
            progress: Progress::start(),
            value: Mutex::new(None),
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
    pub fn land(&self, mut value: Option<V>) {
        if self.is_lost() {
            // A thread that the fork left behind may have held the lock. No follower is here.
            return;
        }
        let with_value = value.is_some();
        if with_value && self.progress.is_running() {
            let mut landed = self.value();
            if landed.is_none() {
                *landed = value.take();
            }
        }
        self.progress.end(with_value);
    }

    /// Blocks until the landing.
    fn block<T>(&self, timeout: Option<Duration>, read: impl FnOnce(&V) -> T) -> Waited<T> {
        let waited = self.progress.block(timeout);
        self.read(waited, read)
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
        match self.progress.poll(place, waker) {
            Poll::Ready(waited) => Poll::Ready(self.read(waited, V::clone)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// What a wait came to, with the value.
    fn read<T>(&self, waited: Waited<()>, read: impl FnOnce(&V) -> T) -> Waited<T> {
        match waited {
            Waited::Landed(()) => match &*self.value() {
                Some(value) => Waited::Landed(read(value)),
                None => Waited::Failed,
            },
            Waited::Failed => Waited::Failed,
            Waited::TimedOut => Waited::TimedOut,
        }
    }

    /// Wakes no more who had this place.
    fn forget(&self, place: u64) {
        if !self.is_lost() {
            self.progress.forget(place);
        }
    }

    /// Whoever panics while reading changes nothing, so a poisoned lock is as good as any.
    fn value(&self) -> MutexGuard<'_, Option<V>> {
        self.value.lock().unwrap_or_else(|poison| poison.into_inner())
    }
}

static FORKS: Counter = Counter::new(0);

/// To be called in a child process right after a fork: flights that began before it are lost.
pub fn forked() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}
