//! A region by its configuration: which file it is, and opening it.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::directory::Directory;
use super::header::{Header, draw_seed};
use super::map::Map;
use super::origin::Origin;
use super::{Geometry, Processes, Region, VERSION, Words, file, process, stale};
use crate::strategy::Strategy;

/// How regions in files know processes.
const PROCESSES: Processes = Processes { current: process::current, is_alive: process::is_alive };

/// Which cache a region is: everything that tells it from others, and how people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    parts: Vec<u8>,
    family: Vec<u8>,
    name: String,
    function: String,
}

impl Identity {
    /// An identity of these parts, of which each and the number of them counts. `name` and
    /// `function` (`module:qualname`) are for [`list`](super::list) alone, up to 1536 bytes each.
    ///
    /// Those of one `family` follow each other, as a function's do when its code changes: one that
    /// nobody has open any more is [stale](super::remove_stale) when a later one has been used.
    pub fn new(name: &str, function: &str, family: &[&[u8]], parts: &[&[u8]]) -> Identity {
        let (name, function) = (name.to_owned(), function.to_owned());
        Identity { parts: join(parts), family: join(family), name, function }
    }
}

fn join(parts: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::new();
    for part in parts {
        joined.extend((part.len() as u64).to_le_bytes());
        joined.extend(*part);
    }
    joined
}

/// What a region is to be. Another configuration is another region.
#[derive(Clone, Copy, Debug)]
pub struct Config<'a> {
    /// An existing directory for the subdirectory with the files; none: `$XDG_RUNTIME_DIR`,
    /// `/dev/shm` or `$TMPDIR`, whichever is there first.
    pub directory: Option<&'a Path>,
    /// Which cache it is.
    pub identity: &'a Identity,
    /// The region's length, which is a hard bound; see [`Geometry::usual_bytes`].
    pub bytes: u64,
    /// The most entries that it will hold; none: as many as there is room for.
    pub max_size: Option<usize>,
    /// What it evicts.
    pub strategy: Strategy,
    /// How long entries are kept, where all have the same time. The region only tells it:
    /// deadlines are the caller's to give.
    pub ttl: Option<Duration>,
}

impl Config<'_> {
    fn geometry(&self) -> io::Result<Geometry> {
        Geometry::new(self.bytes, self.max_size, self.strategy)
            .map_err(|error| io::Error::new(ErrorKind::InvalidInput, error))
    }

    /// Nanoseconds.
    fn ttl(&self) -> Option<u64> {
        self.ttl.map(|ttl| u64::try_from(ttl.as_nanos()).unwrap_or(u64::MAX - 1))
    }

    /// A digest of the identity and of everything else but the directory. Two seeds give two that
    /// have nothing to do with each other.
    fn digest(&self, geometry: &Geometry, seed: u64) -> u128 {
        let mut all = self.identity.parts.clone();
        let ttl = self.ttl().unwrap_or(u64::MAX);
        for word in geometry.to_words().into_iter().chain([VERSION, ttl]) {
            all.extend(word.to_le_bytes());
        }
        xxh3_128_with_seed(&all, seed)
    }
}

impl Region {
    /// Opens the region of a configuration; makes it where there is none, or none of use. A
    /// fraction of a millisecond; to make one, some milliseconds and one for each megabyte, in
    /// which the system finds room for it.
    ///
    /// # Errors
    /// If the configuration cannot be, the directory cannot be had or trusted, something stands in
    /// the file's place that is not ours to replace, or there is no room. A sentence says what was
    /// found and what it takes.
    pub fn open(config: &Config<'_>) -> io::Result<Region> {
        let geometry = config.geometry()?;
        let directory = Directory::open(config.directory)?;
        let name = format!("{:032x}", config.digest(&geometry, 0));
        let wanted = Header {
            geometry,
            ttl: config.ttl(),
            seed: 0,
            origin: Origin::here(),
            fingerprint: config.digest(&geometry, 1),
            family: xxh3_128_with_seed(&config.identity.family, 0),
            name: config.identity.name.clone(),
            function: config.identity.function.clone(),
        };
        let opened = file::find_or_make(&directory, &name, &wanted)?;
        let region = Region::mapped(opened.map, &opened.header);
        region.note_use();
        // From here on the region itself says that somebody has it open.
        drop(opened.hold);
        if opened.is_new {
            stale::remove_predecessors(&directory, &name, wanted.family);
        }
        Ok(region)
    }

    /// A region of this process alone, for where none can be had that is shared.
    ///
    /// # Errors
    /// If the system has no memory for it.
    pub fn private(geometry: Geometry) -> io::Result<Region> {
        let words = Words::Mapped(Map::private(geometry.words() * size_of::<u64>())?);
        Ok(Region::from_words(words, geometry, draw_seed(), PROCESSES))
    }

    pub(super) fn mapped(map: Map, header: &Header) -> Region {
        Region::from_words(Words::Mapped(map), header.geometry, header.seed, PROCESSES)
    }

    /// The same for who only looks at it, and is none of its processes.
    pub(super) fn watched(map: Map, header: &Header) -> Region {
        Region::unjoined(Words::Mapped(map), header.geometry, header.seed, PROCESSES)
    }
}
