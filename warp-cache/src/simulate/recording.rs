//! Calls that were recorded, read back: all of a file, checked, or a sentence that says why not.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use super::format::{HEAD, Kind, MAGIC, MOST, Sum, UNBOUNDED, VERSION, WORD};
use super::recent::Recent;
use super::recorder::Recorder;
use crate::strategy::Strategy;

/// A cached function, as it was when its calls were recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// What a user knows it by.
    pub name: String,
    /// Its cache's strategy.
    pub strategy: Strategy,
    /// Its cache's bound, none without one.
    pub max_size: Option<usize>,
}

/// The calls of one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The function.
    pub function: Function,
    /// The hash of each call's key, in the order of the calls; well mixed in all bits.
    pub hashes: Vec<u64>,
}

/// The calls of a program's cached functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// One for each function, in the order in which they were first called or added.
    pub traces: Vec<Trace>,
}

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    /// What the system says of the file; `InvalidData` if it is no recording, of another version or
    /// damaged; `UnexpectedEof` if it is truncated. Each is a sentence that names the file, says
    /// what is wrong with it and what to do.
    pub fn open(path: &Path) -> io::Result<Self> {
        whole(Self::salvage(path)?)
    }

    /// As `open`, of bytes in memory; errors name them `name`.
    ///
    /// # Errors
    /// As for `open`.
    pub fn read(bytes: impl Read, name: &str) -> io::Result<Self> {
        whole(read(bytes, name))
    }

    /// As `open`, but of a truncated or damaged file with all that comes before the end or the
    /// damage, beside the error: each function's first calls, as they were recorded. How many are
    /// missing is not known, at least up to 3200 of each function.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn salvage(path: &Path) -> io::Result<(Self, Option<io::Error>)> {
        let name = path.display().to_string();
        let file = File::open(path)
            .map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
        Ok(read(io::BufReader::with_capacity(MOST * WORD, file), &name))
    }

    /// Writes it in the format of a file, and returns what it was written to.
    ///
    /// # Errors
    /// As for [`Recorder`].
    pub fn write<W: Write>(&self, sink: W) -> io::Result<W> {
        let mut recorder = Recorder::new(sink)?;
        for Trace { function, hashes } in &self.traces {
            let mut calls = recorder.function(function)?;
            recorder.write_hashes(&mut calls, hashes)?;
        }
        recorder.finish()
    }
}

fn whole((recording, error): (Recording, Option<io::Error>)) -> io::Result<Recording> {
    error.map_or(Ok(recording), Err)
}

fn read(source: impl Read, name: &str) -> (Recording, Option<io::Error>) {
    let mut reader = Reader {
        source,
        bytes: 0,
        block: 0,
        sum: Sum::new(),
        content: Vec::new(),
        recent: Recent::new(),
    };
    let mut recording = Recording::default();
    let error = reader.all(&mut recording).err().map(|fault| fault.sentence(name));
    (recording, error)
}

/// Why a file is not read, or no further.
enum Fault {
    Foreign,
    Version(u64),
    /// After so many calls.
    Truncated(u64),
    /// The block at this byte.
    Damaged(u64),
    System(io::Error),
}

impl Fault {
    fn sentence(self, name: &str) -> io::Error {
        let (kind, what) = match self {
            Fault::Foreign => (
                ErrorKind::InvalidData,
                "is no recording of a cache's calls; name a file that was recorded".to_owned(),
            ),
            Fault::Version(version) => (
                ErrorKind::InvalidData,
                format!(
                    "is a recording in version {version} of the format, and {VERSION} is what can \
                     be read; record again with this version of warp_cache"
                ),
            ),
            Fault::Truncated(calls) => (
                ErrorKind::UnexpectedEof,
                format!(
                    "is a truncated recording, without its end after {calls} calls: the program \
                     was killed or still runs; wait for its end, or record again"
                ),
            ),
            Fault::Damaged(at) => (
                ErrorKind::InvalidData,
                format!("is a recording that was damaged, at byte {at}; record again"),
            ),
            Fault::System(error) => (error.kind(), format!("cannot be read: {error}")),
        };
        io::Error::new(kind, format!("{name}: {what}"))
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::System(error)
    }
}

struct Reader<R> {
    source: R,
    /// How many were read.
    bytes: u64,
    /// The byte at which the block begins that is being read.
    block: u64,
    sum: Sum,
    /// Of that block.
    content: Vec<u64>,
    recent: Recent,
}

impl<R: Read> Reader<R> {
    fn all(&mut self, recording: &mut Recording) -> Result<(), Fault> {
        self.begin()?;
        let mut calls = 0;
        loop {
            self.block = self.bytes;
            let (kind, number) = self.block(calls)?;
            let count = recording.traces.len();
            match (kind, recording.traces.get_mut(number)) {
                (Kind::Function, None) if number == count => {
                    let function = self.function().ok_or(Fault::Damaged(self.block))?;
                    recording.traces.push(Trace { function, hashes: Vec::new() });
                }
                (Kind::Calls, Some(trace)) => {
                    let before = trace.hashes.len();
                    let count = self.recent.decode(&self.content, &mut trace.hashes);
                    trace.hashes.truncate(before + count.unwrap_or(0));
                    calls += count.ok_or(Fault::Damaged(self.block))? as u64;
                }
                (Kind::End, None) if number == count && self.content == [calls] => {
                    let nothing_follows = self.fill(&mut [0])? == 0;
                    return nothing_follows.then_some(()).ok_or(Fault::Damaged(self.block));
                }
                _ => return Err(Fault::Damaged(self.block)),
            }
        }
    }

    /// Reads what a file begins with.
    fn begin(&mut self) -> Result<(), Fault> {
        let mut head = [0; 2 * WORD];
        let len = self.fill(&mut head)?;
        let known = len.min(WORD);
        if head[..known] != MAGIC.to_le_bytes()[..known] {
            return Err(Fault::Foreign);
        }
        if len < head.len() {
            return Err(Fault::Truncated(0));
        }
        match word(&head[WORD..]) {
            VERSION => Ok(()),
            version => Err(Fault::Version(version)),
        }
    }

    /// Reads a block, after so many calls, and checks that it is as it was written: its kind and
    /// its function's number.
    fn block(&mut self, calls: u64) -> Result<(Kind, usize), Fault> {
        let damaged = Fault::Damaged(self.block);
        let mut bytes = [0; MOST * WORD];
        let head = &mut bytes[..HEAD * WORD];
        if self.fill(head)? < head.len() {
            return Err(Fault::Truncated(calls));
        }
        let head = [0, 1, 2].map(|index| word(&head[index * WORD..]));
        let [first, len, sum] = head;
        let len = usize::try_from(len).ok().filter(|&len| len <= MOST);
        let (Some(kind), Some(len)) = (Kind::of(first & 0xFFFF_FFFF), len) else {
            return Err(damaged);
        };
        let content = &mut bytes[..len * WORD];
        if self.fill(content)? < content.len() {
            return Err(Fault::Truncated(calls));
        }
        self.content.clear();
        self.content.extend(content.chunks_exact(WORD).map(word));
        head[..2].iter().chain(&self.content).for_each(|&word| self.sum.add(word));
        if self.sum.value() != sum {
            return Err(damaged);
        }
        Ok((kind, (first >> 32) as usize))
    }

    /// The function of a block's content, if it is one.
    fn function(&self) -> Option<Function> {
        let (&[strategy, max_size, len], name) = self.content.split_first_chunk()?;
        let strategy = *Strategy::ALL.get(usize::try_from(strategy).ok()?)?;
        let max_size = match max_size {
            UNBOUNDED => None,
            size => Some(usize::try_from(size).ok()?),
        };
        let mut bytes: Vec<u8> = name.iter().flat_map(|word| word.to_le_bytes()).collect();
        let len = usize::try_from(len).ok()?;
        let padding = bytes.get(len..)?;
        if padding.len() >= WORD || padding.iter().any(|&byte| byte != 0) {
            return None;
        }
        bytes.truncate(len);
        Some(Function { name: String::from_utf8(bytes).ok()?, strategy, max_size })
    }

    /// Reads as many bytes as there are, and says how many.
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut len = 0;
        while len < bytes.len() {
            match self.source.read(&mut bytes[len..]) {
                Ok(0) => break,
                Ok(count) => len += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.bytes += len as u64;
        Ok(len)
    }
}

/// The word that these bytes begin with.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().take(WORD).rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}
