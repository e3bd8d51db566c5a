//! What goes wrong without an error to return: said once, as one line on the standard error.
//!
//! Nothing of it is the call's failure, which gets its value all the same; a count alone
//! ([`Info::errors`](crate::Info)) would not say what to do about it.

use std::fmt::Display;

use crate::sync::{AtomicU32, Ordering};

/// What a cache warns of.
#[derive(Clone, Copy)]
pub(super) enum Warning {
    /// The region could not be had.
    Private = 1,
    /// A key or value has no encoding.
    NotEncoded = 2,
    /// A kept value could not be read.
    NotDecoded = 4,
    /// A value is too large for the region.
    TooLarge = 8,
}

/// The warnings of one cache.
#[derive(Debug)]
pub(super) struct Warnings {
    name: String,
    said: AtomicU32,
}

impl Warnings {
    /// Of the cache of this name.
    pub(super) fn new(name: &str) -> Warnings {
        Warnings { name: name.to_owned(), said: AtomicU32::new(0) }
    }

    /// Warns, unless it has of the same.
    #[cold]
    pub(super) fn say(&self, warning: Warning, what: impl Display) {
        let bit = warning as u32;
        if self.said.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
            // A name may have line breaks in it: one warning is one line.
            eprintln!("warp_cache: the shared cache {:?} {what}", self.name);
        }
    }
}
