//! What was cleared, invalidated or set lately: a value whose computation began before such a
//! change of its key is not kept after it.

use std::collections::HashMap;
use std::num::NonZeroU64;

/// How many hashes that changed are remembered at most. When there are more, those that changed
/// before the last half as many changes are forgotten, and a computation that began so long ago is
/// taken for one whose key changed.
const MOST: usize = 16384;

/// The moment at which a computation began, in numbers of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    changes: u64,
    /// The number of insertions at which the key was not there, if that is known.
    absent_at: Option<NonZeroU64>,
}

impl Ticket {
    /// The same, drawn at this number of insertions, when the key was not there.
    #[inline]
    pub(super) fn of_absent(self, insertions: NonZeroU64) -> Self {
        Ticket { absent_at: Some(insertions), ..self }
    }

    /// Whether the key was not there, and nothing has been inserted since.
    #[inline]
    pub(super) fn is_absent(self, insertions: NonZeroU64) -> bool {
        self.absent_at == Some(insertions)
    }
}

/// The changes of one shard, numbered.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// How many changes there have been.
    count: u64,
    /// Up to this one any key may have changed: it was a clear, or the hashes are forgotten.
    any: u64,
    /// The last change of each hash since.
    last: HashMap<u64, u64>,
}

impl Changes {
    /// The present moment: what changes from here on concerns the computation that begins now.
    #[inline]
    pub(super) fn ticket(&self) -> Ticket {
        Ticket { changes: self.count, absent_at: None }
    }

    /// Every key changes.
    pub(super) fn clear(&mut self) {
        self.count += 1;
        self.any = self.count;
        self.last = HashMap::new();
    }

    /// The keys with this hash change.
    pub(super) fn change(&mut self, hash: u64) {
        self.count += 1;
        self.last.insert(hash, self.count);
        if self.last.len() > MOST {
            self.forget();
        }
    }

    /// Forgets the older half: so many changes come before the next time that each pays little.
    #[cold]
    fn forget(&mut self) {
        let any = self.count - MOST as u64 / 2;
        self.last.retain(|_, last| *last > any);
        self.any = any;
    }

    /// Whether no change since the ticket was drawn concerned the hash.
    #[inline]
    pub(super) fn is_current(&self, ticket: Ticket, hash: u64) -> bool {
        ticket.changes == self.count || self.is_unchanged(ticket, hash)
    }

    fn is_unchanged(&self, ticket: Ticket, hash: u64) -> bool {
        let last = self.last.get(&hash).copied().unwrap_or_default();
        ticket.changes >= self.any.max(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: u64 = 7;

    #[test]
    fn a_change_concerns_its_own_hash_only() {
        let mut changes = Changes::default();
        let before = changes.ticket();
        for other in (0..5000).filter(|other| *other != KEY) {
            changes.change(other);
            changes.change(other << 16);
            changes.change(other << 48);
        }
        assert!(changes.is_current(before, KEY));
        assert!(!changes.is_current(before, KEY + 1));
        changes.change(KEY);
        assert!(!changes.is_current(before, KEY));
        assert!(changes.is_current(changes.ticket(), KEY));
    }

    #[test]
    fn a_clear_concerns_every_hash() {
        let mut changes = Changes::default();
        changes.change(KEY);
        let before = changes.ticket();
        changes.clear();
        assert!(!changes.is_current(before, KEY));
        assert!(!changes.is_current(before, KEY + 1));
        assert!(changes.is_current(changes.ticket(), KEY));
    }

    #[test]
    fn any_number_of_changes_of_few_others_leaves_a_computation_alone() {
        let mut changes = Changes::default();
        let before = changes.ticket();
        for number in 0..100_000 {
            changes.change(KEY + 1 + number % 1000);
        }
        assert!(changes.is_current(before, KEY));
    }

    #[test]
    fn too_many_changed_hashes_are_forgotten_and_computations_that_old_are_not_kept() {
        let mut changes = Changes::default();
        let before = changes.ticket();
        let mut tickets = Vec::new();
        for hash in 0..MOST as u64 {
            changes.change(KEY + 1 + hash);
            tickets.push(changes.ticket());
        }
        assert!(changes.is_current(before, KEY));
        changes.change(KEY);
        assert!(!changes.is_current(before, u64::MAX));
        assert!(!changes.is_current(tickets[MOST - 1], KEY));
        assert!(changes.is_current(tickets[MOST - 1], u64::MAX));
        assert!(changes.is_current(tickets[MOST / 2], u64::MAX));
        assert!(!changes.is_current(tickets[MOST / 2 - 1], u64::MAX));
        assert!(changes.last.len() <= MOST / 2);
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let mut changes = Changes::default();
        for hash in 0..10 * MOST as u64 {
            changes.change(hash);
            assert!(changes.last.len() <= MOST);
        }
    }
}
