//! Races `#[warp_cache]` against its peers and builds beside them; see `--help`.

mod attributes;
mod build_cost;
mod maps;
mod ours;
mod packages;
mod race;
mod report;
mod rows;
mod table;
mod threads;
mod work;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use race::{Effort, QUICK, THOROUGH};
use report::{Progress, Report, Target};
use rows::{CACHED, EXPIRING, FLOOR, NUMBER, OURS, OURS_SHARED_HIT, PAGE, QUICK_CACHE, Question};
use table::Table;

const HELP: &str = "\
Races #[warp_cache] against its peers in one process, and builds beside them.

  --quick          a first impression, in about a minute
  --only SECTION   calls, threads or build; may be repeated
  --output FOLDER  where the results go
";

const SECTIONS: [&str; 3] = ["calls", "threads", "build"];

struct Options {
    quick: bool,
    only: Vec<String>,
    output: PathBuf,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(complaint) => {
            eprintln!("{complaint}{HELP}");
            return ExitCode::from(2);
        }
    };
    match measure(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let (mut quick, mut only, mut output) = (false, Vec::new(), None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => quick = true,
            "--only" => match arguments.next() {
                Some(section) if SECTIONS.contains(&section.as_str()) => only.push(section),
                section => return Err(format!("no section {}\n\n", section.unwrap_or_default())),
            },
            "--output" => match arguments.next() {
                Some(folder) => output = Some(PathBuf::from(folder)),
                None => return Err("--output needs a folder\n\n".into()),
            },
            "--help" | "-h" => return Err(String::new()),
            other => return Err(format!("no option {other}\n\n")),
        }
    }
    // What is quick or partial is for looking at, not for README.
    let default = if quick || !only.is_empty() {
        target().join("results")
    } else {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("results")
    };
    Ok(Options { quick, only, output: output.unwrap_or(default) })
}

/// The folder that cargo builds into: this program is in its `release`.
fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.ancestors().nth(2).map_or_else(|| "target/compare".into(), Path::to_path_buf)
}

fn measure(options: &Options) -> std::io::Result<()> {
    let started = Instant::now();
    let chosen =
        |section: &str| options.only.is_empty() || options.only.iter().any(|it| it == section);
    let effort = if options.quick { QUICK } else { THOROUGH };
    let mut report = Report::new();
    if chosen("calls") || chosen("threads") {
        let questions = rows::questions();
        for question in &questions {
            question.contenders.iter().for_each(race::Contender::warm);
        }
        if chosen("calls") {
            add_calls(&questions, effort, &mut report);
        }
        if chosen("threads") {
            add_threads(&questions, effort, &mut report);
        }
    }
    if chosen("build") {
        build_cost::measure(&target().join("build-cost"), options.quick, &mut report)?;
    }
    let written = report.finish(&options.output)?;
    let written: Vec<_> = written.iter().map(|path| path.display().to_string()).collect();
    println!("{} s; written: {}", started.elapsed().as_secs(), written.join(", "));
    Ok(())
}

fn add_calls(questions: &[Question], effort: Effort, report: &mut Report) {
    let peers =
        ["cached", "memoize", "kash", "quick_cache", "moka", "mini-moka", "hashlink", "lru"];
    let mut to_cached =
        Table::new("Hits on one thread, ratio to #[cached]", &report::versions(&peers));
    let mut to_floor = Table::new("Hits on one thread, ratio to hashbrown + Mutex", "");
    let mut nanoseconds = Table::new("Hits on one thread, nanoseconds (for orientation)", "");
    for question in questions {
        let progress = Progress::on(format!("one thread, {}", question.name));
        let times = race::race(&question.contenders, effort, |share| progress.show(share));
        let (cached, floor) = (question.index(CACHED), question.index(FLOOR));
        to_cached.add(question.name, 2, question.figures(|it| times.ratio(it, cached)));
        to_floor.add(question.name, 2, question.figures(|it| times.ratio(it, floor)));
        nanoseconds.add(question.name, 1, question.figures(|it| times.nanoseconds(it)));
    }
    for (what, question, limit) in [
        ("fn(u64), ratio to #[cached]", NUMBER, 0.6),
        ("ttl, ratio to #[cached]", EXPIRING, 0.3),
        ("fn(&str, u32), ratio to #[cached]", PAGE, 0.5),
    ] {
        let measured = to_cached.figure(OURS, question);
        report.hold(Target { what, measured, limit, at_least: false });
    }
    report.add(to_cached);
    report.add(to_floor);
    report.add(nanoseconds);
}

fn add_threads(questions: &[Question], effort: Effort, report: &mut Report) {
    let mut scaling = Table::new("Two threads on one cache, their calls over one thread's", "");
    let mut throughput = Table::new("Two threads on one cache, their calls over quick_cache's", "");
    let (mut left_out, mut tried, mut fewest) = (0, 0, usize::MAX);
    // The others are no other caches.
    for question in questions.iter().filter(|it| [NUMBER, PAGE, EXPIRING].contains(&it.name)) {
        let progress = Progress::on(format!("two threads, {}", question.name));
        let raced = threads::race(&question.contenders, effort, |share| progress.show(share));
        scaling.add(question.name, 2, question.figures(|it| raced.scaling(it)));
        if question.has(QUICK_CACHE) {
            let quick_cache = question.index(QUICK_CACHE);
            throughput.add(
                question.name,
                2,
                question.figures(|it| raced.throughput(it, quick_cache)),
            );
        }
        left_out += raced.left_out;
        tried += raced.tried;
        fewest = fewest.min(raced.fewest());
    }
    scaling.note = format!(
        "2.00 is perfect; {left_out} of {tried} windows were disturbed and left out, {fewest} or \
         more are behind each figure"
    );
    for (what, table, limit) in [
        ("two threads over one, a shared hit", &scaling, 1.5),
        ("two threads over quick_cache's, a shared hit", &throughput, 1.0),
    ] {
        let measured = table.figure(OURS_SHARED_HIT, NUMBER);
        report.hold(Target { what, measured, limit, at_least: true });
    }
    report.add(scaling);
    report.add(throughput);
}
