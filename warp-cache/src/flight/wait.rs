//! The two ways to wait for a flight: blocked, or as a future.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::flight::Flight;
use crate::flight::running::FlightId;
use crate::flight::waits::Waiting;

/// How a wait ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Waited<T> {
    /// The flight landed with a value.
    Landed(T),
    /// The flight landed without a value: try again, as the next leader or as a follower.
    Failed,
    /// The time was up and the flight is still running. Not for a future.
    TimedOut,
}

/// A follower's wait for a flight, which [`block`](Self::block)s or is awaited.
///
/// As a future it belongs to no runtime. Dropped, it waits no more, and nobody else loses a wake-up
/// by that. One that moves into a computation by which it would close a cycle ends as
/// [`Waited::Failed`].
#[derive(Debug)]
#[must_use = "a follower blocks or awaits"]
pub struct Wait<'a, V> {
    flight: &'a Flight<V>,
    waiting: Waiting,
    /// Its place among those to be woken, once it was polled.
    place: Option<u64>,
}

impl<'a, V> Wait<'a, V> {
    pub(super) fn enter(flight: &'a Flight<V>) -> Option<Self> {
        let waiting = Waiting::enter(FlightId::of(flight))?;
        Some(Wait { flight, waiting, place: None })
    }

    /// Blocks the thread until the landing, at most as long as `timeout`, and reads the value.
    ///
    /// Only where the leader needs another thread than this one to come to its end.
    pub fn block<T>(&self, timeout: Option<Duration>, read: impl FnOnce(&V) -> T) -> Waited<T> {
        self.flight.block(timeout, read)
    }
}

impl<V: Clone> Future for Wait<'_, V> {
    type Output = Waited<V>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Waited<V>> {
        let wait = &mut *self;
        if !wait.waiting.is_here() {
            let Some(waiting) = Waiting::enter(FlightId::of(wait.flight)) else {
                return Poll::Ready(Waited::Failed);
            };
            wait.waiting = waiting;
        }
        wait.flight.poll(&mut wait.place, context.waker())
    }
}

impl<V> Drop for Wait<'_, V> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.flight.forget(place);
        }
    }
}
