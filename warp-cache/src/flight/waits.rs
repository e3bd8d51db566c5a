//! Which thread waits for which: so that no wait closes a cycle.

use std::collections::BTreeMap;

use crate::sync::{Arc, AtomicBool, Counter, LazyLock, Mutex, MutexGuard, Ordering, thread_local};

/// A number that a thread has for itself, never given twice in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ThreadNumber(u64);

impl ThreadNumber {
    /// The calling thread's.
    fn current() -> ThreadNumber {
        static NEXT: Counter = Counter::new(0);
        thread_local! {
            static NUMBER: u64 = NEXT.fetch_add(1, Ordering::Relaxed);
        }
        // A thread that is ending has lost its number: a fresh one is as good.
        ThreadNumber(
            NUMBER
                .try_with(|number| *number)
                .unwrap_or_else(|_| NEXT.fetch_add(1, Ordering::Relaxed)),
        )
    }
}

/// Who computes in a flight, and whether the flight has landed.
#[derive(Debug)]
pub struct Leader {
    thread: ThreadNumber,
    has_landed: AtomicBool,
}

impl Leader {
    pub(super) fn current() -> Leader {
        Leader { thread: ThreadNumber::current(), has_landed: AtomicBool::new(false) }
    }

    /// Before the followers are woken: from here on they wait for nobody.
    pub(super) fn land(&self) {
        self.has_landed.store(true, Ordering::Relaxed);
    }

    /// Relaxed is enough: who could close a cycle with a wait for this flight is its own thread, or
    /// one that met it among the waits, under their lock, after it had landed.
    fn is_running(&self) -> bool {
        !self.has_landed.load(Ordering::Relaxed)
    }
}

static FORKS: Counter = Counter::new(0);

/// To be called in a child process right after a fork: flights that began before it are lost.
pub fn forked() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

pub(super) fn forks() -> u64 {
    FORKS.load(Ordering::Relaxed)
}

/// The threads that wait, each with the leader that it waits for. A thread waits for one flight at
/// a time and a flight has one leader, so that the graph is a set of chains: whether a wait would
/// close a cycle is seen by walking one.
///
/// A follower that has been woken is still in here until it runs, but waits for nobody: a chain
/// ends where a flight has landed.
#[derive(Debug, Default)]
pub struct Waits(Mutex<BTreeMap<ThreadNumber, Arc<Leader>>>);

impl Waits {
    /// Those of all caches of the process.
    pub fn global() -> &'static Waits {
        static GLOBAL: LazyLock<Waits> = LazyLock::new(Waits::default);
        LazyLock::force(&GLOBAL)
    }

    /// Notes that the calling thread waits for `leader`, until the guard is dropped; none if that
    /// would close a cycle, as then nobody would ever wake it.
    pub fn enter(&self, leader: Arc<Leader>) -> Option<Waiting<'_>> {
        let me = ThreadNumber::current();
        let mut waits = self.lock();
        let mut next = Some(&leader).filter(|leader| leader.is_running());
        while let Some(leader) = next {
            if leader.thread == me {
                return None;
            }
            next = waits.get(&leader.thread).filter(|leader| leader.is_running());
        }
        waits.insert(me, leader);
        Some(Waiting { waits: self, me })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ThreadNumber, Arc<Leader>>> {
        self.0.lock().unwrap_or_else(|poison| poison.into_inner())
    }
}

/// A thread's place among those that wait.
#[derive(Debug)]
pub struct Waiting<'a> {
    waits: &'a Waits,
    me: ThreadNumber,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.waits.lock().remove(&self.me);
    }
}
