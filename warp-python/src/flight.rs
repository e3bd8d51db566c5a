//! One computation per key at a time, for threads. Asyncio's is in the facade's `_async.py`.

use std::sync::Arc;
use std::time::Duration;

use warp_cache::flight::{Flight, Running, Wait, Waited};

use crate::asked::Asked;
use crate::ffi::hash::Raised;
use crate::ffi::object::Owned;
use crate::ffi::python::is_finalizing;
use crate::ffi::trampoline::{attached, detached};
use crate::function::{Begun, Computation, Function};
use crate::key::KeyRef;
use crate::store::Joined;

/// How often a wait looks for signals, so that Ctrl-C ends it.
const SIGNALS: Duration = Duration::from_millis(50);

/// A call that found no value: leads a computation, or waits for the thread that does.
pub(crate) fn begin(
    function: &Function,
    key: &KeyRef<'_>,
    computation: &mut Computation,
) -> Result<Begun, Raised> {
    let store = &function.store;
    let miss = |raised: Raised| {
        store.count(key.hash, |stats| stats.misses += 1);
        raised
    };
    let mut asked = Asked::default();
    let mut waited = false;
    loop {
        let flight = match store.join(key, function.now(), &mut asked) {
            Joined::Hit(value) => return Ok(Begun::Done(value)),
            Joined::Undecided => {
                asked.ask(key).map_err(miss)?;
                continue;
            }
            Joined::Leads(ticket, flight) => {
                *computation = Computation::new(key.to_key(), key.hash, ticket).leading(flight);
                return Ok(Begun::Compute);
            }
            Joined::Follows(flight) => flight,
        };
        let Some(wait) = follow(&flight) else {
            // Compute here too, and leave the keeping to the leader.
            store.count(key.hash, |stats| stats.misses += 1);
            *computation = Computation::of(key.hash);
            return Ok(Begun::Compute);
        };
        if !std::mem::replace(&mut waited, true) {
            store.count(key.hash, |stats| stats.waits += 1);
        }
        if let Some(value) = block(&wait).map_err(miss)? {
            store.count(key.hash, |stats| stats.hits += 1);
            return Ok(Begun::Done(value));
        }
    }
}

/// A way to wait for a flight; none if it would have no end: it would close a cycle, or the
/// interpreter is exiting and its leader never goes on.
pub(crate) fn follow(flight: &Flight<Owned>) -> Option<Wait<'_, Owned>> {
    if is_finalizing() { None } else { flight.follow() }
}

/// Waits for a flight to land, detached from the interpreter; none if it landed without a value.
pub(crate) fn block(wait: &Wait<'_, Owned>) -> Result<Option<Owned>, Raised> {
    attached(|py| {
        loop {
            // Objects are touched attached only: the wait itself reads nothing.
            match detached(py, || wait.block(Some(SIGNALS), |_| ())) {
                Waited::TimedOut => py.check_signals()?,
                Waited::Failed => return Ok(None),
                Waited::Landed(()) => {
                    return Ok(match wait.block(None, Owned::clone) {
                        Waited::Landed(value) => Some(value),
                        Waited::Failed | Waited::TimedOut => None,
                    });
                }
            }
        }
    })
}

/// A leader's duty: whatever happens, its flight is taken out of those under way and its followers
/// are woken. Without a value they try for themselves.
pub(crate) struct Landing<'a> {
    pub(crate) function: &'a Function,
    pub(crate) hash: u64,
    pub(crate) flight: Arc<Flight<Owned>>,
    /// The call computes until its flight has landed.
    pub(crate) _running: Running,
    pub(crate) value: Option<Owned>,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.function.store.leave(self.hash, &self.flight);
        self.flight.land(self.value.take());
    }
}
