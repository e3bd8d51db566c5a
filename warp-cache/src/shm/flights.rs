//! Who computes a value that several processes want: a few claims in each shard.
//!
//! A claim is four words: the hash of the key, the process that computes its value, or 0, and the
//! moment at which it began. It is made under the shard's lock and looked at and ended without. A
//! dead process's claim counts for nothing, and neither does one from before a change of the key:
//! nobody waits for what will not be kept.

use super::layout::{CLAIM, CLAIMS};
use super::{Claim, Held, Lead, Region, Ticket};
use crate::sync::Ordering;

const HASH: usize = 0;
const OWNER: usize = 1;
const BEGAN_IN: usize = 2;
const BEGAN_AFTER: usize = 3;

impl Region {
    /// Asks to be the one that computes a key's value, as it is now: after a change of the key
    /// another may. Some 10 microseconds where another process does, as it may have died.
    pub fn claim(&self, hash: u64) -> Claim<'_> {
        if self.is_claimed(hash) {
            return Claim::Follows;
        }
        let shard = self.geometry.shard_of(hash);
        let Some(locked) = self.lock(shard) else { return Claim::Full };
        if self.is_claimed(hash) {
            return Claim::Follows;
        }
        let owner = self.member();
        let free = self.claims(shard).find(|&at| {
            let holder = locked.load(at + OWNER);
            holder == 0 || !(self.processes.is_alive)(holder)
        });
        let Some(claim) = free else { return Claim::Full };
        let Ticket { epoch, changes } = self.ticket(hash);
        locked.store(claim + HASH, hash);
        locked.store(claim + BEGAN_IN, epoch);
        locked.store(claim + BEGAN_AFTER, changes);
        self.words.store(claim + OWNER, owner, Ordering::Release);
        Claim::Leads(Lead { region: self, held: Held { claim, hash, owner } })
    }

    /// Whether a process that lives computes the value of a key with that hash, as it is now.
    fn is_claimed(&self, hash: u64) -> bool {
        let load = |at| self.words.load(at, Ordering::Relaxed);
        self.claims(self.geometry.shard_of(hash)).any(|at| {
            let owner = self.words.load(at + OWNER, Ordering::Acquire);
            if owner == 0 || load(at + HASH) != hash {
                return false;
            }
            let began = Ticket { epoch: load(at + BEGAN_IN), changes: load(at + BEGAN_AFTER) };
            self.is_unchanged(hash, began) && (self.processes.is_alive)(owner)
        })
    }

    /// Ends what [`Lead::keep`](super::Lead::keep) has kept.
    pub fn release(&self, held: Held) {
        let Held { claim, hash, owner } = held;
        // A forked child has its parent's claims in its memory, and they are not its own.
        let is_ours = owner == (self.processes.current)();
        if is_ours && self.words.load(claim + HASH, Ordering::Relaxed) == hash {
            self.words.exchange(claim + OWNER, owner, 0, Ordering::Release);
        }
    }

    fn claims(&self, shard: usize) -> impl Iterator<Item = usize> + use<> {
        let first = self.claims_at(shard);
        (0..CLAIMS).map(move |claim| first + claim * CLAIM)
    }

    /// Where a shard's claims are.
    pub(super) fn claims_at(&self, shard: usize) -> usize {
        self.geometry.claims + shard * CLAIMS * CLAIM
    }
}
