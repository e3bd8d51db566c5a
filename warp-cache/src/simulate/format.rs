//! The words of a recording's file, and what sums them up: FORMAT.md beside this file draws them.

/// What a file begins with.
pub(super) const MAGIC: u64 = u64::from_le_bytes(*b"warp rec");
/// The version of the format that is written and read here.
pub(super) const VERSION: u64 = 2;
/// Stands for "no bound" where a `max_size` is.
pub(super) const UNBOUNDED: u64 = u64::MAX;

/// The length of a word in bytes.
pub(super) const WORD: usize = 8;
/// How many words a block has before its content: kind and function, length, checksum.
pub(super) const HEAD: usize = 3;
/// How many words a function's block has before its name: strategy, `max_size`, length of the name.
pub(super) const BEFORE_NAME: usize = 3;
/// The most words that the content of a block has: what a reader makes room for, whatever a file
/// says.
pub(super) const MOST: usize = 4096;

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A function whose calls follow.
    Function = 1,
    /// A function's next calls.
    Calls = 2,
    /// How many calls there were: nothing follows.
    End = 3,
}

impl Kind {
    /// The kind of this number.
    pub(super) fn of(number: u64) -> Option<Kind> {
        [Kind::Function, Kind::Calls, Kind::End].into_iter().find(|kind| *kind as u64 == number)
    }
}

/// The checksum so far. It goes through the whole file, so that a block that is missing, doubled or
/// in another place is found as a changed one is.
///
/// Each step is invertible in both the sum and the word: a change in one word is always found, and
/// others but for one in 2^64.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sum(u64);

impl Sum {
    /// Before the first block.
    pub(super) fn new() -> Sum {
        Sum(MAGIC ^ VERSION)
    }

    pub(super) fn add(&mut self, word: u64) {
        let product = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = product ^ product >> 32;
    }

    /// The checksum of all that was added.
    pub(super) fn value(self) -> u64 {
        self.0
    }
}
