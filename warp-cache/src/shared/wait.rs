//! Single flight: one computation in all processes for all who ask for the same key at the same
//! time.
//!
//! Within a process they wait as those of an unshared cache do: one leads, the others wait for it
//! and are woken. Who leads asks the region whether another process computes already. If so it
//! looks into the region again and again, more and more rarely, until the value is there, the other
//! has ended or died, or `flight_timeout` is over: then it computes. So of each process one call at
//! most is looking, however many wait.
//!
//! A thread sleeps between two looks. A future cannot: it belongs to no runtime, and only who has
//! timers could wake it later. A thread of ours to wake it would be one more that a fork loses, and
//! sleeping would hold up all else that its executor runs. So it wakes itself, lets other threads
//! and tasks run before it, and looks no more often than a thread would; an executor with nothing
//! else to do turns around meanwhile.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::compute::{Begun, Computation};
use super::key::{Encoded, KeyBytes};
use super::layers::{Flying, Found, Layers};
use crate::clock::{Clock, Time};
use crate::flight::{Flight, Running, Waited};
use crate::shm::{Claim, Counter, IfPresent, Lead};
use crate::sync::Arc;

/// From one look into the region to the next, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_micros(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(2);

/// The right to compute a key's value in this process. Dropped, others try for themselves.
pub(super) struct Leadership<'a, V> {
    layers: &'a Layers<V>,
    flight: Arc<Flight<V>>,
}

impl<V> Leadership<'_, V> {
    pub(super) fn enter(&self) -> Running {
        self.flight.enter()
    }

    /// Ends it, with a value for those who wait or without.
    pub(super) fn land(self, value: Option<V>) {
        self.leave();
        self.flight.land(value);
    }

    /// Nobody finds the flight any more.
    fn leave(&self) {
        let flying = self.layers.flights().remove(&self.flight);
        drop(flying);
    }
}

impl<V> Drop for Leadership<'_, V> {
    fn drop(&mut self) {
        self.leave();
        // The first landing counts.
        self.flight.land(None);
    }
}

/// What a call does next.
enum Step<'a, V> {
    /// It has come to its end.
    Begun(Begun<'a, V>),
    /// It waits for another call of this process.
    Follow(Arc<Flight<V>>),
    /// It waits so long, and looks again.
    Pause(Duration),
}

/// A call that finds the value, waits for it, or leads its computation.
pub(crate) struct Joining<'a, V> {
    layers: &'a Layers<V>,
    key: KeyBytes,
    if_present: IfPresent,
    /// Once it leads in this process.
    leadership: Option<Leadership<'a, V>>,
    /// Whether it has been counted as a wait.
    waited: bool,
    /// When it stops to wait for other processes.
    until: Option<Time>,
    pause: Duration,
}

impl<'a, V: Clone + Serialize + DeserializeOwned> Joining<'a, V> {
    pub(super) fn new(layers: &'a Layers<V>, key: KeyBytes, if_present: IfPresent) -> Self {
        Joining {
            layers,
            key,
            if_present,
            leadership: None,
            waited: false,
            until: None,
            pause: FIRST_PAUSE,
        }
    }

    /// Waits by blocking the thread.
    pub(crate) fn block(mut self) -> Begun<'a, V> {
        loop {
            match self.step() {
                Step::Begun(begun) => return begun,
                Step::Follow(flight) => {
                    let Some(wait) = flight.follow() else { return self.computes(None) };
                    if let Waited::Landed(value) = wait.block(None, V::clone) {
                        return self.hits(value);
                    }
                }
                Step::Pause(pause) => std::thread::sleep(pause),
            }
        }
    }

    /// Waits as a future.
    pub(crate) async fn wait(mut self) -> Begun<'a, V> {
        loop {
            match self.step() {
                Step::Begun(begun) => return begun,
                Step::Follow(flight) => {
                    let Some(wait) = flight.follow() else { return self.computes(None) };
                    if let Waited::Landed(value) = wait.await {
                        return self.hits(value);
                    }
                }
                Step::Pause(pause) => pass(pause).await,
            }
        }
    }

    /// Looks for the value, then for who computes it.
    fn step(&mut self) -> Step<'a, V> {
        if self.leadership.is_none() {
            if let Some(flight) = self.follow_or_lead() {
                self.count_wait();
                return Step::Follow(flight);
            }
        }
        // Looked up only now: who led before has put it there before it let others lead.
        if let Some(value) = self.find() {
            return Step::Begun(self.hits(value));
        }
        let layers = self.layers;
        match layers.region.claim(self.key.encoded().hash) {
            // The same again: another process may have ended between the look and the claim.
            Claim::Leads(lead) => Step::Begun(match self.find() {
                Some(value) => self.hits(value),
                None => self.computes(Some(lead)),
            }),
            Claim::Full => Step::Begun(self.computes(None)),
            Claim::Follows => {
                self.count_wait();
                let now = Clock::Precise.now();
                let until = *self.until.get_or_insert(now.after(layers.flight_timeout));
                if now >= until {
                    return Step::Begun(self.computes(None));
                }
                let pause = self.pause;
                self.pause = (pause * 3 / 2).min(LONGEST_PAUSE);
                Step::Pause(pause)
            }
        }
    }

    /// Whom to follow in this process; nobody if this call leads from now on.
    fn follow_or_lead(&mut self) -> Option<Arc<Flight<V>>> {
        let layers = self.layers;
        let Encoded { hash, bytes } = self.key.encoded();
        let ticket = layers.region.ticket(hash);
        let flying = Flying { key: self.key.clone(), ticket };
        let mut gone = None;
        let mut flights = layers.flights();
        let is_key = |flying: &Flying| flying.key.encoded().bytes == bytes;
        if let Some(flight) = flights.find(hash, is_key).cloned() {
            // One that began in another process, before a fork, is landed by nobody here; one that
            // began before a clear, by whatever process, is not for those who come after it.
            let is_good =
                |flying: &Flying| is_key(flying) && layers.region.is_unchanged(hash, flying.ticket);
            if !flight.is_lost() && flights.find(hash, is_good).is_some() {
                return Some(flight);
            }
            gone = flights.remove(&flight);
        }
        let flight = Flight::start();
        flights.insert(hash, flying, flight.clone());
        drop(flights);
        drop(gone);
        self.leadership = Some(Leadership { layers, flight });
        None
    }

    fn find(&mut self) -> Option<V> {
        match self.layers.find(self.key.encoded(), self.layers.now()) {
            Found::Value(value) => return Some(value),
            Found::Nothing => {}
            Found::Unreadable => self.if_present = IfPresent::Replace,
        }
        None
    }

    fn count_wait(&mut self) {
        if !std::mem::replace(&mut self.waited, true) {
            self.layers.count(Counter::Waits);
        }
    }

    /// The value is there, for those too who wait for this call.
    fn hits(&mut self, value: V) -> Begun<'a, V> {
        self.layers.count(Counter::Hits);
        if let Some(leadership) = self.leadership.take() {
            leadership.land(Some(value.clone()));
        }
        Begun::Hit(value)
    }

    /// This call computes, for the others if it leads; beside them where waiting would close a
    /// cycle or took too long.
    fn computes(&mut self, lead: Option<Lead<'a>>) -> Begun<'a, V> {
        let computation: Computation<'a, V> =
            self.layers.compute(self.key.clone(), self.if_present);
        Begun::Miss(computation.led(self.leadership.take(), lead))
    }
}

/// Is ready after this time, and wakes itself until then.
async fn pass(pause: Duration) {
    let until = Clock::Precise.now().after(pause);
    poll_fn(|context| {
        if Clock::Precise.now() >= until {
            return Poll::Ready(());
        }
        // Who computes may need this core.
        std::thread::yield_now();
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
