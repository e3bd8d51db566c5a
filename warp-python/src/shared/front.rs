//! The decoded front: the objects that this process has met, each with the stamp of the shared
//! entry that it stands for.
//!
//! An object is good only while its entry is unchanged, which whoever looks here asks the region: a
//! hit is a look-up as in a cache of this process, and two loads. The front evicts by age: what is
//! still in use is decoded once more then, and a hit changes nothing here, so that threads do not
//! disturb each other. Keys compare as Python compares them, where the region goes by encodings.

use warp_cache::clock::Time;
use warp_cache::shard::Shards;
use warp_cache::shm::Stamp;
use warp_cache::store::{Bag, Entry, Lookup};
use warp_cache::strategy::Fifo;

use crate::asked::{Answers, Asked, matches};
use crate::ffi::hash::Raised;
use crate::ffi::lock::{self, PyLock};
use crate::ffi::object::Owned;
use crate::key::{Key, KeyRef, KeyStyle, ShortKey};

/// An object, and the entry that it was decoded from or encoded into.
pub(crate) struct Fronted {
    pub(crate) object: Owned,
    pub(crate) stamp: Stamp,
}

/// What the front has for a short key.
pub(crate) enum AtOnce {
    Hit(Owned),
    /// Nothing that is good any more; the key's hash.
    Absent(u64),
    /// It takes a closer look.
    Unsure,
}

/// Objects by the key of their call.
pub(crate) struct Front {
    shards: Shards<Fifo, Key, Fronted, PyLock>,
}

impl Front {
    /// An empty front for at most `max_size` objects.
    pub(crate) fn new(max_size: usize, shards: usize) -> Self {
        Front { shards: Shards::new(Some(max_size), shards, Default::default) }
    }

    /// The object for a short key, as `read` makes it of the first one found. Runs no code of
    /// Python's.
    #[inline(always)]
    pub(crate) fn find_at_once(
        &self,
        key: impl ShortKey,
        hash: u64,
        read: impl Fn(&Fronted) -> Option<Owned>,
    ) -> AtOnce {
        let shared = lock::share(self.shards.lock_of(hash), |stripe, shard| {
            shard.hit_shared(stripe, hash, Time::ZERO, |kept| key.is_surely(kept), &read)
        });
        if let Some(found) = shared {
            return found.map_or(AtOnce::Absent(hash), AtOnce::Hit);
        }
        let mut shard = self.shards.lock(hash);
        let Some((slot, entry)) = shard.store.first(hash) else { return AtOnce::Absent(hash) };
        if !key.is_surely(&entry.key) {
            return AtOnce::Unsure;
        }
        let found = read(&entry.value);
        shard.store.count_hit(slot);
        found.map_or(AtOnce::Absent(hash), AtOnce::Hit)
    }

    /// The object for a key, as `read` makes it. Asks Python where only that can compare.
    pub(crate) fn find(
        &self,
        key: &KeyRef<'_>,
        read: impl Fn(&Fronted) -> Option<Owned>,
    ) -> Result<Option<Owned>, Raised> {
        let mut asked = Asked::default();
        loop {
            let shard = self.shards.lock(key.hash);
            let eq = |kept: &Key| matches(key, kept, &mut asked);
            let found = shard.store.peek(key.hash, Time::ZERO, eq).and_then(&read);
            drop(shard);
            if found.is_some() || !asked.is_pending() {
                return Ok(found);
            }
            asked.ask(key)?;
        }
    }

    /// Puts an object in the place of what there is for its key.
    pub(crate) fn put(
        &self,
        key: Key,
        hash: u64,
        style: KeyStyle,
        fronted: Fronted,
    ) -> Result<(), Raised> {
        let mut entry = Some(Entry { hash, deadline: Time::NEVER, key, value: fronted });
        let mut asked = Asked::default();
        loop {
            let mut bag = Bag::default();
            let decided =
                self.shards.insert(hash, &mut entry, Time::ZERO, &mut bag, |shard, entry, bag| {
                    let Some(new) = entry.as_ref() else { return Ok(false) };
                    let key = new.key.borrow(hash, style);
                    let found = shard
                        .store
                        .lookup(hash, Time::ZERO, |kept| matches(&key, kept, &mut asked));
                    match found {
                        Lookup::Live(slot) => {
                            if let Some(entry) = entry.take() {
                                shard.store.replace(slot, entry, bag);
                            }
                            Ok(false)
                        }
                        _ if asked.is_pending() => Err(()),
                        _ => Ok(true),
                    }
                });
            drop(bag);
            match (decided, &entry) {
                (Err(()), Some(entry)) => asked.ask(&entry.key.borrow(hash, style))?,
                _ => return Ok(()),
            }
        }
    }

    /// Puts an object where there is room and nothing has its hash, so that no key has to be compared.
    /// False, and nothing is done, if it takes a closer look.
    #[inline(always)]
    pub(crate) fn put_at_once(&self, hash: u64, new: impl FnOnce() -> (Key, Fronted)) -> bool {
        let mut shard = self.shards.lock(hash);
        let found = shard.store.lookup(hash, Time::ZERO, |_| true);
        found == Lookup::Absent && shard.store.add_at_once(hash, self.shards.room(), new)
    }

    /// Drops what there is for a key.
    pub(crate) fn remove(&self, key: &KeyRef<'_>) -> Result<(), Raised> {
        let mut asked = Asked::default();
        loop {
            let mut bag = Bag::default();
            let mut shard = self.shards.lock(key.hash);
            let eq = |kept: &Key| matches(key, kept, &mut asked);
            if let Lookup::Live(slot) = shard.store.lookup(key.hash, Time::ZERO, eq) {
                shard.store.discard(slot, self.shards.room(), &mut bag);
                drop(shard);
                return Ok(());
            }
            drop(shard);
            if !asked.is_pending() {
                return Ok(());
            }
            asked.ask(key)?;
        }
    }

    /// Drops everything.
    pub(crate) fn clear(&self) {
        drop(self.shards.clear());
    }

    /// Shows every object to the garbage collector, or none of those that are locked just now.
    pub(crate) fn visit(&self, visitor: &mut dyn FnMut(&Owned)) {
        for shard in self.shards.try_lock_all().flatten() {
            for entry in shard.store.entries() {
                visitor(&entry.value.object);
                entry.key.owned().iter().for_each(&mut *visitor);
            }
        }
    }
}
