//! Regions that nobody needs any more, and how they go.
//!
//! A region outlives its processes, and a function whose code or configuration has changed has
//! another one from then on. The old one is *stale* if no process has it open, and
//! * another of its family has been used later, and it itself not for ten minutes, so that two
//!   programs that take turns do not take it from each other; or
//! * it has not been used for a week; or
//! * the machine has been started again since.
//!
//! Used means opened or closed here, as the processes that live are known by themselves. Whoever
//! makes a region removes what is stale of its family; a command line removes all.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::Region;
use super::directory::Directory;
use super::file::{self, Found, Hold};
use super::header::Header;
use super::layout::USED_LAST;
use super::list::{self, Listed, Listing};
use super::origin::Origin;
use crate::sync::Ordering;

/// For how long a region is unused at least that another of its family has followed.
const FOLLOWED: Duration = Duration::from_secs(10 * 60);
/// And any other.
const FORGOTTEN: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What tells whether a region is stale.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signs {
    family: u128,
    /// Since when nobody has opened or closed it.
    unused: Duration,
    is_open: bool,
}

impl Signs {
    pub(super) fn of(header: &Header, region: &Region) -> Signs {
        let (family, is_open) = (header.family, region.processes_alive() > 0);
        Signs { family, unused: region.unused(), is_open }
    }

    /// Whether it is stale, beside all the others that are there.
    pub(super) fn are_stale(&self, others: &[Signs]) -> bool {
        let follows = |other: &Signs| other.family == self.family && other.unused < self.unused;
        let bound = if others.iter().any(follows) { FOLLOWED } else { FORGOTTEN };
        !self.is_open && self.unused >= bound
    }
}

impl Region {
    /// For how long no process has opened or closed it.
    fn unused(&self) -> Duration {
        let last = self.words.load(USED_LAST, Ordering::Relaxed);
        Duration::from_nanos(self.now().wrapping_sub(last))
    }
}

/// Removes all regions of this user that are stale, in `directory` or else in all the places where
/// they may be, and lists what is gone with that. None goes that a process has open, or is just
/// opening.
///
/// # Errors
/// As [`list`](super::list); what cannot be removed is in [`Listing::errors`].
pub fn remove_stale(directory: Option<&Path>) -> io::Result<Listing> {
    let Listing { regions, useless, mut errors } = list::list(directory)?;
    let stale = regions.into_iter().filter(|listed| listed.is_stale).map(remove_listed);
    let of_earlier_boots = useless.iter().map(|path| remove_of_earlier_boot(path));
    let mut removed = Vec::new();
    for result in stale.chain(of_earlier_boots) {
        match result {
            Ok(listed) => removed.extend(listed),
            Err(error) => errors.push(error),
        }
    }
    Ok(Listing { regions: removed, useless: Vec::new(), errors })
}

/// Removes a stale region, unless it was used since it was listed.
fn remove_listed(listed: Listed) -> io::Result<Option<Listed>> {
    let (directory, name) = list::split(&listed.path)?;
    let is_needed = |signs: Signs| signs.unused < listed.signs.unused;
    Ok(remove_unless(&directory, &name, is_needed)?.then_some(listed))
}

/// Removes those of a family that are stale, after `name`, one of them, was made. What cannot be
/// looked at or removed stays: it is in nobody's way.
pub(super) fn remove_predecessors(directory: &Directory, name: &str, family: u128) {
    let names = directory.names().unwrap_or_default();
    for other in names.iter().filter(|other| list::is_ours(other) && *other != name) {
        let is_needed = |signs: Signs| signs.family != family || signs.unused < FOLLOWED;
        let _ = remove_unless(directory, other, is_needed);
    }
}

/// Removes a region's file unless somebody has it open, or `is_needed`; whether it did.
fn remove_unless(
    directory: &Directory,
    name: &str,
    is_needed: impl Fn(Signs) -> bool,
) -> io::Result<bool> {
    let Found::Sound(file, header) = file::look(directory, name)? else { return Ok(false) };
    if header.origin != Origin::here() {
        return Ok(false);
    }
    let region = Region::watched(file::map(&file, &header)?, &header);
    // At first without, as who opens it meanwhile would have to wait.
    if is_needed(Signs::of(&header, &region)) {
        return Ok(false);
    }
    let Some(hold) = Hold::take(file, true) else { return Ok(false) };
    let signs = Signs::of(&header, &region);
    Ok(!signs.is_open && !is_needed(signs) && file::remove_this(directory, name, hold.file())?)
}

/// Removes a file whose words have meant nothing to anybody since the machine was started again.
fn remove_of_earlier_boot(path: &Path) -> io::Result<Option<Listed>> {
    let (directory, name) = list::split(path)?;
    let Found::Sound(file, header) = file::look(&directory, &name)? else { return Ok(None) };
    if header.origin.boot == Origin::here().boot {
        return Ok(None);
    }
    let map = file::map(&file, &header)?;
    let is_removed = file::remove_this(&directory, &name, &file)?;
    Ok(is_removed.then(|| list::listed(map, *header, path.to_path_buf())))
}
