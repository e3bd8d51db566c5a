//! Many ask for the same at the same time: one computes, the others wait for its result.
//!
//! cargo run --example 04_single_flight

use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::{future, thread};

use warp_cache::warp_cache;

static QUERIES: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[warp_cache(max_size = 256, ttl = 60s, single_flight)]
async fn fetch(page: &str) -> String {
    QUERIES.lock().unwrap().push(page.to_owned());
    let mut polls = 0..1; // not there at once
    future::poll_fn(|_| polls.next().map_or(Poll::Ready(()), |_| Poll::Pending)).await;
    format!("<{page}>")
}

#[warp_cache(single_flight)]
fn report(day: &str) -> Vec<usize> {
    while report::info().waits < 7 {
        thread::yield_now(); // slow enough for the seven others to come
    }
    vec![day.len(), 2, 3]
}

type Visit = Pin<Box<dyn Future<Output = String>>>;

/// Does what a runtime would do.
fn poll(visit: &mut Visit) -> Poll<String> {
    visit.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn main() {
    let visit = |page| -> Visit { Box::pin(fetch(page)) };
    let home = Poll::Ready("<home>".to_owned());
    let mut visits: Vec<Visit> = (0..8).map(|_| visit("home")).collect();
    assert!(visits.iter_mut().all(|visit| poll(visit).is_pending()));
    assert!(visits.iter_mut().all(|visit| poll(visit) == home));
    assert_eq!(poll(&mut visit("home")), home); // a hit: nothing runs
    assert_eq!(*QUERIES.lock().unwrap(), ["home"]);
    println!("await: {:?}", fetch::info());

    // Whoever gives up does so alone: another leads.
    let (mut impatient, mut patient) = (visit("news"), visit("news"));
    assert!(poll(&mut impatient).is_pending() && poll(&mut patient).is_pending());
    drop(impatient);
    assert!(poll(&mut patient).is_pending());
    assert_eq!(poll(&mut patient), Poll::Ready("<news>".to_owned()));

    // Threads block.
    thread::scope(|scope| {
        (0..8).for_each(|_| drop(scope.spawn(|| assert_eq!(report("monday"), [6, 2, 3]))));
    });
    println!("threads: {:?}", report::info());
    assert_eq!((report::info().misses, report::info().waits), (1, 7));
}
