//! Keys as bytes, with the hash that they have in their region.

use std::hash::{Hash, Hasher};

use crate::key::Equivalent;

/// A key as it is looked up.
#[derive(Clone, Copy)]
pub(super) struct Encoded<'a> {
    pub(super) hash: u64,
    pub(super) bytes: &'a [u8],
}

/// A key as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct KeyBytes {
    /// Seeded by the region, so that keys that collide cannot be chosen from outside.
    hash: u64,
    bytes: Box<[u8]>,
}

impl KeyBytes {
    pub(super) fn encoded(&self) -> Encoded<'_> {
        Encoded { hash: self.hash, bytes: &self.bytes }
    }
}

impl From<Encoded<'_>> for KeyBytes {
    fn from(key: Encoded<'_>) -> KeyBytes {
        KeyBytes { hash: key.hash, bytes: key.bytes.into() }
    }
}

impl Hash for Encoded<'_> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Hash for KeyBytes {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Equivalent<KeyBytes> for Encoded<'_> {
    #[inline]
    fn equivalent(&self, kept: &KeyBytes) -> bool {
        self.bytes == &*kept.bytes
    }
}
