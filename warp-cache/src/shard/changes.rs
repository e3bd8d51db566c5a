//! What was cleared, invalidated or set lately: a value whose computation began before such a
//! change of its key is not kept after it.

use std::num::NonZeroU64;

/// How many groups the hashes of keys fall into. Of a group only the last key that changed is known;
/// earlier changes in it count for every other key, whose computation is then not kept either.
const GROUPS: usize = 256;

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
    /// The number of the last change that concerned every key.
    cleared: u64,
    /// The last changes in each group of keys; empty before the first.
    groups: Vec<Group>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Group {
    /// The number of the last change.
    last: u64,
    /// Which hash it concerned.
    hash: u64,
    /// The number of the last change before it that concerned another.
    others: u64,
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
        self.cleared = self.count;
        self.groups = Vec::new();
    }

    /// The keys with this hash change.
    pub(super) fn change(&mut self, hash: u64) {
        self.count += 1;
        self.groups.resize(GROUPS, Group::default());
        let group = &mut self.groups[group(hash)];
        if group.hash != hash {
            group.others = group.last;
        }
        (group.last, group.hash) = (self.count, hash);
    }

    /// Whether no change since the ticket was drawn concerned the hash.
    pub(super) fn is_current(&self, ticket: Ticket, hash: u64) -> bool {
        let group = self.groups.get(group(hash)).copied().unwrap_or_default();
        let changed = if group.hash == hash { group.last } else { group.others };
        ticket.changes >= self.cleared.max(changed)
    }
}

fn group(hash: u64) -> usize {
    // The middle of the hash: its ends choose the place in the table, and the shard.
    (hash >> 16) as usize % GROUPS
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: u64 = 7 << 16;
    const OTHER: u64 = 8 << 16;

    #[test]
    fn a_change_concerns_its_own_group_only() {
        let mut changes = Changes::default();
        let before = changes.ticket();
        changes.change(KEY);
        assert!(!changes.is_current(before, KEY));
        assert!(changes.is_current(before, OTHER));
        assert!(changes.is_current(changes.ticket(), KEY));
    }

    #[test]
    fn a_change_of_another_key_in_the_group_is_told_apart_from_ones_own() {
        let in_group = KEY + 1;
        let mut changes = Changes::default();
        let before = changes.ticket();
        changes.change(in_group);
        changes.change(in_group);
        assert!(changes.is_current(before, KEY));
        changes.change(KEY);
        assert!(!changes.is_current(before, KEY));
        // Of the earlier one no more is known than that it was.
        changes.change(in_group);
        assert!(!changes.is_current(before, KEY));
        assert!(!changes.is_current(before, in_group));
    }

    #[test]
    fn a_clear_concerns_every_hash() {
        let mut changes = Changes::default();
        changes.change(KEY);
        let before = changes.ticket();
        changes.clear();
        assert!(!changes.is_current(before, OTHER));
        assert!(changes.is_current(changes.ticket(), OTHER));
    }

    #[test]
    fn many_changes_of_others_leave_a_computation_alone() {
        let mut changes = Changes::default();
        let before = changes.ticket();
        for _ in 0..100_000 {
            changes.change(OTHER);
        }
        assert!(changes.is_current(before, KEY));
    }
}
