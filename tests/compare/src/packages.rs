//! The packages that are built to see what an attribute costs to build: generated under target/.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::race::median;

/// A small library whose functions carry one attribute.
pub struct Package {
    pub name: &'static str,
    folder: PathBuf,
    attribute: Option<&'static str>,
    /// Whether functions may take a `&str`.
    borrows: bool,
}

/// What a command took: on the wall, and on all processors.
pub struct Cost {
    pub wall: f64,
    pub cpu: f64,
}

impl Package {
    /// `dependency` is a line of a Cargo.toml. All packages have the versions of our lock file.
    pub fn new(
        name: &'static str,
        parent: &Path,
        dependency: &str,
        attribute: Option<&'static str>,
        borrows: bool,
    ) -> io::Result<Self> {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let folder = parent.join(plain);
        fs::create_dir_all(folder.join("src"))?;
        // The profile is cargo's own: what users have who never touched it.
        let manifest = format!(
            "[package]\nname = \"attributed\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [workspace]\n\n[dependencies]\n{dependency}\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::write(folder.join("Cargo.lock"), include_str!("../Cargo.lock"))?;
        Ok(Package { name, folder, attribute, borrows })
    }

    /// Functions of four shapes in turn, with bodies of next to nothing. None is called `f32`, which is
    /// a type.
    pub fn write(&self, functions: usize) -> io::Result<()> {
        let attribute = self.attribute.unwrap_or("");
        let name = if self.borrows { "&str" } else { "String" };
        let mut text = String::from("//! Generated.\n");
        for i in 0..functions {
            let function = match i % 4 {
                0 => format!("fn of{i}(n: u64) -> u64 {{ n ^ {i} }}"),
                1 => {
                    format!(
                        "fn of{i}(name: {name}, n: u32) -> String {{ name.repeat(n as usize) }}"
                    )
                }
                2 => format!("fn of{i}(a: u32, b: bool) -> Option<u32> {{ b.then_some(a + {i}) }}"),
                _ => format!("fn of{i}(from: i64, to: i64) -> Vec<i64> {{ (from..to).collect() }}"),
            };
            text += &format!("\n{attribute}\npub {function}\n");
        }
        fs::write(self.folder.join("src/lib.rs"), text)
    }

    /// Forgets what was built.
    pub fn clean(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.folder.join("target")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// `cargo check` or `cargo build`.
    pub fn cargo(&self, command: &str) -> io::Result<Cost> {
        // The shell says what its children took, which std does not.
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "\"$@\"; status=$?; times; exit $status", "sh"])
            .args(["cargo", command, "--quiet", "--offline"])
            .current_dir(&self.folder)
            .env_remove("CARGO_TARGET_DIR")
            .env("CARGO_INCREMENTAL", "0")
            .stderr(Stdio::piped());
        let started = Instant::now();
        let output = shell.output()?;
        let wall = started.elapsed().as_secs_f64();
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(format!("{} does not {command}: {complaint}", self.name)));
        }
        let times = String::from_utf8_lossy(&output.stdout);
        let children = times.lines().nth(1).unwrap_or_default();
        let cpu = children.split_whitespace().filter_map(seconds).sum();
        Ok(Cost { wall, cpu })
    }

    pub fn rlib_megabytes(&self) -> io::Result<f64> {
        let rlib = self.folder.join("target/debug/libattributed.rlib");
        Ok(fs::metadata(rlib)?.len() as f64 / 1e6)
    }

    /// The crates that are built for this package, without itself.
    pub fn crates(&self) -> io::Result<usize> {
        let output = Command::new("cargo")
            .args(["tree", "--edges", "normal,build", "--prefix", "none", "--offline"])
            .current_dir(&self.folder)
            .output()?;
        let tree = String::from_utf8_lossy(&output.stdout);
        let version = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let mut crates: Vec<_> = tree.lines().filter(|it| !it.is_empty()).map(version).collect();
        crates.sort();
        crates.dedup();
        Ok(crates.len().saturating_sub(1))
    }
}

/// `1m2.34s`, as `times` writes it.
fn seconds(text: &str) -> Option<f64> {
    let (minutes, seconds) = text.strip_suffix('s')?.split_once('m')?;
    Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
}

/// The medians of several.
pub fn medians(costs: &[Cost]) -> Cost {
    let of = |what: fn(&Cost) -> f64| median(costs.iter().map(what).collect());
    Cost { wall: of(|it| it.wall), cpu: of(|it| it.cpu) }
}
