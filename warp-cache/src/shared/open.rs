//! From a configuration to its region.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::codec;
use crate::shm::{Geometry, Region};
use crate::strategy::Strategy;

/// Which region, and what it is to be.
pub(super) struct Request<'a> {
    pub(super) name: &'a str,
    pub(super) function: &'a str,
    pub(super) version: &'a str,
    pub(super) directory: Option<&'a Path>,
    pub(super) bytes: Option<u64>,
    pub(super) max_size: Option<usize>,
    pub(super) strategy: Strategy,
    /// Where all entries have the same.
    pub(super) ttl: Option<Duration>,
    /// Whether values say how long they live.
    pub(super) has_own_ttl: bool,
    /// The [shapes](super::shape) of keys and values.
    pub(super) key: String,
    pub(super) value: String,
}

impl Request<'_> {
    fn bytes(&self) -> u64 {
        self.bytes.unwrap_or_else(|| Geometry::usual_bytes(self.max_size, self.strategy))
    }

    /// The region that all processes find that ask for the same.
    ///
    /// # Errors
    /// As [`Region::open`].
    #[cfg(unix)]
    pub(super) fn open(&self) -> io::Result<Region> {
        // Regions of other languages have other parts.
        let parts = [
            "rust",
            codec::FORMAT,
            self.name,
            self.version,
            if self.has_own_ttl { "ttl by value" } else { "ttl" },
            &self.key,
            &self.value,
        ];
        let parts = parts.map(str::as_bytes);
        let family = [b"rust", self.name.as_bytes()];
        Region::open(&crate::shm::Config {
            directory: self.directory,
            identity: &crate::shm::Identity::new(self.name, self.function, &family, &parts),
            bytes: self.bytes(),
            max_size: self.max_size,
            strategy: self.strategy,
            ttl: self.ttl,
        })
    }

    /// There are regions on Unix only.
    #[cfg(not(unix))]
    pub(super) fn open(&self) -> io::Result<Region> {
        let text = "processes share caches on Unix only";
        Err(io::Error::new(io::ErrorKind::Unsupported, text))
    }

    /// A region of the same kind that is this process's own.
    pub(super) fn private(&self) -> io::Result<Region> {
        let geometry = Geometry::new(self.bytes(), self.max_size, self.strategy)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        #[cfg(unix)]
        return Region::private(geometry);
        #[cfg(not(unix))]
        return Ok(Region::on_heap(
            geometry,
            crate::shm::Processes { current: || 1, is_alive: |word| word == 1 },
        ));
    }
}
