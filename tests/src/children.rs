//! Regions for tests that run in several processes.

use std::env;
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use warp_cache::Strategy;
use warp_cache::shm::{Config, Identity, IfPresent, Region, list};

/// What the children of a test read their orders from.
const ORDERS: &str = "WARP_TESTS_ORDERS";

/// What most tests open, in this directory.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Where.
    pub directory: PathBuf,
    /// Which.
    pub name: String,
    /// How large.
    pub bytes: u64,
    /// How many entries.
    pub max_size: Option<usize>,
    /// What it evicts.
    pub strategy: Strategy,
}

impl Subject {
    /// A region of one megabyte and up to 1000 entries, which evicts by LRU.
    pub fn new(directory: &Path) -> Subject {
        let (name, directory) = ("subject".to_owned(), directory.to_path_buf());
        let (bytes, max_size, strategy) = (1 << 20, Some(1000), Strategy::Lru);
        Subject { directory, name, bytes, max_size, strategy }
    }

    /// Opens it.
    ///
    /// # Errors
    /// As [`Region::open`].
    pub fn open(&self) -> io::Result<Region> {
        let identity = Identity::new(&self.name, "tests:subject", &[], &[self.name.as_bytes()]);
        Region::open(&Config {
            directory: Some(&self.directory),
            identity: &identity,
            bytes: self.bytes,
            max_size: self.max_size,
            strategy: self.strategy,
            ttl: None,
        })
    }

    /// Where its file is: there has to be exactly one.
    pub fn path(&self) -> PathBuf {
        let listing = list(Some(&self.directory)).expect("a listing");
        assert!(listing.errors.is_empty(), "{:?}", listing.errors);
        let [region] = &listing.regions[..] else { panic!("{:?}", listing.regions) };
        region.path.clone()
    }
}

/// Keeps a value for a key.
pub fn set(region: &Region, key: &[u8], value: &[u8]) -> bool {
    let hash = region.hash(key);
    region.insert(hash, key, value, u64::MAX, 0, None, IfPresent::Replace).is_ok()
}

/// The value of a key.
pub fn get(region: &Region, key: &[u8]) -> Option<Vec<u8>> {
    let mut value = Vec::new();
    region.get(region.hash(key), key, 0, &mut value).map(|_| value)
}

/// A child of a test, which does not outlive it.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    /// Sends it a signal.
    ///
    /// # Panics
    /// If it has been waited for.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).expect("a process to signal");
    }
}

impl Deref for Running {
    type Target = Child;
    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts this test program again, to do what its test `test` does when it has [`orders`].
///
/// # Panics
/// If it does not start.
pub fn child(test: &str, orders: &str) -> Running {
    let child = Command::new(env::current_exe().expect("the test program's path"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ORDERS, orders)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    Running(child.expect("the test program starts again"))
}

/// What this process is to do, if it is such a child.
pub fn orders() -> Option<String> {
    env::var(ORDERS).ok()
}
