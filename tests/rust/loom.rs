//! Every order in which threads can meet in what waits and what counts, explored by loom:
//! `make loom`.
#![cfg(loom)]

use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Wake, Waker};

use loom::cell::UnsafeCell;
use loom::sync::atomic::AtomicU32;
use loom::sync::{Arc, Mutex};
use loom::thread;
use warp_cache::Cache;
use warp_cache::flight::{Flight, Waited};
use warp_cache::strategy::Fifo;
use warp_cache::sync::gate::Gate;

/// Hashes the same in each run, or loom could not repeat one.
type Hasher = BuildHasherDefault<DefaultHasher>;
type Shared = Arc<Cache<u32, u32, Hasher>>;

fn cache(max_size: usize, shards: usize) -> Shared {
    let builder = Cache::builder().max_size(max_size).shards(shards).single_flight(true);
    Arc::new(builder.hasher(Hasher::default()).build().expect("valid options"))
}

#[test]
fn no_follower_misses_the_landing() {
    loom::model(|| {
        let flight = Flight::start();
        let followers = [0, 1].map(|_| {
            let flight = flight.clone();
            thread::spawn(move || {
                let wait = flight.follow().expect("no cycle");
                wait.block(None, u32::clone)
            })
        });
        flight.land(Some(1));
        flight.land(None);
        for follower in followers {
            assert_eq!(follower.join().unwrap(), Waited::Landed(1));
        }
    });
}

#[test]
fn no_cycle_of_waits_is_closed() {
    loom::model(|| {
        // Each thread leads a flight, waits for the other's if it may, and lands its own.
        let flights = Arc::new([(); 2].map(|()| Mutex::new(None)));
        let threads = [0, 1].map(|own| {
            let flights = flights.clone();
            thread::spawn(move || {
                let mine = Flight::<u32>::start();
                let running = mine.enter();
                *flights[own].lock().unwrap() = Some(mine.clone());
                let other = flights[1 - own].lock().unwrap().clone();
                let waited = other.is_none_or(|other| {
                    let waited = other.follow().map(|wait| wait.block(None, u32::clone));
                    assert!(matches!(waited, None | Some(Waited::Landed(7))));
                    waited.is_some()
                });
                drop(running);
                mine.land(Some(7));
                waited
            })
        });
        let waited = threads.map(|thread| thread.join().unwrap());
        assert!(waited[0] || waited[1], "one of the two may always wait");
    });
}

/// A thread that sleeps until its future is woken.
struct Sleeper(loom::sync::Mutex<bool>, loom::sync::Condvar);

impl Wake for Sleeper {
    fn wake(self: std::sync::Arc<Self>) {
        *self.0.lock().unwrap() = true;
        self.1.notify_one();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let sleeper = Sleeper(loom::sync::Mutex::new(false), loom::sync::Condvar::new());
    let sleeper = std::sync::Arc::new(sleeper);
    let waker = Waker::from(sleeper.clone());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        let mut woken = sleeper.0.lock().unwrap();
        while !*woken {
            woken = sleeper.1.wait(woken).unwrap();
        }
        *woken = false;
    }
}

#[test]
fn no_future_misses_the_landing() {
    for value in [Some(1), None] {
        loom::model(move || {
            let flight = Flight::start();
            let followers = [0, 1].map(|_| {
                let flight = flight.clone();
                thread::spawn(move || block_on(flight.follow().expect("no cycle")))
            });
            flight.land(value);
            for follower in followers {
                let expected = value.map_or(Waited::Failed, Waited::Landed);
                assert_eq!(follower.join().unwrap(), expected);
            }
        });
    }
}

/// One future goes while the flight lands, another stays and comes to another waker.
#[test]
fn a_future_that_goes_takes_nobodys_wake_up() {
    loom::model(|| {
        let flight = Flight::start();
        let goes = thread::spawn({
            let flight = flight.clone();
            move || {
                let mut wait = flight.follow().expect("no cycle");
                let context = &mut Context::from_waker(Waker::noop());
                let _ = Pin::new(&mut wait).poll(context);
            }
        });
        let stays = thread::spawn({
            let flight = flight.clone();
            move || {
                let mut wait = flight.follow().expect("no cycle");
                let context = &mut Context::from_waker(Waker::noop());
                let _ = Pin::new(&mut wait).poll(context);
                block_on(wait)
            }
        });
        flight.land(Some(1));
        goes.join().unwrap();
        assert_eq!(stays.join().unwrap(), Waited::Landed(1));
    });
}

/// Each thread polls a future that leads a flight and awaits the other's, and may be cancelled.
fn futures_that_need_each_other(cancelled: bool) {
    loom::model(move || {
        let flights = Arc::new([(); 2].map(|()| Flight::<u32>::start()));
        let threads = [0, 1].map(|own| {
            let flights = flights.clone();
            thread::spawn(move || {
                let mut body = pin!(async {
                    let wait = flights[1 - own].follow()?;
                    Some(wait.await)
                });
                let mut run = pin!(flights[own].run(body.as_mut()));
                if cancelled && own == 0 {
                    let _ = run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                    flights[own].land(None);
                    return None;
                }
                let waited = block_on(run);
                flights[own].land(Some(7));
                waited
            })
        });
        let waited = threads.map(|thread| thread.join().unwrap());
        if !cancelled {
            assert!(waited.contains(&Some(Waited::Landed(7))), "one of the two may always wait");
        }
    });
}

#[test]
fn no_cycle_of_futures_is_closed() {
    futures_that_need_each_other(false);
    futures_that_need_each_other(true);
}

/// A thread that blocks, and a future: the one leads what the other needs.
#[test]
fn no_cycle_of_a_thread_and_a_future_is_closed() {
    loom::model(|| {
        let flights = Arc::new([(); 2].map(|()| Flight::<u32>::start()));
        let blocks = thread::spawn({
            let flights = flights.clone();
            move || {
                let running = flights[0].enter();
                let waited = flights[1].follow().map(|wait| wait.block(None, u32::clone));
                drop(running);
                flights[0].land(Some(7));
                waited
            }
        });
        let body = pin!(async { Some(flights[0].follow()?.await) });
        let awaited = block_on(flights[1].run(body));
        flights[1].land(Some(7));
        let waited = [blocks.join().unwrap(), awaited];
        assert!(waited.contains(&Some(Waited::Landed(7))), "one of the two may always wait");
    });
}

/// Three, of which the middle one is computed within the first: its wait is the first one's too.
#[test]
fn no_cycle_through_a_nested_flight_is_closed() {
    loom::model(|| {
        let flights = Arc::new([(); 3].map(|()| Flight::<u32>::start()));
        let other = thread::spawn({
            let flights = flights.clone();
            move || {
                let running = flights[2].enter();
                let waited = flights[0].follow().map(|wait| wait.block(None, u32::clone));
                drop(running);
                flights[2].land(Some(7));
                waited
            }
        });
        let outer = flights[0].enter();
        let inner = flights[1].enter();
        let waited = flights[2].follow().map(|wait| wait.block(None, u32::clone));
        drop(inner);
        flights[1].land(Some(7));
        drop(outer);
        flights[0].land(Some(7));
        let waited = [waited, other.join().unwrap()];
        assert!(waited.contains(&Some(Waited::Landed(7))), "one of the two may always wait");
    });
}

/// Two threads ask for key 1 of a cache that is full of `other`.
fn ask_twice(max_size: usize, shards: usize, other: u32) {
    loom::model(move || {
        let cache = cache(max_size, shards);
        cache.insert(other, other);
        let computed = Arc::new(AtomicU32::new(0));
        let threads = [0, 1].map(|_| {
            let (cache, computed) = (cache.clone(), computed.clone());
            thread::spawn(move || cache.get_or_insert_with(1, || computed.fetch_add(1, Relaxed)))
        });
        assert_eq!(threads.map(|thread| thread.join().unwrap()), [0, 0]);
        let info = cache.info();
        assert_eq!((info.hits, info.misses, info.len), (1, 1, max_size));
    });
}

#[test]
fn a_key_is_computed_once() {
    ask_twice(2, 1, 2);
    ask_twice(1, 1, 2);
}

/// Also where another shard has to give room between the computation and the insertion.
#[test]
fn a_key_is_computed_once_among_shards() {
    for other in 2..5 {
        ask_twice(1, 2, other);
    }
}

#[test]
fn a_leader_that_fails_leaves_its_followers_free() {
    loom::model(|| {
        let cache = cache(2, 1);
        let failing = thread::spawn({
            let cache = cache.clone();
            move || cache.try_get_or_insert_with(1, || Err(()))
        });
        assert_eq!(cache.get_or_insert_with(1, || 5), 5);
        assert!(matches!(failing.join().unwrap(), Ok(5) | Err(())));
        let info = cache.info();
        assert_eq!((info.hits + info.misses, info.len), (2, 1));
    });
}

#[test]
fn computations_that_need_each_other_end() {
    loom::model(|| {
        let caches = [cache(2, 1), cache(2, 1)];
        let threads = [0, 1].map(|own| {
            let caches = caches.clone();
            thread::spawn(move || {
                caches[own]
                    .get_or_insert_with(1, || caches[1 - own].get_or_insert_with(1, || 10) + 1)
            })
        });
        for value in threads.map(|thread| thread.join().unwrap()) {
            assert!((10..=12).contains(&value), "{value}");
        }
    });
}

#[test]
fn what_was_computed_before_a_clear_is_not_kept_after_it() {
    loom::model(|| {
        let cache = cache(2, 1);
        let version = Arc::new(AtomicU32::new(0));
        let computing = thread::spawn({
            let (cache, version) = (cache.clone(), version.clone());
            move || cache.get_or_insert_with(1, || version.load(Relaxed))
        });
        version.store(1, Relaxed);
        cache.clear();
        assert_eq!(cache.get_or_insert_with(1, || version.load(Relaxed)), 1);
        computing.join().unwrap();
        assert_eq!(cache.peek(&1), Some(1));
    });
}

#[test]
fn what_was_computed_before_an_insertion_is_not_kept_over_it() {
    loom::model(|| {
        let cache = cache(2, 1);
        let computing = thread::spawn({
            let cache = cache.clone();
            move || cache.get_or_insert_with(1, || 5)
        });
        cache.insert(1, 6);
        computing.join().unwrap();
        assert_eq!(cache.peek(&1), Some(6));
    });
}

#[test]
fn shards_share_one_bound_and_lose_no_place() {
    loom::model(|| {
        let cache = cache(1, 2);
        let threads = [1, 2].map(|key| {
            let cache = cache.clone();
            thread::spawn(move || {
                cache.insert(key, key);
                assert!(cache.len() <= 1);
                cache.invalidate(&key);
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        cache.validate();
        for key in 1..5 {
            cache.insert(key, key);
            assert_eq!((cache.len(), cache.peek(&key)), (1, Some(key)));
        }
    });
}

type SharedHits = Arc<Cache<u32, u32, Hasher, Fifo>>;

/// A cache whose hits are shared, with a value for key 1, at which nobody else has looked yet.
fn shared_hits() -> SharedHits {
    let builder = Cache::builder().max_size(2).hasher(Hasher::default());
    let cache = Arc::new(builder.build_for().expect("valid options"));
    cache.insert(1, 1);
    cache
}

/// Threads that read key 1 twice each, while `change` takes its value 1 away.
fn read_while(threads: usize, change: fn(&SharedHits), left: Option<u32>) {
    loom::model(move || {
        let cache = shared_hits();
        // After the second hit nobody has to lock.
        assert_eq!([(); 3].map(|()| cache.get(&1)), [Some(1); 3]);
        let readers: Vec<_> = (0..threads)
            .map(|_| {
                let cache = cache.clone();
                thread::spawn(move || [cache.get(&1), cache.get(&1)])
            })
            .collect();
        change(&cache);
        assert_eq!(cache.get(&1), left, "what is gone is not found");
        for reader in readers {
            let seen = reader.join().unwrap();
            let possible = [[Some(1), Some(1)], [Some(1), left], [left, left]];
            assert!(possible.contains(&seen), "{seen:?}");
        }
        assert_eq!(cache.get(&1), left);
        cache.validate();
        let info = cache.info();
        assert_eq!(info.hits + info.misses, 5 + 2 * threads as u64);
    });
}

#[test]
fn no_shared_hit_sees_what_was_taken_away() {
    for threads in [1, 2] {
        let invalidate = |cache: &SharedHits| assert!(cache.invalidate(&1));
        read_while(threads, invalidate, None);
        let insert = |cache: &SharedHits| assert_eq!(cache.insert(1, 2), Some(1));
        read_while(threads, insert, Some(2));
    }
}

#[test]
fn no_shared_hit_sees_what_was_cleared_and_none_is_counted_after() {
    loom::model(|| {
        let cache = shared_hits();
        assert_eq!([(); 2].map(|()| cache.get(&1)), [Some(1); 2]);
        let reader = thread::spawn({
            let cache = cache.clone();
            move || [cache.get(&1), cache.get(&1), cache.get(&1)]
        });
        cache.clear();
        assert_eq!(cache.get(&1), None);
        let seen = reader.join().unwrap();
        assert!(seen.is_sorted_by(|earlier, later| later <= earlier), "{seen:?}");
        let info = cache.info();
        assert_eq!((info.hits, info.len), (0, 0), "every hit was before the clear");
        assert_eq!(info.misses, 1 + seen.iter().filter(|value| value.is_none()).count() as u64);
        cache.validate();
    });
}

/// What a gate is there for: `cell` is written by who shuts it, and read inside; a note that was
/// made inside is found by who shuts it next.
#[test]
fn nobody_is_inside_a_gate_that_is_shut() {
    struct Guarded {
        gate: Gate,
        cell: UnsafeCell<u32>,
        notes: [AtomicU32; 2],
    }
    let look = |guarded: &Guarded, stripe: usize| {
        let inside = guarded.gate.try_enter(stripe);
        if inside {
            guarded.cell.with(|_| ());
            let note = &guarded.notes[stripe];
            note.store(note.load(Relaxed) + 1, Relaxed);
            guarded.gate.leave(stripe);
        }
        u32::from(inside)
    };
    loom::model(move || {
        let gate = Gate::shut();
        let notes = [AtomicU32::new(0), AtomicU32::new(0)];
        let guarded = Arc::new(Guarded { gate, cell: UnsafeCell::new(0), notes });
        assert_eq!(look(&guarded, 0), 0, "a new gate is shut");
        guarded.gate.open();
        // The second and the third share a stripe.
        let threads = [0, 1, 1].map(|stripe| {
            let guarded = guarded.clone();
            thread::spawn(move || look(&guarded, stripe))
        });
        guarded.gate.close();
        guarded.cell.with_mut(|_| ());
        guarded.gate.open();
        let entered = threads.map(|thread| thread.join().unwrap()).iter().sum::<u32>();
        guarded.gate.close();
        let noted = guarded.notes.iter().map(|note| note.load(Relaxed)).sum::<u32>();
        assert_eq!(noted, entered);
    });
}
