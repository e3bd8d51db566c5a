//! Strategies that remember what is gone.

use super::{Oracle, Victim, take};

/// The queues, oldest first, and how often each key was used, up to 3.
#[derive(Debug)]
pub struct S3Fifo {
    max_size: usize,
    small: Vec<(u32, u8)>,
    main: Vec<(u32, u8)>,
    ghosts: Vec<u32>,
}

impl S3Fifo {
    fn main_size(&self) -> usize {
        self.max_size - self.max_size / 10
    }
    fn main_victim(&mut self) -> u32 {
        while self.main[0].1 > 0 {
            let (key, uses) = self.main.remove(0);
            self.main.push((key, uses - 1));
        }
        self.main[0].0
    }
}

impl Oracle for S3Fifo {
    const COUNTS_EXPIRED: bool = true;
    fn new(max_size: usize) -> Self {
        S3Fifo { max_size, small: Vec::new(), main: Vec::new(), ghosts: Vec::new() }
    }
    fn inserted(&mut self, key: u32) {
        let queue = if take(&mut self.ghosts, key) { &mut self.main } else { &mut self.small };
        queue.push((key, 0));
    }
    fn used(&mut self, key: u32) {
        for (other, uses) in self.small.iter_mut().chain(&mut self.main) {
            if *other == key {
                *uses = (*uses + 1).min(3);
            }
        }
    }
    fn removed(&mut self, key: u32, evicted: bool) {
        if evicted && self.small.iter().any(|&(other, _)| other == key) {
            self.ghosts.push(key);
            let surplus = self.ghosts.len().saturating_sub(self.main_size());
            self.ghosts.drain(..surplus);
        }
        self.small.retain(|&(other, _)| other != key);
        self.main.retain(|&(other, _)| other != key);
    }
    fn victim(&mut self, _incoming: u32) -> Victim {
        if self.small.len() >= (self.max_size / 10).max(1) || self.main.is_empty() {
            while let Some(&(key, uses)) = self.small.first() {
                if uses <= 1 {
                    return Victim::Key(key);
                }
                let is_full = self.main.len() >= self.main_size();
                let victim = is_full.then(|| self.main_victim());
                self.small.remove(0);
                self.main.push((key, 0));
                if let Some(victim) = victim {
                    return Victim::Key(victim);
                }
            }
        }
        Victim::Key(self.main_victim())
    }
}

/// The queues, oldest or least recently used first.
#[derive(Debug)]
pub struct TwoQ {
    max_size: usize,
    new: Vec<u32>,
    main: Vec<u32>,
    out: Vec<u32>,
    /// The new key, once it has been seen to be a ghost.
    returning: Option<u32>,
}

impl Oracle for TwoQ {
    const COUNTS_EXPIRED: bool = true;
    fn new(max_size: usize) -> Self {
        let [new, main, out] = [const { Vec::new() }; 3];
        TwoQ { max_size, new, main, out, returning: None }
    }
    fn inserted(&mut self, key: u32) {
        let is_ghost = self.returning.take() == Some(key) || take(&mut self.out, key);
        if is_ghost { &mut self.main } else { &mut self.new }.push(key);
    }
    fn used(&mut self, key: u32) {
        if take(&mut self.main, key) {
            self.main.push(key);
        }
    }
    fn removed(&mut self, key: u32, evicted: bool) {
        if take(&mut self.new, key) && evicted {
            self.out.push(key);
            if self.out.len() > (self.max_size / 2).max(1) {
                self.out.remove(0);
            }
        }
        take(&mut self.main, key);
    }
    fn victim(&mut self, incoming: u32) -> Victim {
        self.returning = take(&mut self.out, incoming).then_some(incoming);
        let is_long = self.new.len() > (self.max_size / 4).max(1);
        let from = if is_long || self.main.is_empty() { &self.new } else { &self.main };
        Victim::Key(from[0])
    }
}

/// T1 and T2, B1 and B2, least recently used first; p.
#[derive(Debug)]
pub struct Arc {
    max_size: usize,
    t: [Vec<u32>; 2],
    b: [Vec<u32>; 2],
    p: f64,
    /// The new key, once it has been seen to be a ghost.
    returning: Option<u32>,
    leaves_ghost: bool,
}

impl Arc {
    fn adapt(&mut self, key: u32) -> Option<usize> {
        let [b1, b2] = [self.b[0].len() as f64, self.b[1].len() as f64];
        if take(&mut self.b[0], key) {
            self.p = f64::min(self.p + f64::max(1.0, b2 / b1), self.max_size as f64);
            return Some(0);
        }
        if take(&mut self.b[1], key) {
            self.p = f64::max(self.p - f64::max(1.0, b1 / b2), 0.0);
            return Some(1);
        }
        None
    }
}

impl Oracle for Arc {
    const COUNTS_EXPIRED: bool = true;
    fn new(max_size: usize) -> Self {
        let lists = || [Vec::new(), Vec::new()];
        Arc { max_size, t: lists(), b: lists(), p: 0.0, returning: None, leaves_ghost: true }
    }
    fn inserted(&mut self, key: u32) {
        let is_ghost = self.returning.take() == Some(key) || self.adapt(key).is_some();
        self.t[usize::from(is_ghost)].push(key);
    }
    fn used(&mut self, key: u32) {
        self.t.iter_mut().for_each(|list| list.retain(|&other| other != key));
        self.t[1].push(key);
    }
    fn removed(&mut self, key: u32, evicted: bool) {
        for list in 0..2 {
            if take(&mut self.t[list], key) && evicted && self.leaves_ghost {
                self.b[list].push(key);
            }
        }
    }
    fn victim(&mut self, incoming: u32) -> Victim {
        let c = self.max_size;
        let ghost = self.adapt(incoming);
        self.returning = ghost.map(|_| incoming);
        self.leaves_ghost = true;
        if ghost.is_none() {
            let l1 = self.t[0].len() + self.b[0].len();
            if l1 >= c {
                // One at most, but for entries that were taken out meanwhile.
                let surplus = (l1 + 1 - c).min(self.b[0].len());
                self.b[0].drain(..surplus);
                if self.t[0].len() == c {
                    self.leaves_ghost = false;
                    return Victim::Key(self.t[0][0]);
                }
            } else {
                let all = l1 + self.t[1].len() + self.b[1].len();
                let surplus = (all + 1).saturating_sub(2 * c);
                self.b[1].drain(..surplus);
            }
        }
        let t1 = self.t[0].len() as f64;
        let is_long = t1 > self.p || ghost == Some(1) && t1 == self.p;
        let from = if is_long || self.t[1].is_empty() { 0 } else { 1 };
        Victim::Key(self.t[from].first().copied().unwrap_or_else(|| self.t[1 - from][0]))
    }
}
