//! Which entries a process has met, of those whose values need no place in the front yet.
//!
//! An int is decoded sooner than it is put into the front, and is not another for being decoded
//! twice. So what has been met once is only noted; what is asked for again gets its place.

use std::sync::atomic::{AtomicU8, Ordering};

use warp_cache::shm::Stamp;

/// For each entry of the region a mark of the content that was met last, or 0.
pub(crate) struct Met(Box<[AtomicU8]>);

impl Met {
    /// None yet, of that many entries: a byte each.
    pub(crate) fn new(capacity: usize) -> Met {
        Met((0..capacity).map(|_| AtomicU8::new(0)).collect())
    }

    /// Notes an entry, and whether it was not noted before. Of 128 contents of an entry one looks
    /// like the one before: it gets its place in the front at once.
    #[inline]
    pub(crate) fn is_new(&self, stamp: &Stamp) -> bool {
        let Some(noted) = self.0.get(stamp.entry()) else { return false };
        let mark = stamp.change() as u8 | 1 << 7;
        let is_new = noted.load(Ordering::Relaxed) != mark;
        if is_new {
            noted.store(mark, Ordering::Relaxed);
        }
        is_new
    }
}
