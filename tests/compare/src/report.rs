//! What is shown meanwhile, what is printed in the end, and what is written down.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::table::Table;

/// What performance is held against.
pub struct Target {
    pub what: &'static str,
    pub measured: Option<f64>,
    pub limit: f64,
    pub at_least: bool,
}

impl Target {
    fn cells(&self) -> [String; 4] {
        let sign = if self.at_least { ">=" } else { "<=" };
        let verdict = match self.measured {
            None => "not measured",
            Some(figure) if figure == self.limit || (figure > self.limit) == self.at_least => "met",
            Some(_) => "not met",
        };
        let measured = self.measured.map_or("-".into(), |figure| format!("{figure:.2}"));
        [self.what.into(), measured, format!("{sign} {}", self.limit), verdict.into()]
    }

    fn as_json(&self) -> String {
        let measured = self.measured.map_or("null".into(), |figure| figure.to_string());
        format!(
            "  {{\"what\": {:?}, \"measured\": {measured}, \"limit\": {}, \"at_least\": {}}}",
            self.what, self.limit, self.at_least
        )
    }
}

/// Prints what arrives, and keeps it for the files.
pub struct Report {
    machine: String,
    tables: Vec<Table>,
    targets: Vec<Target>,
}

impl Report {
    pub fn new() -> Self {
        let machine = machine();
        println!("{machine}\n");
        Report { machine, tables: Vec::new(), targets: Vec::new() }
    }

    pub fn add(&mut self, table: Table) {
        println!("{}", table.as_text());
        self.tables.push(table);
    }

    pub fn hold(&mut self, target: Target) {
        self.targets.push(target);
    }

    /// Prints the targets, writes all into the folder, and says where.
    pub fn finish(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let lines: Vec<_> = self.targets.iter().map(Target::cells).collect();
        let width = lines.iter().map(|line| line[0].len()).max().unwrap_or(0);
        println!("Targets of #[warp_cache]");
        for [what, measured, limit, verdict] in &lines {
            println!("  {what:<width$}  {measured:>6}  {limit:>7}  {verdict}");
        }
        println!();

        fs::create_dir_all(folder)?;
        let mut text = format!("# Beside other caches in Rust\n\n{}\n\n", self.machine);
        for table in &self.tables {
            text += &table.as_markdown();
            text.push('\n');
        }
        text += "### Targets of `#[warp_cache]`\n\n| | measured | target | |\n|---|--:|--:|---|\n";
        for line in &lines {
            text += &format!("| {} |\n", line.join(" | "));
        }
        let markdown = folder.join("rust.md");
        fs::write(&markdown, text)?;

        let tables: Vec<_> = self.tables.iter().map(Table::as_json).collect();
        let json = folder.join("rust.json");
        let tables = tables.join(",\n");
        let targets: Vec<_> = self.targets.iter().map(Target::as_json).collect();
        let targets = targets.join(",\n");
        fs::write(
            &json,
            format!(
                "{{\n \"machine\": {:?},\n \"tables\": [\n{tables}\n ],\n \
                 \"targets\": [\n{targets}\n ]\n}}\n",
                self.machine
            ),
        )?;
        Ok(vec![markdown, json])
    }
}

/// The machine in words, with the versions that matter and the day.
fn machine() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split(": ").nth(1)).unwrap_or(std::env::consts::ARCH);
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().filter(|load| !load.is_empty());
    let load = load.map_or(String::new(), |load| format!(", load {load} at the start"));
    let said = |program: &str, option: &str| {
        let output = Command::new(program).arg(option).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        Some(text.split(" (").next().unwrap_or_default().trim().to_owned())
    };
    let rustc = said("rustc", "--version").unwrap_or_default();
    let day = said("date", "+%Y-%m-%d").unwrap_or_default();
    format!("{rustc}, {model}, {cores} cores, {}, {day}{load}", std::env::consts::OS)
}

/// The peers' versions, from the lock file.
pub fn versions(names: &[&str]) -> String {
    let lock = include_str!("../Cargo.lock");
    let version = |name: &&str| {
        // Where there are several, the last is the newest: the others belong to dependencies.
        let found =
            lock.rsplit("[[package]]").find(|it| it.contains(&format!("\nname = \"{name}\"\n")));
        let version = found.and_then(|it| it.split("version = \"").nth(1)?.split('"').next());
        format!("{name} {}", version.unwrap_or("?"))
    };
    names.iter().map(version).collect::<Vec<_>>().join(", ")
}

/// One line that rewrites itself on a terminal, one line a step elsewhere.
pub struct Progress {
    label: String,
    terminal: bool,
}

impl Progress {
    pub fn on(label: impl Into<String>) -> Self {
        let progress = Progress { label: label.into(), terminal: io::stderr().is_terminal() };
        if !progress.terminal {
            eprintln!("  {} ..", progress.label);
        }
        progress.show(0.0);
        progress
    }

    pub fn show(&self, share: f64) {
        if self.terminal {
            let done = "#".repeat((20.0 * share) as usize);
            eprint!("\r\x1b[K  {done:.<20} {}", self.label);
            let _ = io::stderr().flush();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}
