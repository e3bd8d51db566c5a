//! Which strategy and size suit a function: its calls are recorded, and replayed.
//!
//! cargo run --release --example advise              calls of its own
//! cargo run --release --example advise -- FILE      those of a recording

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use warp_cache::Strategy;
use warp_cache::simulate::{Curves, Function, Options, Recorder, Recording, advise, curves};

/// Pages of a catalogue: front pages that everybody reads, and a crawler that reads one after the
/// other.
fn visits() -> impl Iterator<Item = u32> {
    (0..60_000_u32).map(|visit| if visit % 3 == 0 { visit / 3 % 5000 } else { visit * 7 % 97 })
}

/// Any sink would do, such as a file; a program with several functions writes them all to one.
fn record() -> io::Result<Recording> {
    let page = Function { name: "page".into(), strategy: Strategy::Lru, max_size: Some(100) };
    let mut recorder = Recorder::new(Vec::new())?;
    let mut calls = recorder.function(&page)?;
    let hasher = RandomState::new();
    for visit in visits() {
        if calls.push(hasher.hash_one(visit)) {
            recorder.write(&mut calls)?;
        }
    }
    recorder.write(&mut calls)?;
    Recording::read(&recorder.finish()?[..], "the recording")
}

fn print(curves: &Curves) {
    print!("\n{}\n{:>10}", curves.function.name, "max_size");
    curves.strategies.iter().for_each(|strategy| print!("{:>9}", strategy.name()));
    for &size in &curves.sizes {
        print!("\n{size:>10}");
        let points = curves.points.iter().filter(|point| point.max_size == size);
        points.for_each(|point| print!("{:>8.1}%", 100.0 * point.hit_ratio));
    }
    println!("\n{}", advise(curves));
}

fn main() -> io::Result<()> {
    // As a test, it takes no arguments: what follows `cargo test` is the name of a test.
    let file = std::env::args().nth(1).filter(|_| !cfg!(test));
    let recording = file.as_ref().map_or_else(record, |file| Recording::open(Path::new(file)))?;
    for trace in &recording.traces {
        let curves = curves(trace, &Options::default(), &mut |_progress| ControlFlow::Continue(()));
        let curves = curves.expect("it is not cancelled");
        print(&curves);
        if file.is_none() {
            let advice = advise(&curves);
            assert!(advice.recommended.hit_ratio > advice.today.hit_ratio + 0.3);
        }
    }
    Ok(())
}
