//! One cache for all processes: what one has computed, the others find.
//!
//! cargo run --example 08_processes

use std::process::{Command, id};
use std::{env, fs, io, thread};

use serde::{Deserialize, Serialize};
use warp_cache::warp_cache;

#[derive(Clone, Serialize, Deserialize)]
struct Counted {
    words: usize,
    by: u32,
}

/// Processes find the cache by its name and its types.
#[warp_cache(shared = "words of chapters", max_size = 1000, single_flight)]
fn count(chapter: u32) -> Counted {
    let text = "lorem ipsum dolor sit amet ".repeat(chapter as usize * 1000);
    Counted { words: text.split_whitespace().count(), by: id() }
}

/// Asks for all chapters, and says who has counted each.
fn work() {
    for chapter in 1..=20 {
        let Counted { words, by } = count(chapter);
        println!("chapter {chapter}: {words} words, counted by process {by}");
    }
    eprintln!("process {}: {:?}", id(), count::info());
}

fn main() -> io::Result<()> {
    if env::args().any(|argument| argument == "--work") {
        work();
        return Ok(());
    }
    // A directory of the example's own, to leave nothing behind. Usually nobody has to give one.
    let directory = env::temp_dir().join(format!("processes-{}", id()));
    fs::create_dir(&directory)?;
    let worker = || {
        let mut worker = Command::new(env::current_exe()?);
        worker.arg("--work").env("XDG_RUNTIME_DIR", &directory).output()
    };
    let outputs: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("it does not panic")).collect()
    });
    fs::remove_dir_all(&directory)?;

    let mut said = Vec::new();
    for output in outputs {
        let output = output?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        said.push(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    print!("{}", said[0]);
    assert!(said.iter().all(|text| *text == said[0]), "each chapter was counted once, for all");
    Ok(())
}
