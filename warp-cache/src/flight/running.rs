//! Which flights' computations run on the calling thread.

use std::cell::RefCell;
use std::marker::PhantomData;

use crate::flight::Flight;
use crate::sync::thread_local;

/// Tells a flight from all others of its time: its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FlightId(usize);

impl FlightId {
    pub(super) fn of<V>(flight: &Flight<V>) -> FlightId {
        FlightId(std::ptr::from_ref(flight).addr())
    }
}

/// The flights that a thread computes at a moment, the innermost last: all of them wait when the
/// innermost does.
pub(super) type Path = Box<[FlightId]>;

thread_local! {
    static RUNNING: RefCell<Vec<FlightId>> = const { RefCell::new(Vec::new()) };
}

/// The calling thread's path. A thread that is ending has lost it, and with it the protection
/// against cycles.
pub(super) fn path() -> Path {
    RUNNING.try_with(|running| Path::from(running.borrow().as_slice())).unwrap_or_default()
}

/// Whether this is the calling thread's path.
pub(super) fn is_path(path: &[FlightId]) -> bool {
    RUNNING.try_with(|running| *running.borrow() == *path).unwrap_or(path.is_empty())
}

/// As long as this is there, the calling thread computes a flight: see [`Flight::enter`].
#[derive(Debug)]
#[must_use = "the flight is computed as long as this is there"]
pub struct Running {
    flight: FlightId,
    /// It belongs to its thread.
    not_send: PhantomData<*const ()>,
}

impl Running {
    pub(super) fn enter(flight: FlightId) -> Running {
        // Without a place to note it (see `path`) a thread computes all the same.
        let _ = RUNNING.try_with(|running| running.borrow_mut().push(flight));
        Running { flight, not_send: PhantomData }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = RUNNING.try_with(|running| {
            let mut running = running.borrow_mut();
            // The last one, unless the thread switches between stacks, as Python's greenlets do.
            if let Some(index) = running.iter().rposition(|&flight| flight == self.flight) {
                running.remove(index);
            }
        });
    }
}
