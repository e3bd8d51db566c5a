//! Which keys have changed lately: a value whose computation began before such a change of its key
//! is not kept after it.
//!
//! The keys of each shard are in groups, and each group has a log: a ring of its last changes,
//! which are numbered. A ticket is the number of the last one when it was drawn; who has it looks
//! for its own key among those that came since. Where the ring does not go back so far, or holds
//! what nobody has written, the key counts as changed.
//!
//! Everybody writes a log, without a lock. A change is written into the ring first, and counted
//! then. What was written and not counted, as its writer died or was stopped, the next one counts.

use super::layout::{EPOCH, LOGS};
use super::{Region, Ticket};
use crate::sync::Ordering;

/// What the count of changes is multiplied by where it is stored, and what undoes it: so no flipped
/// bit makes it a number that is near.
const SCATTER: u64 = 0x9E37_79B9_7F4A_7C15;
const GATHER: u64 = 0xF1DE_83E1_9937_733D;
const _: () = assert!(SCATTER.wrapping_mul(GATHER) == 1);

/// The low half of a changed key's hash, 31 bits of the change's number, and a bit that makes the
/// ones an even number.
#[inline]
fn record(hash: u64, number: u64) -> u64 {
    let word = hash << 32 | number << 33 >> 32;
    word | u64::from(word.count_ones() % 2)
}

/// Whether a word is the record of the change of that number, whatever its key.
#[inline]
fn is_numbered(word: u64, number: u64) -> bool {
    word == record(word >> 32, number)
}

impl Region {
    /// Drawn before a computation of the key's value begins.
    pub fn ticket(&self, hash: u64) -> Ticket {
        Ticket { epoch: self.words.load(EPOCH, Ordering::SeqCst), changes: self.changes(hash) }
    }

    /// Whether nothing that concerns the key has changed since. False as well after so many changes
    /// of other keys that they are not all remembered: thousands, but for the smallest regions.
    /// Goes through those of the key's group, a nanosecond each.
    pub fn is_unchanged(&self, hash: u64, ticket: Ticket) -> bool {
        if self.words.load(EPOCH, Ordering::SeqCst) != ticket.epoch {
            return false;
        }
        let records = self.geometry.records as u64;
        // Where a bit of the count has flipped, this is a large number too.
        let since = self.changes(hash).wrapping_sub(ticket.changes);
        if since > records {
            return false;
        }
        for step in 1..=records {
            let number = ticket.changes.wrapping_add(step);
            let found = self.words.load(self.record_at(hash, number), Ordering::SeqCst);
            if !is_numbered(found, number) {
                // Nothing more has come; or it was written over, or damaged.
                return step > since;
            }
            if found >> 32 == hash & u64::from(u32::MAX) {
                return false;
            }
        }
        true
    }

    /// No computation of the key that has begun is to be kept.
    pub(super) fn change(&self, hash: u64) {
        let count_at = self.log_at(hash);
        loop {
            let count = self.changes(hash);
            let number = count.wrapping_add(1);
            let place = self.record_at(hash, number);
            let old = self.words.load(place, Ordering::SeqCst);
            if self.changes(hash) != count {
                // What is in that place may be a later change.
                continue;
            }
            let is_written = !is_numbered(old, number)
                && self.words.exchange(place, old, record(hash, number), Ordering::SeqCst);
            // Ours, or that of another who has not counted it yet.
            let [count, next] = [count, number].map(|count| count.wrapping_mul(SCATTER));
            self.words.exchange(count_at, count, next, Ordering::SeqCst);
            if is_written {
                return;
            }
        }
    }

    /// The number of the last change in the log of a key.
    fn changes(&self, hash: u64) -> u64 {
        self.words.load(self.log_at(hash), Ordering::SeqCst).wrapping_mul(GATHER)
    }

    /// Where the log of a key's group is, which begins with its count.
    fn log_at(&self, hash: u64) -> usize {
        let group = (hash >> 40) as usize % LOGS;
        let log = self.geometry.shard_of(hash) * LOGS + group;
        self.geometry.changes + log * (self.geometry.records + 1)
    }

    /// Where the change of that number is written.
    fn record_at(&self, hash: u64, number: u64) -> usize {
        self.log_at(hash) + 1 + (number as usize & (self.geometry.records - 1))
    }
}
