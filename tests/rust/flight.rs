//! Waiting for a flight as a future: who is woken, when, and what a cancelled one leaves behind.
#![cfg(not(loom))]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use warp_cache::flight::{Flight, Wait, Waited};
use warp_tests::executor::{Boxed, block_on, run_tasks, yield_now};
use warp_tests::flights::Once;
use warp_tests::watchdog::watched;

/// A waker that writes its name into a list.
struct Logs(u32, Arc<Mutex<Vec<u32>>>);

impl Wake for Logs {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push(self.0);
        assert!(self.0 != 666, "expected by this test");
    }
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

fn follow(flight: &Flight<u32>) -> Wait<'_, u32> {
    flight.follow().expect("this thread computes nothing")
}

#[test]
fn futures_are_woken_once_each_in_the_order_in_which_they_began_to_wait() {
    for value in [Some(1), None] {
        let log = Arc::new(Mutex::new(Vec::new()));
        let waker = |name| Waker::from(Arc::new(Logs(name, log.clone())));
        let flight = Flight::start();
        let mut waits: Vec<_> = (0..5).map(|_| follow(&flight)).collect();
        for (name, index) in [(0, 3), (1, 1), (2, 4), (3, 0)] {
            assert_eq!(poll(&mut waits[index], &waker(name)), Poll::Pending);
        }
        // One comes to another waker and keeps its place; one goes; one was never polled.
        assert_eq!(poll(&mut waits[1], &waker(9)), Poll::Pending);
        assert_eq!(poll(&mut waits[1], &waker(8)), Poll::Pending);
        drop(waits.remove(4));
        flight.land(value);
        flight.land(Some(7));
        assert_eq!(*log.lock().unwrap(), [0, 8, 3]);
        for wait in &mut waits {
            let expected = value.map_or(Waited::Failed, Waited::Landed);
            assert_eq!(poll(wait, Waker::noop()), Poll::Ready(expected));
        }
    }
}

#[test]
fn a_waker_is_let_go_with_its_wait_and_at_the_landing() {
    let log = Arc::new(Logs(1, Arc::default()));
    let waker = Waker::from(log.clone());
    let flight = Flight::start();
    let mut waits = [follow(&flight), follow(&flight)];
    for wait in &mut waits {
        assert_eq!(poll(wait, &waker), Poll::Pending);
    }
    assert_eq!(Arc::strong_count(&log), 4);
    let [dropped, mut moved] = waits;
    drop(dropped);
    assert_eq!(Arc::strong_count(&log), 3);
    assert_eq!(poll(&mut moved, Waker::noop()), Poll::Pending);
    assert_eq!(Arc::strong_count(&log), 2);
    assert_eq!(poll(&mut moved, &waker), Poll::Pending);
    flight.land(None);
    assert_eq!(Arc::strong_count(&log), 2);
}

#[test]
fn a_waker_that_panics_costs_nobody_else_the_wake_up() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let flight = Flight::start();
    let mut waits = [follow(&flight), follow(&flight), follow(&flight)];
    for (wait, name) in waits.iter_mut().zip([1, 666, 2]) {
        let waker = Waker::from(Arc::new(Logs(name, log.clone())));
        assert_eq!(poll(wait, &waker), Poll::Pending);
    }
    flight.land(Some(1));
    assert_eq!(*log.lock().unwrap(), [1, 666, 2]);
}

/// Wakers are cloned, woken and dropped by no one who holds the flight's lock.
#[test]
fn a_waker_may_use_the_flight() {
    struct Asks(Arc<Flight<u32>>, AtomicU32);
    impl Wake for Asks {
        fn wake(self: Arc<Self>) {
            if poll(&mut follow(&self.0), Waker::noop()) == Poll::Ready(Waited::Landed(5)) {
                self.1.fetch_add(1, Relaxed);
            }
        }
    }
    impl Drop for Asks {
        fn drop(&mut self) {
            let _ = poll(&mut follow(&self.0), Waker::noop());
        }
    }
    watched(|| {
        let flight = Flight::start();
        let asks = Arc::new(Asks(flight.clone(), AtomicU32::new(0)));
        let (mut wait, mut dropped) = (follow(&flight), follow(&flight));
        assert_eq!(poll(&mut wait, &Waker::from(asks.clone())), Poll::Pending);
        let last = |flight: &Arc<Flight<u32>>| {
            Waker::from(Arc::new(Asks(flight.clone(), AtomicU32::new(0))))
        };
        assert_eq!(poll(&mut dropped, &last(&flight)), Poll::Pending);
        assert_eq!(poll(&mut dropped, &last(&flight)), Poll::Pending);
        drop(dropped);
        flight.land(Some(5));
        assert_eq!(asks.1.load(Relaxed), 1);
    });
}

#[test]
fn threads_and_futures_wait_for_the_same_flight() {
    watched(|| {
        for value in [Some(3), None] {
            let flight = Flight::start();
            let begun = Arc::new(AtomicU32::new(0));
            let followers: Vec<_> = (0..6)
                .map(|index| {
                    let (flight, begun) = (flight.clone(), begun.clone());
                    thread::spawn(move || {
                        begun.fetch_add(1, Relaxed);
                        let wait = follow(&flight);
                        if index % 2 == 0 { block_on(wait) } else { wait.block(None, u32::clone) }
                    })
                })
                .collect();
            while begun.load(Relaxed) < 6 {
                thread::yield_now();
            }
            flight.land(value);
            for follower in followers {
                let expected = value.map_or(Waited::Failed, Waited::Landed);
                assert_eq!(follower.join().unwrap(), expected);
            }
        }
    });
}

#[test]
fn a_wait_may_go_to_other_threads() {
    fn goes<T: Send + Sync + Unpin>(_: T) {}
    let flight = Flight::<u32>::start();
    goes(follow(&flight));
    fn is_send<T: Send>(_: T) {}
    is_send(flight.run(pin!(async {})));
}

/// Leaders that end in some way after `others` have come; then one of these computes.
fn hand_over(end: impl Future<Output = Option<u32>> + Send + 'static, others: u32) {
    let (once, begun, computed) =
        (Arc::new(Once::default()), Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut tasks: Vec<Boxed<'static, ()>> = Vec::new();
    for _ in 0..others {
        let (once, begun, computed) = (once.clone(), begun.clone(), computed.clone());
        tasks.push(Box::pin(async move {
            while !once.is_under_way(1) {
                yield_now().await;
            }
            begun.fetch_add(1, Relaxed);
            let compute = async { Some(computed.fetch_add(1, Relaxed) + 10) };
            assert_eq!(once.get(1, compute).await, Some(10));
        }));
    }
    let state = begun.clone();
    tasks.push(Box::pin(async move {
        let mut leader = Box::pin(once.get(1, async {
            while state.load(Relaxed) < others {
                yield_now().await;
            }
            end.await
        }));
        // Cancelled if it has not come to an end when it should have.
        std::future::poll_fn(|context| {
            match catch_unwind(AssertUnwindSafe(|| leader.as_mut().poll(context))) {
                Ok(Poll::Pending) if begun.load(Relaxed) < others => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
    }));
    run_tasks(if cfg!(miri) { 1 } else { 3 }, 1, tasks);
    assert_eq!(computed.load(Relaxed), 1, "one follower leads, and only one");
}

#[test]
fn a_leader_that_fails_panics_or_is_cancelled_hands_over_to_one_follower() {
    watched(|| {
        for others in [1, 2, 7] {
            hand_over(async { None }, others);
            hand_over(async { panic!("expected by this test") }, others);
            hand_over(std::future::pending(), others);
        }
    });
}

/// Each of them leads once, and never two at a time.
#[test]
fn leaders_that_fail_one_after_the_other_are_followed_by_all() {
    watched(|| {
        let once = Arc::new(Once::default());
        let running = Arc::new(AtomicU32::new(0));
        let failures = Arc::new(AtomicU32::new(0));
        let tasks = (0..20).map(|_| {
            let (once, running, failures) = (once.clone(), running.clone(), failures.clone());
            Box::pin(async move {
                let result = once.get(1, async {
                    assert_eq!(running.fetch_add(1, Relaxed), 0);
                    yield_now().await;
                    running.fetch_sub(1, Relaxed);
                    failures.fetch_add(1, Relaxed);
                    None
                });
                assert_eq!(result.await, None);
            }) as Boxed<'static, ()>
        });
        run_tasks(2, 2, tasks.collect());
        assert_eq!(failures.load(Relaxed), 20);
    });
}

/// A follower that was woken to lead and goes instead takes nobody's turn.
#[test]
fn a_follower_that_is_cancelled_after_a_failure_leaves_the_turn_to_another() {
    watched(|| {
        let once = Arc::new(Once::default());
        let mut leader = Box::pin(once.get(1, std::future::pending()));
        assert_eq!(poll(&mut leader, Waker::noop()), Poll::Pending);
        let mut first = Box::pin(once.get(1, async { Some(1) }));
        let mut second = Box::pin(once.get(1, async { Some(2) }));
        let log = Arc::new(Mutex::new(Vec::new()));
        let waker = |name| Waker::from(Arc::new(Logs(name, log.clone())));
        assert_eq!(poll(&mut first, &waker(1)), Poll::Pending);
        assert_eq!(poll(&mut second, &waker(2)), Poll::Pending);
        drop(leader);
        assert_eq!(*log.lock().unwrap(), [1, 2]);
        drop(first);
        assert_eq!(poll(&mut second, Waker::noop()), Poll::Ready(Some(2)));
    });
}
