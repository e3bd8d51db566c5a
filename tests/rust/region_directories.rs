//! Where regions lie if nobody says: the first place that exists, and no other in silence.
#![cfg(all(unix, not(any(loom, miri))))]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use warp_cache::Strategy;
use warp_cache::shm::{Config, Identity, Region, list};
use warp_tests::children::orders;
use warp_tests::scratch::Scratch;

const NAME: &str = "tests:region_directories";

/// A child that opens a region without naming a directory, and says where it came to be.
#[test]
fn opener() {
    let Some(unique) = orders() else { return };
    let identity = Identity::new(&unique, NAME, &[], &[unique.as_bytes()]);
    let opened = Region::open(&Config {
        directory: None,
        identity: &identity,
        bytes: 1 << 16,
        max_size: None,
        strategy: Strategy::Lru,
        ttl: None,
    });
    match opened {
        Err(error) => println!("\nrefused {error}"),
        Ok(_region) => {
            let listing = list(None).unwrap();
            let one = listing.regions.iter().find(|one| one.name == unique).expect("it is listed");
            println!("\nopened {}", one.path.display());
        }
    }
}

fn opens_with(runtime: Option<&Path>, temporary: Option<&Path>) -> String {
    let command = Command::new(std::env::current_exe().unwrap());
    opens_by(command, runtime, temporary).expect("no prerequisites")
}

/// What the opener says that the command starts; none if that leaves with 77.
fn opens_by(
    mut command: Command,
    runtime: Option<&Path>,
    temporary: Option<&Path>,
) -> Option<String> {
    let unique = format!("{}-{:?}", std::process::id(), std::thread::current().id());
    command.args(["--exact", "opener", "--nocapture"]).env("WARP_TESTS_ORDERS", unique);
    for (variable, path) in [("XDG_RUNTIME_DIR", runtime), ("TMPDIR", temporary)] {
        match path {
            Some(path) => command.env(variable, path),
            None => command.env_remove(variable),
        };
    }
    let output = command.output().unwrap();
    if output.status.code() == Some(77) {
        return None;
    }
    assert!(output.status.success(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    let is_answer = |line: &&str| line.starts_with("opened") || line.starts_with("refused");
    Some(output.lines().find(is_answer).expect("an answer").to_owned())
}

/// The same where there is no `/dev/shm`: in a mount namespace in which `/dev` is empty. None where
/// none can be had.
fn opens_without_memory(runtime: Option<&Path>, temporary: Option<&Path>) -> Option<String> {
    let empty = Scratch::on_disk();
    // As root, or else as one in a user namespace.
    ["--mount", "--mount --map-root-user"].iter().find_map(|options| {
        let shell = format!(
            "unshare {options} true 2>&1 || exit 77
             exec unshare {options} sh -c 'mount --bind \"$0\" /dev || exit 77; exec \"$@\"' \"$@\""
        );
        let mut command = Command::new("sh");
        command.args(["-c", &shell, "sh"]).arg(empty.path());
        command.arg(std::env::current_exe().unwrap());
        opens_by(command, runtime, temporary)
    })
}

/// Where it was opened; it is removed from there, as that may be a place for good.
fn place_of(answer: &str) -> PathBuf {
    let path = Path::new(answer.strip_prefix("opened ").unwrap_or_else(|| panic!("{answer}")));
    fs::remove_file(path).unwrap();
    path.parent().unwrap().parent().unwrap().to_path_buf()
}

#[test]
fn the_runtime_directory_comes_first() {
    let (runtime, temporary) = (Scratch::new(), Scratch::new());
    let answer = opens_with(Some(runtime.path()), Some(temporary.path()));
    assert_eq!(place_of(&answer), runtime.path());
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn memory_comes_next() {
    if !Path::new("/dev/shm").is_dir() {
        eprintln!("SKIP memory comes next: there is no /dev/shm");
        return;
    }
    let temporary = Scratch::new();
    let missing = temporary.path().join("missing");
    for runtime in [None, Some(&*missing), Some(Path::new("")), Some(Path::new("relative"))] {
        let answer = opens_with(runtime, Some(temporary.path()));
        assert_eq!(place_of(&answer), Path::new("/dev/shm"), "{runtime:?}");
    }
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn the_directory_for_temporary_files_comes_last() {
    let (runtime, temporary) = (Scratch::on_disk(), Scratch::on_disk());
    let Some(answer) = opens_without_memory(None, Some(temporary.path())) else {
        eprintln!("SKIP the last place: no namespace without /dev/shm can be had here");
        return;
    };
    assert_eq!(place_of(&answer), temporary.path());
    let opens = |runtime, temporary| opens_without_memory(runtime, temporary).expect("as before");
    let missing = temporary.path().join("missing");
    assert_eq!(place_of(&opens(Some(&missing), Some(temporary.path()))), temporary.path());
    assert_eq!(place_of(&opens(Some(runtime.path()), Some(&missing))), runtime.path());

    fs::set_permissions(temporary.path(), Permissions::from_mode(0o777)).unwrap();
    let (answer, path) = (opens(None, Some(temporary.path())), temporary.path().display());
    assert!(answer.starts_with(&format!("refused $TMPDIR: {path} has mode 0777")), "{answer}");
    for nowhere in [None, Some(&*missing), Some(Path::new("relative"))] {
        let answer = opens(None, nowhere);
        let sentence = "refused directory: was not given, and neither $XDG_RUNTIME_DIR nor /dev/shm \
                        nor $TMPDIR is there; it takes";
        assert!(answer.starts_with(sentence), "{answer}");
    }
}

#[test]
fn a_place_that_cannot_be_trusted_is_not_passed_over() {
    let (runtime, temporary) = (Scratch::new(), Scratch::new());
    fs::set_permissions(runtime.path(), Permissions::from_mode(0o777)).unwrap();
    let answer = opens_with(Some(runtime.path()), Some(temporary.path()));
    let path = runtime.path().display();
    assert!(
        answer.starts_with(&format!("refused $XDG_RUNTIME_DIR: {path} has mode 0777")),
        "{answer}"
    );
    fs::set_permissions(runtime.path(), Permissions::from_mode(0o700)).unwrap();
    let file = runtime.path().join("file");
    fs::write(&file, "").unwrap();
    let answer = opens_with(Some(&file), Some(temporary.path()));
    assert!(answer.starts_with("refused $XDG_RUNTIME_DIR: "), "{answer}");
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}
