//! Replays real traces through every generated store and compares the hits with the truth, count
//! for count: `make hit-ratio`.
//!
//! hit_ratio FOLDER      where FOLDER/hit_ratio_truth.tsv names the points to check

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::hash::{BuildHasherDefault, Hasher};
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use ruzstd::decoding::StreamingDecoder;
use warp_cache::Strategy;

/// One line of the truth.
struct Point {
    trace: String,
    size: usize,
    strategy: Strategy,
    hits: usize,
    requests: usize,
}

fn main() -> ExitCode {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "../shared/traces".to_owned());
    let truth = Path::new(&folder).join("hit_ratio_truth.tsv");
    let Ok(truth) = fs::read_to_string(&truth) else {
        println!("SKIP hit_ratio: {} is not there", truth.display());
        return ExitCode::SUCCESS;
    };
    match check(Path::new(&folder), &truth) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            println!("{wrong} points differ from the truth");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line for each trace and size, and returns how many counts were wrong.
fn check(folder: &Path, truth: &str) -> Result<usize, String> {
    let mut header = format!("{:26}{:>9}{:>10}", "trace", "size", "requests");
    for strategy in Strategy::ALL {
        let _ = write!(header, "{:>12}", strategy.name());
    }
    println!("{header}   hits; % of the requests");
    let (mut checked, mut wrong) = (BTreeMap::<&str, usize>::new(), 0);
    let points: Vec<Point> = truth.lines().skip(1).filter_map(parse).collect();
    let mut trace = (String::new(), Vec::new());
    for points in points.chunk_by(|a, b| (&a.trace, a.size) == (&b.trace, b.size)) {
        let Point { trace: name, size, requests, .. } = &points[0];
        if trace.0 != *name {
            trace = (name.clone(), read(&folder.join(format!("{name}.u32.zst")))?);
        }
        let mut line = format!("{name:26}{size:>9}{requests:>10}");
        for &strategy in Strategy::ALL {
            let Some(point) = points.iter().find(|point| point.strategy == strategy) else {
                let _ = write!(line, "{:>12}", "-");
                continue;
            };
            let hits = replay(strategy, *size, &trace.1);
            let _ = write!(line, "{:>12.2}", 100.0 * hits as f64 / *requests as f64);
            *checked.entry(strategy.name()).or_default() += 1;
            if (hits, trace.1.len()) != (point.hits, point.requests) {
                wrong += 1;
                let _ = write!(line, " WRONG: {hits} hits, and {} are true", point.hits);
            }
        }
        println!("{line}");
    }
    let checked: Vec<_> = checked.iter().map(|(name, points)| format!("{name} {points}")).collect();
    println!("checked count for count: {} points", checked.join(", "));
    if checked.is_empty() {
        Err("the truth names no strategy of ours".to_owned())
    } else {
        Ok(wrong)
    }
}

/// A point of one of our strategies; none for the others.
fn parse(line: &str) -> Option<Point> {
    let fields: Vec<_> = line.split('\t').collect();
    let &[trace, size, strategy, hits, requests] = &fields[..] else { return None };
    Some(Point {
        trace: trace.to_owned(),
        size: size.parse().ok()?,
        strategy: strategy.parse().ok()?,
        hits: hits.parse().ok()?,
        requests: requests.parse().ok()?,
    })
}

/// The requests of a trace: little-endian u32, compressed by zstd.
fn read(path: &Path) -> Result<Vec<u32>, String> {
    let bytes = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        StreamingDecoder::new(File::open(path)?)
            .map_err(io::Error::other)?
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = bytes().map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(bytes
        .chunks_exact(4)
        .map(|chunk| u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]))
        .collect())
}

macro_rules! replay {
    ($($policy:ident $store:ident,)*) => {
        /// How many of the requests are hits in a store of this size.
        fn replay(strategy: Strategy, size: usize, requests: &[u32]) -> usize {
            match strategy {
                $(Strategy::$policy => {
                    let mut store = warp_cache::$store::with_hasher(size, Mixing::default());
                    for request in requests {
                        if store.get(request).is_none() {
                            drop(store.insert(*request, ()));
                        }
                    }
                    let stats = store.stats();
                    assert_eq!(stats.hits + stats.misses, requests.len() as u64);
                    stats.hits as usize
                })*
            }
        }
    };
}
warp_cache::with_strategy!(replay);

type Mixing = BuildHasherDefault<Mixer>;

/// A fast hash of a number: one multiplication, folded.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("only u32 is hashed");
    }
    fn write_u32(&mut self, number: u32) {
        let product = u128::from(number) * 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}
