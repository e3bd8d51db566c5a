//! What calls are recorded to: memory, or a file.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::process;

use lock_api::Mutex;
use pyo3::exceptions::PyRuntimeWarning;
use pyo3::prelude::*;
use warp_cache::simulate::{Calls, Function, Recorder, Recording};

use crate::ffi::lock::PyLock;
use crate::ffi::trampoline::attached;

/// A recording under way.
pub(crate) struct Tape(Mutex<PyLock, Kept>);

struct Kept {
    medium: Medium,
    /// The file, if it is one.
    path: Option<PathBuf>,
    /// The process that writes it.
    process: u32,
    /// Where each process has a file of its own: the first one's.
    first: Option<PathBuf>,
    calls: u64,
    lost: u64,
    /// What to warn of.
    trouble: Option<String>,
}

enum Medium {
    /// The calls of one function, as in a file.
    Memory(Recorder<Vec<u8>>),
    File(Recorder<File>),
    /// A file that is made when there is something to write.
    Unopened,
    /// Nothing is recorded any more.
    Ended,
}

impl Tape {
    /// Records the calls of one function to memory.
    pub(crate) fn in_memory() -> io::Result<Tape> {
        Ok(Tape::new(Medium::Memory(Recorder::new(Vec::new())?), None, None))
    }

    /// Records to a file, in the place of one that is there.
    pub(crate) fn create(path: &Path) -> io::Result<Tape> {
        Ok(Tape::new(Medium::File(create(path)?), Some(path.to_owned()), None))
    }

    /// Records to a file of each process, made when there is something to write: at the path, or,
    /// unless this process `is_first`, and in its children, with the process's number behind it.
    pub(crate) fn of_processes(path: &Path, is_first: bool) -> Tape {
        let own = if is_first { path.to_owned() } else { of_process(path) };
        Tape::new(Medium::Unopened, Some(own), Some(path.to_owned()))
    }

    /// Makes the file of the first process now, to tell early if it cannot be made.
    pub(crate) fn open_first(&self) {
        let mut kept = self.0.lock();
        if matches!(kept.medium, Medium::Unopened) && kept.path == kept.first {
            kept.open();
        }
    }

    fn new(medium: Medium, path: Option<PathBuf>, first: Option<PathBuf>) -> Tape {
        let (process, trouble) = (process::id(), None);
        Tape(Mutex::new(Kept { medium, path, process, first, calls: 0, lost: 0, trouble }))
    }

    /// Writes calls of a function; they are counted as lost where that cannot be done. `place` is
    /// kept for the function from one time to the next.
    pub(crate) fn append(&self, function: &Function, place: &mut Option<Calls>, hashes: &[u64]) {
        if hashes.is_empty() {
            return;
        }
        let mut kept = self.0.lock();
        if let Medium::Unopened = kept.medium {
            kept.open();
        }
        let written = match &mut kept.medium {
            Medium::Memory(recorder) => write(recorder, function, place, hashes).map(|()| true),
            Medium::File(recorder) => write(recorder, function, place, hashes).map(|()| true),
            Medium::Unopened | Medium::Ended => Ok(false),
        };
        let count = hashes.len() as u64;
        match written {
            Ok(true) => kept.calls += count,
            Ok(false) => kept.lost += count,
            Err(error) => {
                kept.lost += count;
                kept.fail("cannot be written, and is not complete", &error);
            }
        }
    }

    /// Ends the recording: nothing more is recorded, and a file is complete if there was no trouble.
    pub(crate) fn finish(&self) {
        let mut kept = self.0.lock();
        if let Medium::Memory(_) = kept.medium {
            return;
        }
        if let Medium::File(recorder) = mem::replace(&mut kept.medium, Medium::Ended) {
            if let Err(error) = recorder.finish() {
                kept.fail("cannot be written, and is not complete", &error);
            }
        }
    }

    /// The calls that are in memory, which are taken out; none for a file.
    pub(crate) fn take_hashes(&self) -> io::Result<Option<Vec<u64>>> {
        let mut kept = self.0.lock();
        let recorder = match mem::replace(&mut kept.medium, Medium::Ended) {
            Medium::Memory(recorder) => recorder,
            medium => {
                kept.medium = medium;
                return Ok(None);
            }
        };
        drop(kept);
        let recording = Recording::read(&recorder.finish()?[..], "what is in memory")?;
        // Without a call there is no function either.
        Ok(Some(recording.traces.into_iter().flat_map(|trace| trace.hashes).collect()))
    }

    /// How many calls are recorded, and how many are lost.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let kept = self.0.lock();
        (kept.calls, kept.lost)
    }

    /// Leaves the file, if it is one, to the parent process, in a child of it. False if what is
    /// recorded is in memory, which is the child's own.
    pub(super) fn forked(&self) -> bool {
        let mut kept = self.0.lock();
        // Several functions may come with the same tape.
        if kept.path.is_some() && kept.process != process::id() {
            kept.process = process::id();
            (kept.calls, kept.lost, kept.trouble) = (0, 0, None);
            // This closes the parent's file, and writes nothing to it.
            kept.medium = Medium::Ended;
            if let Some(own) = kept.first.as_deref().map(of_process) {
                kept.path = Some(own);
                kept.medium = Medium::Unopened;
            }
        }
        kept.path.is_some()
    }

    /// Warns, if there is trouble that was not warned of. No lock may be held: a warning can run
    /// the user's code. Where warnings are errors it is printed: the call has not to do with it.
    pub(crate) fn warn(&self) {
        let Some(trouble) = self.0.lock().trouble.take() else { return };
        let _ = attached(|py| {
            let message = CString::new(trouble.replace('\0', "")).unwrap_or_default();
            let warned = PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), &message, 1);
            if let Err(error) = warned {
                error.write_unraisable(py, None);
            }
            Ok(())
        });
    }
}

impl Kept {
    fn open(&mut self) {
        let made = self.path.as_deref().map_or_else(|| Err(io::ErrorKind::NotFound.into()), create);
        match made {
            Ok(recorder) => self.medium = Medium::File(recorder),
            Err(error) => self.fail("cannot be made, and nothing is recorded", &error),
        }
    }

    fn fail(&mut self, says: &str, error: &io::Error) {
        let path = self.path.as_deref().unwrap_or(Path::new("")).display();
        self.trouble = Some(format!("recording: {path} {says}: {error}"));
        self.medium = Medium::Ended;
    }
}

fn create(path: &Path) -> io::Result<Recorder<File>> {
    Recorder::new(File::create(path)?)
}

fn write(
    recorder: &mut Recorder<impl Write>,
    function: &Function,
    place: &mut Option<Calls>,
    hashes: &[u64],
) -> io::Result<()> {
    let calls = match place {
        Some(calls) => calls,
        None => place.insert(recorder.function(function)?),
    };
    recorder.write_hashes(calls, hashes)
}

/// The file of this process, where another has the path.
fn of_process(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", process::id()));
    name.into()
}
