//! Strategies without memory of what is gone.

use super::{Oracle, Victim, take};

/// The least recently used key stands first.
#[derive(Debug)]
pub struct Lru(Vec<u32>);

impl Oracle for Lru {
    fn new(_max_size: usize) -> Self {
        Lru(Vec::new())
    }
    fn inserted(&mut self, key: u32) {
        self.0.push(key);
    }
    fn used(&mut self, key: u32) {
        take(&mut self.0, key);
        self.0.push(key);
    }
    fn removed(&mut self, key: u32, _evicted: bool) {
        take(&mut self.0, key);
    }
    fn victim(&mut self, _incoming: u32) -> Victim {
        Victim::Key(self.0[0])
    }
}

/// The least recently used key stands first.
#[derive(Debug)]
pub struct Mru(Vec<u32>);

impl Oracle for Mru {
    fn new(_max_size: usize) -> Self {
        Mru(Vec::new())
    }
    fn inserted(&mut self, key: u32) {
        self.0.push(key);
    }
    fn used(&mut self, key: u32) {
        take(&mut self.0, key);
        self.0.push(key);
    }
    fn removed(&mut self, key: u32, _evicted: bool) {
        take(&mut self.0, key);
    }
    fn victim(&mut self, _incoming: u32) -> Victim {
        Victim::Key(self.0[self.0.len() - 1])
    }
}

/// The oldest key stands first.
#[derive(Debug)]
pub struct Fifo(Vec<u32>);

impl Oracle for Fifo {
    fn new(_max_size: usize) -> Self {
        Fifo(Vec::new())
    }
    fn inserted(&mut self, key: u32) {
        self.0.push(key);
    }
    fn used(&mut self, _key: u32) {}
    fn removed(&mut self, key: u32, _evicted: bool) {
        take(&mut self.0, key);
    }
    fn victim(&mut self, _incoming: u32) -> Victim {
        Victim::Key(self.0[0])
    }
}

/// Each key with its count and the moment of its last use.
#[derive(Debug)]
pub struct Lfu {
    uses: Vec<(u64, u64, u32)>,
    moment: u64,
}

impl Oracle for Lfu {
    fn new(_max_size: usize) -> Self {
        Lfu { uses: Vec::new(), moment: 0 }
    }
    fn inserted(&mut self, key: u32) {
        self.moment += 1;
        self.uses.push((1, self.moment, key));
    }
    fn used(&mut self, key: u32) {
        self.moment += 1;
        for (count, moment, other) in &mut self.uses {
            if *other == key {
                *count += 1;
                *moment = self.moment;
            }
        }
    }
    fn removed(&mut self, key: u32, _evicted: bool) {
        self.uses.retain(|&(.., other)| other != key);
    }
    fn victim(&mut self, _incoming: u32) -> Victim {
        let least = self.uses.iter().min().expect("a full store has entries");
        Victim::Key(least.2)
    }
}

/// The oldest key stands first; each with its mark. The hand is how many keys it has passed.
#[derive(Debug)]
pub struct Sieve {
    keys: Vec<(u32, bool)>,
    hand: usize,
}

impl Oracle for Sieve {
    fn new(_max_size: usize) -> Self {
        Sieve { keys: Vec::new(), hand: 0 }
    }
    fn inserted(&mut self, key: u32) {
        self.keys.push((key, false));
    }
    fn used(&mut self, key: u32) {
        self.keys.iter_mut().filter(|(other, _)| *other == key).for_each(|(_, used)| *used = true);
    }
    fn removed(&mut self, key: u32, evicted: bool) {
        let place = self.keys.iter().position(|&(other, _)| other == key).expect("it is there");
        self.keys.remove(place);
        if place < self.hand {
            self.hand -= 1;
        } else if evicted && place == self.keys.len() {
            self.hand = 0;
        }
    }
    fn victim(&mut self, _incoming: u32) -> Victim {
        loop {
            self.hand %= self.keys.len();
            let (key, used) = &mut self.keys[self.hand];
            if !std::mem::take(used) {
                return Victim::Key(*key);
            }
            self.hand += 1;
        }
    }
}

/// The oldest key stands first; each with its mark.
#[derive(Debug)]
pub struct Clock(Vec<(u32, bool)>);

impl Oracle for Clock {
    fn new(_max_size: usize) -> Self {
        Clock(Vec::new())
    }
    fn inserted(&mut self, key: u32) {
        self.0.push((key, false));
    }
    fn used(&mut self, key: u32) {
        self.0.iter_mut().filter(|(other, _)| *other == key).for_each(|(_, used)| *used = true);
    }
    fn removed(&mut self, key: u32, _evicted: bool) {
        self.0.retain(|&(other, _)| other != key);
    }
    fn victim(&mut self, _incoming: u32) -> Victim {
        while self.0[0].1 {
            let (key, _) = self.0.remove(0);
            self.inserted(key);
        }
        Victim::Key(self.0[0].0)
    }
}

/// The keys, where the last takes the place of one that goes; and the state of xorshift64*.
#[derive(Debug)]
pub struct Random(Vec<u32>, u64);

impl Oracle for Random {
    const COUNTS_EXPIRED: bool = true;
    fn new(_max_size: usize) -> Self {
        Random(Vec::new(), 0x9E37_79B9_7F4A_7C15)
    }
    fn inserted(&mut self, key: u32) {
        self.0.push(key);
    }
    fn used(&mut self, _key: u32) {}
    fn removed(&mut self, key: u32, _evicted: bool) {
        let place = self.0.iter().position(|&other| other == key).expect("it is there");
        self.0.swap_remove(place);
    }
    fn victim(&mut self, _incoming: u32) -> Victim {
        self.1 ^= self.1 >> 12;
        self.1 ^= self.1 << 25;
        self.1 ^= self.1 >> 27;
        let drawn = self.1.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        Victim::Key(self.0[(drawn as usize * self.0.len()) >> 32])
    }
}

/// What goes depends on estimates by hashes, which an oracle of keys does not know. The strategy's
/// own tests hold it against a naive one that does.
#[derive(Debug)]
pub struct Adaptive;

impl Oracle for Adaptive {
    fn new(_max_size: usize) -> Self {
        Adaptive
    }
    fn inserted(&mut self, _key: u32) {}
    fn used(&mut self, _key: u32) {}
    fn removed(&mut self, _key: u32, _evicted: bool) {}
    fn victim(&mut self, _incoming: u32) -> Victim {
        Victim::Any
    }
}
