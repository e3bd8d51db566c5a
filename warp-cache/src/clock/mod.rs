//! The only reader of time. Stores never look at a clock: they are given `now`.

use std::time::{Duration, Instant};

use crate::sync::{Arc, AtomicU64, OnceLock, Ordering};

#[cfg(feature = "region")]
mod boot;
mod coarse;
#[cfg(feature = "region")]
pub(crate) use boot::since_boot;

/// A ttl of this length and more is measured by the coarse clock.
const COARSE_FROM: Duration = Duration::from_secs(1);

/// A moment: nanoseconds since some start that a clock keeps to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// The start of the clock; what a store without deadlines is given as `now`.
    pub const ZERO: Time = Time(0);
    /// The deadline of an entry that does not expire.
    pub const NEVER: Time = Time(u64::MAX);

    /// The moment this many nanoseconds after the clock's start.
    pub const fn from_nanos(nanos: u64) -> Time {
        Time(nanos)
    }

    /// Nanoseconds since the clock's start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The moment `duration` later, or `NEVER` where that is beyond what can be counted (584
    /// years).
    pub fn after(self, duration: Duration) -> Time {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Time(self.0.saturating_add(nanos))
    }
}

/// Where a cache takes its time from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// No time passes: for caches in which nothing expires. Costs nothing.
    #[default]
    Stopped,
    /// The operating system's coarse monotonic clock, which ticks every few milliseconds; the
    /// precise one where there is none. About 8 ns a reading.
    Coarse,
    /// The precise monotonic clock. About 30 ns a reading.
    Precise,
    /// Shows what was set by [`Clock::advance`]: for tests.
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// The cheapest clock that is exact enough for a ttl: coarse from one second on.
    pub fn for_ttl(ttl: Duration) -> Clock {
        if ttl >= COARSE_FROM { Clock::Coarse } else { Clock::Precise }
    }

    /// A clock that stands still until it is advanced.
    pub fn manual() -> Clock {
        Clock::Manual(Arc::default())
    }

    /// Moves a manual clock, and every clone of it, forward; other clocks go by themselves.
    pub fn advance(&self, duration: Duration) {
        if let Clock::Manual(time) = self {
            time.fetch_add(duration.as_nanos() as u64, Ordering::Relaxed);
        }
    }

    /// The present moment.
    #[inline]
    pub fn now(&self) -> Time {
        match self {
            Clock::Stopped => Time::ZERO,
            // Nearly every ttl is measured so: what a call less saves is a tenth of a hit.
            Clock::Coarse => Time(coarse::nanos().unwrap_or_else(precise_nanos)),
            Clock::Precise | Clock::Manual(_) => self.read(),
        }
    }

    /// Out of the way of other caches.
    #[cold]
    #[inline(never)]
    fn read(&self) -> Time {
        match self {
            Clock::Manual(time) => Time(time.load(Ordering::Relaxed)),
            _ => Time(precise_nanos()),
        }
    }
}

#[cold]
#[inline(never)]
fn precise_nanos() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}
