//! A file in memory, as words that several processes read and write.
//!
//! Why unsafe: memory that other processes change can only be had by mapping a file, and std has no
//! way to; memmap2 maps it and hands out a pointer. This file turns that into `&[AtomicU64]`, and
//! everything above works on those words in safe code.
//!
//! What has to hold, and who upholds it:
//! * The words are only ever touched as atomics, here and in other processes: this is the one place
//!   that knows the pointer, and it hands out nothing but atomics.
//! * The mapping is as long as the slice says: measured from the mapping itself.
//! * It stays as long as the slice is borrowed: the slice borrows from [`Map`], which never unmaps,
//!   moves or resizes what it holds before it is dropped.
//! * The file is not cut shorter while it is mapped. Nobody of ours does that; a user who does it
//!   to a file of theirs gets a SIGBUS, which is not undefined behaviour.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;

use memmap2::{MmapMut, MmapOptions, MmapRaw};

use crate::sync::AtomicU64;

/// A file's bytes as words, shared with every process that maps the same file.
#[derive(Debug)]
pub struct Map(MmapRaw);

impl Map {
    /// Maps the first `bytes` bytes of a file that is open for reading and writing. The caller has
    /// seen that it is that long.
    pub(super) fn new(file: &File, bytes: usize) -> io::Result<Map> {
        MmapOptions::new().len(bytes).map_raw(file).map(Map)
    }

    /// As many zeros of this process alone. They take memory as they are written.
    pub(super) fn private(bytes: usize) -> io::Result<Map> {
        Ok(Map(MmapMut::map_anon(bytes)?.into()))
    }

    /// The words; bytes beyond the last whole one are left out.
    #[inline]
    pub(super) fn words(&self) -> &[AtomicU64] {
        let count = self.0.len() / size_of::<AtomicU64>();
        // SAFETY: the pointer is a live mapping of `count` words, readable and writable, page
        // aligned, borrowed from `self`; every access to it is atomic (see above).
        unsafe { std::slice::from_raw_parts(self.0.as_mut_ptr().cast(), count) }
    }
}
