//! A directory of a test's own, gone with it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// An empty directory with mode 0700, removed when dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes one: in memory where there is such a file system.
    pub fn new() -> Scratch {
        let memory = PathBuf::from("/dev/shm");
        Scratch::within(if memory.is_dir() { memory } else { std::env::temp_dir() })
    }

    /// Makes one where temporary files are.
    pub fn on_disk() -> Scratch {
        Scratch::within(std::env::temp_dir())
    }

    fn within(place: PathBuf) -> Scratch {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = place.join(format!("warp-tests-{}-{count}", process::id()));
        fs::create_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
        Scratch(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Scratch::new()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
