//! Recording: the hashes of the keys of a function's calls, in their order, to be asked which
//! strategy and size would have suited them.
//!
//! A function that is recorded is called by a way of its own, the same code with `RECORDS` true, so
//! that one that is not pays nothing. The hash that a call computes anyway goes into the function's
//! [`CallLog`], some nanoseconds; once in 3200 calls the log hands on what it has to its
//! [tapes](tape), of which there is one for each recording under way: those of the
//! [context manager](recording), in memory or in a file, and that of the whole [program].
//!
//! What is handed on is written under the log's lock and then the tape's, with no code of Python's
//! in between: other threads that call the function meanwhile wait until the write returns, which
//! keeps the order. Trouble with a file never reaches a call: the tape ends, counts what is lost,
//! and warns once.

pub(crate) mod program;
pub(crate) mod recording;
pub(crate) mod tape;

use std::collections::BTreeMap;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use lock_api::Mutex;
use warp_cache::simulate::{self, Calls};

use crate::ffi::lock::PyLock;
use tape::Tape;

/// How many hashes a function gathers before it hands them on: a block of a file, 25 KiB. With fewer,
/// the system is called more often; a file takes microseconds each time.
const MOST_GATHERED: usize = 3200;
/// The room that it begins with: many functions of a program are hardly called.
const FIRST_ROOM: usize = 64;

/// The calls of one function that have been made while it was recorded.
pub(crate) struct CallLog {
    /// Its name, and how it is cached today.
    pub(crate) function: simulate::Function,
    /// Numbers rise, so that functions come in the order in which they were first recorded.
    number: u64,
    gathered: Mutex<PyLock, Gathered>,
}

struct Gathered {
    /// The hashes that have not been handed on, and room for more.
    hashes: Vec<u64>,
    /// How many there are.
    count: usize,
    reels: Vec<Reel>,
}

/// A recording under way, as one function takes part in it.
struct Reel {
    tape: Arc<Tape>,
    /// The function's place in the tape's file, once it has one.
    calls: Option<Calls>,
}

/// The logs of all functions that are or were recorded, by their numbers.
static LOGS: Mutex<PyLock, BTreeMap<u64, Weak<CallLog>>> = Mutex::new(BTreeMap::new());

/// Those of them whose functions are alive.
fn live_logs() -> Vec<Arc<CallLog>> {
    LOGS.lock().values().filter_map(Weak::upgrade).collect()
}

impl CallLog {
    /// The log of a function that nobody records yet.
    pub(crate) fn new(function: simulate::Function) -> Arc<CallLog> {
        let gathered = Gathered { hashes: vec![0; FIRST_ROOM], count: 0, reels: Vec::new() };
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let gathered = Mutex::new(gathered);
        let log = Arc::new(CallLog { function, number, gathered });
        LOGS.lock().insert(number, Arc::downgrade(&log));
        log
    }

    /// Notes a call; false if it takes `note_at_length`. It cannot panic.
    #[inline(always)]
    pub(crate) fn note_at_once(&self, hash: u64) -> bool {
        let Some(mut gathered) = self.gathered.try_lock() else { return false };
        let Gathered { hashes, count, .. } = &mut *gathered;
        let Some(place) = hashes.get_mut(*count) else { return false };
        *place = hash;
        *count += 1;
        true
    }

    /// Notes a call for which the log has to be waited for, or room to be made.
    #[cold]
    #[inline(never)]
    pub(crate) fn note_at_length(&self, hash: u64) {
        let mut gathered = self.gathered.lock();
        let is_full = gathered.count == MOST_GATHERED;
        if is_full {
            gathered.hand_on(&self.function);
        } else if gathered.count == gathered.hashes.len() {
            let room = (gathered.count * 4).min(MOST_GATHERED);
            gathered.hashes.resize(room, 0);
        }
        let count = gathered.count;
        gathered.hashes[count] = hash;
        gathered.count = count + 1;
        drop(gathered);
        // Trouble comes with what is written only.
        if is_full {
            self.warn();
        }
    }

    /// Hands on what there is.
    pub(crate) fn hand_on(&self) {
        self.gathered.lock().hand_on(&self.function);
    }

    /// Begins to record to a tape as well; `choose` makes the function be called as one that is.
    pub(crate) fn start(&self, tape: Arc<Tape>, choose: impl FnOnce()) {
        let mut gathered = self.gathered.lock();
        // What is there is of those that recorded before.
        gathered.hand_on(&self.function);
        gathered.reels.push(Reel { tape, calls: None });
        choose();
    }

    /// Ends to record to a tape; `choose` makes the function be called as one that is not recorded,
    /// if nobody else records it.
    pub(crate) fn stop(&self, tape: &Arc<Tape>, choose: impl FnOnce()) {
        let mut gathered = self.gathered.lock();
        gathered.hand_on(&self.function);
        gathered.reels.retain(|reel| !Arc::ptr_eq(&reel.tape, tape));
        if gathered.reels.is_empty() {
            gathered.hashes = vec![0; FIRST_ROOM];
            choose();
        }
    }

    /// Leaves to the parent process, in a child of it, what is in or on its way to files of the
    /// parent's.
    fn forked(&self) {
        let mut gathered = self.gathered.lock();
        let Gathered { hashes, count, reels } = &mut *gathered;
        let hashes = &hashes[..mem::take(count)];
        for Reel { tape, calls } in reels {
            if !tape.forked() {
                tape.append(&self.function, calls, hashes);
            }
            *calls = None;
        }
    }

    /// Warns of tapes that have come into trouble, outside of all locks.
    fn warn(&self) {
        let tapes: Vec<_> =
            self.gathered.lock().reels.iter().map(|reel| reel.tape.clone()).collect();
        tapes.iter().for_each(|tape| tape.warn());
    }
}

impl Gathered {
    fn hand_on(&mut self, function: &simulate::Function) {
        let hashes = &self.hashes[..mem::take(&mut self.count)];
        for Reel { tape, calls } in &mut self.reels {
            tape.append(function, calls, hashes);
        }
    }
}

impl Drop for CallLog {
    fn drop(&mut self) {
        self.hand_on();
        LOGS.lock().remove(&self.number);
    }
}

/// To be called in a child process right after a fork.
pub(crate) fn forked() {
    for log in live_logs() {
        log.forked();
    }
    program::forked();
}
