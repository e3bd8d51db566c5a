//! A map that computes each key once: flights in their plainest use, for threads and for tasks.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};

use warp_cache::flight::{Flight, Waited};

/// Computes each key once, unless it fails or a wait would close a cycle.
#[derive(Debug, Default)]
pub struct Once {
    entries: Mutex<HashMap<u32, Entry>>,
}

#[derive(Debug)]
enum Entry {
    UnderWay(Arc<Flight<u32>>),
    Kept(u32),
}

enum Joined {
    Kept(u32),
    Follows(Arc<Flight<u32>>),
    Leads(Landing),
}

/// What a leader has to do, whatever happens.
struct Landing {
    once: Arc<Once>,
    key: u32,
    flight: Arc<Flight<u32>>,
    value: Option<u32>,
}

impl Drop for Landing {
    fn drop(&mut self) {
        match self.value {
            Some(value) => drop(self.once.lock().insert(self.key, Entry::Kept(value))),
            None => drop(self.once.lock().remove(&self.key)),
        }
        self.flight.land(self.value);
    }
}

impl Once {
    /// The value of a key; none if this call has computed it and failed.
    pub async fn get(
        self: &Arc<Self>,
        key: u32,
        compute: impl Future<Output = Option<u32>>,
    ) -> Option<u32> {
        let mut compute = pin!(compute);
        loop {
            match self.join(key) {
                Joined::Kept(value) => return Some(value),
                Joined::Follows(flight) => {
                    let Some(wait) = flight.follow() else { return compute.await };
                    if let Waited::Landed(value) = wait.await {
                        return Some(value);
                    }
                }
                Joined::Leads(mut landing) => {
                    landing.value = landing.flight.run(compute.as_mut()).await;
                    return landing.value;
                }
            }
        }
    }

    /// The same for a thread.
    pub fn get_blocking(
        self: &Arc<Self>,
        key: u32,
        compute: impl FnOnce() -> Option<u32>,
    ) -> Option<u32> {
        loop {
            match self.join(key) {
                Joined::Kept(value) => return Some(value),
                Joined::Follows(flight) => {
                    let Some(wait) = flight.follow() else { return compute() };
                    if let Waited::Landed(value) = wait.block(None, u32::clone) {
                        return Some(value);
                    }
                }
                Joined::Leads(mut landing) => {
                    let running = landing.flight.enter();
                    landing.value = compute();
                    drop(running);
                    return landing.value;
                }
            }
        }
    }

    /// Whether somebody computes the key now.
    pub fn is_under_way(&self, key: u32) -> bool {
        matches!(self.lock().get(&key), Some(Entry::UnderWay(_)))
    }

    fn join(self: &Arc<Self>, key: u32) -> Joined {
        let mut entries = self.lock();
        match entries.get(&key) {
            Some(Entry::Kept(value)) => Joined::Kept(*value),
            Some(Entry::UnderWay(flight)) => Joined::Follows(flight.clone()),
            None => {
                let flight = Flight::start();
                entries.insert(key, Entry::UnderWay(flight.clone()));
                Joined::Leads(Landing { once: self.clone(), key, flight, value: None })
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Entry>> {
        self.entries.lock().expect("nothing panics under the lock")
    }
}
