//! A small W-TinyLFU of keys alone, which finds out how a window of some size would do.
//!
//! C. Waldspurger, T. Saemundsson, I. Ahmad, N. Park, "Cache Modeling and Optimization using
//! Miniature Simulations", USENIX ATC 2017: a cache of a share of the size, asked for the same share
//! of the keys, has nearly the hit ratio of the whole.

use super::super::hashes::Hashes;
use super::sketch::Sketch;
use super::windowed::Windowed;

/// Keys in the lists of W-TinyLFU. 24 to 28 bytes each.
#[derive(Debug)]
pub(super) struct Miniature {
    keys: Hashes<u32>,
    lists: Windowed,
    max_size: usize,
}

impl Miniature {
    /// Without keys, for at most `max_size`, of which `percent` are the window.
    pub(super) fn new(max_size: usize, percent: usize) -> Self {
        let mut lists = Windowed::default();
        lists.set_window(max_size, percent);
        Miniature { keys: Hashes::default(), lists, max_size }
    }

    /// Asks for a key, and adds it if it is not there; whether it was. The sketch is that of the
    /// whole cache, in which it has been counted.
    pub(super) fn request(&mut self, key: u32, sketch: &Sketch) -> bool {
        if let Some(place) = self.keys.find(key) {
            self.lists.hit(place);
            return true;
        }
        if self.keys.len() == self.max_size {
            let victim = self.lists.victim(|first, second| sketch.prefers(first, second));
            if let Some(victim) = victim {
                self.lists.remove(victim);
                self.keys.remove(victim);
            }
        }
        self.lists.insert(self.keys.insert(key), key);
        false
    }

    pub(super) fn validate(&self) {
        assert!(self.keys.len() <= self.max_size, "a miniature is too large");
        self.keys.validate(&self.lists.validate());
    }
}
