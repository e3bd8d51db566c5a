//! What the sources promise, read from them: budgets, and who may name what.
#![cfg(not(any(loom, miri)))]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use warp_cache::Strategy;
use warp_cache::shm::SharedOrder;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file under a folder, with its path from the root and its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found.sort();
    found
}

/// The text of a source without its comments.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The lines of code that hold one of the words, as FILE:LINE: TEXT.
fn lines_with(sources: &[(String, String)], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in sources {
        for (number, line) in (1..).zip(code(text).lines()) {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{name}:{number}: {}", line.trim()));
            }
        }
    }
    found
}

#[test]
fn the_engine_with_its_macros_needs_16_crates_at_most() {
    let tree = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "-p", "warp-cache", "-e", "normal,build", "--prefix", "none", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains("warp-macros"), "{tree}");
    assert!(crates.len() <= 16, "{} crates: {crates:?}", crates.len());
}

#[test]
fn strategies_know_no_locks_no_time_and_no_input_or_output() {
    let forbidden = [
        "Mutex",
        "RwLock",
        "parking_lot",
        "lock_api",
        "Condvar",
        "thread",
        "crate::clock",
        "Time",
        "Instant",
        "Duration",
        "std::io",
        "std::fs",
        "std::net",
        "print",
        "unsafe",
    ];
    let sources = sources("warp-cache/src/strategy");
    let found = lines_with(&sources, &forbidden);
    assert!(found.is_empty(), "{found:#?}");
    // The marks of shared hits are atomics.
    let found = lines_with(&sources, &["crate::sync"]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("warp-cache/src/strategy/marks.rs"), "{found:#?}");
}

#[test]
fn one_file_names_locks_and_atomics() {
    let mut engine = sources("warp-cache/src");
    // Its stand-ins for a model checker are its own.
    engine.retain(|(name, _)| !name.starts_with("warp-cache/src/sync"));
    let primitives =
        ["std::sync", "core::sync", "parking_lot", "lock_api", "loom::", "std::thread_local"];
    let found = lines_with(&engine, &primitives);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn one_file_reads_the_clock() {
    let mut engine = sources("warp-cache/src");
    engine.retain(|(name, _)| !name.starts_with("warp-cache/src/clock/"));
    let found = lines_with(&engine, &["Instant", "SystemTime", "clock_gettime"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn unsafe_code_has_an_address() {
    let mut all: Vec<_> = ["warp-macros/src", "warp-cache/src", "warp-python/src", "tests/src"]
        .into_iter()
        .flat_map(sources)
        .collect();
    all.retain(|(name, _)| {
        let named = [
            "warp-cache/src/shm/map.rs",
            "warp-cache/src/clock/coarse.rs",
            "warp-cache/src/memoize/typed.rs",
            "warp-cache/src/shard/biased.rs",
            "warp-cache/src/sync/local.rs",
            "warp-cache/src/sync/model.rs",
        ];
        !named.contains(&name.as_str()) && !name.starts_with("warp-python/src/ffi/")
    });
    let found = lines_with(&all, &["unsafe ", "unsafe_code", "no_mangle"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn files_hold_one_idea_each() {
    for folder in
        ["warp-macros/src", "warp-cache/src", "warp-python/src", "tests/src", "tests/rust"]
    {
        for (name, text) in sources(folder) {
            let lines = text.lines().count();
            assert!(lines <= 600, "{name} has {lines} lines: split it");
        }
    }
}

#[test]
fn every_strategy_is_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README.md");
    for strategy in Strategy::ALL {
        let is_row = |line: &&str| line.starts_with(&format!("| {strategy} |"));
        let row = readme.lines().find(is_row);
        let row = row.unwrap_or_else(|| panic!("README.md's table has no {strategy}"));
        let shared = match strategy.shared_order() {
            None => "no",
            Some(SharedOrder::Told) => "in bulk",
            Some(_) => "yes",
        };
        assert!(row.ends_with(&format!("| {shared} |")), "shared by processes: {row}");
    }
}

#[test]
fn every_option_is_in_the_documentation() {
    let text = fs::read_to_string(root().join("warp-macros/src/memoize/options.rs")).unwrap();
    let names = text.split("const NAMES").nth(1).and_then(|rest| rest.split("];").next());
    let names: Vec<_> = names.expect("the list of options").split('"').skip(1).step_by(2).collect();
    assert!(names.contains(&"max_size"), "{names:?}");
    let table = fs::read_to_string(root().join("warp-macros/src/lib.rs")).unwrap();
    let page = fs::read_to_string(root().join("warp-cache/src/memoize/warp_cache.md")).unwrap();
    for name in names {
        let is_row = |line: &str| line.starts_with("/// | ") && line.contains(name);
        assert!(table.lines().any(is_row), "the table of options has no {name}");
        let uses = page.lines().filter(|line| line.contains("#[") && line.contains(name));
        assert!(uses.count() > 0, "no example of warp_cache.md has {name}");
    }
}

#[test]
fn examples_are_short_and_assert_what_they_say() {
    for (name, text) in sources("examples/rust") {
        assert!(text.lines().count() <= 60, "{name} is longer than 60 lines");
        assert!(text.contains("assert"), "{name} asserts nothing");
        let twin = root().join(name.replace("/rust/", "/python/").replace(".rs", ".py"));
        assert!(twin.exists(), "{name} has no twin in Python");
    }
}

#[test]
fn every_strategy_says_what_it_costs_and_when_it_loses() {
    let (_, text) = sources("warp-cache/src/strategy")
        .into_iter()
        .find(|(name, _)| name.ends_with("/strategies.rs"))
        .expect("the strategies are there");
    for part in text.split("#[strategy(").collect::<Vec<_>>().windows(2) {
        let docs: Vec<_> = part[0]
            .lines()
            .rev()
            .take_while(|line| !line.contains('}') && !line.contains("pub use "))
            .collect();
        let docs: String = docs.into_iter().rev().collect::<Vec<_>>().join(" ").replace("///", "");
        let item = part[1].split("pub ").nth(1).unwrap_or_default();
        let item = item.split([';', '{', '<']).next().unwrap_or_default().trim();
        let name = item.rsplit([' ', ':']).next().unwrap_or_default();
        let docs = docs.split_whitespace().collect::<Vec<_>>().join(" ");
        for said in ["Evicts", "A hit, a miss and an eviction cost", "bytes per entry", "It loses"]
        {
            assert!(docs.contains(said), "the docs of {name} do not say {said:?}: {docs}");
        }
    }
}
