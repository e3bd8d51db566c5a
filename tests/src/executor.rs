//! Small executors, for futures that belong to no runtime.

use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::random::Random;

/// A future of its own place.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs a future to its end on the calling thread.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// Lets the other tasks run.
pub async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Awaits all at once, within one task.
pub async fn join_all<T>(mut futures: Vec<Boxed<'_, T>>) -> Vec<T> {
    let mut results: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, result) in futures.iter_mut().zip(&mut results) {
            if result.is_none() {
                if let Poll::Ready(value) = future.as_mut().poll(context) {
                    *result = Some(value);
                }
            }
        }
        if results.iter().any(Option::is_none) {
            return Poll::Pending;
        }
        Poll::Ready(results.iter_mut().map(|result| result.take().expect("it is there")).collect())
    })
    .await
}

struct Queue {
    tasks: VecDeque<Arc<Task>>,
    unfinished: usize,
    random: Random,
}

#[derive(Clone)]
struct Shared(Arc<(Mutex<Queue>, Condvar)>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.0.lock().expect("no task runs under the lock")
    }

    /// A task that was woken, whichever; none once all have ended.
    fn next(&self) -> Option<Arc<Task>> {
        let mut queue = self.lock();
        while queue.unfinished > 0 {
            let count = queue.tasks.len() as u32;
            if count > 0 {
                let index = queue.random.below(count) as usize;
                return queue.tasks.remove(index);
            }
            queue = self.0.1.wait(queue).expect("no task runs under the lock");
        }
        None
    }

    fn work(&self) {
        while let Some(task) = self.next() {
            let waker = Waker::from(task.clone());
            // Another thread may have the task in hand, and be about to let it go.
            let mut future = task.future.lock().expect("a task that panics fails its test");
            let Some(running) = &mut *future else { continue };
            if running.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                *future = None;
                self.lock().unfinished -= 1;
                self.0.1.notify_all();
            }
        }
    }
}

struct Task {
    future: Mutex<Option<Boxed<'static, ()>>>,
    shared: Shared,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let shared = self.shared.clone();
        shared.lock().tasks.push_back(self);
        shared.0.1.notify_one();
    }
}

/// Runs tasks to their end, by so many threads and in an order that is random.
///
/// # Panics
/// If a task does.
pub fn run_tasks(threads: usize, seed: u64, tasks: Vec<Boxed<'static, ()>>) {
    let random = Random::new(seed);
    let queue = Queue { tasks: VecDeque::new(), unfinished: tasks.len(), random };
    let shared = Shared(Arc::new((Mutex::new(queue), Condvar::new())));
    for task in tasks {
        Arc::new(Task { future: Mutex::new(Some(task)), shared: shared.clone() }).wake();
    }
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| shared.work());
        }
    });
}
