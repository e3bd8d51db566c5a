//! The only place that waits: one computation for all who ask for the same key at the same time.
//!
//! A flight is a computation under way: *running* until its leader lands it with a value or without
//! one (it failed, or may not be shared). Followers wait for the landing. A landing without a value
//! wakes them to try again, and one of them leads the next flight. A wait that would close a cycle
//! of waiting threads is refused: see [`Waits`].

mod table;
mod waits;

use std::time::Duration;

pub use table::Flights;
pub use waits::{Leader, Waiting, Waits, forked};

use crate::sync::{Arc, Condvar, Mutex, MutexGuard};

#[derive(Debug)]
enum State<V> {
    Running,
    Landed(V),
    Failed,
}

/// One computation under way, shared by its leader and its followers.
#[derive(Debug)]
pub struct Flight<V> {
    leader: Arc<Leader>,
    /// How often the process had been forked when the flight began.
    forks: u64,
    state: Mutex<State<V>>,
    landed: Condvar,
}

/// How a wait ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Waited<T> {
    /// The flight landed with a value.
    Landed(T),
    /// The flight landed without a value: try again.
    Failed,
    /// The time was up and the flight is still running.
    TimedOut,
}

impl<V> Flight<V> {
    /// A flight that the calling thread leads.
    pub fn start() -> Arc<Self> {
        Arc::new(Flight {
            leader: Arc::new(Leader::current()),
            forks: waits::forks(),
            state: Mutex::new(State::Running),
            landed: Condvar::new(),
        })
    }

    /// The thread that computes.
    pub fn leader(&self) -> Arc<Leader> {
        self.leader.clone()
    }

    /// Whether the flight began before the process was forked: its leader is then in another
    /// process, or came here alone, and nobody can wait for it.
    pub fn is_lost(&self) -> bool {
        self.forks != waits::forks()
    }

    /// Ends the flight, with a value for the followers or without, and wakes them. The first
    /// landing counts.
    pub fn land(&self, value: Option<V>) {
        self.leader.land();
        if self.is_lost() {
            // A thread that the fork left behind may have held the lock. No follower is here.
            return;
        }
        let mut state = self.lock();
        if let State::Running = *state {
            *state = value.map_or(State::Failed, State::Landed);
        }
        drop(state);
        self.landed.notify_all();
    }

    /// Waits for the landing, at most as long as `timeout`, and reads the value. Enter [`Waits`]
    /// first.
    pub fn wait<T>(&self, timeout: Option<Duration>, read: impl FnOnce(&V) -> T) -> Waited<T> {
        let mut state = self.lock();
        loop {
            match &*state {
                State::Landed(value) => return Waited::Landed(read(value)),
                State::Failed => return Waited::Failed,
                State::Running => {}
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
                    if result.timed_out() && matches!(*state, State::Running) {
                        return Waited::TimedOut;
                    }
                }
            }
        }
    }

    /// Panics cannot leave the state half changed, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, State<V>> {
        self.state.lock().unwrap_or_else(|poison| poison.into_inner())
    }
}
