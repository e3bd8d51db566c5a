//! From a configuration to a mapped file: found, or made, or made anew.
//!
//! Two kinds of what can be wrong with a file are told apart. Something that we would never have
//! put there (a link, a directory, another owner, other rights) is refused with a sentence, for the
//! user to look at. A file of ours that is of no use (cut short, damaged, of an earlier boot) is
//! replaced by a fresh one: it was a cache. Whoever has the old one mapped keeps it until they
//! close it; nothing in it changes under them.
//!
//! Of several processes that want to make a file, one at a time has its turn, and the others find
//! what it has made; otherwise each would reserve the bytes for its own, and all but one in vain.
//! Turns are only for that: should one not end, as the process is stopped, the others go on
//! without, and a new file still only goes where there is none.
//!
//! A file that nobody has open may be [removed](super::stale) as stale. Who opens one holds it
//! from before it looks whether the file is still in place until the region names it among its
//! processes, and who removes one holds it alone meanwhile: so none goes that is being opened.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::thread;
use std::time::Duration;

use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::create::{self, NewFile};
use super::directory::Directory;
use super::header::{self, Header};
use super::map::Map;
use super::origin::Origin;

/// How often to look again where others change the file at the same time.
const TRIES: u32 = 1000;
/// Between two looks: two seconds in all, in which a gigabyte can be reserved.
const PAUSE: Duration = Duration::from_millis(2);
/// Looks that are left for those who have waited for their turn in vain.
const LAST_TRIES: u32 = 20;

/// A file that is mapped.
pub(super) struct Opened {
    pub(super) map: Map,
    pub(super) header: Header,
    /// Whether it was made for this.
    pub(super) is_new: bool,
    /// None where it was not to be had, as one who removes files was stopped.
    pub(super) hold: Option<Hold>,
}

/// Keeps others from removing a file as stale, or from opening one that is just being removed,
/// until it is dropped.
pub(super) struct Hold(File);

impl Hold {
    /// Holds the file together with others who open it, or alone. None while another holds it in a
    /// way that excludes this, or if it has been removed. Where there are no such locks nobody
    /// removes a file, and everybody may open it.
    pub(super) fn take(file: File, alone: bool) -> Option<Hold> {
        let operation = if alone {
            FlockOperation::NonBlockingLockExclusive
        } else {
            FlockOperation::NonBlockingLockShared
        };
        let is_held = match rustix::fs::flock(&file, operation) {
            Ok(()) => true,
            Err(Errno::AGAIN | Errno::INTR) => false,
            Err(_) => !alone,
        };
        let hold = Hold(file);
        let is_there = hold.0.metadata().is_ok_and(|found| found.nlink() > 0);
        (is_held && is_there).then_some(hold)
    }

    pub(super) fn file(&self) -> &File {
        &self.0
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Closing would not do: a child that was forked meanwhile has the descriptor too.
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}

/// What stands under a name.
pub(super) enum Found {
    /// A region's file, if maybe of another boot, and its header.
    Sound(File, Box<Header>),
    /// A file of ours that is of no use.
    Useless(File),
    Nothing,
    /// It is just being changed.
    Unsettled,
}

/// Maps the file of that name, making or replacing it if need be. The header is its own: it fits
/// the one that is wanted, and has another seed.
pub(super) fn find_or_make(
    directory: &Directory,
    name: &str,
    wanted: &Header,
) -> io::Result<Opened> {
    let (mut turn, mut is_new) = (None, false);
    for left in (0..TRIES).rev() {
        let useless = match look(directory, name)? {
            Found::Sound(file, header) if header.fits(wanted) => {
                let map = map(&file, &header)?;
                let hold = Hold::take(file, false);
                if hold.is_some() || left <= LAST_TRIES {
                    return Ok(Opened { map, header: *header, is_new, hold });
                }
                thread::sleep(PAUSE);
                continue;
            }
            Found::Sound(file, _) | Found::Useless(file) => Some(file),
            Found::Nothing => None,
            Found::Unsettled => {
                thread::sleep(PAUSE);
                continue;
            }
        };
        if turn.is_none() && left > LAST_TRIES {
            turn = Turn::take(directory);
            if turn.is_none() {
                thread::sleep(PAUSE);
            }
            // Another may have made it meanwhile.
            continue;
        }
        if let Some(useless) = useless {
            // First, as there may not be room for both.
            remove_this(directory, name, &useless)?;
        }
        let header = wanted.with_new_seed();
        let file = NewFile::new(directory, name, header.geometry.bytes(), &header.encode())?;
        is_new = file.put(name)?;
    }
    let path = directory.path().join(name);
    Err(io::Error::new(
        ErrorKind::ResourceBusy,
        format!(
            "shared: other processes keep replacing {}; it takes a moment's rest",
            path.display()
        ),
    ))
}

/// Maps the file of that name as it is.
pub(super) fn find(directory: &Directory, name: &str) -> io::Result<(Map, Header)> {
    let path = directory.path().join(name);
    for _ in 0..TRIES {
        match look(directory, name)? {
            Found::Sound(file, header) if header.origin == Origin::here() => {
                let map = map(&file, &header)?;
                return Ok((map, *header));
            }
            Found::Sound(..) | Found::Useless(_) => {
                return Err(io::Error::new(
                    ErrorKind::InvalidData,
                    format!(
                        "shared: {} is no region of this machine and this version: it is cut short, \
                         damaged, or of an earlier boot",
                        path.display()
                    ),
                ));
            }
            Found::Nothing => break,
            Found::Unsettled => thread::sleep(PAUSE),
        }
    }
    Err(io::Error::new(ErrorKind::NotFound, format!("shared: there is no {}", path.display())))
}

pub(super) fn map(file: &File, header: &Header) -> io::Result<Map> {
    let bytes = header.geometry.bytes();
    let map = usize::try_from(bytes).map_err(|_| ErrorKind::OutOfMemory.into());
    map.and_then(|bytes| Map::new(file, bytes)).map_err(|error: io::Error| {
        let what = "cannot be mapped; it takes no more than the process may still address";
        io::Error::new(error.kind(), format!("size: {bytes} bytes {what}: {error}"))
    })
}

/// Opens what stands under a name and checks the open descriptor.
pub(super) fn look(directory: &Directory, name: &str) -> io::Result<Found> {
    // Opened without waiting, should it be a pipe.
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let refuse = |what: &str| {
        let path = directory.path().join(name);
        io::Error::new(ErrorKind::PermissionDenied, format!("shared: {} {what}", path.display()))
    };
    let file = match rustix::fs::openat(directory.file(), name, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT) => return Ok(Found::Nothing),
        Err(Errno::LOOP) => {
            return Err(refuse("is a symbolic link; it takes a regular file (remove it)"));
        }
        Err(Errno::ISDIR | Errno::NXIO) => {
            return Err(refuse("is no regular file; it takes one (remove it)"));
        }
        Err(error) => return Err(refuse(&format!("cannot be opened: {error}"))),
    };
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(refuse("is no regular file; it takes one (remove it)"));
    }
    if found.nlink() == 0 {
        return Ok(Found::Unsettled);
    }
    if found.nlink() > 1 && !is_settled(directory, &file)? {
        let links = found.nlink();
        return Err(refuse(&format!("has {links} names; it takes a file with one (remove it)")));
    }
    let (owner, user) = (found.uid(), geteuid().as_raw());
    if owner != user {
        return Err(refuse(&format!(
            "belongs to user {owner}; it takes a file of user {user} (remove it)"
        )));
    }
    let mode = found.mode() & 0o7777;
    if mode != create::PRIVATE {
        return Err(refuse(&format!(
            "has mode {mode:04o}; it takes 0600, which nobody else can read (remove it)"
        )));
    }
    Ok(match read_header(&file, &found) {
        Some(header) => Found::Sound(file, Box::new(header)),
        None => Found::Useless(file),
    })
}

/// Waits for a file with two names to have one again: where a file system cannot rename without
/// replacing, a new file has two for a moment. Whether it came to that.
fn is_settled(directory: &Directory, file: &File) -> io::Result<bool> {
    create::sweep(directory);
    for _ in 0..LAST_TRIES {
        if file.metadata()?.nlink() <= 1 {
            return Ok(true);
        }
        thread::sleep(PAUSE);
    }
    Ok(false)
}

/// A private copy of a file's header, if it is sound and the file as long as it says.
fn read_header(file: &File, found: &Metadata) -> Option<Header> {
    let mut bytes = [0; header::BYTES];
    file.read_exact_at(&mut bytes, 0).ok()?;
    Header::decode(&bytes).filter(|header| header.geometry.bytes() == found.len())
}

/// The right to make files in a directory, until it is dropped.
struct Turn<'a>(&'a Directory);

impl<'a> Turn<'a> {
    /// Takes it if nobody has it, and also where there are no such locks.
    fn take(directory: &'a Directory) -> Option<Turn<'a>> {
        match rustix::fs::flock(directory.file(), FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::AGAIN | Errno::INTR) => None,
            Ok(()) | Err(_) => Some(Turn(directory)),
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // Closing would not do: a child that was forked meanwhile has the descriptor too.
        let _ = rustix::fs::flock(self.0.file(), FlockOperation::Unlock);
    }
}

fn is_in_place(directory: &Directory, name: &str, file: &File) -> io::Result<bool> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let there = match rustix::fs::openat(directory.file(), name, flags, Mode::empty()) {
        Ok(there) => File::from(there).metadata()?,
        Err(Errno::NOENT) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let file = file.metadata()?;
    Ok((there.dev(), there.ino()) == (file.dev(), file.ino()))
}

/// Removes the file of a name if it is this one; whether it did.
pub(super) fn remove_this(directory: &Directory, name: &str, file: &File) -> io::Result<bool> {
    Ok(is_in_place(directory, name, file)? && remove(directory, name)?)
}

/// Removes the file of a name; whether there was one. Who has it mapped keeps it.
pub(super) fn remove(directory: &Directory, name: &str) -> io::Result<bool> {
    match rustix::fs::unlinkat(directory.file(), name, AtFlags::empty()) {
        Ok(()) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
