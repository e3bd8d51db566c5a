//! Which directory regions live in, and whether it can be trusted.
//!
//! Regions lie in a subdirectory of our own, `warp_cache-UID` with mode 0700, of the first that
//! exists of: the directory given, `$XDG_RUNTIME_DIR`, `/dev/shm`, `$TMPDIR`. Whatever is checked is
//! checked on an open descriptor, and everything after goes through that descriptor, so that
//! nothing can be put in its place between the check and the use. A directory that exists and
//! cannot be used is an error: to pass it over in silence would give two processes two caches, and
//! nobody would know.

use std::fs::{File, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{env, iter};

use rustix::fs::{Dir, Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{getegid, geteuid, getgid, getuid};

/// Owner only: nobody else can list, enter or change it.
const PRIVATE: u32 = 0o700;
const WRITABLE_BY_ALL: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// An open directory of regions that is private to this user.
#[derive(Debug)]
pub(super) struct Directory {
    file: File,
    path: PathBuf,
}

impl Directory {
    /// Opens the directory of regions, and makes it where there is none yet: in `given`, or else in
    /// the first of the usual places that exists.
    pub(super) fn open(given: Option<&Path>) -> io::Result<Directory> {
        refuse_other_rights()?;
        if let Some(given) = given {
            let place = Place { argument: "directory", path: given.to_path_buf() };
            return match place.directory(true)? {
                Some(directory) => Ok(directory),
                None => {
                    Err(place.error(ErrorKind::NotFound, "does not exist; it takes one that does"))
                }
            };
        }
        for place in usual_places() {
            if let Some(directory) = place.directory(true)? {
                return Ok(directory);
            }
        }
        Err(io::Error::new(
            ErrorKind::NotFound,
            "directory: was not given, and neither $XDG_RUNTIME_DIR nor /dev/shm nor $TMPDIR is there; \
             it takes a directory for the files of shared caches",
        ))
    }

    /// Every directory of regions that is there, of `given` or else of all the usual places, and
    /// what is wrong with the others. Makes none.
    pub(super) fn all(given: Option<&Path>) -> io::Result<Vec<io::Result<Directory>>> {
        refuse_other_rights()?;
        let places: Vec<Place> = match given {
            Some(given) => vec![Place { argument: "directory", path: given.to_path_buf() }],
            None => usual_places().collect(),
        };
        let mut found: Vec<io::Result<Directory>> = Vec::new();
        for place in places {
            match place.directory(false).transpose() {
                // Two names of one place.
                Some(Ok(directory)) if found.iter().flatten().any(|one| one.is(&directory)) => {}
                Some(result) => found.push(result),
                None => {}
            }
        }
        Ok(found)
    }

    /// A directory of regions by its own path, as [`Self::path`] gives it.
    pub(super) fn at(path: &Path) -> io::Result<Directory> {
        refuse_other_rights()?;
        let ours = Place { argument: "path", path: path.to_path_buf() };
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY | OFlags::NOFOLLOW;
        let file = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|error| ours.error(error.kind(), &format!("cannot be opened: {error}")))?;
        let file = File::from(file);
        ours.check_ours(&file.metadata()?)?;
        Ok(Directory { file, path: ours.path })
    }

    /// Where it is, for people to read: files are opened through [`Self::file`].
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The open descriptor.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// The names of what is in it.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.file)? {
            // What is not UTF-8 is none of ours.
            names.extend(entry?.file_name().to_str().ok().map(str::to_owned));
        }
        names.retain(|name| name != "." && name != "..");
        Ok(names)
    }

    fn is(&self, other: &Directory) -> bool {
        let identity = |file: &File| file.metadata().ok().map(|data| (data.dev(), data.ino()));
        identity(&self.file).is_some() && identity(&self.file) == identity(&other.file)
    }
}

/// A directory that may hold ours, and who named it.
struct Place {
    argument: &'static str,
    path: PathBuf,
}

/// Where to look when no directory is given, the first first.
fn usual_places() -> impl Iterator<Item = Place> {
    let named = |argument, variable| {
        let path = PathBuf::from(env::var_os(variable)?);
        // As XDG's specification has it: what is not absolute counts as not set.
        path.is_absolute().then_some(Place { argument, path })
    };
    let memory = Place { argument: "/dev/shm", path: PathBuf::from("/dev/shm") };
    named("$XDG_RUNTIME_DIR", "XDG_RUNTIME_DIR")
        .into_iter()
        .chain(iter::once(memory).filter(|_| cfg!(target_os = "linux")))
        .chain(named("$TMPDIR", "TMPDIR"))
}

impl Place {
    /// Our subdirectory, made if `make` and it is missing. None if it, or the place itself, is not
    /// there.
    fn directory(&self, make: bool) -> io::Result<Option<Directory>> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY;
        // The place itself may be reached by links, as /tmp is on some systems; ours may not.
        let place = match rustix::fs::open(&self.path, flags, Mode::empty()) {
            Ok(place) => File::from(place),
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => {
                return Err(self.error(error.kind(), &format!("cannot be opened: {error}")));
            }
        };
        self.check_place(&place.metadata()?)?;
        let name = format!("warp_cache-{}", geteuid().as_raw());
        let ours = Place { argument: self.argument, path: self.path.join(&name) };
        let mut is_new = false;
        if make {
            is_new = match rustix::fs::mkdirat(&place, &name, Mode::from_raw_mode(0o700)) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(error) => {
                    return Err(ours.error(error.kind(), &format!("cannot be made: {error}")));
                }
            };
        }
        let file = match rustix::fs::openat(&place, &name, flags | OFlags::NOFOLLOW, Mode::empty())
        {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) if !make => return Ok(None),
            Err(Errno::LOOP | Errno::NOTDIR) => {
                return Err(ours.error(
                    ErrorKind::PermissionDenied,
                    "is a link or a file; it takes a directory of this user (remove it)",
                ));
            }
            Err(error) => {
                return Err(ours.error(error.kind(), &format!("cannot be opened: {error}")));
            }
        };
        if is_new {
            // A umask may have taken rights of ours away.
            file.set_permissions(Permissions::from_mode(PRIVATE))?;
        }
        ours.check_ours(&file.metadata()?)?;
        Ok(Some(Directory { file, path: ours.path }))
    }

    fn check_place(&self, found: &Metadata) -> io::Result<()> {
        let (owner, user) = (found.uid(), geteuid().as_raw());
        if owner != user && owner != 0 {
            return Err(self.error(
                ErrorKind::PermissionDenied,
                &format!("belongs to user {owner}; it takes a directory of user {user} or of root"),
            ));
        }
        if found.mode() & WRITABLE_BY_ALL != 0 && found.mode() & STICKY == 0 {
            return Err(self.error(
                ErrorKind::PermissionDenied,
                &format!(
                    "has mode {:04o}, so that anyone can replace what is in it; it takes one that \
                     only its owner can write to, or a sticky one",
                    found.mode() & 0o7777
                ),
            ));
        }
        Ok(())
    }

    fn check_ours(&self, found: &Metadata) -> io::Result<()> {
        let (owner, user) = (found.uid(), geteuid().as_raw());
        if owner != user {
            return Err(self.error(
                ErrorKind::PermissionDenied,
                &format!("belongs to user {owner}; it takes a directory of user {user}"),
            ));
        }
        if found.mode() & 0o777 != PRIVATE {
            return Err(self.error(
                ErrorKind::PermissionDenied,
                &format!(
                    "has mode {:04o}; it takes 0700, which nobody else can enter (chmod it, or \
                     remove it with what is in it)",
                    found.mode() & 0o7777
                ),
            ));
        }
        Ok(())
    }

    fn error(&self, kind: ErrorKind, what: &str) -> io::Error {
        let Place { argument, path } = self;
        let path = path.display();
        let sentence = if path.to_string() == *argument {
            format!("{argument} {what}")
        } else {
            format!("{argument}: {path} {what}")
        };
        io::Error::new(kind, sentence)
    }
}

/// A program that runs with its owner's rights does as its caller's environment says: there, a
/// caller could have a file of the owner opened.
fn refuse_other_rights() -> io::Result<()> {
    if getuid() == geteuid() && getgid() == getegid() {
        return Ok(());
    }
    Err(io::Error::new(
        ErrorKind::PermissionDenied,
        "shared: the program runs set-uid or set-gid; shared caches take one that runs with its \
         caller's own rights",
    ))
}
