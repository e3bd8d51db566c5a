//! The words of a small region, as FORMAT.md describes them: a change of these is a change of the
//! format, and needs another version of it.
#![cfg(not(loom))]

use std::sync::atomic::Ordering::Relaxed;

use warp_cache::Strategy;
use warp_cache::shm::{
    Claim, Counter, Geometry, HEADER, IfPresent, LEAST_BYTES, Processes, Region, SharedOrder,
    VERSION,
};

const PROCESSES: Processes = Processes { current: || 0xABCD, is_alive: |word| word == 0xABCD };

fn region(strategy: Strategy) -> Region {
    let geometry = Geometry::new(LEAST_BYTES, Some(4), strategy).expect("a geometry");
    Region::on_heap(geometry, PROCESSES)
}

/// The words that are not 0, with their places after the header; statistics stand in the stripe of
/// some thread, and are left out.
fn words(region: &Region) -> Vec<(usize, u64)> {
    let words = (0..).zip(region.words()[HEADER..].iter().map(|word| word.load(Relaxed)));
    words.filter(|&(place, word)| word != 0 && !(288..800).contains(&place)).collect()
}

#[test]
fn a_small_region_looks_as_pinned() {
    assert_eq!(VERSION, 3);
    let region = region(Strategy::Lru);
    let entries: [(&[u8], &[u8], u64); 3] =
        [(b"one", b"1", u64::MAX), (b"two", &[7; 100], 5_000), (b"gone", b"", u64::MAX)];
    for (key, value, deadline) in entries {
        let hash = region.hash(key);
        region.insert(hash, key, value, deadline, 1_000, None, IfPresent::Keep).expect("kept");
    }
    assert!(region.invalidate(region.hash(b"gone"), b"gone", 0));
    let Claim::Leads(lead) = region.claim(region.hash(b"three")) else {
        panic!("nobody else does")
    };
    lead.keep();
    region.count(Counter::Hits);
    looks(&words(&region), GOLDEN);
}

fn looks(words: &[(usize, u64)], pinned: &str) {
    let found: Vec<String> =
        words.iter().map(|(place, word)| format!("{place} {word:016x}")).collect();
    let expected: Vec<&str> =
        pinned.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(found, expected, "\n{}", found.join("\n"));
}

/// The words of an order of lists: two queues, the ghosts of keys that went, one of which came back.
#[test]
fn an_order_of_lists_looks_as_pinned() {
    let region = region(Strategy::TwoQ);
    for key in [b"a", b"b", b"c", b"d", b"e", b"f", b"a"] {
        let hash = region.hash(key);
        region.insert(hash, key, b"", u64::MAX, 0, None, IfPresent::Keep).expect("kept");
    }
    let mut words = words(&region);
    words.retain(|(place, _)| ORDER.contains(place));
    words.iter_mut().for_each(|(place, _)| *place -= ORDER.start);
    looks(&words, GOLDEN_ORDER);
}

/// What is left for values tells what the order of each takes.
#[test]
fn lengths_of_orders_are_as_pinned() {
    let blocks = |strategy| {
        let geometry = Geometry::new(LEAST_BYTES, Some(40), strategy).expect("a geometry");
        (strategy.name(), geometry.blocks())
    };
    let found: Vec<_> = SharedOrder::strategies().map(blocks).collect();
    assert_eq!(found, BLOCKS);
}

#[test]
fn a_clear_is_one_word() {
    let region = region(Strategy::Lfu);
    region.insert(region.hash(b"a"), b"a", b"b", u64::MAX, 0, None, IfPresent::Keep).expect("kept");
    let before = words(&region);
    region.clear();
    let mut after = words(&region);
    assert_eq!(after.remove(0), (0, 0x1405_7B7E_F767_814F));
    assert_eq!(after, before);
}

/// Bytes, `max_size`, strategy, shards, and in each of them entries and buckets; blocks.
#[test]
fn lengths_follow_from_bytes_bound_and_strategy() {
    let words = |bytes, max_size| {
        let geometry = Geometry::new(bytes, max_size, Strategy::Mru).expect("a geometry");
        geometry.to_words()
    };
    let found = [(LEAST_BYTES, Some(4)), (100_000_000, Some(1_000_000)), (1 << 30, None)]
        .map(|(bytes, max_size)| words(bytes, max_size));
    let expected = [
        [65_536, 4, 1, 1, 4, 4, 727],
        [99_999_744, 1_000_000, 1, 16, 64_000, 13_718, 41_121],
        [1 << 30, u64::MAX, 1, 64, 89_152, 19_108, 7_427_051],
    ];
    assert_eq!(found, expected);
}

const BLOCKS: [(&str, usize); 11] = [
    ("LRU", 680),
    ("MRU", 680),
    ("FIFO", 680),
    ("LFU", 680),
    ("SIEVE", 680),
    ("CLOCK", 680),
    ("S3_FIFO", 655),
    ("TWO_Q", 664),
    ("ARC", 611),
    ("LIRS", 616),
    ("RANDOM", 675),
];

/// Where the order of a region of four entries stands; places in it are from its start on.
const ORDER: std::ops::Range<usize> = 1096..1136;
const GOLDEN_ORDER: &str = "
    0 fffffffcfffffffe
    1 00000000ffffffff
    2 ffffffff00000000
    3 00000000ffffffff
    5 00000001fffffffe
    6 00000000ffffffff
    7 00000000ffffffff
    8 00000003fffffffc
    9 00000001fffffffe
    10 00000003fffffffc
    11 00000002fffffffd
    12 00000002fffffffd
    13 00000001fffffffe
    14 66b6d7385f457c24
    15 93b542120ced5bbd
    20 00000000ffffffff
    21 00000001fffffffe
    25 00000002fffffffd
    26 00000002fffffffd
    27 fffffffe00000000
    28 00000000ffffffff
    30 00000001fffffffe
    31 00000000ffffffff
";

const GOLDEN: &str = "
    16 0000000000000003
    32 000000000000abcd
    800 0000000000000002
    817 0000000000000003
    818 0000000000000002
    819 0000000000000001
    820 ffffffffffffec77
    868 9e3779b97f4a7c15
    870 1852305300000002
    895 9e3779b97f4a7c15
    897 374252bb00000003
    949 3c6ef372fe94f82a
    951 e3215df000000003
    952 e3215df000000005
    976 44a1cb5260b43205
    977 000000000000abcd
    1048 5c5ea75600000001
    1049 aa56340b00000002
    1055 f608935d00000003
    1080 0000000100000000
    1081 0000000000000002
    1088 0000000100000000
    1089 0000000000000002
    1096 0000000000000001
    1097 0000000000000002
    1098 0000000000000003
    1104 0000000002341662
    1105 5c5ea756374252bb
    1106 0000000000000001
    1107 ffffffffffffffff
    1108 0000000300000001
    1109 499831b3ffffffff
    1110 0000000031656e6f
    1112 0000000002bb719a
    1113 aa56340b18523053
    1114 0000000000000002
    1115 0000000000001388
    1116 0000000300000064
    1117 7c4edc2d00000001
    1120 0000000003000000
    1121 df317d16e3215df0
    1122 0000000000000003
    1123 ffffffffffffffff
    1124 0000000400000000
    1125 46e693fbffffffff
    1126 00000000656e6f67
    1136 00000002ffffffff
    1137 0000000200000000
    1864 0707070707070707
    1865 0707070707070707
    1866 0707070707070707
    1867 0707070707070707
    1868 0007070707070707
    1872 07070707076f7774
    1873 0707070707070707
    1874 0707070707070707
    1875 0707070707070707
    1876 0707070707070707
    1877 0707070707070707
    1878 0707070707070707
    1879 0707070707070707
";
