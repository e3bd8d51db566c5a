//! A call of a decorated function, from its arguments to its result: the main path.

use std::sync::{Arc, OnceLock};

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use warp_cache::clock::Time;
use warp_cache::flight::{Flight, Running};
use warp_cache::shard::Ticket;

use crate::coroutine;
use crate::ffi::args::{Args, Parts};
use crate::ffi::hash::Raised;
use crate::ffi::object::{Owned, Ref};
use crate::ffi::ready;
use crate::ffi::trampoline::attached;
use crate::flight::{self, Landing};
use crate::key::{Key, KeyRef, ShortKey, with_key};
use crate::options::{Mode, Options, Ttl};
use crate::record::CallLog;
use crate::shared::Shared;
use crate::store::{Found, IfPresent, Known, NewValue, StrategyEnum, find_at_once, keep_at_once};

/// A function, its cache and how it is cached.
pub(crate) struct Function {
    pub(crate) wrapped: Owned,
    /// What is kept in this process; empty where memory is shared.
    pub(crate) store: StrategyEnum,
    pub(crate) options: Options,
    /// The memory that all processes share. Boxed, so that a cache without is no larger for it.
    pub(crate) shared: Option<Box<Shared>>,
    /// The calls, where they are or were recorded.
    pub(crate) log: OnceLock<Arc<CallLog>>,
}

/// How far a call has come without running the function: small, so that a hit returns in registers.
pub(crate) enum Begun {
    /// To its result.
    Done(Owned),
    /// To where the function has to run.
    Compute,
}

/// What a call with a short key begins with.
pub(crate) enum AtOnce {
    Hit(Owned),
    /// A miss, counted; the key's hash.
    Miss(u64, Ticket),
}

/// A computation that a call has to make, and what is needed to keep its result.
#[derive(Default)]
pub(crate) struct Computation {
    /// None if nothing is to be kept.
    key: Option<Key>,
    hash: u64,
    ticket: Option<Ticket>,
    /// The flight that the computation leads.
    flight: Option<(Arc<Flight<Owned>>, Running)>,
}

impl Computation {
    /// One whose result is kept for the key.
    pub(crate) fn new(key: Key, hash: u64, ticket: Ticket) -> Self {
        Computation { key: Some(key), hash, ticket: Some(ticket), flight: None }
    }

    /// One whose result is only returned.
    pub(crate) fn of(hash: u64) -> Self {
        Computation { hash, ..Computation::default() }
    }

    /// The same, for which others wait.
    pub(crate) fn leading(mut self, flight: Arc<Flight<Owned>>) -> Self {
        let running = flight.enter();
        self.flight = Some((flight, running));
        self
    }
}

impl Function {
    /// Begins a call with a short key: most hits come no further than here, without a Python frame,
    /// an allocation or PyO3. None, and nothing is noted, if the call has to begin the long way.
    #[inline(always)]
    pub(crate) fn begin_at_once<P: Known, const RECORDS: bool>(
        &self,
        key: impl ShortKey,
    ) -> Option<AtOnce> {
        let hash = key.known_hash()?;
        let found = find_at_once::<P>(&self.store, key, hash, || self.now(), self.counts_miss())?;
        if RECORDS {
            self.note(hash);
        }
        match found {
            Found::Hit(value) => Some(AtOnce::Hit(value)),
            Found::Miss(ticket) => Some(AtOnce::Miss(hash, ticket)),
        }
    }

    /// Whether a call may begin at once.
    pub(crate) fn may_begin_at_once(&self) -> bool {
        self.options.is_plain && !matches!(self.options.mode, Mode::Async(_))
    }

    /// Begins a call, and notes it if the function is recorded.
    pub(crate) fn begin<const RECORDS: bool>(
        &self,
        this: Ref<'_>,
        args: Args<'_>,
        computation: &mut Computation,
    ) -> Result<Begun, Raised> {
        if !self.options.is_plain || args.has_names() {
            return self.begin_otherwise::<RECORDS>(this, args, computation);
        }
        let key = KeyRef::positional(args.parts().positional)?;
        if RECORDS {
            self.note(key.hash);
        }
        match self.store.lookup(&key, self.now(), self.counts_miss()) {
            Some(Found::Hit(value)) => self.hit(value),
            found => self.no_hit(this, &key, args, found, computation),
        }
    }

    /// Ends a call that began at once and whose function has run.
    #[inline(always)]
    pub(crate) fn finish_at_once<P: Known>(
        &self,
        key: impl ShortKey,
        hash: u64,
        ticket: Ticket,
        result: Result<Owned, Raised>,
    ) -> Result<Owned, Raised> {
        if let (Ok(value), true) = (&result, self.options.keeps_for_ever()) {
            if keep_at_once::<P>(&self.store, key, hash, ticket, value) {
                return result;
            }
        }
        self.finish(Computation::new(key.to_key(), hash, ticket), result)
    }

    /// Ends a call whose function has run: keeps its result, or counts that it raised.
    pub(crate) fn finish(
        &self,
        computation: Computation,
        result: Result<Owned, Raised>,
    ) -> Result<Owned, Raised> {
        let Computation { mut key, hash, ticket, flight } = computation;
        let mut landing = flight.map(|(flight, running)| Landing {
            function: self,
            hash,
            flight,
            _running: running,
            value: None,
        });
        if result.is_err() {
            self.count_error(hash);
        }
        let value = result?;
        let is_settled = self.options.keeps_for_ever()
            && ticket
                .is_some_and(|ticket| self.store.try_keep_at_once(&mut key, hash, ticket, &value));
        if let (Some(key), false) = (key, is_settled) {
            let if_present = IfPresent::Leave;
            self.keep(NewValue { key, hash, value: value.clone(), ticket, if_present })?;
        }
        if let Some(landing) = &mut landing {
            landing.value = Some(value.clone());
        }
        Ok(value)
    }

    /// Whether a look-up that finds nothing is a computation.
    #[inline]
    fn counts_miss(&self) -> bool {
        matches!(self.options.mode, Mode::Direct)
    }

    #[inline]
    fn hit(&self, value: Owned) -> Result<Begun, Raised> {
        match self.options.mode {
            Mode::Async(_) => ready::new(value).map(Begun::Done),
            Mode::Direct | Mode::Flight => Ok(Begun::Done(value)),
        }
    }

    /// A call that did not find its key at once.
    #[inline(never)]
    fn no_hit(
        &self,
        this: Ref<'_>,
        key: &KeyRef<'_>,
        args: Args<'_>,
        found: Option<Found>,
        computation: &mut Computation,
    ) -> Result<Begun, Raised> {
        let found = match found {
            Some(found) => found,
            None => {
                let found = self.store.lookup_in_python(key, self.counts_miss(), || self.now());
                found.inspect_err(|_| self.store.count(key.hash, |stats| stats.misses += 1))?
            }
        };
        let ticket = match found {
            Found::Hit(value) => return self.hit(value),
            Found::Miss(ticket) => ticket,
        };
        match &self.options.mode {
            Mode::Direct => {
                *computation = Computation::new(key.to_key(), key.hash, ticket);
                Ok(Begun::Compute)
            }
            Mode::Flight => flight::begin(self, key, computation),
            Mode::Async(facade) => {
                attached(|py| coroutine::call(py, this, facade, key, args)).map(Begun::Done)
            }
        }
    }

    /// A call with keyword arguments, or for which the key is not all of the arguments.
    #[inline(never)]
    fn begin_otherwise<const RECORDS: bool>(
        &self,
        this: Ref<'_>,
        args: Args<'_>,
        computation: &mut Computation,
    ) -> Result<Begun, Raised> {
        let mut begin_with_key = |key: &KeyRef<'_>| {
            if RECORDS {
                self.note(key.hash);
            }
            match self.store.lookup(key, self.now(), self.counts_miss()) {
                Some(Found::Hit(value)) => self.hit(value),
                found => self.no_hit(this, key, args, found, computation),
            }
        };
        if self.options.needs_no_key() {
            if RECORDS {
                self.note_key(args)?;
            }
            self.store.count(0, |stats| stats.misses += 1);
            return Ok(Begun::Compute);
        }
        if self.options.takes_all_arguments() {
            return with_key(args.parts(), self.options.style, |key| begin_with_key(&key?));
        }
        attached(|py| {
            self.with_key(py, args, |key| begin_with_key(key).map_err(|Raised| PyErr::fetch(py)))
        })
    }

    /// Notes a call by its key's hash, if the function is recorded. No lock may be held.
    #[inline(always)]
    pub(crate) fn note(&self, hash: u64) {
        if let Some(log) = self.log.get() {
            if !log.note_at_once(hash) {
                log.note_at_length(hash);
            }
        }
    }

    /// Notes a call that needs no key itself, unless it has none.
    #[cold]
    fn note_key(&self, args: Args<'_>) -> Result<(), Raised> {
        attached(|py| {
            let noted = self.with_key(py, args, |key| {
                self.note(key.hash);
                Ok(())
            });
            noted.or_else(|error| match error.is_instance_of::<PyException>(py) {
                true => Ok(()),
                false => Err(error),
            })
        })
    }

    /// Makes the key of a call and uses it.
    pub(crate) fn with_key<T>(
        &self,
        py: Python<'_>,
        args: Args<'_>,
        use_key: impl FnOnce(&KeyRef<'_>) -> PyResult<T>,
    ) -> PyResult<T> {
        self.with_parts(py, args, |parts| {
            with_key(parts, self.options.style, |key| match key {
                Ok(key) => use_key(&key),
                Err(Raised) => Err(PyErr::fetch(py)),
            })
        })
    }

    /// Finds what the key of a call is made of, and uses it.
    pub(crate) fn with_parts<T>(
        &self,
        py: Python<'_>,
        args: Args<'_>,
        use_parts: impl FnOnce(Parts<'_>) -> PyResult<T>,
    ) -> PyResult<T> {
        if let Some(make_key) = &self.options.key {
            let object = args.call(py, make_key)?;
            return use_parts(Parts { positional: &[object.as_ref()], values: &[], names: &[] });
        }
        match &self.options.ignore {
            Some(ignore) => ignore.with_rest(args.parts(), use_parts),
            None => use_parts(args.parts()),
        }
    }

    #[cold]
    fn count_error(&self, hash: u64) {
        self.store.count(hash, |stats| stats.errors += 1);
    }

    /// Keeps a value, if it is to be kept: asks `cache_if` and the ttl first.
    pub(crate) fn keep(&self, new: NewValue) -> Result<(), Raised> {
        let Options { cache_if, ttl, .. } = &self.options;
        if self.options.keeps_nothing() {
            return Ok(());
        }
        let deadline = match (cache_if, ttl) {
            (None, Ttl::Forever) => Some(Time::NEVER),
            (None, Ttl::Fixed(ttl)) => Some(self.now().after(*ttl)),
            _ => attached(|py| {
                let is_set = new.if_present == IfPresent::Set;
                self.ask_deadline(py, &new.value, is_set, self.now())
            })?,
        };
        // What was asked may have taken its time.
        let now = self.now();
        match deadline {
            Some(deadline) => self.store.keep(new, self.options.style, deadline, now),
            None if new.if_present == IfPresent::Leave => Ok(()),
            // The value was to take the place of another, which is out of date now, unless that came
            // later.
            None => {
                let NewValue { key, hash, ticket, .. } = &new;
                let key = key.borrow(*hash, self.options.style);
                match ticket {
                    Some(ticket) => self.store.discard(&key, *ticket, now),
                    None => self.store.remove(&key, now).map(drop),
                }
            }
        }
    }

    /// When a value expires, by what the user's callables say; none if it is not to be kept.
    pub(crate) fn ask_deadline(
        &self,
        py: Python<'_>,
        value: &Owned,
        is_set: bool,
        now: Time,
    ) -> PyResult<Option<Time>> {
        // What is set by hand is kept whatever the condition says.
        if let (Some(cache_if), false) = (&self.options.cache_if, is_set) {
            if !cache_if.call(py, &[value.as_ref()])?.is_true(py)? {
                return Ok(None);
            }
        }
        self.options.ttl.deadline(py, value, now)
    }

    #[inline]
    pub(crate) fn now(&self) -> Time {
        self.options.clock.now()
    }

    /// Shows the objects that the function refers to.
    pub(crate) fn visit(&self, visitor: &mut dyn FnMut(*mut pyo3::ffi::PyObject)) {
        visitor(self.wrapped.as_ref().as_ptr());
        self.options.visit(visitor);
        let mut show = |object: &Owned| visitor(object.as_ref().as_ptr());
        self.store.visit(&mut show);
        if let Some(shared) = &self.shared {
            shared.visit(&mut show);
        }
    }

    /// Drops every entry, in all processes where memory is shared.
    pub(crate) fn clear(&self) {
        match &self.shared {
            Some(shared) => shared.clear(),
            None => self.store.clear(),
        }
    }

    /// Drops the objects that this process keeps, which is where cycles lead through.
    pub(crate) fn forget(&self) {
        match &self.shared {
            Some(shared) => shared.forget(),
            None => self.store.clear(),
        }
    }
}
