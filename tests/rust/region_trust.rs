//! What stands in a region's place and is not ours is refused, with a sentence.
#![cfg(all(unix, not(any(loom, miri))))]

use std::fs::{self, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::thread;

use rustix::fs::{FlockOperation, flock};
use warp_tests::children::{Subject, child, get, orders, set};
use warp_tests::scratch::Scratch;
use warp_tests::watchdog::watched;

const NOBODY: u32 = 65534;

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout == b"0\n"
}

/// A region with a mark in it, and where its file is.
fn marked(scratch: &Scratch) -> (Subject, PathBuf) {
    let subject = Subject::new(scratch.path());
    assert!(set(&subject.open().unwrap(), b"mark", b"here"));
    let path = subject.path();
    (subject, path)
}

/// That it is refused, in a sentence with these words and the path in question.
fn expect_refused(subject: &Subject, path: &Path, words: &[&str]) {
    let error = subject.open().expect_err("refused");
    let sentence = error.to_string();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{sentence}");
    assert!(sentence.contains(&*path.to_string_lossy()), "{sentence}");
    for word in words {
        assert!(sentence.contains(word), "{sentence} does not say {word}");
    }
    assert!(sentence.contains("it takes"), "{sentence}");
}

#[test]
fn a_symbolic_link_is_refused() {
    let scratch = Scratch::new();
    let (subject, path) = marked(&scratch);
    let elsewhere = scratch.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    symlink(&elsewhere, &path).unwrap();
    expect_refused(&subject, &path, &["symbolic link"]);
    symlink(scratch.path().join("nothing"), path.with_extension("new")).unwrap();
    fs::rename(path.with_extension("new"), &path).unwrap();
    expect_refused(&subject, &path, &["symbolic link"]);
    assert!(!scratch.path().join("nothing").exists());
}

#[test]
fn a_file_with_two_names_is_refused() {
    let scratch = Scratch::new();
    let (subject, path) = marked(&scratch);
    let other = scratch.path().join("other");
    fs::hard_link(&path, &other).unwrap();
    expect_refused(&subject, &path, &["2 names"]);
    fs::remove_file(other).unwrap();
    assert!(get(&subject.open().unwrap(), b"mark").is_some());
}

#[test]
fn what_is_no_file_is_refused() {
    let scratch = Scratch::new();
    let (subject, path) = marked(&scratch);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    expect_refused(&subject, &path, &["no regular file"]);
    fs::remove_dir(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    watched(move || expect_refused(&subject, &path, &["no regular file"]));
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let scratch = Scratch::new();
    let (subject, path) = marked(&scratch);
    for mode in [0o644, 0o660, 0o606, 0o601, 0o700, 0o4600] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        expect_refused(&subject, &path, &[&format!("mode {mode:04o}"), "0600"]);
    }
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert!(get(&subject.open().unwrap(), b"mark").is_some());
}

#[test]
fn what_belongs_to_another_user_is_refused() {
    if !is_root() {
        eprintln!("SKIP what belongs to another user: only root can give files away");
        return;
    }
    let scratch = Scratch::new();
    let (subject, path) = marked(&scratch);
    chown(&path, Some(NOBODY), None).unwrap();
    expect_refused(&subject, &path, &["belongs to user 65534", "user 0"]);
    chown(&path, Some(0), None).unwrap();
    let directory = path.parent().unwrap();
    chown(directory, Some(NOBODY), None).unwrap();
    expect_refused(&subject, directory, &["belongs to user 65534", "user 0"]);
    chown(directory, Some(0), None).unwrap();
    chown(scratch.path(), Some(NOBODY), None).unwrap();
    expect_refused(&subject, scratch.path(), &["belongs to user 65534", "user 0 or of root"]);
    chown(scratch.path(), Some(0), None).unwrap();
    assert!(get(&subject.open().unwrap(), b"mark").is_some());
}

#[test]
fn a_directory_that_others_may_enter_is_refused() {
    let scratch = Scratch::new();
    let (subject, path) = marked(&scratch);
    let directory = path.parent().unwrap();
    for mode in [0o755, 0o750, 0o701, 0o500] {
        fs::set_permissions(directory, Permissions::from_mode(mode)).unwrap();
        expect_refused(&subject, directory, &[&format!("mode {mode:04o}"), "0700"]);
    }
    fs::set_permissions(directory, Permissions::from_mode(0o700)).unwrap();
    assert!(get(&subject.open().unwrap(), b"mark").is_some());
}

#[test]
fn a_place_that_anyone_may_change_is_refused_unless_it_is_sticky() {
    let scratch = Scratch::new();
    let (subject, _) = marked(&scratch);
    fs::set_permissions(scratch.path(), Permissions::from_mode(0o777)).unwrap();
    expect_refused(&subject, scratch.path(), &["mode 0777", "sticky"]);
    fs::set_permissions(scratch.path(), Permissions::from_mode(0o1777)).unwrap();
    assert!(get(&subject.open().unwrap(), b"mark").is_some());
}

#[test]
fn a_link_or_a_file_in_the_place_of_our_directory_is_refused() {
    let scratch = Scratch::new();
    let (subject, path) = marked(&scratch);
    let directory = path.parent().unwrap();
    let elsewhere = scratch.path().join("elsewhere");
    fs::rename(directory, &elsewhere).unwrap();
    symlink(&elsewhere, directory).unwrap();
    expect_refused(&subject, directory, &["link or a file"]);
    fs::remove_file(directory).unwrap();
    fs::write(directory, "").unwrap();
    expect_refused(&subject, directory, &["link or a file"]);
}

#[test]
fn a_place_that_is_not_there_is_told() {
    let scratch = Scratch::new();
    let path = scratch.path().join("missing");
    let error = Subject::new(&path).open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let path = path.display();
    assert_eq!(
        error.to_string(),
        format!("directory: {path} does not exist; it takes one that does")
    );
}

/// A child that only opens, and says what came of it.
#[test]
fn opener() {
    let Some(directory) = orders() else { return };
    let mut subject = Subject::new(Path::new(&directory));
    if let Ok(bytes) = std::env::var("WARP_TESTS_BYTES") {
        subject.bytes = bytes.parse().unwrap();
    }
    match subject.open() {
        Ok(region) => println!("\nopened {}", set(&region, b"mark", b"here")),
        Err(error) => println!("\nrefused {:?} {error}", error.kind()),
    }
}

/// Runs `opener` through a shell command that ends with `exec "$@"`.
fn opens_by(shell: &str, directory: &Path) -> String {
    let program = std::env::current_exe().unwrap();
    let output = Command::new("sh")
        .args(["-c", shell, "sh"])
        .arg(program)
        .args(["--exact", "opener", "--nocapture"])
        .env("WARP_TESTS_ORDERS", directory)
        .output()
        .unwrap();
    assert!(output.status.success(), "a signal? {output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    let is_answer = |line: &&str| line.starts_with("opened") || line.starts_with("refused");
    output.lines().find(is_answer).expect("an answer").to_owned()
}

#[test]
fn a_umask_changes_nothing() {
    for umask in ["0000", "0022", "0077", "0177"] {
        let scratch = Scratch::new();
        let answer = opens_by(&format!("umask {umask}; exec \"$@\""), scratch.path());
        assert_eq!(answer, "opened true", "umask {umask}");
        assert!(get(&Subject::new(scratch.path()).open().unwrap(), b"mark").is_some());
    }
}

#[test]
fn a_limit_of_file_sizes_is_an_error_and_no_signal() {
    let scratch = Scratch::new();
    // In blocks of 512 or 1024 bytes.
    let answer = opens_by("ulimit -f 64; exec \"$@\"", scratch.path());
    assert!(answer.starts_with("refused FileTooLarge size: 1048576 bytes"), "{answer}");
    let ours = fs::read_dir(scratch.path()).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read_dir(ours).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn a_limit_of_addresses_is_an_error() {
    if !cfg!(target_os = "linux") {
        eprintln!("SKIP a limit of addresses: this system may not have one");
        return;
    }
    let scratch = Scratch::new();
    // In kilobytes, for all that the process has mapped.
    let shell = "ulimit -v 150000; WARP_TESTS_BYTES=160000000 exec \"$@\"";
    let answer = opens_by(shell, scratch.path());
    assert!(answer.starts_with("refused OutOfMemory size: 159997952 bytes cannot be"), "{answer}");
    // The same for everybody with more of them.
    let subject = Subject { bytes: 160_000_000, ..Subject::new(scratch.path()) };
    assert!(set(&subject.open().unwrap(), b"mark", b"here"));
}

#[test]
fn a_program_with_other_rights_than_its_caller_is_refused() {
    if !is_root() {
        eprintln!("SKIP a program with other rights: only root can make one");
        return;
    }
    let scratch = Scratch::new();
    let program = scratch.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    chown(&program, Some(NOBODY), None).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o4755)).unwrap();
    fs::set_permissions(scratch.path(), Permissions::from_mode(0o1777)).unwrap();
    let shell = format!("shift; exec {} \"$@\"", program.display());
    let answer = opens_by(&shell, scratch.path());
    if answer == "opened true" {
        eprintln!(
            "SKIP a program with other rights: {} is mounted nosuid",
            scratch.path().display()
        );
        return;
    }
    assert!(
        answer.starts_with("refused PermissionDenied shared: the program runs set-uid"),
        "{answer}"
    );
}

/// A small file system in memory, until it is dropped.
struct Mounted(PathBuf);

impl Mounted {
    fn new(place: PathBuf) -> Option<Mounted> {
        fs::create_dir(&place).unwrap();
        let options = ["-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs"];
        let mount = Command::new("mount").args(options).arg(&place).output();
        mount.is_ok_and(|mount| mount.status.success()).then_some(Mounted(place))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn no_room_is_an_error_and_no_signal() {
    let scratch = Scratch::new();
    let Some(mounted) = Mounted::new(scratch.path().join("small")) else {
        eprintln!("SKIP no room: no file system of 64 MB can be mounted here");
        return;
    };
    watched(move || {
        let large = Subject { bytes: 256 << 20, ..Subject::new(&mounted.0) };
        let error = large.open().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
        let sentence = error.to_string();
        assert!(sentence.starts_with("size: 268435456 bytes have no room in"), "{sentence}");
        // All of it was given back, so that one that fits does fit.
        let fitting = Subject { bytes: 60 << 20, max_size: None, ..Subject::new(&mounted.0) };
        let region = fitting.open().unwrap();
        // Every page can be written to.
        for page in region.words().chunks(512).skip(1) {
            page[0].store(7, Ordering::Relaxed);
        }
        let second = Subject { name: "second".into(), ..fitting };
        assert_eq!(second.open().unwrap_err().kind(), ErrorKind::StorageFull);
    });
}

#[test]
fn who_makes_one_at_once_needs_room_for_one() {
    let scratch = Scratch::new();
    let Some(mounted) = Mounted::new(scratch.path().join("small")) else {
        eprintln!("SKIP room for one: no file system of 64 MB can be mounted here");
        return;
    };
    watched(move || {
        let large = Subject { bytes: 40 << 20, ..Subject::new(&mounted.0) };
        thread::scope(|scope| {
            let openers: Vec<_> = (0..8).map(|_| scope.spawn(|| large.open().map(drop))).collect();
            for opener in openers {
                opener.join().unwrap().unwrap();
            }
        });
        // One that is of no use makes room for the next.
        let path = large.path();
        fs::File::options().write(true).open(path).unwrap().set_len((40 << 20) - 1).unwrap();
        large.open().unwrap();
    });
}

#[test]
fn who_is_stopped_while_making_one_stops_others_for_a_moment() {
    let scratch = Scratch::new();
    let (subject, path) = marked(&scratch);
    fs::remove_file(&path).unwrap();
    let directory = fs::File::open(path.parent().unwrap()).unwrap();
    flock(&directory, FlockOperation::LockExclusive).unwrap();
    watched(move || assert!(get(&subject.open().unwrap(), b"mark").is_none()));
}

#[test]
fn a_child_starts() {
    let scratch = Scratch::new();
    let mut child = child("opener", &scratch.path().display().to_string());
    child.stdin.take().unwrap().flush().unwrap();
    assert!(child.wait().unwrap().success());
    assert!(get(&Subject::new(scratch.path()).open().unwrap(), b"mark").is_some());
}
