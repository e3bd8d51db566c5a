//! The regions that are there, for a command line.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::directory::Directory;
use super::header::Header;
use super::map::Map;
use super::stale::Signs;
use super::{Region, RegionInfo, create, file};
use crate::strategy::Strategy;

/// A region as a command line shows it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The name given, or the function's.
    pub name: String,
    /// `module:qualname`.
    pub function: String,
    /// Its file: what [`attach`] and [`remove`] take.
    pub path: PathBuf,
    /// The file's length.
    pub bytes: u64,
    /// How many entries there are.
    pub entries: u64,
    /// The most entries that it will hold.
    pub max_size: Option<u64>,
    /// What it evicts.
    pub strategy: Strategy,
    /// How long entries are kept, where all have the same time.
    pub ttl: Option<Duration>,
    /// Look-ups that were answered from it, by all processes.
    pub hits: u64,
    /// Look-ups that were not.
    pub misses: u64,
    /// Entries evicted to make room.
    pub evictions: u64,
    /// Shards given up because their owner died, or because something in them had changed by itself.
    pub recoveries: u64,
    /// How many processes that are alive have it open, as [`RegionInfo::processes`] has it. Listing it
    /// is not opening it.
    pub processes: u64,
    /// Whether nobody needs it any more: what [`remove_stale`](super::remove_stale) removes.
    pub is_stale: bool,
    pub(super) signs: Signs,
}

/// What is there.
#[derive(Debug, Default)]
pub struct Listing {
    /// The regions, by name and path.
    pub regions: Vec<Listed>,
    /// Files among them that are no regions of this version, machine and boot. They can be removed.
    pub useless: Vec<PathBuf>,
    /// Directories and files that cannot be looked at, and why.
    pub errors: Vec<io::Error>,
}

/// Lists the regions of this user in `directory`, or else in all the places where they may be. None
/// is made, and none is changed.
///
/// # Errors
/// If the program runs set-uid. What is wrong with a single directory or file is in
/// [`Listing::errors`].
pub fn list(directory: Option<&Path>) -> io::Result<Listing> {
    let mut listing = Listing::default();
    for directory in Directory::all(directory)? {
        match directory {
            Ok(directory) => list_directory(&directory, &mut listing),
            Err(error) => listing.errors.push(error),
        }
    }
    let signs: Vec<Signs> = listing.regions.iter().map(|listed| listed.signs).collect();
    for listed in &mut listing.regions {
        listed.is_stale = listed.signs.are_stale(&signs);
    }
    listing.regions.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    Ok(listing)
}

fn list_directory(directory: &Directory, listing: &mut Listing) {
    create::sweep(directory);
    let names = directory.names().unwrap_or_else(|error| {
        listing.errors.push(error);
        Vec::new()
    });
    for name in names.into_iter().filter(|name| is_ours(name)) {
        let path = directory.path().join(&name);
        match file::find(directory, &name) {
            Ok((map, header)) => listing.regions.push(listed(map, header, path)),
            Err(error) if error.kind() == ErrorKind::InvalidData => listing.useless.push(path),
            // Just removed.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => listing.errors.push(error),
        }
    }
}

/// A region as it is shown, not known to be stale.
pub(super) fn listed(map: Map, header: Header, path: PathBuf) -> Listed {
    let region = Region::watched(map, &header);
    let RegionInfo { info, bytes, recoveries, processes, .. } = region.info();
    Listed {
        signs: Signs::of(&header, &region),
        is_stale: false,
        name: header.name,
        function: header.function,
        path,
        bytes,
        entries: info.len as u64,
        max_size: header.geometry.max_size().map(|max_size| max_size as u64),
        strategy: header.geometry.strategy(),
        ttl: header.ttl.map(Duration::from_nanos),
        hits: info.hits,
        misses: info.misses,
        evictions: info.evictions,
        recoveries,
        processes: processes as u64,
    }
}

/// Opens the region in a file that [`list`] has shown.
///
/// # Errors
/// If there is none, or it is not private to this user.
pub fn attach(path: &Path) -> io::Result<Region> {
    let (directory, name) = split(path)?;
    let (map, header) = file::find(&directory, &name)?;
    Ok(Region::mapped(map, &header))
}

/// Removes a region's file; whether there was one. Processes that have it open keep what they have,
/// and the next to open it starts with an empty one.
///
/// # Errors
/// If the path is not that of a region, or its directory is not private to this user.
pub fn remove(path: &Path) -> io::Result<bool> {
    let (directory, name) = split(path)?;
    file::remove(&directory, &name)
}

pub(super) fn split(path: &Path) -> io::Result<(Directory, String)> {
    let name = path.file_name().and_then(OsStr::to_str).filter(|name| is_ours(name));
    let Some((name, parent)) = name.zip(path.parent()) else {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            format!("path: {} is no region's; it takes one that a list has shown", path.display()),
        ));
    };
    Ok((Directory::at(parent)?, name.to_owned()))
}

/// Whether a name is a region's: a digest, which tells nothing.
pub(super) fn is_ours(name: &str) -> bool {
    name.len() == 32
        && name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
