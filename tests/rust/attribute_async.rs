//! `single_flight` for async functions, polled by hand: who leads, who follows, who takes over.
#![cfg(not(loom))]

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

use warp_cache::warp_cache;
use warp_tests::computed::{computations, computed};
use warp_tests::executor::{Boxed, block_on, join_all, run_tasks, yield_now};
use warp_tests::watchdog::watched;

/// Counts how often it is woken.
#[derive(Default)]
struct Bell(AtomicUsize);
impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A future that the test polls, with a bell of its own.
struct Polled<'a, T> {
    future: Pin<Box<dyn Future<Output = T> + 'a>>,
    bell: Arc<Bell>,
}

impl<'a, T> Polled<'a, T> {
    fn new(future: impl Future<Output = T> + 'a) -> Self {
        Polled { future: Box::pin(future), bell: Arc::default() }
    }
    fn poll(&mut self) -> Option<T> {
        let waker = Waker::from(self.bell.clone());
        match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }
    fn rings(&self) -> usize {
        self.bell.0.load(Relaxed)
    }
}

thread_local! {
    static OPEN: Cell<bool> = const { Cell::new(false) };
}

/// Ready once the test says so; the test polls by itself.
async fn gate() {
    poll_fn(|_| if OPEN.get() { Poll::Ready(()) } else { Poll::Pending }).await;
}

#[test]
fn followers_share_and_are_woken_once() {
    #[warp_cache(single_flight)]
    async fn cached(text: &str) -> String {
        gate().await;
        computed(text.to_uppercase())
    }
    let text = String::from("key");
    let mut calls: Vec<_> = (0..4).map(|_| Polled::new(cached(&text))).collect();
    let count = computations(|| {
        assert!(calls.iter_mut().all(|call| call.poll().is_none()));
        assert_eq!((cached::info().misses, cached::info().waits), (1, 3));
        OPEN.set(true);
        assert!(calls[1].poll().is_none(), "a follower cannot bring it to its end");
        assert_eq!(calls[0].poll().as_deref(), Some("KEY"));
        assert_eq!([1, 2, 3].map(|index| calls[index].rings()), [1, 1, 1]);
        assert!(calls[1..].iter_mut().all(|call| call.poll().as_deref() == Some("KEY")));
    });
    let info = cached::info();
    assert_eq!((count, info.hits, info.misses, info.waits), (1, 3, 1, 3));
}

#[test]
fn without_it_each_call_computes() {
    #[warp_cache]
    async fn cached(n: u32) -> u32 {
        gate().await;
        computed(n)
    }
    let mut calls = [Polled::new(cached(1)), Polled::new(cached(1))];
    let count = computations(|| {
        assert!(calls.iter_mut().all(|call| call.poll().is_none()));
        OPEN.set(true);
        assert!(calls.iter_mut().all(|call| call.poll() == Some(1)));
    });
    assert_eq!((count, cached::info().misses, cached::info().len), (2, 2, 1));
}

#[test]
fn when_the_leader_is_dropped_a_follower_takes_over() {
    #[warp_cache(single_flight, skip(who))]
    async fn cached(_: u32, who: &'static str) -> &'static str {
        gate().await;
        computed(who)
    }
    let mut leader = Polled::new(cached(1, "leader"));
    let mut dropped = Polled::new(cached(1, "dropped"));
    let mut second = Polled::new(cached(1, "second"));
    let mut third = Polled::new(cached(1, "third"));
    for call in [&mut leader, &mut dropped, &mut second, &mut third] {
        assert!(call.poll().is_none());
    }
    // A follower that goes costs nobody anything.
    drop(dropped);
    assert_eq!(second.rings() + third.rings(), 0);
    drop(leader);
    assert_eq!([second.rings(), third.rings()], [1, 1]);
    assert!(second.poll().is_none() && third.poll().is_none());
    OPEN.set(true);
    assert!(third.poll().is_none());
    assert_eq!(second.poll(), Some("second"));
    assert_eq!(third.poll(), Some("second"));
    let info = cached::info();
    // Two calls were cancelled: one had begun to compute, one to wait. No error is among them.
    assert_eq!((info.hits, info.misses, info.errors), (1, 2, 0));
}

#[test]
fn when_all_are_dropped_nothing_is_left() {
    #[warp_cache(single_flight)]
    async fn cached(n: u32) -> u32 {
        gate().await;
        computed(n)
    }
    let mut calls = [Polled::new(cached(1)), Polled::new(cached(1))];
    assert!(calls.iter_mut().all(|call| call.poll().is_none()));
    drop(calls);
    OPEN.set(true);
    assert_eq!((Polled::new(cached(1)).poll(), cached::info().len), (Some(1), 1));
}

#[test]
fn a_refresh_that_is_dropped_changes_nothing() {
    #[warp_cache(single_flight)]
    async fn cached(n: u32) -> u32 {
        gate().await;
        n
    }
    cached::set(1, 10);
    let mut refresh = Polled::new(cached::refresh(1));
    assert!(refresh.poll().is_none());
    // It does not hold up who finds the old value.
    assert_eq!(Polled::new(cached(1)).poll(), Some(10));
    drop(refresh);
    assert_eq!((cached::get(1), cached::info().errors), (Some(10), 0));
}

/// They are functions that are not async, over the one way in that is.
#[test]
fn controls_answer_at_once_while_a_call_computes() {
    #[warp_cache(single_flight)]
    async fn cached(n: u32) -> Option<u32> {
        gate().await;
        Some(n)
    }
    let mut calls = [Polled::new(cached(1)), Polled::new(cached(1))];
    assert!(calls.iter_mut().all(|call| call.poll().is_none()));
    assert_eq!((cached::get(1), cached::contains(1), cached::invalidate(1)), (None, false, false));
    cached::set(1, Some(10));
    assert_eq!(
        (cached::get(1), cached::contains(1), cached::invalidate(1)),
        (Some(Some(10)), true, true)
    );
    OPEN.set(true);
    assert!(calls.iter_mut().all(|call| call.poll() == Some(Some(1))));
    assert!(!cached::contains(1));
    assert_eq!((cached::info().hits, cached::info().misses), (1, 1));
}

#[test]
fn followers_get_the_leaders_error_never() {
    #[warp_cache(single_flight, skip(fails))]
    async fn cached(n: u32, fails: bool) -> Result<u32, &'static str> {
        gate().await;
        if fails { Err("own") } else { Ok(n) }
    }
    let mut leader = Polled::new(cached(1, true));
    let mut followers = [Polled::new(cached(1, false)), Polled::new(cached(1, false))];
    assert!(leader.poll().is_none() && followers.iter_mut().all(|call| call.poll().is_none()));
    OPEN.set(true);
    assert_eq!(leader.poll(), Some(Err("own")));
    assert_eq!([0, 1].map(|index| followers[index].poll()), [Some(Ok(1)), Some(Ok(1))]);
}

/// In the order in which they began to wait.
#[test]
fn followers_are_woken_in_order() {
    struct Named(usize, Arc<std::sync::Mutex<Vec<usize>>>);
    impl Wake for Named {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }
    #[warp_cache(single_flight)]
    async fn cached(n: u32) -> u32 {
        gate().await;
        n
    }
    let woken = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut calls: Vec<_> = (0..6).map(|_| Box::pin(cached(1))).collect();
    let mut poll = |index: usize| {
        let waker = Waker::from(Arc::new(Named(index, woken.clone())));
        calls[index].as_mut().poll(&mut Context::from_waker(&waker))
    };
    for index in [0, 3, 1, 5, 2, 4] {
        assert!(poll(index).is_pending());
    }
    assert!(poll(3).is_pending(), "who is polled again keeps its place");
    OPEN.set(true);
    assert_eq!(poll(0), Poll::Ready(1));
    assert_eq!(*woken.lock().unwrap(), [3, 1, 5, 2, 4]);
}

#[warp_cache(single_flight, skip(depth))]
async fn a(n: u32, depth: u32) -> u32 {
    yield_now().await;
    if depth == 0 { n } else { Box::pin(b(n, depth - 1)).await }
}

#[warp_cache(single_flight, skip(depth))]
async fn b(n: u32, depth: u32) -> u32 {
    yield_now().await;
    if depth == 0 { n } else { Box::pin(a(n, depth - 1)).await }
}

#[test]
fn futures_that_await_each_other_compute() {
    watched(|| {
        assert_eq!(block_on(a(1, 5)), 1);
        let two: Vec<Boxed<'_, u32>> = vec![Box::pin(a(2, 5)), Box::pin(b(2, 5))];
        assert_eq!(block_on(join_all(two)), [2, 2]);
        for seed in 0..if cfg!(miri) { 2 } else { 200 } {
            let n = 10 + seed as u32;
            let tasks = (0..6).map(|task| -> Boxed<'static, ()> {
                Box::pin(async move {
                    let value = if task % 2 == 0 { a(n, 4).await } else { b(n, 5).await };
                    assert_eq!(value, n);
                })
            });
            run_tasks(2, seed, tasks.collect());
        }
    });
}

#[test]
fn one_task_may_join_the_same_key() {
    #[warp_cache(single_flight)]
    async fn cached(n: u32) -> u32 {
        yield_now().await;
        computed(n)
    }
    #[warp_cache(single_flight)]
    async fn outer(n: u32) -> u32 {
        let both: Vec<Boxed<'_, u32>> = vec![Box::pin(cached(n)), Box::pin(cached(n))];
        join_all(both).await.into_iter().sum()
    }
    watched(|| {
        let all: Vec<Boxed<'_, u32>> = (0..5).map(|_| Box::pin(cached(1)) as _).collect();
        assert_eq!(computations(|| assert_eq!(block_on(join_all(all)), [1; 5])), 1);
        // Within another computation as well.
        assert_eq!(computations(|| assert_eq!(block_on(outer(2)), 4)), 1);
    });
}

/// What is neither Send nor Sync, of one thread.
#[test]
fn local_async_functions_keep_what_belongs_to_a_thread() {
    #[warp_cache(local)]
    async fn cached(n: Rc<u32>) -> Rc<RefCell<u32>> {
        yield_now().await;
        computed(Rc::new(RefCell::new(*n)))
    }
    let calls = || {
        let first = block_on(cached(Rc::new(1)));
        assert!(Rc::ptr_eq(&first, &block_on(cached(Rc::new(1)))));
    };
    assert_eq!(computations(calls), 1);
}

/// Compiles or does not: an executor with many threads takes no other futures.
#[test]
fn futures_are_send_where_arguments_and_values_are() {
    #[derive(Clone, Hash, PartialEq, Eq)]
    struct Store;
    #[warp_cache::methods]
    impl Store {
        #[warp_cache(single_flight)]
        async fn method(&self, text: &str) -> std::io::Result<Vec<u8>> {
            yield_now().await;
            Ok(text.as_bytes().to_vec())
        }
    }
    #[warp_cache]
    async fn plain(text: &str, key: (f64, Option<&str>)) -> Option<String> {
        yield_now().await;
        key.1.map(|key| format!("{text}{key}"))
    }
    #[warp_cache(single_flight, key = (text.len(), text))]
    async fn alone(text: String, _cell: Cell<u8>) -> usize {
        yield_now().await;
        text.len()
    }
    #[warp_cache(single_flight)]
    async fn generic<T: Clone + Send + Sync + std::hash::Hash + Eq + 'static>(value: &T) -> T {
        yield_now().await;
        value.clone()
    }
    /// Its error is made at the end, and no future keeps it.
    #[warp_cache(single_flight)]
    async fn boxed_error(n: u32) -> Result<u32, Box<dyn std::error::Error>> {
        yield_now().await;
        if n == 0 { Err("zero".into()) } else { Ok(n) }
    }
    #[warp_cache]
    async fn boxed_error_of_one(n: u32) -> Result<u32, Box<dyn std::error::Error>> {
        boxed_error::uncached(n).await
    }
    /// Send and not Sync.
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Alone(u32, std::marker::PhantomData<Cell<u8>>);
    #[warp_cache]
    async fn not_sync(key: Alone) -> u32 {
        yield_now().await;
        key.0
    }
    #[warp_cache(single_flight)]
    async fn not_sync_and_shared(key: Alone) -> u32 {
        yield_now().await;
        key.0
    }
    fn is_send<T>(future: impl Future<Output = T> + Send) -> T {
        block_on(future)
    }
    assert_eq!(is_send(Store.method("ab")).unwrap(), b"ab");
    assert_eq!(is_send(Store::method_cache().refresh(&Store, "ab")).unwrap(), b"ab");
    assert_eq!(is_send(plain("a", (1.0, Some("b")))).unwrap(), "ab");
    assert_eq!(is_send(alone("abc".into(), Cell::new(1))), 3);
    assert_eq!(is_send(generic(&7)), 7);
    assert!(is_send(boxed_error(0)).is_err());
    assert!(is_send(boxed_error_of_one(0)).is_err());
    let key = Alone(7, std::marker::PhantomData);
    assert_eq!((is_send(not_sync(key.clone())), is_send(not_sync_and_shared(key))), (7, 7));
    assert!(is_send(boxed_error::uncached(1)).is_ok());
}
