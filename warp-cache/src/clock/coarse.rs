//! Linux's coarse monotonic clock.
//!
//! Why unsafe: std has no coarse clock, and reading the precise one (30 ns) would be the whole cost
//! of a ttl on a hit; this one takes 8 ns. The one invariant is that the kernel writes the
//! `timespec` that it is handed, and this file upholds it.
#![allow(unsafe_code)]

/// Nanoseconds since the machine started, to a few milliseconds; none where there is no such clock.
#[cfg(all(target_os = "linux", not(miri)))]
#[inline]
pub(super) fn nanos() -> Option<u64> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a live timespec, the only thing that the call writes.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &mut time) };
    (status == 0).then(|| time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64)
}

#[cfg(not(all(target_os = "linux", not(miri))))]
#[inline]
pub(super) fn nanos() -> Option<u64> {
    None
}
