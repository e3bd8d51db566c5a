//! Two threads on one cache: what both get done, over what one of them gets done alone.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::race::{Contender, Effort, Window, median, preemptions, quiet_window};

/// Calls per second of each contender, by one thread and by two together, a pair a round.
pub struct Scaling {
    pairs: Vec<Vec<Pair>>,
    /// Windows in which a thread was preempted or alone, and all of them.
    pub left_out: usize,
    pub tried: usize,
}

#[derive(Clone, Copy)]
struct Pair {
    alone: f64,
    together: f64,
}

impl Scaling {
    /// How many pairs the contender with the fewest has.
    pub fn fewest(&self) -> usize {
        self.pairs.iter().map(Vec::len).min().unwrap_or(0)
    }

    /// Two threads' calls over one's in the same time. Perfect is 2; NaN if all was disturbed.
    pub fn scaling(&self, contender: usize) -> f64 {
        median(self.pairs[contender].iter().map(|pair| pair.together / pair.alone).collect())
    }

    /// Two threads' calls over those of two threads on another cache.
    pub fn throughput(&self, contender: usize, reference: usize) -> f64 {
        let together = |contender: usize| {
            median(self.pairs[contender].iter().map(|pair| pair.together).collect())
        };
        together(contender) / together(reference)
    }
}

/// How often a disturbed window is tried again.
const ATTEMPTS: usize = 5;

/// Short, as both processors have to be ours for all of it.
const WINDOW: Duration = Duration::from_micros(400);

enum Job {
    Warm(usize),
    Window(usize),
}

/// Lets the contenders, warm already on this thread, take turns alone and with a helper.
pub fn race(contenders: &[Contender], effort: Effort, mut progress: impl FnMut(f64)) -> Scaling {
    let mut scaling = Scaling { pairs: vec![Vec::new(); contenders.len()], left_out: 0, tried: 0 };
    let gate = Gate::default();
    thread::scope(|scope| {
        // One helper for all windows: what a cache keeps for each thread stays warm in it.
        let (jobs, todo) = channel();
        let (report, done) = channel();
        scope.spawn(|| help(contenders, &gate, todo, report));
        for contender in 0..contenders.len() {
            ask(&jobs, Job::Warm(contender));
            take(&done);
        }
        for round in 0..effort.rounds {
            for turn in 0..contenders.len() {
                let contender = (round + turn) % contenders.len();
                let alone = quiet_window(|| contenders[contender].run(WINDOW));
                if !alone.undisturbed {
                    continue;
                }
                for _attempt in 0..ATTEMPTS {
                    ask(&jobs, Job::Window(contender));
                    let preempted = gate.pass(LEADER);
                    let mine = contenders[contender].run_since(preempted, WINDOW);
                    let Some(theirs) = take(&done) else { break };
                    scaling.tried += 1;
                    if mine.undisturbed && theirs.undisturbed && mine.is_beside(&theirs) {
                        let rate = |window: Window| 1.0 / window.seconds_per_call;
                        let together = rate(mine) + rate(theirs);
                        scaling.pairs[contender].push(Pair { alone: rate(alone), together });
                        break;
                    }
                    scaling.left_out += 1;
                }
            }
            progress((round + 1) as f64 / effort.rounds as f64);
        }
    });
    scaling
}

fn help(
    contenders: &[Contender],
    gate: &Gate,
    todo: Receiver<Job>,
    report: Sender<Option<Window>>,
) {
    for job in todo {
        let window = match job {
            Job::Warm(contender) => {
                contenders[contender].warm();
                None
            }
            Job::Window(contender) => {
                let preempted = gate.pass(HELPER);
                Some(contenders[contender].run_since(preempted, WINDOW))
            }
        };
        if report.send(window).is_err() {
            return;
        }
    }
}

fn ask(jobs: &Sender<Job>, job: Job) {
    jobs.send(job).expect("the helper lives as long as it is asked");
}

fn take(done: &Receiver<Option<Window>>) -> Option<Window> {
    done.recv().expect("the helper answers every job")
}

/// Where two threads meet and go on together, each on a processor of its own.
///
/// They pass a turn to and fro until it moves as fast as only two running threads can pass it.
/// Just waiting for each other would often let them run one after the other.
#[derive(Default)]
struct Gate {
    turn: AtomicUsize,
    open: AtomicBool,
}

const LEADER: usize = 0;
const HELPER: usize = 1;

impl Gate {
    const TURNS: usize = 100;
    /// A turn and back takes some 200 ns between processors, and microseconds within one.
    const FAST: Duration = Duration::from_micros(100);
    /// When to do without: the window will be found disturbed.
    const PATIENCE: Duration = Duration::from_millis(30);

    /// Returns the thread's preemptions so far, counted before the last turns: it takes a while.
    fn pass(&self, side: usize) -> u64 {
        let arrived = Instant::now();
        loop {
            let preempted = preemptions();
            self.take_turn(side, || ());
            let started = Instant::now();
            for _turn in 0..Self::TURNS {
                self.take_turn(side, || ());
            }
            // The leader decides for both.
            self.take_turn(side, || {
                if side == LEADER {
                    let open = started.elapsed() < Self::FAST || arrived.elapsed() > Self::PATIENCE;
                    self.open.store(open, Ordering::Relaxed);
                }
            });
            if self.open.load(Ordering::Relaxed) {
                return preempted;
            }
        }
    }

    fn take_turn(&self, side: usize, act: impl Fn()) {
        let mut spins = 0;
        while self.turn.load(Ordering::Acquire) % 2 != side {
            spins += 1;
            if spins % 1000 == 0 { thread::yield_now() } else { std::hint::spin_loop() }
        }
        act();
        self.turn.fetch_add(1, Ordering::Release);
    }
}
