//! Computations that wait for each other: threads, futures, and both.
#![cfg(not(loom))]

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::thread;

use warp_cache::flight::{Flight, Waited};
use warp_tests::executor::{Boxed, block_on, join_all, run_tasks, yield_now};
use warp_tests::flights::Once;
use warp_tests::random::Random;
use warp_tests::watchdog::watched;

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_wait_is_refused_within_its_own_computation_only() {
    let (outer, inner) = (Flight::<u32>::start(), Flight::<u32>::start());
    assert!(outer.follow().is_some());
    let in_outer = outer.enter();
    let in_inner = inner.enter();
    assert!(outer.follow().is_none());
    assert!(inner.follow().is_none());
    drop(in_inner);
    assert!(outer.follow().is_none());
    assert!(inner.follow().is_some());
    let other = outer.clone();
    assert!(thread::spawn(move || other.follow().is_some()).join().unwrap());
    drop(in_outer);
    assert!(outer.follow().is_some());
}

/// A thread that switches between stacks, as Python's greenlets do, leaves in any order.
#[test]
fn computations_may_end_in_another_order_than_they_began() {
    let (first, second) = (Flight::<u32>::start(), Flight::<u32>::start());
    let in_first = first.enter();
    let in_second = second.enter();
    drop(in_first);
    assert!(first.follow().is_some());
    assert!(second.follow().is_none());
    drop(in_second);
    assert!(second.follow().is_some());
}

#[test]
fn a_future_is_computed_during_its_polls_only() {
    let flight = Flight::<u32>::start();
    {
        let mut body = pin!(async {
            assert!(flight.follow().is_none());
            yield_now().await;
            assert!(flight.follow().is_none());
            yield_now().await;
            panic!("expected by this test");
        });
        let mut run = pin!(flight.run(body.as_mut()));
        assert_eq!(poll(run.as_mut()), Poll::Pending);
        assert!(flight.follow().is_some());
        assert_eq!(poll(run.as_mut()), Poll::Pending);
        let last = std::panic::AssertUnwindSafe(|| poll(run.as_mut()));
        assert!(std::panic::catch_unwind(last).is_err());
    }
    assert!(flight.follow().is_some());
}

/// Lets two flights wait for each other, the first one's wait being made and ended in some way.
fn crossing(end_of_wait: impl FnOnce(Pin<&mut (dyn Future<Output = ()> + Send)>)) -> bool {
    let [a, b] = [Flight::<u32>::start(), Flight::<u32>::start()];
    let mut a_waits: Boxed<'_, ()> = Box::pin(async {
        let _ = b.follow().expect("b waits for nobody").await;
    });
    let mut body = pin!(async {
        std::future::poll_fn(|context| a_waits.as_mut().poll(context)).await;
    });
    assert_eq!(poll(pin!(a.run(body.as_mut()))), Poll::Pending);
    {
        let _in_b = b.enter();
        assert!(a.follow().is_none(), "a waits for b");
    }
    end_of_wait(body);
    let _in_b = b.enter();
    a.follow().is_some()
}

#[test]
fn a_wait_counts_as_long_as_it_lasts() {
    assert!(!crossing(|_| {}));
    // Polled by nobody's computation it is nobody's any more.
    assert!(crossing(|wait| assert_eq!(poll(wait), Poll::Pending)));
    let [a, b] = [Flight::<u32>::start(), Flight::<u32>::start()];
    let in_a = a.enter();
    let wait = b.follow();
    drop(in_a);
    let _in_b = b.enter();
    assert!(a.follow().is_none());
    drop(wait);
    assert!(a.follow().is_some());
}

#[test]
fn a_wait_that_moves_to_where_it_would_close_a_cycle_ends() {
    let flight = Flight::<u32>::start();
    let mut wait = Box::pin(flight.follow().expect("nothing is computed"));
    assert_eq!(poll(wait.as_mut()), Poll::Pending);
    let _running = flight.enter();
    assert_eq!(poll(wait.as_mut()), Poll::Ready(Waited::Failed));
    assert!(flight.follow().is_none());
}

#[test]
fn what_a_computation_awaits_at_once_counts_each() {
    let [a, b, c] = [(); 3].map(|()| Flight::<u32>::start());
    let mut body = pin!(async {
        let wait = |flight: &Arc<Flight<u32>>| {
            let flight = flight.clone();
            Box::pin(async move { flight.follow().expect("no cycle yet").await }) as Boxed<'_, _>
        };
        let waited = join_all(vec![wait(&b), wait(&c)]).await;
        assert_eq!(waited, [Waited::<u32>::Landed(2), Waited::Failed]);
    });
    let mut run = pin!(a.run(body.as_mut()));
    assert_eq!(poll(run.as_mut()), Poll::Pending);
    for waited_for in [&b, &c] {
        let _running = waited_for.enter();
        assert!(a.follow().is_none());
    }
    b.land(Some(2));
    assert_eq!(poll(run.as_mut()), Poll::Pending);
    c.land(None);
    assert_eq!(poll(run), Poll::Ready(()));
}

/// Keys that need others, computed by tasks (`get`) or threads (`get_blocking`).
struct Keys {
    once: Arc<Once>,
    needs: Vec<Vec<u32>>,
    computed: Vec<AtomicU32>,
    /// Whether a task awaits all that it needs at once.
    joins: bool,
}

impl Keys {
    fn new(needs: Vec<Vec<u32>>, joins: bool) -> Arc<Keys> {
        let computed = needs.iter().map(|_| AtomicU32::new(0)).collect();
        Arc::new(Keys { once: Arc::default(), needs, computed, joins })
    }

    /// At most `fuel` computations within each other, or those of a cycle would never end.
    fn get(self: Arc<Self>, key: u32, fuel: u32) -> Boxed<'static, u32> {
        Box::pin(async move {
            let keys = self.clone();
            let compute = async move {
                yield_now().await;
                keys.computed[key as usize].fetch_add(1, Relaxed);
                let needs = if fuel == 0 { &[][..] } else { &keys.needs[key as usize] };
                let mut sum = 1_u32;
                if keys.joins {
                    let futures = needs.iter().map(|&key| keys.clone().get(key, fuel - 1));
                    for value in join_all(futures.collect()).await {
                        sum = sum.wrapping_add(value);
                    }
                } else {
                    for &key in needs {
                        sum = sum.wrapping_add(keys.clone().get(key, fuel - 1).await);
                    }
                }
                Some(sum)
            };
            self.once.get(key, compute).await.expect("nothing fails")
        })
    }

    /// Every second key is computed by a thread that blocks, the others by futures.
    fn get_mixed(self: Arc<Self>, key: u32, fuel: u32) -> u32 {
        let sum = |keys: &Arc<Keys>| {
            keys.computed[key as usize].fetch_add(1, Relaxed);
            let needs = if fuel == 0 { &[][..] } else { &keys.needs[key as usize] };
            needs.iter().fold(1_u32, |sum, &key| {
                sum.wrapping_add(Arc::clone(keys).get_mixed(key, fuel - 1))
            })
        };
        let value = if key % 2 == 0 {
            self.once.get_blocking(key, || Some(sum(&self)))
        } else {
            block_on(self.once.get(key, async {
                yield_now().await;
                Some(sum(&self))
            }))
        };
        value.expect("nothing fails")
    }

    /// Asks for every key, from tasks that so many threads run.
    fn run_tasks(self: &Arc<Self>, threads: usize, seed: u64, fuel: u32) {
        let tasks = (0..self.needs.len() as u32).map(|key| {
            let keys = self.clone();
            Box::pin(async move { assert_ne!(keys.get(key, fuel).await, 0) }) as Boxed<'static, ()>
        });
        run_tasks(threads, seed, tasks.collect());
    }

    /// Asks for every key, each from a thread of its own.
    fn run_threads(self: &Arc<Self>, fuel: u32) {
        thread::scope(|scope| {
            for key in 0..self.needs.len() as u32 {
                scope.spawn(move || self.clone().get_mixed(key, fuel));
            }
        });
    }

    fn all_were_computed_once(&self) {
        for (key, computed) in self.computed.iter().enumerate() {
            assert_eq!(computed.load(Relaxed), 1, "key {key} of {:?}", self.needs);
        }
    }
}

#[test]
fn a_task_that_needs_its_own_result_computes() {
    watched(|| {
        let keys = Keys::new(vec![vec![0]], false);
        assert_eq!(block_on(keys.clone().get(0, 5)), 6);
        let keys = Keys::new(vec![vec![1], vec![2], vec![0]], false);
        assert_eq!(block_on(keys.clone().get(0, 7)), 8);
        assert!(!keys.once.is_under_way(0));
        // Both at once, of which each needs the other.
        let keys = Keys::new(vec![vec![1, 2], vec![2], vec![1]], true);
        assert!(block_on(keys.clone().get(0, 4)) >= 3);
    });
}

#[test]
fn tasks_and_threads_that_would_wait_for_each_other_compute() {
    watched(|| {
        let rings = [vec![vec![1], vec![0]], vec![vec![1], vec![2], vec![3], vec![4], vec![0]]];
        for ring in &rings {
            for seed in 0..if cfg!(miri) { 2 } else { 100 } {
                for threads in [1, 2] {
                    Keys::new(ring.clone(), false).run_tasks(threads, seed, 12);
                }
                Keys::new(ring.clone(), false).run_threads(12);
            }
        }
    });
}

/// What each key needs: some of those that `allowed` draws from.
fn draw(random: &mut Random, keys: u32, needs: u32, allowed: impl Fn(u32) -> u32) -> Vec<Vec<u32>> {
    let needs = |key, random: &mut Random| match allowed(key) {
        0 => Vec::new(),
        bound => (0..random.below(needs + 1)).map(|_| random.below(bound)).collect(),
    };
    (0..keys).map(|key| needs(key, random)).collect()
}

/// Without a cycle no wait is refused, so that no key is computed twice.
#[test]
fn keys_that_need_smaller_ones_are_computed_once_each() {
    watched(|| {
        for seed in 0..if cfg!(miri) { 2 } else { 100 } {
            let random = &mut Random::new(seed);
            let needs = draw(random, if cfg!(miri) { 5 } else { 16 }, 3, |key| key);
            for joins in [false, true] {
                let keys = Keys::new(needs.clone(), joins);
                keys.run_tasks(1 + seed as usize % 3, seed, u32::MAX);
                keys.all_were_computed_once();
            }
            let keys = Keys::new(needs, false);
            keys.run_threads(u32::MAX);
            keys.all_were_computed_once();
        }
    });
}

#[test]
fn keys_that_need_any_others_come_to_an_end() {
    watched(|| {
        for seed in 0..if cfg!(miri) { 2 } else { 150 } {
            let random = &mut Random::new(seed);
            let keys = if cfg!(miri) { 3 } else { 8 };
            let needs = draw(random, keys, 2, |_| keys);
            for joins in [false, true] {
                Keys::new(needs.clone(), joins).run_tasks(1 + seed as usize % 3, seed, 4);
            }
            Keys::new(needs, false).run_threads(4);
        }
    });
}
