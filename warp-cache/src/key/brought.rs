//! Hashes that keys bring with them.

use std::hash::{BuildHasher, Hasher};

/// Takes the hash that a key brings, well mixed in all bits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Brought(u64);

impl BuildHasher for Brought {
    type Hasher = Brought;

    #[inline]
    fn build_hasher(&self) -> Brought {
        Brought(0)
    }
}

impl Hasher for Brought {
    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
    fn write(&mut self, bytes: &[u8]) {
        unreachable!("a key brings its hash, and not {bytes:?}");
    }
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
