//! A store checks itself.

use std::collections::BTreeSet;

use super::Store;
use crate::clock::Time;
use crate::strategy::{Policy, Slot};

impl<P: Policy, K, V> Store<P, K, V> {
    /// Checks that index, slots, policy and deadlines agree.
    ///
    /// # Panics
    /// If they do not, which is a bug. For tests; O(n).
    pub fn validate(&self) {
        let mut filled: Vec<Slot> = Vec::new();
        let notes: BTreeSet<_> = self.expiry.notes().collect();
        for (slot, entry) in (0..).zip(&self.slots) {
            let Some(entry) = entry else { continue };
            filled.push(slot);
            let found = self.index.find(entry.hash, |other| (other == slot).then_some(slot));
            assert!(found.is_some(), "slot {slot} is not in the index");
            let expires = entry.deadline != Time::NEVER;
            let noted = notes.contains(&(entry.deadline, slot));
            assert_eq!(noted, expires, "the deadline of slot {slot} is not noted as it is");
        }
        assert_eq!(filled.len(), self.index.len(), "the index has slots that are empty");
        assert_eq!(self.slots.len() - filled.len(), self.vacant.len(), "a vacant slot is lost");
        let mut known = self.policy.validate();
        known.sort_unstable();
        assert_eq!(known, filled, "the policy knows other slots than are filled");
    }
}
