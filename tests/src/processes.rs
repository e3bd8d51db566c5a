//! Stand-ins for processes: each thread is one, and dies when it is told to.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use warp_cache::shm::Processes;

static DEAD: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());
static NEXT: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static CURRENT: Cell<u64> = const { Cell::new(0) };
}

/// What a region is made with, for threads that stand for processes.
pub const PROCESSES: Processes = Processes { current, is_alive };

/// The word of the process that the thread is.
pub fn current() -> u64 {
    if CURRENT.get() == 0 {
        become_another();
    }
    CURRENT.get()
}

/// Words that no process has are those of dead ones.
fn is_alive(word: u64) -> bool {
    let is_known = word % STEP == 0 && word / STEP < NEXT.load(Ordering::Relaxed);
    is_known && word != 0 && !DEAD.lock().expect("no panic").contains(&word)
}

/// Far apart, so that a flipped bit does not make one process another.
const STEP: u64 = 0x10_0000_0001;

/// Makes the thread a process of its own.
pub fn become_another() -> u64 {
    let word = NEXT.fetch_add(1, Ordering::Relaxed) * STEP;
    CURRENT.set(word);
    word
}

/// Makes the thread a process again that it was before.
pub fn become_again(word: u64) {
    CURRENT.set(word);
}

/// The process that the thread is ends; the thread is another one from here on.
pub fn die() {
    let word = current();
    DEAD.lock().expect("no panic").insert(word);
    become_another();
}
