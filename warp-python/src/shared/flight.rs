//! One computation per key at a time: among the threads of this process by a flight, among
//! processes by a claim in the region, which the thread that leads the flight holds.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use lock_api::Mutex;
use pyo3::prelude::*;
use warp_cache::flight::{Flight, Running};
use warp_cache::shm::{Claim, Counter, Lead, Ticket};

use super::request::{Encoded, Request};
use super::{Looked, Shared};
use crate::ffi::hash::Raised;
use crate::ffi::lock::PyLock;
use crate::ffi::object::Owned;
use crate::ffi::trampoline::detached;
use crate::flight::{block, follow};
use crate::function::Function;

/// How long a thread that waits for another process sleeps between two looks.
const SHORTEST_PAUSE: Duration = Duration::from_micros(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(2);

/// The computations under way in this process, by the encoding of their key: as many as there are
/// threads in them, so a list.
#[derive(Default)]
pub(crate) struct Flights(Mutex<PyLock, Vec<UnderWay>>);

struct UnderWay {
    encoded: Encoded,
    /// Drawn when it began: what was cleared since is nothing for newcomers.
    ticket: Ticket,
    flight: Arc<Flight<Owned>>,
}

/// What a call that found no value is to do.
pub(crate) enum Took<'a> {
    /// Return what another has computed; counted as a hit.
    Value(Owned),
    /// Compute, and land what it leads, if it does; counted as a miss.
    Compute(Option<Landing<'a>>, Looked),
}

/// What a thread finds among the flights of its process.
enum Joined {
    Leads(Arc<Flight<Owned>>),
    Follows(Arc<Flight<Owned>>),
}

impl Flights {
    /// Joins the computation under way for a key, or registers a new one.
    fn join(&self, shared: &Shared, encoded: &Encoded) -> Joined {
        // Made and dropped without the lock.
        let flight = Flight::start();
        let ticket = shared.region.ticket(encoded.hash);
        let under_way = UnderWay { encoded: encoded.clone(), ticket, flight: flight.clone() };
        let mut flights = self.0.lock();
        let known = flights.iter_mut().find(|known| {
            known.encoded.hash == encoded.hash && *known.encoded.bytes == *encoded.bytes
        });
        let replaced = match known {
            Some(known)
                if !known.flight.is_lost()
                    && shared.region.is_unchanged(encoded.hash, known.ticket) =>
            {
                let flight = known.flight.clone();
                drop(flights);
                return Joined::Follows(flight);
            }
            Some(outdated) => Some(std::mem::replace(outdated, under_way)),
            None => {
                flights.push(under_way);
                None
            }
        };
        drop(flights);
        drop(replaced);
        Joined::Leads(flight)
    }

    /// Takes a flight out by itself, if it is still there.
    fn leave(&self, flight: &Arc<Flight<Owned>>) {
        let mut flights = self.0.lock();
        let index = flights.iter().rposition(|known| Arc::ptr_eq(&known.flight, flight));
        let left = index.map(|index| flights.swap_remove(index));
        drop(flights);
        drop(left);
    }
}

/// Waits for the computation under way for a request, in this process or another, or leads one.
pub(crate) fn take<'a>(
    py: Python<'_>,
    function: &'a Function,
    shared: &'a Shared,
    request: &Request<'_>,
    encoded: &Encoded,
) -> PyResult<Took<'a>> {
    let mut waited = false;
    let mut try_to = || loop {
        let flight = match shared.flights.join(shared, encoded) {
            Joined::Leads(flight) => {
                let running = flight.enter();
                let mut landing =
                    Landing { shared, flight, _running: running, claim: None, value: None };
                landing.claim = claim(py, shared, encoded.hash, &mut waited)?;
                // Who had the claim before has kept a value by now.
                return match shared.look(py, function, request, encoded, true)? {
                    Looked::Found(value) => {
                        landing.value = Some(value.clone());
                        Ok(Took::Value(value))
                    }
                    looked => Ok(Took::Compute(Some(landing), looked)),
                };
            }
            Joined::Follows(flight) => flight,
        };
        let Some(wait) = follow(&flight) else {
            // Compute here too.
            return Ok(Took::Compute(None, Looked::Absent));
        };
        if !std::mem::replace(&mut waited, true) {
            shared.count(Counter::Waits);
        }
        if let Some(value) = block(&wait).map_err(|Raised| PyErr::fetch(py))? {
            return Ok(Took::Value(value));
        }
    };
    let took = try_to();
    let is_hit = matches!(took, Ok(Took::Value(_)));
    shared.count(if is_hit { Counter::Hits } else { Counter::Misses });
    took
}

/// Claims a key among the processes, waiting for the one that has it; none if the call computes
/// without: the wait has lasted long enough, or there are too many claims.
fn claim<'a>(
    py: Python<'_>,
    shared: &'a Shared,
    hash: u64,
    waited: &mut bool,
) -> PyResult<Option<Lead<'a>>> {
    let timeout = u64::try_from(shared.flight_timeout.as_nanos()).unwrap_or(u64::MAX);
    let mut give_up = None;
    let mut pause = SHORTEST_PAUSE;
    loop {
        match shared.region.claim(hash) {
            Claim::Leads(lead) => return Ok(Some(lead)),
            Claim::Full => return Ok(None),
            Claim::Follows => {}
        }
        let now = shared.region.now();
        if now >= *give_up.get_or_insert(now.saturating_add(timeout)) {
            return Ok(None);
        }
        if !std::mem::replace(waited, true) {
            shared.count(Counter::Waits);
        }
        detached(py, || thread::sleep(pause));
        pause = (2 * pause).min(LONGEST_PAUSE);
        py.check_signals()?;
    }
}

/// A leader's duty: whatever happens, its flight is taken out of those under way, its claim is
/// given back and its followers are woken. Without a value they try for themselves.
pub(crate) struct Landing<'a> {
    shared: &'a Shared,
    flight: Arc<Flight<Owned>>,
    /// The call computes until its flight has landed.
    _running: Running,
    claim: Option<Lead<'a>>,
    pub(crate) value: Option<Owned>,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        drop(self.claim.take());
        self.shared.flights.leave(&self.flight);
        self.flight.land(self.value.take());
    }
}
