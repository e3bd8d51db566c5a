//! The clock that all processes of a machine have in common.

/// Nanoseconds since the machine started, the time that it slept included. About 30 ns a reading.
#[cfg(not(miri))]
pub(crate) fn since_boot() -> u64 {
    use rustix::time::{ClockId, clock_gettime};

    // Where there is no other, the monotonic clock goes on in sleep (macOS).
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let clock = ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let clock = ClockId::Monotonic;
    let time = clock_gettime(clock);
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}

/// Miri does not know the clock, and has but one process.
#[cfg(miri)]
pub(crate) fn since_boot() -> u64 {
    super::precise_nanos()
}
