//! Stores behind locks: one, or several that share a bound.
//!
//! A key's hash chooses its shard, and every operation locks one shard at a time. Small caches have
//! one, so that their order is exactly the strategy's; large ones have several, each ordered by
//! itself, and evict only when all of them together are full.

mod biased;
mod changes;
mod room;
mod uses;

use std::cell::Cell;

pub use changes::Ticket;

use crate::clock::Time;
use crate::flight::Flights;
use crate::stats::{Info, Stats};
use crate::store::{Bag, Contents, Entry, Insertion, Room, Store};
use crate::strategy::Policy;
use crate::sync::{AtomicU64, DefaultLock, Ordering, ShardGuard, ShardLock, ShardMutex};
use biased::BiasedLock;
use changes::Changes;
use room::SharedRoom;
use uses::Uses;

/// From this size on, a cache is split.
const SPLIT_FROM: usize = 4096;
/// The most shards that a cache gets by itself.
const MOST_SHARDS: usize = 64;
/// After so many hits under the lock, threads may look without it: to let them, and to be alone
/// again, costs as much as some ten hits. Tests meet it sooner.
const HITS_BEFORE_BIAS: u32 = if cfg!(loom) {
    1
} else if cfg!(debug_assertions) {
    4
} else {
    256
};

/// The number of shards for a cache of this size on a machine with this many cores: 1 for small
/// caches, so that small bounds and their order are exact.
pub fn shards_for(max_size: Option<usize>, cores: usize) -> usize {
    match max_size {
        Some(size) if size < SPLIT_FROM => 1,
        _ if cores <= 1 => 1,
        _ => (cores * 4).next_power_of_two().min(MOST_SHARDS),
    }
}

/// A store, what changed in it lately and the computations under way for it.
#[derive(Debug)]
pub struct Shard<P, K, V> {
    /// The entries.
    pub store: Store<P, K, V>,
    /// The computations under way.
    pub flights: Flights<K, V>,
    changes: Changes,
    uses: Uses,
    /// Hits under the lock since it had to be taken by all.
    hits_alone: u32,
}

impl<P: Policy, K, V> Shard<P, K, V> {
    /// Looks a key up beside other threads, each at a stripe of its own of a
    /// [`Gate`](crate::sync::gate::Gate); a live entry is used and counted. None too if the caller
    /// has to come alone to find out, or to note any more uses.
    #[inline(always)]
    pub fn hit_shared<T>(
        &self,
        stripe: usize,
        hash: u64,
        now: Time,
        eq: impl FnMut(&K) -> bool,
        read: impl FnOnce(&V) -> T,
    ) -> Option<T> {
        let (slot, entry) = self.store.find(hash, eq)?;
        (now < entry.deadline && self.uses.note(stripe, slot)).then(|| read(&entry.value))
    }

    /// Counts the hits of those who looked without the lock.
    fn count_hits(&mut self, hits: u64) {
        self.store.stats.hits += hits;
        self.hits_alone = 0;
    }

    /// Counts the hits that were noted beside each other, and tells the strategy.
    #[inline(never)]
    fn settle(&mut self) {
        let Shard { store, uses, .. } = self;
        uses.take(|slot| {
            store.stats.hits += 1;
            store.touch(slot);
        });
    }

    /// The present moment, to be shown when what is computed from now on is to be kept.
    pub fn ticket(&self) -> Ticket {
        self.changes.ticket()
    }

    /// The same, for a key that was just found to be absent, under this lock: what is to be kept for
    /// it needs no second look if nothing is inserted meanwhile.
    #[inline]
    pub fn ticket_of_absent(&self) -> Ticket {
        self.changes.ticket().of_absent(self.store.insertions())
    }

    /// Whether the key that the ticket was drawn for is absent; false if that is not known.
    #[inline]
    pub fn is_absent(&self, ticket: Ticket) -> bool {
        ticket.is_absent(self.store.insertions())
    }

    /// Whether a value computed since the ticket was drawn may be kept: its key was neither
    /// cleared, invalidated nor set since. False too if thousands of other keys were, more than a
    /// shard remembers.
    pub fn is_current(&self, ticket: Ticket, hash: u64) -> bool {
        self.changes.is_current(ticket, hash)
    }

    /// Says that the keys with this hash changed: what is being computed for them is not kept.
    pub fn change(&mut self, hash: u64) {
        self.changes.change(hash);
    }
}

/// A shard behind its lock.
#[derive(Debug)]
struct Locked<R: ShardMutex, P: Policy, K, V> {
    /// A lower bound of the deadlines in the shard.
    first_deadline: AtomicU64,
    shard: BiasedLock<R, P, Shard<P, K, V>>,
}

impl<R: ShardMutex, P: Policy, K, V> Locked<R, P, K, V> {
    #[inline]
    fn lock(&self) -> Held<'_, R, P, K, V> {
        let mut shard = self.shard.lock(Shard::count_hits);
        if R::SHARES && shard.uses.are_there() {
            shard.settle();
        }
        shard
    }
}

/// On cache lines of its own, so that threads in different shards do not slow each other down.
#[derive(Debug)]
#[repr(align(128))]
struct Padded<T>(T);

/// A shard whose lock is held.
pub type Held<'a, R, P, K, V> = ShardGuard<'a, R, Shard<P, K, V>>;

type MoreShards<R, P, K, V> = Vec<Padded<Locked<R, P, K, V>>>;

/// The shards of one cache; `R` is the lock that they use.
#[derive(Debug)]
pub struct Shards<P: Policy, K, V, R: ShardMutex = DefaultLock> {
    /// The only shard of most caches, found without a step through memory.
    first: Locked<R, P, K, V>,
    more: MoreShards<R, P, K, V>,
    room: SharedRoom,
    bounded: bool,
}

impl<P: Policy, K, V, R: ShardMutex> Shards<P, K, V, R> {
    /// `count` empty shards (rounded up to a power of two) that together hold at most `max_size`
    /// entries.
    pub fn new(max_size: Option<usize>, count: usize, policy: impl Fn() -> P) -> Self {
        let limit = max_size.unwrap_or(usize::MAX);
        let count = count.max(1).next_power_of_two();
        let share = max_size.map(|size| size.div_ceil(count));
        let shard = || Locked {
            first_deadline: AtomicU64::new(Time::NEVER.as_nanos()),
            shard: BiasedLock::new(Shard {
                store: Store::with_share(limit, share, policy()),
                flights: Flights::default(),
                changes: Changes::default(),
                uses: Uses::default(),
                hits_alone: 0,
            }),
        };
        let first = shard();
        let mut more = Vec::new();
        while more.len() + 1 < count {
            more.push(Padded(shard()));
        }
        Shards { first, more, room: SharedRoom::new(limit), bounded: max_size.is_some() }
    }

    /// The most entries that there will be.
    pub fn max_size(&self) -> Option<usize> {
        self.bounded.then_some(self.room.max_size())
    }

    /// How many shards there are.
    pub fn count(&self) -> usize {
        self.more.len() + 1
    }

    /// The bound that all shards share.
    pub fn room(&self) -> &impl Room {
        &self.room
    }

    /// How many entries there are, expired ones included; never more than `max_size`.
    pub fn len(&self) -> usize {
        self.room.taken()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is no room for another entry.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.room.taken() >= self.room.max_size()
    }

    #[inline]
    fn index(&self, hash: u64) -> usize {
        // The hash table inside uses the lowest and the highest bits. The number of shards is a
        // power of two, and one less than that a mask.
        (hash >> 32) as usize & self.more.len()
    }

    #[inline]
    fn at(&self, index: usize) -> &Locked<R, P, K, V> {
        match self.more.get(index.wrapping_sub(1)) {
            Some(Padded(locked)) => locked,
            None => &self.first,
        }
    }

    #[inline]
    fn locked(&self, hash: u64) -> &Locked<R, P, K, V> {
        if self.more.is_empty() { &self.first } else { self.at(self.index(hash)) }
    }

    /// Looks a key up beside other threads that do, where the strategy allows it and nobody changes
    /// anything; a live entry is used and counted. None too if it takes the lock to find out.
    #[inline(always)]
    pub(crate) fn look<T>(
        &self,
        hash: u64,
        now: Time,
        eq: impl FnMut(&K) -> bool,
        read: impl FnOnce(&V) -> T,
    ) -> Option<T> {
        self.locked(hash).shard.look(|shard| shard.store.hit_shared(hash, now, eq, read))
    }

    /// Unlocks after a hit: after many of them others need no lock to look.
    #[inline(always)]
    pub(crate) fn unlock_after_hit(&self, hash: u64, mut shard: Held<'_, R, P, K, V>) {
        if BiasedLock::<R, P, Shard<P, K, V>>::IS_BIASED {
            shard.hits_alone += 1;
            if shard.hits_alone > HITS_BEFORE_BIAS {
                self.locked(hash).shard.open(shard);
            }
        }
    }

    /// Locks the shard of a hash.
    #[inline]
    pub fn lock(&self, hash: u64) -> Held<'_, R, P, K, V> {
        self.locked(hash).lock()
    }

    /// The lock of a hash's shard, for who can share it by means of its own. Who takes it by itself finds uses noted
    /// that the shard does not know of yet.
    #[inline]
    pub fn lock_of(&self, hash: u64) -> &ShardLock<R, Shard<P, K, V>> {
        self.locked(hash).shard.unbiased()
    }

    /// Every shard, locked one after the other.
    pub fn lock_all(&self) -> impl Iterator<Item = Held<'_, R, P, K, V>> {
        (0..self.count()).map(|index| self.at(index).lock())
    }

    /// Every shard that can be locked without waiting; none in the place of one that cannot.
    pub fn try_lock_all(&self) -> impl Iterator<Item = Option<Held<'_, R, P, K, V>>> {
        (0..self.count()).map(|index| self.at(index).shard.try_lock(Shard::count_hits))
    }

    /// Adds the entry in `new`, whose key has the hash. `prepare` is called under the lock and says
    /// whether the key is absent; if not, or if the entry may not be kept, it deals with `new`
    /// itself and says false. It may fill `new`, may be called more than once, and its error ends
    /// the insertion.
    ///
    /// What is not kept stays in `new`, what had to go comes into `bag`: both are the caller's to
    /// drop, after this has unlocked.
    pub fn insert<E>(
        &self,
        hash: u64,
        new: &mut Option<Entry<K, V>>,
        now: Time,
        bag: &mut Bag<K, V>,
        mut prepare: impl FnMut(
            &mut Shard<P, K, V>,
            &mut Option<Entry<K, V>>,
            &mut Bag<K, V>,
        ) -> Result<bool, E>,
    ) -> Result<(), E> {
        let locked = self.at(self.index(hash));
        // Where no time passes nothing expires, and the other shards' cache lines are left alone.
        if now > Time::ZERO && !self.more.is_empty() && self.is_full() {
            self.expire_one(now, bag);
        }
        let room = InheritedRoom { room: &self.room, inherited: Cell::new(false) };
        loop {
            let mut shard = locked.lock();
            if shard.store.is_empty() && !room.reserve() {
                // Another shard has to give an entry, now: what is prepared and what is inserted
                // are then seen at one moment.
                drop(shard);
                room.inherited.set(self.make_room(hash, now, bag));
                shard = locked.lock();
            }
            let insertion = match prepare(&mut shard, new, bag) {
                Ok(true) => shard.store.insert_absent(new, now, &room, bag),
                Ok(false) => Insertion::Refused,
                Err(error) => return Err(error),
            };
            if new.is_none() {
                // It was added, or took the place of another value.
                let first = shard.store.first_deadline().as_nanos();
                locked.first_deadline.store(first, Ordering::Relaxed);
            }
            drop(shard);
            // The shard became empty meanwhile, or there was nothing to evict anywhere.
            if insertion != Insertion::NoRoom || !self.make_room(hash, now, bag) {
                return Ok(());
            }
            room.inherited.set(true);
        }
    }

    /// Takes one entry out of any shard; its room is the caller's.
    fn make_room(&self, hash: u64, now: Time, bag: &mut Bag<K, V>) -> bool {
        let start = self.index(hash);
        for step in 1..=self.count() {
            let locked = self.at((start + step) % self.count());
            if locked.lock().store.make_room(hash, now, bag) == Insertion::Kept {
                return true;
            }
        }
        false
    }

    /// Takes out one expired entry of any shard, if there is one.
    fn expire_one(&self, now: Time, bag: &mut Bag<K, V>) {
        for index in 0..self.count() {
            let locked = self.at(index);
            if locked.first_deadline.load(Ordering::Relaxed) > now.as_nanos() {
                continue;
            }
            let mut shard = locked.lock();
            let expired = shard.store.expire_first(now, bag);
            let first = shard.store.first_deadline().as_nanos();
            locked.first_deadline.store(first, Ordering::Relaxed);
            if expired {
                self.room.give_back(1);
                return;
            }
        }
    }

    /// Takes everything out of every shard, one after the other, and parts with the computations
    /// under way: their values are not kept, and no later call waits for them.
    pub fn clear(&self) -> Vec<(Contents<K, V>, Flights<K, V>)> {
        let mut cleared = Vec::with_capacity(self.count());
        for index in 0..self.count() {
            let mut shard = self.at(index).lock();
            shard.changes.clear();
            let len = shard.store.len();
            let contents = shard.store.clear();
            self.room.give_back(len);
            let flights = std::mem::take(&mut shard.flights);
            drop(shard);
            cleared.push((contents, flights));
        }
        cleared
    }

    /// Checks every shard, and that the bound has counted each entry. For tests; O(n).
    ///
    /// # Panics
    /// If the structure is damaged, which is a bug, or if others are using it meanwhile.
    pub fn validate(&self) {
        let mut entries = 0;
        for shard in self.lock_all() {
            shard.store.validate();
            entries += shard.store.len();
        }
        assert_eq!(entries, self.len(), "the bound counts other entries than there are");
    }

    /// What was counted, in all shards together.
    pub fn info(&self) -> Info {
        let mut stats = Stats::default();
        for index in 0..self.count() {
            stats += self.at(index).lock().store.stats;
        }
        Info::new(stats, self.len(), self.max_size())
    }
}

/// The shared bound, with a place that was taken in advance, or that an entry of another shard has
/// left. It is given back if nothing comes to stand there.
struct InheritedRoom<'a> {
    room: &'a SharedRoom,
    inherited: Cell<bool>,
}

impl InheritedRoom<'_> {
    /// Takes the place of one entry in advance; false if there is none.
    fn reserve(&self) -> bool {
        if !self.inherited.get() {
            self.inherited.set(self.room.take(0));
        }
        self.inherited.get()
    }
}

impl Drop for InheritedRoom<'_> {
    fn drop(&mut self) {
        if self.inherited.get() {
            self.room.give_back(1);
        }
    }
}

impl Room for InheritedRoom<'_> {
    fn take(&self, len: usize) -> bool {
        self.inherited.replace(false) || self.room.take(len)
    }
    fn give_back(&self, count: usize) {
        self.room.give_back(count);
    }
}
