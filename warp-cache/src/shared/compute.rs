//! Look up or compute: by every caller for itself, or by one of all processes for those who wait.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::key::KeyBytes;
use super::layers::{Found, Keep, Layers};
use super::wait::{Joining, Leadership};
use crate::flight::Running;
use crate::shm::{Counter, IfPresent, Lead};

/// How a look-up ends that may have to compute.
pub(crate) enum Begun<'a, V> {
    /// The value is there.
    Hit(V),
    /// The caller computes.
    Miss(Computation<'a, V>),
}

/// How a look-up goes on that found nothing.
pub(crate) enum Missed<'a, V> {
    /// The caller computes.
    Computes(Computation<'a, V>),
    /// One caller computes for all.
    Joins(Joining<'a, V>),
}

impl<V: Clone + Serialize + DeserializeOwned> Layers<V> {
    /// Looks a key up, without waiting for others, and goes on by `hit` or by `miss`.
    #[inline]
    pub(crate) fn look_up<'a, K: Serialize + ?Sized, T>(
        &'a self,
        key: &K,
        hit: impl FnOnce(V) -> T,
        miss: impl FnOnce(Missed<'a, V>) -> T,
    ) -> T {
        // Written to from within: a value that was moved out took as long as the look-up.
        let (mut found, mut absent) = (None, None);
        self.encoded(key, |key| {
            let Some(key) = key else { return };
            let if_present = match self.find(key, self.now()) {
                Found::Value(value) => {
                    found = Some(value);
                    return;
                }
                Found::Nothing => IfPresent::Keep,
                Found::Unreadable => IfPresent::Replace,
            };
            absent = Some((KeyBytes::from(key), if_present));
        });
        if let Some(value) = found {
            self.count(Counter::Hits);
            return hit(value);
        }
        miss(match absent {
            Some((key, if_present)) => self.missed(key, if_present),
            // The key has no encoding.
            None => Missed::Computes(Computation::counted(self, None)),
        })
    }

    #[cold]
    #[inline(never)]
    fn missed(&self, key: KeyBytes, if_present: IfPresent) -> Missed<'_, V> {
        if self.single_flight {
            Missed::Joins(Joining::new(self, key, if_present))
        } else {
            Missed::Computes(self.compute(key, if_present))
        }
    }

    /// A computation for the caller alone.
    pub(super) fn compute(&self, key: KeyBytes, if_present: IfPresent) -> Computation<'_, V> {
        let ticket = self.region.ticket(key.encoded().hash);
        Computation::counted(self, Some((key, Keep::Computed(ticket, if_present))))
    }

    /// Begins to compute a key again; what is kept for it stays until a new value is there.
    pub(crate) fn refresh<K: Serialize + ?Sized>(&self, key: &K) -> Computation<'_, V> {
        let target = self.encoded(key, |key| {
            key.map(|key| (key.into(), Keep::Recomputed(self.region.ticket(key.hash))))
        });
        Computation::new(self, target)
    }
}

/// A computation under way. Who waits for one that fails, panics or is dropped before its end tries
/// for itself; failures and panics are counted.
pub(crate) struct Computation<'a, V> {
    layers: &'a Layers<V>,
    /// Where the value is to be kept; none if the key has no encoding.
    target: Option<(KeyBytes, Keep)>,
    /// The other processes' followers.
    lead: Option<Lead<'a>>,
    /// This process's followers.
    leadership: Option<Leadership<'a, V>>,
    has_ended: bool,
}

impl<'a, V> Computation<'a, V> {
    fn new(layers: &'a Layers<V>, target: Option<(KeyBytes, Keep)>) -> Self {
        Computation { layers, target, lead: None, leadership: None, has_ended: false }
    }

    /// As `new`, of a call, which is a miss.
    fn counted(layers: &'a Layers<V>, target: Option<(KeyBytes, Keep)>) -> Self {
        layers.count(Counter::Misses);
        Computation::new(layers, target)
    }

    /// Lets others wait for it.
    pub(super) fn led(
        mut self,
        leadership: Option<Leadership<'a, V>>,
        lead: Option<Lead<'a>>,
    ) -> Self {
        (self.leadership, self.lead) = (leadership, lead);
        self
    }

    /// Known to the calls within as who computes, as long as the guard is there.
    #[inline]
    pub(crate) fn enter(&self) -> Option<Running> {
        self.leadership.as_ref().map(Leadership::enter)
    }

    /// Ends with an error.
    pub(crate) fn fail(mut self) {
        self.layers.count(Counter::Errors);
        self.end(None);
    }

    /// Lets those go on who wait: first here, as the other processes look for themselves.
    fn end(&mut self, value: Option<V>) {
        self.has_ended = true;
        if let Some(leadership) = self.leadership.take() {
            leadership.land(value);
        }
        self.lead = None;
    }
}

impl<V: Clone + Serialize + DeserializeOwned> Computation<'_, V> {
    /// Keeps the value, and hands it to those who wait.
    pub(crate) fn succeed(mut self, value: V) {
        if let Some((key, how)) = self.target.take() {
            let running = self.enter();
            let kept = value.clone();
            self.layers.keep(key, kept, how);
            drop(running);
        }
        self.end(Some(value));
    }

    /// Hands the value to those who wait, and keeps nothing.
    pub(crate) fn reject(self, value: V) {
        self.finish(Some(value));
    }

    /// Ends without a value to keep or to share, which is no failure.
    pub(crate) fn decline(self) {
        self.finish(None);
    }

    /// What was to be replaced goes: nothing takes its place.
    fn finish(mut self, value: Option<V>) {
        if let Some((key, how @ Keep::Recomputed(_))) = self.target.take() {
            self.layers.supersede(key.encoded(), how);
        }
        self.end(value);
    }
}

impl<V> Drop for Computation<'_, V> {
    fn drop(&mut self) {
        if !self.has_ended {
            // Without a panic it is a future that was cancelled.
            if std::thread::panicking() {
                self.layers.count(Counter::Errors);
            }
            self.end(None);
        }
    }
}
