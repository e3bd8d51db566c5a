//! The two layers of a shared cache: the region, and before it the values that this process has
//! decoded.
//!
//! The region alone says what is kept. A decoded value is good only as long as the entry that it
//! came from is unchanged, which two loads tell; so whatever any process changes, the next call
//! of every other sees.

use std::any::type_name;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec;
use super::key::{Encoded, KeyBytes};
use super::warnings::{Warning, Warnings};
use crate::cache::{Builder, Cache, Ttl};
use crate::clock::Time;
use crate::flight::Flights;
use crate::key::brought::Brought;
use crate::shm::{Counter, IfPresent, NotKept, Region, RegionInfo, Ticket};
use crate::strategy::Lru;
use crate::sync::{DefaultLock, Mutex, MutexGuard};

/// A decoded value, and the entry that it came from.
#[derive(Clone)]
struct Decoded<V> {
    value: V,
    stamp: crate::shm::Stamp,
}

type Front<V> = Cache<KeyBytes, Decoded<V>, Brought, Lru, DefaultLock>;

/// A computation that threads of this process wait for, and since when.
pub(super) struct Flying {
    pub(super) key: KeyBytes,
    pub(super) ticket: Ticket,
}

/// A region with what a process keeps before it.
pub(crate) struct Layers<V> {
    pub(super) region: Region,
    /// By LRU, whatever the region's strategy is: so that what is not used any more leaves, be it
    /// in the region or not.
    front: Front<V>,
    flights: Mutex<Flights<Flying, V>>,
    ttl: Ttl<V>,
    pub(super) single_flight: bool,
    pub(super) flight_timeout: Duration,
    warnings: Warnings,
}

/// What there is for a key.
pub(super) enum Found<V> {
    /// A value.
    Value(V),
    /// Nothing.
    Nothing,
    /// Bytes that are no value of the type.
    Unreadable,
}

/// How a value comes into the region.
#[derive(Clone, Copy)]
pub(super) enum Keep {
    /// Where nothing is kept for the key, and the key is as it was when the ticket was drawn.
    Computed(Ticket, IfPresent),
    /// In the place of what is kept, if the key is as it was when the ticket was drawn.
    Recomputed(Ticket),
    /// In the place of whatever is kept.
    Set,
}

impl Keep {
    fn ticket(self) -> Option<Ticket> {
        match self {
            Keep::Computed(ticket, _) | Keep::Recomputed(ticket) => Some(ticket),
            Keep::Set => None,
        }
    }
}

impl<V> Layers<V> {
    pub(super) fn new(
        region: Region,
        ttl: Ttl<V>,
        single_flight: Option<Duration>,
        warnings: Warnings,
    ) -> Layers<V> {
        let geometry = region.geometry();
        // Not more than the region holds: what is beyond can only be of entries that are gone.
        let most = geometry.max_size().unwrap_or(usize::MAX).min(geometry.capacity());
        let front = Builder::new().hasher(Brought::default()).max_size(most).build_for();
        Layers {
            region,
            front: front.unwrap_or_else(|error| unreachable!("the defaults are valid: {error}")),
            flights: Mutex::default(),
            ttl,
            single_flight: single_flight.is_some(),
            flight_timeout: single_flight.unwrap_or_default(),
            warnings,
        }
    }

    /// The region's present moment; none where nothing expires.
    #[inline]
    pub(super) fn now(&self) -> u64 {
        if let Ttl::Forever = self.ttl { 0 } else { self.region.now() }
    }

    /// The computations that threads of this process wait for.
    pub(super) fn flights(&self) -> MutexGuard<'_, Flights<Flying, V>> {
        self.flights.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    pub(super) fn count(&self, counter: Counter) {
        self.region.count(counter);
    }

    /// Lends the key encoded; none if it has no encoding, which is an error of it.
    #[inline]
    pub(super) fn encoded<K: Serialize + ?Sized, T>(
        &self,
        key: &K,
        work: impl FnOnce(Option<Encoded<'_>>) -> T,
    ) -> T {
        codec::with_key(key, |bytes| match bytes {
            Ok(bytes) => work(Some(Encoded { hash: self.region.hash(bytes), bytes })),
            Err(_) => {
                self.not_encoded::<K>("key");
                work(None)
            }
        })
    }

    #[cold]
    fn not_encoded<T: ?Sized>(&self, what: &str) {
        self.count(Counter::Errors);
        let ty = type_name::<T>();
        self.warnings.say(
            Warning::NotEncoded,
            format_args!(
                "does not keep a {what} of type {ty}, whose Serialize failed or leaves out fields \
                 now and then; such results are returned and computed again"
            ),
        );
    }

    /// Drops all entries, for all processes.
    pub(crate) fn clear(&self) {
        self.region.clear();
        // Good for nothing any more; only the memory is to be had back.
        self.front.clear();
    }

    pub(crate) fn info(&self) -> RegionInfo {
        self.region.info()
    }
}

impl<V: Clone + Serialize + DeserializeOwned> Layers<V> {
    /// Looks a key up, as a use that is not counted.
    #[inline]
    pub(super) fn find(&self, key: Encoded<'_>, now: u64) -> Found<V> {
        if let Some(decoded) = self.front.get(&key) {
            if self.region.is_current(&decoded.stamp, now) {
                self.region.touch(&decoded.stamp);
                return Found::Value(decoded.value);
            }
        }
        self.find_in_region(key, now)
    }

    #[inline(never)]
    fn find_in_region(&self, key: Encoded<'_>, now: u64) -> Found<V> {
        let read = codec::lend_for_value(|bytes| {
            let stamp = self.region.get(key.hash, key.bytes, now, bytes)?;
            Some((stamp, codec::decode::<V>(bytes)))
        });
        let Some((stamp, value)) = read else { return Found::Nothing };
        match value {
            Ok(value) => {
                let decoded = Decoded { value: value.clone(), stamp };
                drop(self.front.insert(key.into(), decoded));
                Found::Value(value)
            }
            Err(_) => {
                self.not_decoded();
                Found::Unreadable
            }
        }
    }

    /// Looks a key up, which is no use of it.
    pub(super) fn peek(&self, key: Encoded<'_>) -> Option<V> {
        let now = self.now();
        if let Some(decoded) = self.front.peek(&key) {
            if self.region.is_current(&decoded.stamp, now) {
                return Some(decoded.value);
            }
        }
        codec::lend_for_value(|bytes| {
            self.region.peek(key.hash, key.bytes, now, bytes)?;
            codec::decode(bytes).ok()
        })
    }

    #[cold]
    fn not_decoded(&self) {
        self.count(Counter::Errors);
        let ty = type_name::<V>();
        self.warnings.say(
            Warning::NotDecoded,
            format_args!(
                "had a result that could not be read as {ty} and is computed again; a type that \
                 asks what it is given (`untagged`, `flatten`) cannot be read at all"
            ),
        );
    }

    /// Drops an entry; whether there was one.
    pub(super) fn invalidate(&self, key: Encoded<'_>) -> bool {
        let was_there = self.region.invalidate(key.hash, key.bytes, self.now());
        self.front.invalidate(&key);
        was_there
    }

    /// Keeps a value, if it can be kept.
    pub(super) fn keep(&self, key: KeyBytes, value: V, how: Keep) {
        let now = self.now();
        let kept = match self.ttl.deadline(&value, Time::from_nanos(now)) {
            Some(deadline) => self.insert(&key, &value, deadline.as_nanos(), now, how),
            None => Ok(None),
        };
        match (kept, how) {
            (Ok(Some(stamp)), _) => drop(self.front.insert(key, Decoded { value, stamp })),
            (Err(NotKept::Changed), _) | (_, Keep::Computed(..)) => {}
            // What was to be replaced must not outlive it.
            (_, Keep::Set | Keep::Recomputed(_)) => self.supersede(key.encoded(), how),
        }
    }

    /// Drops what is kept for a key in the place of which nothing could be kept.
    ///
    /// A computation that came to nothing is no change of the key: others that go on are kept.
    pub(super) fn supersede(&self, key: Encoded<'_>, how: Keep) {
        let Some(ticket) = how.ticket() else {
            self.invalidate(key);
            return;
        };
        if self.region.discard(key.hash, key.bytes, self.now(), ticket) {
            self.front.invalidate(&key);
        }
    }

    /// Puts a value into the region; none if it is none that can be there.
    fn insert(
        &self,
        key: &KeyBytes,
        value: &V,
        deadline: u64,
        now: u64,
        how: Keep,
    ) -> Result<Option<crate::shm::Stamp>, NotKept> {
        let if_present = match how {
            Keep::Computed(_, if_present) => if_present,
            Keep::Recomputed(_) | Keep::Set => IfPresent::Replace,
        };
        let Encoded { hash, bytes: key } = key.encoded();
        let ticket = how.ticket();
        let kept = codec::with_value(value, |bytes| {
            let Ok(bytes) = bytes else {
                self.not_encoded::<V>("result");
                return Ok(None);
            };
            self.region.insert(hash, key, bytes, deadline, now, ticket, if_present).map(Some)
        });
        if let Err(too_large @ NotKept::TooLarge { .. }) = kept {
            self.count(Counter::Errors);
            self.warnings.say(
                Warning::TooLarge,
                format_args!("does not keep a result: {too_large}; it is computed again"),
            );
        }
        kept
    }
}
