//! A new file for a region: made whole under a temporary name, then put in place in one step.
//!
//! A file that can be seen under its proper name is complete: all of its bytes are reserved, so
//! that a full disk is an error here and never a signal later, and its header is written. Who dies
//! on the way leaves a temporary file, whose name tells who made it; the next to make a file
//! [sweeps](sweep) it away.

use std::fs::{File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, PermissionsExt};

use rustix::fs::{AtFlags, FallocateFlags, Mode, OFlags, RenameFlags};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Resource, getrlimit};

use super::directory::Directory;
use super::process;
use crate::sync::{Counter, Ordering};

/// Owner only.
pub(super) const PRIVATE: u32 = 0o600;
const TEMPORARY: &str = ".new";
/// How much to reserve at a time: a signal undoes what one call has reserved, and a process with a
/// timer would never come to an end.
const CHUNK: u64 = 16 << 20;

/// Tells apart the files that the threads of one process make.
static COUNT: Counter = Counter::new(0);

/// A complete file under a temporary name, removed when dropped.
pub(super) struct NewFile<'a> {
    directory: &'a Directory,
    name: String,
}

impl<'a> NewFile<'a> {
    /// Makes a file of `bytes` bytes that begins with `header` and holds zeros otherwise.
    pub(super) fn new(
        directory: &'a Directory,
        name: &str,
        bytes: u64,
        header: &[u8],
    ) -> io::Result<NewFile<'a>> {
        sweep(directory);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{name}.{:016x}.{count:x}{TEMPORARY}", process::current());
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(PRIVATE as rustix::fs::RawMode);
        let file = rustix::fs::openat(directory.file(), &name, flags, mode).map_err(|error| {
            let path = directory.path().display();
            io::Error::new(
                error.kind(),
                format!("directory: no file can be made in {path}: {error}"),
            )
        })?;
        let (file, new) = (File::from(file), NewFile { directory, name });
        // A umask may have taken rights of ours away.
        file.set_permissions(Permissions::from_mode(PRIVATE))?;
        reserve(&file, bytes).map_err(|error| {
            // A child that is forked at this moment has the file open for a while: it is to keep no
            // room.
            let _ = file.set_len(0);
            no_room(error, directory, bytes)
        })?;
        file.write_all_at(header, 0)?;
        Ok(new)
    }

    /// Puts it in place under `name` if nothing is there; whether it did.
    pub(super) fn put(self, name: &str) -> io::Result<bool> {
        let directory = self.directory.file();
        let flags = RenameFlags::NOREPLACE;
        match rustix::fs::renameat_with(directory, &self.name, directory, name, flags) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            // Swept away by a process of another pid namespace, to which we seem dead.
            Err(Errno::NOENT) => Ok(false),
            // Not every file system can; for a moment the file then has two names.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                match rustix::fs::linkat(directory, &self.name, directory, name, AtFlags::empty()) {
                    Ok(()) => Ok(true),
                    Err(Errno::EXIST | Errno::NOENT) => Ok(false),
                    Err(error) => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        // After a rename there is none of that name, which is as good.
        let _ = rustix::fs::unlinkat(self.directory.file(), &self.name, AtFlags::empty());
    }
}

/// Removes what processes that died while making a file have left.
pub(super) fn sweep(directory: &Directory) {
    for name in directory.names().unwrap_or_default() {
        let maker = name.strip_suffix(TEMPORARY).and_then(|name| name.split('.').nth(1));
        let maker = maker.and_then(|word| u64::from_str_radix(word, 16).ok());
        if maker.is_some_and(|word| !process::is_alive(word)) {
            let _ = rustix::fs::unlinkat(directory.file(), &name, AtFlags::empty());
        }
    }
}

/// Gives the file its length, with room for every byte of it.
fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    // Beyond this limit the system would send a signal.
    if getrlimit(Resource::Fsize).current.is_some_and(|limit| limit < bytes) {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let chunk = if cfg!(target_vendor = "apple") { bytes } else { CHUNK };
    let mut reserved = 0;
    while reserved < bytes {
        let length = chunk.min(bytes - reserved);
        let all = FallocateFlags::empty();
        match retry_on_intr(|| rustix::fs::fallocate(file, all, reserved, length)) {
            Ok(()) => reserved += length,
            Err(Errno::NOTSUP | Errno::NOSYS | Errno::INVAL) => return fill(file, reserved, bytes),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The same for file systems that cannot reserve: what is written has its room.
fn fill(file: &File, from: u64, bytes: u64) -> io::Result<()> {
    let zeros = vec![0; 1 << 20];
    let mut filled = from;
    while filled < bytes {
        let length = (zeros.len() as u64).min(bytes - filled);
        file.write_all_at(&zeros[..length as usize], filled)?;
        filled += length;
    }
    Ok(())
}

fn no_room(error: io::Error, directory: &Directory, bytes: u64) -> io::Error {
    let path = directory.path().display();
    let sentence = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::OutOfMemory => format!(
            "size: {bytes} bytes have no room in {path}; it takes what is free there, or another \
             directory"
        ),
        ErrorKind::FileTooLarge => format!(
            "size: {bytes} bytes are more than a file may have here; it takes what the process's \
             limit (ulimit -f) and the file system allow"
        ),
        _ => format!("size: {bytes} bytes cannot be reserved in {path}: {error}"),
    };
    io::Error::new(error.kind(), sentence)
}
