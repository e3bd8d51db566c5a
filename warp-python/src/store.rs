//! The stores of a cache, of whichever strategy: look-ups and changes that run no user code under a
//! lock.
//!
//! Keys are compared in two phases. Under the lock they are compared by identity and, for built-in
//! types, by value. A kept key that only Python's `==` can tell is taken along; the lock is let go,
//! Python compares, and the operation starts again knowing the answer.

use std::ops::DerefMut;
use std::sync::Arc;

use warp_cache::clock::Time;
use warp_cache::flight::Flight;
use warp_cache::shard::{Shard, Shards, Ticket};
use warp_cache::stats::{Info, Stats};
use warp_cache::store::{Bag, Entry, Lookup, Room};
use warp_cache::strategy::{Policy, Slot, Strategy};

use crate::asked::{Answers, Asked, Unasked, matches};
use crate::ffi::at_once;
use crate::ffi::compare::Verdict;
use crate::ffi::hash::Raised;
use crate::ffi::lock::{self, PyLock};
use crate::ffi::object::Owned;
use crate::key::{Key, KeyRef, KeyStyle, ShortKey};

/// What a look-up found.
pub(crate) enum Found {
    /// The value, counted as a hit.
    Hit(Owned),
    /// Nothing, counted as a miss if that was asked for.
    Miss(Ticket),
}

/// What a call for one computation at a time finds.
pub(crate) enum Joined {
    Hit(Owned),
    /// The caller computes.
    Leads(Ticket, Arc<Flight<Owned>>),
    /// Another computes.
    Follows(Arc<Flight<Owned>>),
    Undecided,
}

/// What to do with a value that is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfPresent {
    /// Leave it, as that of a computation that was quicker.
    Leave,
    /// Replace it.
    Replace,
    /// Replace it, as a use of the entry, and over any computation under way.
    Set,
}

/// A value on its way into the cache.
pub(crate) struct NewValue {
    pub(crate) key: Key,
    pub(crate) hash: u64,
    pub(crate) value: Owned,
    /// When its computation began; none for one that is set.
    pub(crate) ticket: Option<Ticket>,
    pub(crate) if_present: IfPresent,
}

/// An entry on its way in, and on which terms.
struct Arrival {
    /// Taken out when it is kept.
    entry: Option<Entry<Key, Owned>>,
    style: KeyStyle,
    ticket: Option<Ticket>,
    if_present: IfPresent,
}

pub(crate) type Stores<P> = Shards<P, Key, Owned, PyLock>;

/// Finds the slot of a key's live entry; an error if only Python can tell.
fn live_slot<P: Policy>(
    shard: &mut Shard<P, Key, Owned>,
    key: &KeyRef<'_>,
    now: Time,
    room: &impl Room,
    bag: &mut Bag<Key, Owned>,
    asked: &mut Asked,
) -> Result<Option<Slot>, ()> {
    let eq = |kept: &Key| matches(key, kept, asked);
    match shard.store.live_slot(key.hash, now, room, bag, eq) {
        None if asked.is_pending() => Err(()),
        found => Ok(found),
    }
}

#[inline(always)]
fn lookup<P: Policy + Sync>(
    stores: &Stores<P>,
    key: &KeyRef<'_>,
    now: Time,
    counts_miss: bool,
    answers: &mut impl Answers,
) -> Option<Found> {
    let shared = lock::share(stores.lock_of(key.hash), |stripe, shard| {
        let eq = |kept: &Key| key.compare(kept) == Verdict::Same;
        shard.hit_shared(stripe, key.hash, now, eq, Owned::clone)
    });
    if let Some(value) = shared {
        return Some(Found::Hit(value));
    }
    let mut shard = stores.lock(key.hash);
    let mut ticket = shard.ticket_of_absent();
    match shard.store.hit(key.hash, now, |kept| matches(key, kept, answers), Owned::clone) {
        Lookup::Live(value) => return Some(Found::Hit(value)),
        Lookup::Expired(slot) => {
            expire(stores, shard, slot);
            shard = stores.lock(key.hash);
            ticket = shard.ticket();
        }
        Lookup::Absent if answers.is_pending() => return None,
        Lookup::Absent => {}
    }
    if counts_miss {
        shard.store.stats.misses += 1;
    }
    Some(Found::Miss(ticket))
}

/// Takes an expired entry out, lets the lock go and drops it.
#[cold]
fn expire<P: Policy>(
    stores: &Stores<P>,
    mut shard: impl DerefMut<Target = Shard<P, Key, Owned>>,
    slot: Slot,
) {
    let mut bag = Bag::default();
    shard.store.expire(slot, stores.room(), &mut bag);
    drop(shard);
    drop(bag);
}

fn join<P: Policy>(stores: &Stores<P>, key: &KeyRef<'_>, now: Time, asked: &mut Asked) -> Joined {
    let mut expired = Bag::default();
    // What replaces a lost flight is dropped after the lock is let go.
    let mut _lost = None;
    let mut new_key = Some(key.to_key());
    let mut shard = stores.lock(key.hash);
    match shard.store.hit(key.hash, now, |kept| matches(key, kept, asked), Owned::clone) {
        Lookup::Live(value) => return Joined::Hit(value),
        Lookup::Expired(slot) => shard.store.expire(slot, stores.room(), &mut expired),
        Lookup::Absent if asked.is_pending() => return Joined::Undecided,
        Lookup::Absent => {}
    }
    let flight = shard.flights.find(key.hash, |kept| matches(key, kept, asked)).cloned();
    match flight {
        Some(flight) if flight.is_lost() => {
            let key = shard.flights.remove(&flight);
            _lost = Some((key, flight));
        }
        Some(flight) => return Joined::Follows(flight),
        None if asked.is_pending() => return Joined::Undecided,
        None => {}
    }
    shard.store.stats.misses += 1;
    let flight = Flight::start();
    if let Some(new_key) = new_key.take() {
        shard.flights.insert(key.hash, new_key, flight.clone());
    }
    Joined::Leads(shard.ticket_of_absent(), flight)
}

fn peek<P: Policy>(
    stores: &Stores<P>,
    key: &KeyRef<'_>,
    now: Time,
    asked: &mut Asked,
) -> Result<Option<Owned>, ()> {
    let shard = stores.lock(key.hash);
    match shard.store.peek(key.hash, now, |kept| matches(key, kept, asked)) {
        None if asked.is_pending() => Err(()),
        value => Ok(value.cloned()),
    }
}

/// Keeps an entry.
fn keep<P: Policy>(
    stores: &Stores<P>,
    hash: u64,
    arrival: &mut Arrival,
    now: Time,
    asked: &mut Asked,
) -> Result<(), ()> {
    let Arrival { entry, style, ticket, if_present } = arrival;
    let mut bag = Bag::default();
    stores.insert(hash, entry, now, &mut bag, |shard, entry, bag| {
        let Some(new) = entry.as_ref() else { return Ok(false) };
        if ticket.is_some_and(|ticket| !shard.is_current(ticket, hash)) {
            return Ok(false);
        }
        let key = new.key.borrow(hash, *style);
        let present = match ticket {
            Some(ticket) if shard.is_absent(*ticket) => None,
            _ => live_slot(shard, &key, now, stores.room(), bag, asked)?,
        };
        if *if_present == IfPresent::Set {
            shard.change(hash);
        }
        let Some(slot) = present else { return Ok(true) };
        if *if_present == IfPresent::Set {
            shard.store.touch(slot);
        }
        if *if_present != IfPresent::Leave {
            if let Some(entry) = entry.take() {
                shard.store.replace(slot, entry, bag);
            }
        }
        Ok(false)
    })
}

fn remove<P: Policy>(
    stores: &Stores<P>,
    key: &KeyRef<'_>,
    now: Time,
    asked: &mut Asked,
) -> Result<bool, ()> {
    let mut bag = Bag::default();
    let mut detached = None;
    let mut shard = stores.lock(key.hash);
    let slot = live_slot(&mut shard, key, now, stores.room(), &mut bag, asked)?;
    let flight = shard.flights.find(key.hash, |kept| matches(key, kept, asked)).cloned();
    if flight.is_none() && asked.is_pending() {
        return Err(());
    }
    shard.change(key.hash);
    if let Some(flight) = flight {
        detached = shard.flights.remove(&flight).map(|key| (key, flight));
    }
    if let Some(slot) = slot {
        shard.store.discard(slot, stores.room(), &mut bag);
    }
    drop(shard);
    drop(detached);
    Ok(slot.is_some())
}

/// Drops an entry, if its key did not change since the ticket was drawn. It is no change itself.
fn discard<P: Policy>(
    stores: &Stores<P>,
    key: &KeyRef<'_>,
    ticket: Ticket,
    now: Time,
    asked: &mut Asked,
) -> Result<(), ()> {
    let mut bag = Bag::default();
    let mut shard = stores.lock(key.hash);
    if !shard.is_current(ticket, key.hash) {
        return Ok(());
    }
    let slot = live_slot(&mut shard, key, now, stores.room(), &mut bag, asked)?;
    if let Some(slot) = slot {
        shard.store.discard(slot, stores.room(), &mut bag);
    }
    drop(shard);
    Ok(())
}

/// Shows every object to the garbage collector, or none of those that are locked just now.
fn visit<P: Policy>(stores: &Stores<P>, visitor: &mut dyn FnMut(&Owned)) {
    for shard in stores.try_lock_all().flatten() {
        for entry in shard.store.entries() {
            visitor(&entry.value);
            entry.key.owned().iter().for_each(&mut *visitor);
        }
        for key in shard.flights.keys() {
            key.owned().iter().for_each(&mut *visitor);
        }
    }
}

/// A policy by which a cache can be told at compile time: its hits need not look which one it is.
pub(crate) trait Known: Policy + Sync + Sized {
    /// The stores of a cache with this policy.
    fn stores(store: &StrategyEnum) -> Option<&Stores<Self>>;
}

/// What there is for a short key, where no Python and no second step is needed to say so.
#[inline(always)]
pub(crate) fn find_at_once<P: Known>(
    store: &StrategyEnum,
    key: impl ShortKey,
    hash: u64,
    now: impl Fn() -> Time,
    counts_miss: bool,
) -> Option<Found> {
    let stores = P::stores(store)?;
    let shared = lock::share(stores.lock_of(hash), |stripe, shard| {
        shard.hit_shared(stripe, hash, now(), |kept| key.is_surely(kept), Owned::clone)
    });
    if let Some(value) = shared {
        return Some(Found::Hit(value));
    }
    let mut shard = stores.lock(hash);
    let Some((slot, entry)) = shard.store.first(hash) else {
        if !counts_miss {
            return None;
        }
        shard.store.stats.misses += 1;
        return Some(Found::Miss(shard.ticket_of_absent()));
    };
    if !key.is_surely(&entry.key) || entry.deadline != Time::NEVER && entry.deadline <= now() {
        return None;
    }
    let value = entry.value.clone();
    shard.store.count_hit(slot);
    Some(Found::Hit(value))
}

/// Keeps a value for ever for a short key that was found to be absent, in the place of the entry
/// that has to go for it. False, and nothing is done, if there is room or it takes a second look.
#[inline(always)]
pub(crate) fn keep_at_once<P: Known>(
    store: &StrategyEnum,
    key: impl ShortKey,
    hash: u64,
    ticket: Ticket,
    value: &Owned,
) -> bool {
    let new = || Some((key.to_key(), value.clone()));
    P::stores(store).is_some_and(|stores| replace_victim(stores, hash, ticket, new))
}

#[inline(always)]
fn replace_victim<P: Policy>(
    stores: &Stores<P>,
    hash: u64,
    ticket: Ticket,
    new: impl FnOnce() -> Option<(Key, Owned)>,
) -> bool {
    let mut shard = stores.lock(hash);
    if !shard.is_absent(ticket) || !shard.is_current(ticket, hash) || !stores.is_full() {
        return false;
    }
    let evicted = shard.store.replace_victim(hash, new);
    drop(shard);
    evicted.is_some()
}

macro_rules! strategy_enum {
    ($($Policy:ident $Store:ident,)*) => {
        $(impl Known for warp_cache::strategy::$Policy {
            #[inline(always)]
            fn stores(store: &StrategyEnum) -> Option<&Stores<Self>> {
                match store {
                    StrategyEnum::$Policy(stores) => Some(stores),
                    _ => None,
                }
            }
        })*

        /// The stores of a cache by its strategy: one variant for each that the engine has.
        pub(crate) enum StrategyEnum {
            $($Policy(Stores<warp_cache::strategy::$Policy>),)*
        }

        impl StrategyEnum {
            pub(crate) fn new(strategy: Strategy, max_size: Option<usize>, shards: usize) -> Self {
                match strategy {
                    $(Strategy::$Policy => Self::$Policy(Shards::new(max_size, shards, Default::default)),)*
                }
            }

            /// The function that calls a cached function with this strategy.
            pub(crate) fn vectorcall<const RECORDS: bool>(&self) -> pyo3::ffi::vectorcallfunc {
                match self {
                    $(Self::$Policy(_) => at_once::call::<warp_cache::strategy::$Policy, RECORDS>,)*
                }
            }

            /// The same, for a coroutine function.
            pub(crate) fn vectorcall_awaited<const RECORDS: bool>(
                &self,
            ) -> pyo3::ffi::vectorcallfunc {
                match self {
                    $(Self::$Policy(_) => {
                        at_once::call_awaited::<warp_cache::strategy::$Policy, RECORDS>
                    })*
                }
            }

            /// Which one it is.
            pub(crate) fn strategy(&self) -> Strategy {
                match self { $(Self::$Policy(_) => Strategy::$Policy,)* }
            }

            /// Looks a key up; none if only Python can compare it.
            pub(crate) fn lookup(&self, key: &KeyRef<'_>, now: Time, counts_miss: bool) -> Option<Found> {
                let mut unasked = Unasked::default();
                match self {
                    $(Self::$Policy(stores) => lookup(stores, key, now, counts_miss, &mut unasked),)*
                }
            }

            /// Looks a key up again, with Python's answers.
            #[cold]
            fn lookup_asked(
                &self,
                key: &KeyRef<'_>,
                now: Time,
                counts_miss: bool,
                asked: &mut Asked,
            ) -> Option<Found> {
                match self { $(Self::$Policy(stores) => lookup(stores, key, now, counts_miss, asked),)* }
            }

            /// Looks a key up, or the computation under way for it, or registers a new one.
            pub(crate) fn join(&self, key: &KeyRef<'_>, now: Time, asked: &mut Asked) -> Joined {
                match self { $(Self::$Policy(stores) => join(stores, key, now, asked),)* }
            }

            fn try_peek(&self, key: &KeyRef<'_>, now: Time, asked: &mut Asked) -> Result<Option<Owned>, ()> {
                match self { $(Self::$Policy(stores) => peek(stores, key, now, asked),)* }
            }

            fn try_keep(&self, hash: u64, arrival: &mut Arrival, now: Time, asked: &mut Asked) -> Result<(), ()> {
                match self { $(Self::$Policy(stores) => keep(stores, hash, arrival, now, asked),)* }
            }

            /// As `keep_at_once`, for any key, which is taken if it is kept.
            pub(crate) fn try_keep_at_once(
                &self,
                key: &mut Option<Key>,
                hash: u64,
                ticket: Ticket,
                value: &Owned,
            ) -> bool {
                let new = || Some((key.take()?, value.clone()));
                match self {
                    $(Self::$Policy(stores) => replace_victim(stores, hash, ticket, new),)*
                }
            }

            fn try_remove(&self, key: &KeyRef<'_>, now: Time, asked: &mut Asked) -> Result<bool, ()> {
                match self { $(Self::$Policy(stores) => remove(stores, key, now, asked),)* }
            }

            fn try_discard(
                &self,
                key: &KeyRef<'_>,
                ticket: Ticket,
                now: Time,
                asked: &mut Asked,
            ) -> Result<(), ()> {
                match self { $(Self::$Policy(stores) => discard(stores, key, ticket, now, asked),)* }
            }

            /// Takes the computation out of those under way.
            pub(crate) fn leave(&self, hash: u64, flight: &Arc<Flight<Owned>>) {
                // The key is dropped after the lock is let go.
                let _key = match self { $(Self::$Policy(stores) => stores.lock(hash).flights.remove(flight),)* };
            }

            /// The present moment, for a computation of the key with this hash.
            pub(crate) fn ticket(&self, hash: u64) -> Ticket {
                match self { $(Self::$Policy(stores) => stores.lock(hash).ticket(),)* }
            }

            /// Whether nothing has changed for the key since the ticket was drawn.
            pub(crate) fn is_current(&self, ticket: Ticket, hash: u64) -> bool {
                match self { $(Self::$Policy(stores) => stores.lock(hash).is_current(ticket, hash),)* }
            }

            /// Changes the statistics.
            pub(crate) fn count(&self, hash: u64, change: impl FnOnce(&mut Stats)) {
                match self { $(Self::$Policy(stores) => change(&mut stores.lock(hash).store.stats),)* }
            }

            pub(crate) fn clear(&self) {
                match self { $(Self::$Policy(stores) => drop(stores.clear()),)* }
            }

            pub(crate) fn info(&self) -> Info {
                match self { $(Self::$Policy(stores) => stores.info(),)* }
            }

            pub(crate) fn visit(&self, visitor: &mut dyn FnMut(&Owned)) {
                match self { $(Self::$Policy(stores) => visit(stores, visitor),)* }
            }
        }
    };
}

warp_cache::with_strategy!(strategy_enum);

impl StrategyEnum {
    /// Looks a key up, asking Python as often as needed.
    #[cold]
    pub(crate) fn lookup_in_python(
        &self,
        key: &KeyRef<'_>,
        counts_miss: bool,
        now: impl Fn() -> Time,
    ) -> Result<Found, Raised> {
        let mut asked = Asked::default();
        loop {
            match self.lookup_asked(key, now(), counts_miss, &mut asked) {
                Some(found) => return Ok(found),
                None => asked.ask(key)?,
            }
        }
    }

    /// The value of a live entry; neither a use nor counted.
    pub(crate) fn peek(&self, key: &KeyRef<'_>, now: Time) -> Result<Option<Owned>, Raised> {
        until_decided(key, |asked| self.try_peek(key, now, asked))
    }

    /// Keeps a value until its deadline.
    pub(crate) fn keep(
        &self,
        new: NewValue,
        style: KeyStyle,
        deadline: Time,
        now: Time,
    ) -> Result<(), Raised> {
        let NewValue { key, hash, value, ticket, if_present } = new;
        let entry = Some(Entry { hash, deadline, key, value });
        let mut arrival = Arrival { entry, style, ticket, if_present };
        let mut asked = Asked::default();
        loop {
            let kept = self.try_keep(hash, &mut arrival, now, &mut asked);
            match (kept, &arrival.entry) {
                (Err(()), Some(entry)) => asked.ask(&entry.key.borrow(hash, style))?,
                _ => return Ok(()),
            }
        }
    }

    /// Drops an entry; returns whether there was a live one.
    pub(crate) fn remove(&self, key: &KeyRef<'_>, now: Time) -> Result<bool, Raised> {
        until_decided(key, |asked| self.try_remove(key, now, asked))
    }

    /// Drops an entry whose value was to be replaced by one that was computed since the ticket was
    /// drawn, and is not to be kept.
    pub(crate) fn discard(
        &self,
        key: &KeyRef<'_>,
        ticket: Ticket,
        now: Time,
    ) -> Result<(), Raised> {
        until_decided(key, |asked| self.try_discard(key, ticket, now, asked))
    }
}

/// Repeats an operation until Python has compared all that it needs to know.
fn until_decided<T>(
    key: &KeyRef<'_>,
    mut operation: impl FnMut(&mut Asked) -> Result<T, ()>,
) -> Result<T, Raised> {
    let mut asked = Asked::default();
    loop {
        match operation(&mut asked) {
            Ok(result) => return Ok(result),
            Err(()) => asked.ask(key)?,
        }
    }
}
