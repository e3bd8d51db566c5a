//! LIRS, with its stack from the bottom to the top.

use super::{Oracle, Victim, take};

/// The stack has what is kept and what is gone; the queue what is kept and not low.
#[derive(Debug)]
pub struct Lirs {
    max_size: usize,
    stack: Vec<u32>,
    low: Vec<u32>,
    queue: Vec<u32>,
    /// The oldest first.
    ghosts: Vec<u32>,
}

impl Lirs {
    fn low_size(&self) -> usize {
        self.max_size.saturating_sub((self.max_size / 100).max(1)).max(1)
    }
    /// Makes room among the low, and takes off the bottom what is not low.
    fn prune(&mut self) {
        if self.low.len() > self.low_size() {
            let is_low = |key: &&u32| self.low.contains(key);
            let bottom = *self.stack.iter().find(is_low).expect("one is low");
            take(&mut self.low, bottom);
            self.queue.push(bottom);
        }
        while self.stack.first().is_some_and(|key| !self.low.contains(key)) {
            let key = self.stack.remove(0);
            take(&mut self.ghosts, key);
        }
    }
}

impl Oracle for Lirs {
    const COUNTS_EXPIRED: bool = true;
    fn new(max_size: usize) -> Self {
        let [stack, low, queue, ghosts] = [const { Vec::new() }; 4];
        Lirs { max_size, stack, low, queue, ghosts }
    }
    fn inserted(&mut self, key: u32) {
        let is_ghost = take(&mut self.ghosts, key);
        let kept = if is_ghost || self.low.len() < self.low_size() {
            &mut self.low
        } else {
            &mut self.queue
        };
        kept.push(key);
        take(&mut self.stack, key);
        self.stack.push(key);
        self.prune();
    }
    fn used(&mut self, key: u32) {
        let is_in_stack = take(&mut self.stack, key);
        self.stack.push(key);
        if take(&mut self.queue, key) {
            let kept = if is_in_stack { &mut self.low } else { &mut self.queue };
            kept.push(key);
        }
        self.prune();
    }
    fn removed(&mut self, key: u32, evicted: bool) {
        let was_low = take(&mut self.low, key);
        take(&mut self.queue, key);
        if evicted && !was_low && self.stack.contains(&key) {
            self.ghosts.push(key);
        } else {
            take(&mut self.stack, key);
        }
        self.prune();
        while self.ghosts.len() > 2 * self.max_size {
            let oldest = self.ghosts.remove(0);
            take(&mut self.stack, oldest);
        }
    }
    fn victim(&mut self, _incoming: u32) -> Victim {
        let first = self.queue.first().or(self.stack.first());
        Victim::Key(*first.expect("a full store has entries"))
    }
}
