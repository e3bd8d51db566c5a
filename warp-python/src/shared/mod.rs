//! A cache in shared memory, as one function uses it.
//!
//! A call looks in the [front](front) first, for an object that this process has met and whose
//! shared entry is unchanged. Else it [encodes](request) its key and looks in the region; what it
//! finds there is decoded and put into the front, an int when it is [met](met) again. Else it
//! [computes](call), [encodes](keep) the result, and inserts it with the ticket drawn before: what
//! has been cleared or invalidated by any process meanwhile is not kept. No lock is held while code
//! of Python's runs.
//!
//! The engine in `warp_cache::shm` knows bytes only; what follows knows objects.

pub(crate) mod call;
pub(crate) mod claim;
pub(crate) mod control;
#[cfg_attr(not(unix), path = "no_files.rs")]
pub(crate) mod files;
pub(crate) mod flight;
pub(crate) mod front;
pub(crate) mod keep;
pub(crate) mod met;
pub(crate) mod region;
pub(crate) mod request;

use std::cell::Cell;
use std::time::Duration;

use pyo3::prelude::*;
use warp_cache::clock::Time;
use warp_cache::shm::{Counter, IfPresent, Region, Stamp, Ticket};
use warp_cache::stats::Info;

use crate::encode::{self, Serializer, ShortBytes};
use crate::ffi::hash::Raised;
use crate::ffi::numbers;
use crate::ffi::object::Owned;
use crate::function::Function;
use crate::key::{KeyStyle, One, ShortKey};
use crate::options::advanced;
use claim::Tasks;
use flight::Flights;
pub(crate) use front::AtOnce;
use front::{Front, Fronted};
use keep::Warned;
use met::Met;
use request::{Encoded, FrontKey, Request};

/// A region and what a process needs to use it for one function.
pub(crate) struct Shared {
    pub(crate) region: Region,
    pub(crate) front: Front,
    pub(crate) met: Met,
    pub(crate) flights: Flights,
    pub(crate) tasks: Tasks,
    pub(crate) serializer: Serializer,
    /// In bytes.
    pub(crate) max_key_size: usize,
    /// In bytes.
    pub(crate) max_value_size: usize,
    /// How long a call waits for another process at most.
    pub(crate) flight_timeout: Duration,
    /// Whether entries may expire: else no clock is read.
    pub(crate) expires: bool,
    pub(crate) warned: Warned,
}

/// Where values are copied to: the thread keeps one that is not too large, so that most look-ups
/// allocate nothing. Decoding may run anything, this too, which then finds none kept.
struct Buffer(Vec<u8>);

/// The most bytes that a thread keeps.
const KEPT_BUFFER: usize = 64 << 10;

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Buffer {
    fn take() -> Buffer {
        Buffer(BUFFER.try_with(Cell::take).unwrap_or_default())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0);
        if bytes.capacity() <= KEPT_BUFFER {
            bytes.clear();
            // A thread that is ending keeps nothing.
            let _ = BUFFER.try_with(|buffer| buffer.set(bytes));
        }
    }
}

/// What the region has for a key.
pub(crate) enum Looked {
    Found(Owned),
    Absent,
    /// Bytes that do not decode, which are to be replaced.
    Broken,
}

impl Looked {
    /// What the result of a computation that follows does to what is there.
    pub(crate) fn if_present(&self) -> IfPresent {
        if let Looked::Broken = self { IfPresent::Replace } else { IfPresent::Keep }
    }
}

impl Shared {
    /// The present moment by the region's clock, which all processes share.
    #[inline]
    pub(crate) fn now(&self) -> Time {
        if self.expires { self.read_clock() } else { Time::ZERO }
    }

    #[inline(never)]
    fn read_clock(&self) -> Time {
        Time::from_nanos(self.region.now() + advanced())
    }

    /// An object of the front as a use of its entry, counted as a hit; none if that has changed.
    #[inline(always)]
    fn use_fronted(&self, fronted: &Fronted) -> Option<Owned> {
        if !self.region.is_current(&fronted.stamp, self.now().as_nanos()) {
            return None;
        }
        self.region.touch(&fronted.stamp);
        self.count(Counter::Hits);
        Some(fronted.object.clone())
    }

    /// The same, neither a use nor counted.
    fn peek_fronted(&self, fronted: &Fronted) -> Option<Owned> {
        let is_current = self.region.is_current(&fronted.stamp, self.now().as_nanos());
        is_current.then(|| fronted.object.clone())
    }

    /// A hit for a short key by the shortest way, without PyO3 or an allocation.
    #[inline(always)]
    pub(crate) fn hit_at_once(&self, key: impl ShortKey, hash: u64) -> AtOnce {
        self.front.find_at_once(key, hash, |fronted| self.use_fronted(fronted))
    }

    /// A hit for a short key, of which the front has nothing and the region a short int: that is
    /// decoded, and put into the front if it has been met before. None, and nothing is counted, if it
    /// is anything else or takes a longer way. Runs no code of Python's.
    #[inline(never)]
    pub(crate) fn meet_int(&self, py: Python<'_>, key: One<'_>, hash: u64) -> Option<Owned> {
        let short = encode::short_of_one(key.0).filter(|key| key.length() <= self.max_key_size)?;
        let (stamp, value) = self.region.peek_short(short, self.now().as_nanos())?;
        let object = numbers::new_int(py, encode::int_of(value)?).ok()?;
        if !self.met.is_new(&stamp) {
            let fronted = || (key.to_key(), Fronted { object: object.clone(), stamp });
            if !self.front.put_at_once(hash, fronted) {
                return None;
            }
        }
        self.region.touch(&stamp);
        self.count(Counter::Hits);
        Some(object)
    }

    /// A hit for a short key, of which the front has nothing, by the shortest way: what the region has
    /// is decoded and put into the front. None, and nothing is counted, if there is nothing or it
    /// takes a longer way.
    #[inline]
    pub(crate) fn meet_at_once(
        &self,
        py: Python<'_>,
        key: One<'_>,
        hash: u64,
    ) -> Result<Option<Owned>, Raised> {
        let Some(bytes) = ShortBytes::of_one(key.0) else { return Ok(None) };
        if bytes.len() > self.max_key_size {
            return Ok(None);
        }
        let mut value = Buffer::take();
        let now = self.now().as_nanos();
        let found = self.region.peek(self.region.hash(&bytes), &bytes, now, &mut value.0);
        let Some(stamp) = found else { return Ok(None) };
        let Some(object) = encode::decode_plain(py, &value.0) else { return Ok(None) };
        let fronted = || Fronted { object: object.clone(), stamp };
        if !self.front.put_at_once(hash, || (key.to_key(), fronted())) {
            let put = self.front.put(key.to_key(), hash, KeyStyle::default(), fronted());
            put.inspect_err(|_| self.count(Counter::Misses))?;
        }
        self.region.touch(&stamp);
        self.count(Counter::Hits);
        Ok(Some(object))
    }

    /// What the front has for a request.
    pub(crate) fn find_fronted(
        &self,
        py: Python<'_>,
        request: &Request<'_>,
        is_use: bool,
    ) -> PyResult<Option<Owned>> {
        if !request.is_hashable {
            return Ok(None);
        }
        let read = |fronted: &Fronted| match is_use {
            true => self.use_fronted(fronted),
            false => self.peek_fronted(fronted),
        };
        self.front.find(&request.key, read).map_err(|Raised| PyErr::fetch(py))
    }

    /// What the region has for a request, decoded and put into the front; counts no hit.
    pub(crate) fn look(
        &self,
        py: Python<'_>,
        function: &Function,
        request: &Request<'_>,
        encoded: &Encoded,
        is_use: bool,
    ) -> PyResult<Looked> {
        let mut value = Buffer::take();
        let (hash, now) = (encoded.hash, self.now().as_nanos());
        let found = match is_use {
            true => self.region.get(hash, &encoded.bytes, now, &mut value.0),
            false => self.region.peek(hash, &encoded.bytes, now, &mut value.0),
        };
        let Some(stamp) = found else { return Ok(Looked::Absent) };
        match encode::decode(py, &value.0, self.serializer) {
            Ok(object) => {
                let style = function.options.style;
                self.put(py, request.to_key(), style, object.clone(), stamp)?;
                Ok(Looked::Found(object))
            }
            Err(error) if error.is_exit(py) => Err(error.into()),
            Err(error) => {
                keep::not_decoded(py, function, self, &error)?;
                Ok(Looked::Broken)
            }
        }
    }

    /// Drops the entry of a key here and everywhere; returns whether there was a live one. With a
    /// ticket only what has not changed since, and then it is no change for computations under way.
    pub(crate) fn drop_entry(
        &self,
        py: Python<'_>,
        function: &Function,
        key: FrontKey,
        encoded: &Encoded,
        ticket: Option<Ticket>,
    ) -> PyResult<bool> {
        let now = self.now().as_nanos();
        let Encoded { hash, bytes, .. } = encoded;
        let was_live = match ticket {
            None => self.region.invalidate(*hash, bytes, now),
            Some(ticket) => self.region.discard(*hash, bytes, now, ticket),
        };
        if let Some((key, hash)) = key {
            let key = key.borrow(hash, function.options.style);
            self.front.remove(&key).map_err(|Raised| PyErr::fetch(py))?;
        }
        Ok(was_live)
    }

    /// Puts an object into the front.
    pub(crate) fn put(
        &self,
        py: Python<'_>,
        key: FrontKey,
        style: KeyStyle,
        object: Owned,
        stamp: Stamp,
    ) -> PyResult<()> {
        let Some((key, hash)) = key else { return Ok(()) };
        let put = self.front.put(key, hash, style, Fronted { object, stamp });
        put.map_err(|Raised| PyErr::fetch(py))
    }

    /// Counts what the region does not see.
    #[inline]
    pub(crate) fn count(&self, counter: Counter) {
        if cfg!(Py_GIL_DISABLED) {
            self.region.count(counter);
        } else {
            self.region.count_alone(counter);
        }
    }

    /// What was counted in all processes, and what there is.
    pub(crate) fn info(&self) -> Info {
        self.region.info().info
    }

    /// Drops the objects of this process, which is where cycles lead through.
    pub(crate) fn forget(&self) {
        self.front.clear();
    }

    /// Shows the objects to the garbage collector.
    pub(crate) fn visit(&self, visitor: &mut dyn FnMut(&Owned)) {
        self.front.visit(visitor);
    }
}
