//! Replays real traces through every generated store: `make hit-ratio`.
//!
//! hit_ratio FOLDER
//!
//! FOLDER has the traces, hit_ratio_truth.tsv with counts that have to be met exactly, and
//! hit_ratio_reference.tsv with those of others, to be met nearly or to be compared with.

mod advice;
mod figures;
mod promises;

use std::fs::{self, File};
use std::hash::{BuildHasherDefault, Hasher};
use std::io::{self, Read, Write as _};
use std::path::Path;
use std::process::ExitCode;

use figures::{Figures, Point};
use promises::Replayed;
use ruzstd::decoding::StreamingDecoder;
use warp_cache::Strategy;

fn main() -> ExitCode {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "../shared/traces".to_owned());
    let folder = Path::new(&folder);
    let truth = folder.join("hit_ratio_truth.tsv");
    let Ok(truth) = fs::read_to_string(&truth) else {
        println!("SKIP hit_ratio: {} is not there", truth.display());
        return ExitCode::SUCCESS;
    };
    let reference = fs::read_to_string(folder.join("hit_ratio_reference.tsv"));
    match check(folder, &truth, &reference.unwrap_or_default()) {
        Ok(broken) if broken.is_empty() => ExitCode::SUCCESS,
        Ok(broken) => {
            broken.iter().for_each(|promise| println!("WRONG: {promise}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line for each trace and size and one for the means of each policy, and returns what is
/// not as it should be.
fn check(folder: &Path, truth: &str, reference: &str) -> Result<Vec<String>, String> {
    let (mut known, mut others) = (Figures::default(), Figures::default());
    known.read(truth)?;
    others.read(reference)?;
    let replayed = replay_all(folder, &known.points)?;
    println!("\n{:48}{:>10}{:>10}", "means, %", "all", "natural");
    for strategy in Strategy::ALL {
        print_means(strategy.name(), known.means(|point| Some(replayed.hits(*strategy, point))));
    }
    for policy in others.policies() {
        print_means(policy, others.means(|point| others.hits(policy, point)));
    }
    println!();
    let mut broken = promises::broken(&known, &others, &replayed);
    broken.extend(advice::wrong(folder, &known, &replayed)?);
    Ok(broken)
}

fn print_means(name: &str, [all, natural]: [f64; 2]) {
    println!("{name:48}{all:10.2}{natural:10.2}");
}

/// Replays every point with every strategy.
fn replay_all(folder: &Path, points: &[Point]) -> Result<Replayed, String> {
    print!("{:26}{:>7}", "hits, % of the requests", "size");
    Strategy::ALL.iter().for_each(|strategy| print!("{:>9}", strategy.name()));
    println!();
    let mut replayed = Replayed::default();
    let mut trace = (String::new(), Vec::new());
    for point in points {
        if trace.0 != point.trace {
            let requests = read(&folder.join(format!("{}.u32.zst", point.trace)))?;
            trace = (point.trace.clone(), requests);
        }
        if trace.1.len() != point.requests {
            return Err(format!("{} has {} requests", point.trace, trace.1.len()));
        }
        print!("{:26}{:>7}", point.trace, point.size);
        for &strategy in Strategy::ALL {
            let hits = replay(strategy, point.size, &trace.1);
            print!("{:>9.2}", point.percent(hits));
            // A line takes some seconds.
            io::stdout().flush().map_err(|error| error.to_string())?;
            replayed.push(strategy, hits);
        }
        println!();
    }
    Ok(replayed)
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
