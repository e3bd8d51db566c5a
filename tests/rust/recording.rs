//! Recordings of calls: what is written is read, and what is not whole is refused in a sentence.
#![cfg(not(loom))]

use std::io::{self, ErrorKind, Write};

use warp_cache::Strategy;
use warp_cache::simulate::{Function, Recorder, Recording, Trace};

fn function(name: &str, strategy: Strategy, max_size: Option<usize>) -> Function {
    Function { name: name.to_owned(), strategy, max_size }
}

/// Some calls, each with a hash of its own.
fn trace(name: &str, max_size: Option<usize>, calls: u64) -> Trace {
    let hashes = (0..calls).map(|call| call.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
    Trace { function: function(name, Strategy::S3Fifo, max_size), hashes }
}

/// Calls of a few keys and of many, as they come.
fn repeating(calls: u64) -> Trace {
    let mut random = warp_tests::random::Random::new(5);
    let key = |_| match random.below(4) {
        0 => u64::from(random.draw() as u32),
        _ => u64::from(random.below(100)),
    };
    let hashes = (0..calls).map(key).map(|key| key.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
    Trace { hashes, ..trace("repeating", Some(9), 0) }
}

/// Two functions, one of which was never called; the other's last call is as its first one.
fn small() -> Recording {
    let hashes = vec![0x9E37_79B9_7F4A_7C15, 0x3C6E_F372_FE94_F82A, 0x9E37_79B9_7F4A_7C15];
    let called = Trace { hashes, ..trace("parse", Some(128), 0) };
    Recording { traces: vec![called, trace("grüße", None, 0)] }
}

fn bytes(recording: &Recording) -> Vec<u8> {
    recording.write(Vec::new()).expect("memory takes it")
}

fn read(bytes: &[u8]) -> io::Result<Recording> {
    Recording::read(bytes, "calls.warp")
}

/// That it is refused in a sentence: which file, what is wrong, what to do.
#[track_caller]
fn refused(bytes: &[u8], kind: ErrorKind, what: &str) {
    let error = read(bytes).expect_err("it is refused");
    assert_eq!(error.kind(), kind, "{error}");
    let sentence = error.to_string();
    assert!(sentence.starts_with("calls.warp: is "), "{sentence}");
    assert!(sentence.contains(what), "{sentence}");
    assert!(sentence.contains("record"), "{sentence}");
}

#[test]
fn what_is_written_is_read() {
    for recording in [
        Recording::default(),
        small(),
        Recording { traces: vec![trace("", Some(0), 3200), trace("long", Some(1), 10_000)] },
        Recording { traces: vec![repeating(1), repeating(3), repeating(4), repeating(5)] },
        Recording { traces: vec![repeating(3201), trace("f", None, 5000), repeating(30_000)] },
    ] {
        assert_eq!(read(&bytes(&recording)).expect("it is whole"), recording);
    }
    for &strategy in Strategy::ALL {
        let function = function(strategy.name(), strategy, Some(usize::MAX - 1));
        let recording = Recording { traces: vec![Trace { function, hashes: vec![7] }] };
        assert_eq!(read(&bytes(&recording)).expect("it is whole"), recording);
    }
}

/// The hashes of keys that fall into one place of the table of recent ones, zero among them, each
/// pushes the one before out.
#[test]
fn hashes_that_are_alike_are_kept_apart() {
    let alike = [0, 1, 0, 1, 1, 0, 2, 0, 0, u64::MAX, u64::MAX - 1, u64::MAX, u64::MAX];
    let trace = Trace { hashes: alike.repeat(100), ..trace("f", None, 0) };
    let recording = Recording { traces: vec![trace] };
    assert_eq!(read(&bytes(&recording)).expect("it is whole"), recording);
}

#[test]
fn calls_of_a_few_keys_take_little_room() {
    let bytes_per_call = |trace| bytes(&Recording { traces: vec![trace] }).len() as f64 / 40_000.0;
    let hashes = (0..40_000_u64).map(|call| (call % 50).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    assert!(bytes_per_call(Trace { hashes: hashes.collect(), ..trace("f", None, 0) }) < 2.1);
    assert!(bytes_per_call(trace("f", None, 40_000)) < 10.1);
}

/// Calls of several functions in turn, written whenever there are enough of one.
#[test]
fn functions_are_recorded_side_by_side() {
    let mut recorder = Recorder::new(Vec::new()).unwrap();
    let mut traces = vec![trace("a", Some(1), 20_000), trace("b", None, 9_000)];
    let mut calls: Vec<_> =
        traces.iter().map(|trace| recorder.function(&trace.function).unwrap()).collect();
    for call in 0..20_000 {
        for (trace, calls) in traces.iter().zip(&mut calls) {
            if trace.hashes.get(call).is_some_and(|&hash| calls.push(hash)) {
                recorder.write(calls).unwrap();
            }
        }
    }
    // One that comes later, and is never called.
    recorder.function(&function("c", Strategy::Lru, Some(5))).unwrap();
    calls.iter_mut().for_each(|calls| recorder.write(calls).unwrap());
    let bytes = recorder.finish().unwrap();
    traces.push(Trace { function: function("c", Strategy::Lru, Some(5)), hashes: Vec::new() });
    assert_eq!(read(&bytes).unwrap(), Recording { traces });
}

#[test]
fn a_small_file_looks_as_pinned() {
    let words: Vec<String> = bytes(&small())
        .chunks(8)
        .map(|word| format!("{:016x}", u64::from_le_bytes(word.try_into().expect("whole words"))))
        .collect();
    let pinned: Vec<_> = GOLDEN.split_whitespace().collect();
    assert_eq!(words, pinned, "\n{}", words.join("\n"));
}

/// The words of FORMAT.md: a change of these is another version.
const GOLDEN: &str = "
    6365722070726177
    0000000000000002
    0000000000000001
    0000000000000004
    f4e98f44ca7d81d2
    0000000000000006
    0000000000000080
    0000000000000005
    0000006573726170
    0000000000000002
    0000000000000004
    a3bff1eef3ea8162
    0000000000000003
    000009e383c689e3
    9e3779b97f4a7c15
    3c6ef372fe94f82a
    0000000100000001
    0000000000000004
    f3372be44ff989b4
    0000000000000006
    ffffffffffffffff
    0000000000000007
    00659fc3bcc37267
    0000000200000003
    0000000000000001
    02704c33a2edeacb
    0000000000000003
";

#[test]
fn a_file_that_ends_too_early_is_refused_wherever_it_ends() {
    let whole = bytes(&small());
    for len in 0..whole.len() {
        refused(&whole[..len], ErrorKind::UnexpectedEof, "truncated recording");
    }
    refused(&whole[..whole.len() - 1], ErrorKind::UnexpectedEof, "after 3 calls");
}

#[test]
fn a_byte_that_changed_is_noticed_wherever_it_is() {
    let whole = bytes(&small());
    for place in 0..whole.len() {
        for bit in 0..8 {
            let mut changed = whole.clone();
            changed[place] ^= 1 << bit;
            let error = read(&changed).expect_err("it is refused");
            // A length that has become larger looks like an end that came too early.
            let kinds = [ErrorKind::InvalidData, ErrorKind::UnexpectedEof];
            assert!(kinds.contains(&error.kind()), "byte {place}, bit {bit}: {error}");
        }
        let mut changed = whole.clone();
        changed[place] = changed[place].wrapping_add(100);
        assert!(read(&changed).is_err(), "byte {place}");
    }
}

#[test]
fn blocks_that_are_missing_or_in_another_order_are_noticed() {
    let whole = bytes(&Recording { traces: vec![trace("f", None, 3 * 3200)] });
    let block = (3 + 1 + 800 + 3200) * 8;
    let first = whole.len() - 3 * block - (3 + 1) * 8;
    let (head, rest) = whole.split_at(first);
    let (blocks, end) = rest.split_at(3 * block);
    let [a, b, c] = [0, 1, 2].map(|index| &blocks[index * block..][..block]);
    assert!(read(&[head, a, b, c, end].concat()).is_ok());
    for wrong in [vec![head, a, c, end], vec![head, b, a, c, end], vec![head, a, b, b, c, end]] {
        refused(&wrong.concat(), ErrorKind::InvalidData, "damaged");
    }
    refused(&[head, a, b, c, end, &[0]].concat(), ErrorKind::InvalidData, "damaged");
    refused(&[head, a, b, c, end, end].concat(), ErrorKind::InvalidData, "damaged");
}

#[test]
fn foreign_files_and_other_versions_are_refused() {
    for foreign in [&b"PK\x03\x04 an archive"[..], b"x", b"warp shm", &[0; 100], &[255; 10_000]] {
        refused(foreign, ErrorKind::InvalidData, "is no recording");
    }
    let mut later = bytes(&small());
    later[8] = 3;
    refused(&later, ErrorKind::InvalidData, "version 3");
}

/// Whatever comes after a sound beginning: nothing is made room for that is not there.
#[test]
fn random_bytes_are_refused() {
    let mut random = warp_tests::random::Random::new(1);
    for _ in 0..2000 {
        let mut bytes = bytes(&small())[..16 + random.below(60) as usize].to_vec();
        bytes.extend((0..random.below(200)).map(|_| random.draw() as u8));
        assert!(read(&bytes).is_err());
    }
}

#[cfg(unix)]
#[test]
fn files_are_opened_and_salvaged() {
    let scratch = warp_tests::scratch::Scratch::new();
    let path = scratch.path().join("calls.warp");
    let whole = Recording { traces: vec![trace("f", Some(9), 10_000)] };
    drop(whole.write(std::fs::File::create(&path).unwrap()).unwrap());
    assert_eq!(Recording::open(&path).unwrap(), whole);
    let (salvaged, error) = Recording::salvage(&path).unwrap();
    assert!(error.is_none() && salvaged == whole);

    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 100]).unwrap();
    let error = Recording::open(&path).unwrap_err();
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    let (salvaged, error) = Recording::salvage(&path).unwrap();
    assert_eq!(error.unwrap().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(salvaged.traces[0].function, whole.traces[0].function);
    assert_eq!(salvaged.traces[0].hashes, whole.traces[0].hashes[..9600]);

    let missing = scratch.path().join("missing");
    let error = Recording::open(&missing).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("missing"), "{error}");
    assert!(Recording::open(scratch.path()).is_err(), "a folder");
}

/// Takes so many bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.0);
        self.0 -= count;
        if count == 0 { Err(ErrorKind::StorageFull.into()) } else { Ok(count) }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_recording_without_room_says_so_from_then_on() {
    assert!(Recorder::new(Full(10)).is_err());
    let mut recorder = Recorder::new(Full(100)).unwrap();
    let mut calls = recorder.function(&function("f", Strategy::Lru, None)).unwrap();
    for hash in 0..10 {
        assert!(!calls.push(hash));
    }
    assert_eq!(recorder.write(&mut calls).unwrap_err().kind(), ErrorKind::StorageFull);
    assert!(recorder.write(&mut calls).is_err());
    assert!(recorder.function(&function("g", Strategy::Lru, None)).is_err());
    assert!(recorder.finish().is_err());
}

#[test]
fn a_name_that_is_too_long_is_refused() {
    let mut recorder = Recorder::new(Vec::new()).unwrap();
    let longest = "x".repeat(32_744);
    recorder.function(&function(&longest, Strategy::Lru, None)).unwrap();
    let error = recorder.function(&function(&(longest + "x"), Strategy::Lru, None)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("name: has 32745 bytes"), "{error}");
    assert_eq!(read(&recorder.finish().unwrap()).unwrap().traces.len(), 1);
}
