//! What a cache would have counted: hashes through a store of the engine's own.

use std::ops::ControlFlow;

use crate::clock::Time;
use crate::stats::Stats;
use crate::store::{Bag, Entry, OwnRoom, Store};
use crate::strategy::{self, Policy, Strategy};

/// After how many calls somebody is told, and may cancel: some milliseconds.
const PART: usize = 1 << 16;

/// Replays calls, by the hashes of their keys, on an empty cache of `max_size` entries for one
/// thread: how many are hits and misses, and how many entries had to go. The same calls count the
/// same in every run.
///
/// 20 to 250 ns a call, and the memory of a cache of so many entries without keys and values: 50 to
/// 120 bytes each.
pub fn replay(strategy: Strategy, max_size: usize, hashes: &[u64]) -> Stats {
    replay_in_parts(strategy, max_size, hashes, &mut |_| ControlFlow::Continue(()))
        .unwrap_or_default()
}

/// As `replay`, telling `done` every few milliseconds of how many calls more have been replayed.
/// None if it says to break off.
pub(super) fn replay_in_parts(
    strategy: Strategy,
    max_size: usize,
    hashes: &[u64],
    done: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Option<Stats> {
    macro_rules! replay {
        ($($policy:ident $store:ident,)*) => {
            match strategy {
                $(Strategy::$policy => run::<strategy::$policy>(max_size, hashes, done),)*
            }
        };
    }
    strategy::with_strategy!(replay)
}

/// Whether samples can stand for all calls.
pub(super) fn scales(strategy: Strategy) -> bool {
    macro_rules! scales {
        ($($policy:ident $store:ident,)*) => {
            match strategy {
                $(Strategy::$policy => <strategy::$policy as Policy>::SCALES,)*
            }
        };
    }
    strategy::with_strategy!(scales)
}

fn run<P: Policy>(
    max_size: usize,
    hashes: &[u64],
    done: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Option<Stats> {
    let mut store = Store::<P, (), ()>::new(max_size, P::default());
    for part in hashes.chunks(PART) {
        part.iter().for_each(|&hash| call(&mut store, hash));
        if done(part.len()).is_break() {
            return None;
        }
    }
    Some(store.stats)
}

/// One call: a look-up, and after a miss an insertion. The hash is all there is of the key.
#[inline]
fn call<P: Policy>(store: &mut Store<P, (), ()>, hash: u64) {
    let room = OwnRoom(store.max_size());
    let mut bag = Bag::default();
    if store.get(hash, Time::ZERO, &room, &mut bag, |()| true).is_some() {
        return;
    }
    if store.len() < room.0 {
        let entry = Entry { hash, deadline: Time::NEVER, key: (), value: () };
        store.insert_absent(&mut Some(entry), Time::ZERO, &room, &mut bag);
    } else {
        // Nothing expires, so that there is no longer way; in a store of 0 there is no victim.
        store.replace_victim(hash, || Some(((), ())));
    }
}
