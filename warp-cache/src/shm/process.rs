//! Which process it is, in one word: its number and the moment it started.
//!
//! Whatever a process takes in a region (a shard's lock, a claim, a place in the table of
//! processes) it marks with its word. Whoever waits for it asks [`is_alive`]: a number alone would
//! not do, since numbers are given again, and a zombie has its number still.
//!
//! A word is the process number in its low 24 bits (Linux gives out 22, macOS 17) and the start in
//! the 40 above, in clock ticks since boot as `/proc` has it: enough for 348 years. Where `/proc`
//! is missing, or shows another pid namespace than ours, the start is all ones and only the number
//! counts; a number that was given again then counts as alive, which costs insertions and nothing
//! else. A start of 0 is nobody's: so a 0 with a flipped bit stands for no process.

use std::fs;
use std::io;

use crate::sync::{Counter, Ordering};

const PID_BITS: u32 = 24;
const PID_MASK: u64 = (1 << PID_BITS) - 1;
/// The start of a process that does not know its own.
const UNKNOWN: u64 = u64::MAX >> PID_BITS;

/// The word of this process, and with the number in it, whether it still is: a forked child starts
/// with its parent's.
static CURRENT: Counter = Counter::new(0);

/// This process's word, never 0. One system call, and a look into `/proc` at first and after a
/// fork; threads have no words of their own.
pub fn current() -> u64 {
    let pid = u64::from(std::process::id());
    let known = CURRENT.load(Ordering::Relaxed);
    if known & PID_MASK == pid {
        return known;
    }
    // A `/proc` of another pid namespace speaks of another process when asked for this number.
    let own = read("self").ok().and_then(|text| Status::parse(&text));
    let started = own.filter(|own| own.pid == pid).map_or(UNKNOWN, |own| own.started);
    let word = word(pid, started);
    CURRENT.store(word, Ordering::Relaxed);
    word
}

/// Whether the process that a word stands for can still act: false for one that has ended, is a
/// zombie, or whose number belongs to a later process. A stopped process is alive. In doubt true.
///
/// Some 10 microseconds: opens a file in `/proc`.
pub fn is_alive(word: u64) -> bool {
    let (pid, started) = (word & PID_MASK, word >> PID_BITS);
    let own = current();
    if word == own {
        return true;
    }
    if pid == 0 || started == 0 || pid == own & PID_MASK {
        // Nobody, or one who had our number before us.
        return false;
    }
    // Without a start of our own, `/proc` is not to be relied on.
    if started == UNKNOWN || own >> PID_BITS == UNKNOWN {
        return exists(pid);
    }
    match read(&pid.to_string()).map(|text| Status::parse(&text)) {
        Ok(Some(status)) => status.pid == pid && status.started == started && !status.has_ended,
        // It may also be hidden (hidepid), or we may have no descriptor left.
        Ok(None) | Err(_) => exists(pid),
    }
}

fn word(pid: u64, started: u64) -> u64 {
    // Numbers beyond the mask do not occur; a start would be wrong for one that was cut.
    (started << PID_BITS) | (pid & PID_MASK)
}

fn read(process: &str) -> io::Result<Vec<u8>> {
    if cfg!(target_os = "linux") {
        fs::read(format!("/proc/{process}/stat"))
    } else {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Whether there is a process of this number; true also where it is somebody else's.
fn exists(pid: u64) -> bool {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH))
}

/// What `/proc/PID/stat` says.
struct Status {
    pid: u64,
    started: u64,
    has_ended: bool,
}

impl Status {
    fn parse(text: &[u8]) -> Option<Status> {
        let text = String::from_utf8_lossy(text);
        // The program's name stands in parentheses, and may hold both parentheses and blanks.
        let (pid, rest) = text.split_once(' ')?;
        let mut fields = rest.get(rest.rfind(')')? + 1..)?.split_ascii_whitespace();
        let state = fields.next()?;
        let threads: u64 = fields.nth(16)?.parse().ok()?;
        // The first process may have come with the boot; 0 is nobody's.
        let started = fields.nth(1)?.parse::<u64>().ok()?.max(1);
        // The first thread of a process may end before the others; it then looks like a zombie.
        let has_ended = matches!(state, "Z" | "X" | "x") && threads <= 1;
        Some(Status { pid: pid.parse().ok()?, started, has_ended })
    }
}
