//! The first page of a region's file: what the region is, written once.
//!
//! It is read once too: whoever opens the file decodes the page into private memory, checks it, and
//! never looks at it again, so that a bit that flips in it later changes nothing. A checksum covers
//! the whole page; any page that another version, machine or hand wrote is simply not decoded.
//!
//! | word | what |
//! |---|---|
//! | 0 | `warp shm` |
//! | 1 | the version of the format |
//! | 2 | byte order and size of a word |
//! | 3 to 9 | the geometry: bytes, `max_size`, strategy, shards, entries, buckets, blocks |
//! | 10 | the ttl in nanoseconds, where there is one for all |
//! | 11, 12 | the seed |
//! | 13, 14 | the boot |
//! | 15, 16 | the namespaces of time and of processes |
//! | 17, 18 | the configuration's fingerprint |
//! | 19, 20 | the family's |
//! | 21, ... | the name: its length in bytes, and the bytes in whole words |
//! | ..., ... | the function likewise, then zeros |
//! | 511 | the checksum of all before: XXH3, 64 bits |
//!
//! All numbers are little-endian; one that is not there has all bits set.

use std::hash::{BuildHasher, Hasher, RandomState};

use xxhash_rust::xxh3::xxh3_64;

use super::layout::{self, Geometry};
use super::origin::Origin;

/// The length of a header: one page of the smallest size in use.
pub(super) const BYTES: usize = layout::HEADER * 8;

const MAGIC: u64 = u64::from_le_bytes(*b"warp shm");
/// Byte order and size of a word: what the rest of the file depends on.
const ARCHITECTURE: u64 =
    if cfg!(target_endian = "little") { 0x4C00_0000 } else { 0x4200_0000 } | usize::BITS as u64;

/// Stands for "none" where a number may be missing.
const NONE: u64 = u64::MAX;

/// The most bytes of a name that are kept; the rest of the page is for the numbers.
const TEXT: usize = 1536;

/// What a region is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Its lengths, `max_size` and strategy.
    pub(super) geometry: Geometry,
    /// Nanoseconds, where all entries have the same.
    pub(super) ttl: Option<u64>,
    /// Seeds the hashes of keys and the checksums, so that no file is like another.
    pub(super) seed: u128,
    pub(super) origin: Origin,
    /// Of the configuration it was made for.
    pub(super) fingerprint: u128,
    /// Of what it shares with those that came before and after it.
    pub(super) family: u128,
    /// For people: the name given or the function's, and `module:qualname`.
    pub(super) name: String,
    pub(super) function: String,
}

impl Header {
    /// The page.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut page = Writer(Vec::with_capacity(BYTES));
        page.word(MAGIC);
        page.word(layout::VERSION);
        page.word(ARCHITECTURE);
        for number in self.geometry.to_words() {
            page.word(number);
        }
        page.word(self.ttl.unwrap_or(NONE));
        page.long(self.seed);
        page.long(self.origin.boot);
        page.word(self.origin.time);
        page.word(self.origin.processes);
        page.long(self.fingerprint);
        page.long(self.family);
        page.text(&self.name);
        page.text(&self.function);
        page.0.resize(BYTES - 8, 0);
        page.word(xxh3_64(&page.0));
        page.0
    }

    /// The header in a page, if it is sound and of this version and kind of machine.
    pub(super) fn decode(page: &[u8; BYTES]) -> Option<Header> {
        let (covered, checksum) = page.split_at(BYTES - 8);
        if xxh3_64(covered).to_le_bytes() != checksum {
            return None;
        }
        let mut page = Reader(covered);
        if (page.word()?, page.word()?, page.word()?) != (MAGIC, layout::VERSION, ARCHITECTURE) {
            return None;
        }
        let mut geometry = [0; Geometry::WORDS];
        for number in &mut geometry {
            *number = page.word()?;
        }
        let geometry = Geometry::from_words(geometry)?;
        Some(Header {
            geometry,
            ttl: page.number()?,
            seed: page.long()?,
            origin: Origin { boot: page.long()?, time: page.word()?, processes: page.word()? },
            fingerprint: page.long()?,
            family: page.long()?,
            name: page.text()?,
            function: page.text()?,
        })
    }

    /// Whether it is of the same region, however that is called and whichever its seed is.
    pub(super) fn fits(&self, wanted: &Header) -> bool {
        let facts = |header: &Header| {
            let Header { fingerprint, family, geometry, ttl, origin, .. } = *header;
            (fingerprint, family, geometry, ttl, origin)
        };
        facts(self) == facts(wanted)
    }

    /// The same with a new seed.
    pub(super) fn with_new_seed(&self) -> Header {
        Header { seed: draw_seed(), ..self.clone() }
    }
}

/// A seed that nobody can foretell, drawn as std seeds its hash tables.
pub(super) fn draw_seed() -> u128 {
    let draw = || u128::from(RandomState::new().build_hasher().finish());
    draw() << 64 | draw()
}

struct Writer(Vec<u8>);

impl Writer {
    fn word(&mut self, word: u64) {
        self.0.extend(word.to_le_bytes());
    }

    fn long(&mut self, long: u128) {
        self.0.extend(long.to_le_bytes());
    }

    /// Length and bytes, in whole words; cut where it is longer than there is room for.
    fn text(&mut self, text: &str) {
        let end = (0..=text.len().min(TEXT)).rev().find(|end| text.is_char_boundary(*end));
        let text = &text[..end.unwrap_or(0)];
        self.word(text.len() as u64);
        self.0.extend(text.as_bytes());
        self.0.resize(self.0.len().next_multiple_of(8), 0);
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn word(&mut self) -> Option<u64> {
        let (word, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*word))
    }

    fn long(&mut self) -> Option<u128> {
        let (long, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u128::from_le_bytes(*long))
    }

    fn number(&mut self) -> Option<Option<u64>> {
        self.word().map(|word| (word != NONE).then_some(word))
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.word()?).ok().filter(|length| *length <= TEXT)?;
        let (text, rest) = self.0.split_at_checked(length.next_multiple_of(8))?;
        self.0 = rest;
        String::from_utf8(text[..length].to_vec()).ok()
    }
}
