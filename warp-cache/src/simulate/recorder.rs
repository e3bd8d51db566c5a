//! Calls on their way into a file.

use std::io::{self, ErrorKind, Write};
use std::mem;

use super::format::{BEFORE_NAME, HEAD, Kind, MAGIC, MOST, Sum, UNBOUNDED, VERSION, WORD};
use super::recent::{MOST_CALLS, Recent};
use super::recording::Function;

/// The calls of one function that are not in the file yet: for its caller to lock, beside what is
/// locked for a call anyway.
#[derive(Debug)]
pub struct Calls {
    function: u32,
    hashes: Vec<u64>,
}

impl Calls {
    /// Notes a call by the hash of its key; a few nanoseconds. True if it is time for
    /// [`Recorder::write`], once in 3200 calls; until then all are kept in memory.
    #[inline]
    #[must_use = "what is not written in time is kept in memory"]
    pub fn push(&mut self, hash: u64) -> bool {
        self.hashes.push(hash);
        self.hashes.len() >= MOST_CALLS
    }
}

/// Writes a recording, block by block, each by one call of `write_all`. A program that dies loses
/// what is in [`Calls`] then, and the file has no end mark, which its reader tells.
#[derive(Debug)]
pub struct Recorder<W> {
    sink: W,
    sum: Sum,
    functions: u32,
    calls: u64,
    /// Some of a block may be in the file, after which nothing else can be.
    is_broken: bool,
    recent: Recent,
    content: Vec<u64>,
    block: Vec<u8>,
}

impl<W: Write> Recorder<W> {
    /// Begins a recording in an empty file, or anything else that is written to.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn new(mut sink: W) -> io::Result<Self> {
        let mut head = [0; 2 * WORD];
        head[..WORD].copy_from_slice(&MAGIC.to_le_bytes());
        head[WORD..].copy_from_slice(&VERSION.to_le_bytes());
        sink.write_all(&head)?;
        Ok(Recorder {
            sink,
            sum: Sum::new(),
            functions: 0,
            calls: 0,
            is_broken: false,
            recent: Recent::new(),
            content: Vec::new(),
            block: Vec::new(),
        })
    }

    /// Adds a function, which has no calls yet. Several may have one name.
    ///
    /// # Errors
    /// Those of the sink; `InvalidInput` for a name of more than 32,744 bytes.
    pub fn function(&mut self, function: &Function) -> io::Result<Calls> {
        let Function { name, strategy, max_size } = function;
        if name.len() > (MOST - BEFORE_NAME) * WORD {
            let sentence = format!(
                "name: has {} bytes; it takes {} at most",
                name.len(),
                (MOST - BEFORE_NAME) * WORD
            );
            return Err(io::Error::new(ErrorKind::InvalidInput, sentence));
        }
        let number = self.functions;
        let bound = max_size.map_or(UNBOUNDED, |size| size as u64);
        let mut content = vec![*strategy as u64, bound, name.len() as u64];
        content.extend(name.as_bytes().chunks(WORD).map(|chunk| {
            let mut word = [0; WORD];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        }));
        self.append(Kind::Function, number, &content)?;
        self.functions += 1;
        Ok(Calls { function: number, hashes: Vec::new() })
    }

    /// Writes what there is of a function's calls, and empties it.
    ///
    /// # Errors
    /// Those of the sink. After one the recording cannot go on, and all that is asked of it fails.
    pub fn write(&mut self, calls: &mut Calls) -> io::Result<()> {
        self.append_calls(calls.function, &calls.hashes)?;
        calls.hashes.clear();
        Ok(())
    }

    /// As `write`, and then more calls of the function, which its caller has gathered itself.
    ///
    /// # Errors
    /// As for `write`.
    pub fn write_hashes(&mut self, calls: &mut Calls, hashes: &[u64]) -> io::Result<()> {
        self.write(calls)?;
        self.append_calls(calls.function, hashes)
    }

    fn append_calls(&mut self, function: u32, hashes: &[u64]) -> io::Result<()> {
        let mut content = mem::take(&mut self.content);
        for hashes in hashes.chunks(MOST_CALLS) {
            let len = self.recent.encode(hashes, &mut content);
            self.append(Kind::Calls, function, &content[..len])?;
            self.calls += hashes.len() as u64;
        }
        self.content = content;
        Ok(())
    }

    /// Ends the recording, after the last calls of its functions have been written, and returns the
    /// sink. Without this the file counts as truncated.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn finish(mut self) -> io::Result<W> {
        self.append(Kind::End, self.functions, &[self.calls])?;
        self.sink.flush()?;
        Ok(self.sink)
    }

    fn append(&mut self, kind: Kind, function: u32, content: &[u64]) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other("the recording ended with an earlier error"));
        }
        let head = [kind as u64 | u64::from(function) << 32, content.len() as u64];
        head.iter().chain(content).for_each(|&word| self.sum.add(word));
        let sum = [self.sum.value()];
        self.block.resize((HEAD + content.len()) * WORD, 0);
        let words = head.iter().chain(&sum).chain(content);
        let places = self.block.chunks_exact_mut(WORD);
        places.zip(words).for_each(|(place, word)| place.copy_from_slice(&word.to_le_bytes()));
        self.is_broken = true;
        self.sink.write_all(&self.block)?;
        self.is_broken = false;
        Ok(())
    }
}
