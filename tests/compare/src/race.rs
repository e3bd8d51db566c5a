//! How a figure is made: contenders take turns in short windows, each round begins with another
//! one, and a ratio is the median over the rounds. A busy second then meets everyone.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::work;

/// How long to measure: the length of a window, and how many each contender gets.
#[derive(Clone, Copy)]
pub struct Effort {
    pub window: Duration,
    pub rounds: usize,
}

pub const QUICK: Effort = Effort { window: Duration::from_millis(1), rounds: 11 };
pub const THOROUGH: Effort = Effort { window: Duration::from_millis(2), rounds: 61 };

/// One cached function, with what it is asked.
pub struct Contender {
    pub name: &'static str,
    calls: usize,
    /// Asks everything once.
    pass: Box<dyn Fn() + Send + Sync>,
    /// Asks everything once; whether all answers were right.
    answers_rightly: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Contender {
    /// `call` is a type of its own and not a pointer, so that it is inlined into the loop as it
    /// would be at a user's.
    pub fn new<A, V>(
        name: &'static str,
        asked: &'static [A],
        expected: impl Fn(A) -> V + Send + Sync + 'static,
        call: impl Fn(A) -> V + Copy + Send + Sync + 'static,
    ) -> Self
    where
        A: Copy + Sync + 'static,
        V: PartialEq + 'static,
    {
        Contender {
            name,
            calls: asked.len(),
            pass: Box::new(move || {
                for &arguments in asked {
                    black_box(call(black_box(arguments)));
                }
            }),
            answers_rightly: Box::new(move || {
                asked.iter().all(|&arguments| call(arguments) == expected(arguments))
            }),
        }
    }

    /// Fills the cache, for this thread too if it has one for each, until it computes no more.
    pub fn warm(&self) {
        assert!((self.answers_rightly)(), "{} gives wrong answers", self.name);
        // A cache may refuse a key that it does not know well, or keep it a little later.
        for _ in 0..200 {
            let before = work::computed();
            (self.pass)();
            if work::computed() == before {
                assert!((self.answers_rightly)(), "{} gives wrong answers", self.name);
                return;
            }
        }
        panic!("{} does not keep what is asked", self.name);
    }

    /// Calls for about as long as told.
    pub fn run(&self, length: Duration) -> Window {
        self.run_since(preemptions(), length)
    }

    /// The same where the thread's preemptions were counted already, as that takes a while.
    pub fn run_since(&self, preempted: u64, length: Duration) -> Window {
        let computed = work::computed();
        let started = Instant::now();
        let mut calls = 0;
        loop {
            (self.pass)();
            calls += self.calls;
            let took = started.elapsed();
            if took >= length {
                assert!(work::computed() == computed, "{} lost what it had kept", self.name);
                return Window {
                    started,
                    took,
                    seconds_per_call: took.as_secs_f64() / calls as f64,
                    undisturbed: preemptions() == preempted,
                };
            }
        }
    }
}

#[derive(Clone, Copy)]
pub struct Window {
    started: Instant,
    took: Duration,
    pub seconds_per_call: f64,
    pub undisturbed: bool,
}

impl Window {
    /// Whether the two went on at the same time, but for a tenth.
    pub fn is_beside(&self, other: &Window) -> bool {
        let ends = (self.started + self.took).min(other.started + other.took);
        let both = ends.saturating_duration_since(self.started.max(other.started));
        both * 10 >= self.took.max(other.took) * 9
    }
}

/// How often this thread had to leave its processor to another. Always 0 without a Linux /proc,
/// and then the medians alone deal with what disturbs.
pub fn preemptions() -> u64 {
    let Ok(status) = fs::read_to_string("/proc/thread-self/status") else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("nonvoluntary_ctxt_switches:"));
    line.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

/// Seconds per call of each contender, a figure a round.
pub struct Times(Vec<Vec<f64>>);

impl Times {
    pub fn nanoseconds(&self, contender: usize) -> f64 {
        median(self.0[contender].clone()) * 1e9
    }

    /// Each round against the same round of the reference.
    pub fn ratio(&self, contender: usize, reference: usize) -> f64 {
        median(self.0[contender].iter().zip(&self.0[reference]).map(|(a, b)| a / b).collect())
    }
}

/// Lets the contenders, warm already, take turns on this thread.
pub fn race(contenders: &[Contender], effort: Effort, mut progress: impl FnMut(f64)) -> Times {
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..effort.rounds {
        for turn in 0..contenders.len() {
            let contender = (round + turn) % contenders.len();
            let window = quiet_window(|| contenders[contender].run(effort.window));
            times[contender].push(window.seconds_per_call);
        }
        progress((round + 1) as f64 / effort.rounds as f64);
    }
    Times(times)
}

/// A disturbed window is tried again, a few times.
pub fn quiet_window(run: impl Fn() -> Window) -> Window {
    let mut window = run();
    for _ in 0..3 {
        if window.undisturbed {
            break;
        }
        window = run();
    }
    window
}

/// NaN of nothing.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}
