//! Advice on calls of which the best strategy and size are known.
#![cfg(not(loom))]

use std::ops::ControlFlow;

use warp_cache::Strategy;
use warp_cache::simulate::{
    Advice, Choice, Function, Options, Trace, Verdict, WORTH, advise, curves,
};
use warp_tests::random::Random;

fn advice_on(
    keys: impl IntoIterator<Item = u32>,
    strategy: Strategy,
    max_size: Option<usize>,
) -> Advice {
    let hash = |key: u32| {
        let hash = u64::from(key + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (hash ^ hash >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93)
    };
    let function = Function { name: "f".to_owned(), strategy, max_size };
    let trace = Trace { function, hashes: keys.into_iter().map(hash).collect() };
    let curves = curves(&trace, &Options::default(), &mut |_| ControlFlow::Continue(()));
    let advice = advise(&curves.expect("nobody cancels"));
    let Advice { today, recommended, with_more_room, .. } = advice;
    assert_eq!((today.strategy, today.max_size), (strategy, max_size));
    assert_eq!(recommended.max_size, max_size);
    assert!(recommended == today || recommended.hit_ratio >= today.hit_ratio + WORTH);
    assert_eq!(recommended != today, advice.verdict == Verdict::Change);
    if let Some(more) = with_more_room {
        assert!(more.max_size.unwrap() > max_size.unwrap_or(advice.keys));
        assert!(more.hit_ratio >= recommended.hit_ratio + WORTH);
    }
    says_what_it_holds(&advice);
    if let Some(Choice { max_size, .. }) = advice.smaller {
        assert!(max_size.unwrap() < today.max_size.unwrap_or(advice.keys));
    }
    advice
}

/// The sentence recommends what the fields of that name are, and nothing else.
fn says_what_it_holds(advice: &Advice) {
    let Advice { recommended, with_more_room, smaller, .. } = advice;
    let sentence = advice.to_string();
    match advice.verdict {
        Verdict::Keep => says(advice, &format!("Keep {recommended}: it hits ")),
        Verdict::Change => says(advice, &format!("Take {recommended}: it would hit ")),
        Verdict::TooFewCalls | Verdict::NothingRepeats => {
            assert!(!sentence.contains("Keep ") && !sentence.contains("Take "), "{sentence}");
            assert_eq!((*recommended, *with_more_room, *smaller), (advice.today, None, None));
        }
    }
    match with_more_room {
        Some(more) => says(advice, &format!(" If there is room for more, take {more}: ")),
        None => assert!(!sentence.contains("room for more"), "{sentence}"),
    }
    match smaller {
        Some(smaller) => {
            says(advice, &format!(" As many hits as today need no more than {smaller}."))
        }
        None => assert!(!sentence.contains("no more than"), "{sentence}"),
    }
}

#[track_caller]
fn says(advice: &Advice, words: &str) {
    let sentence = advice.to_string();
    assert!(sentence.contains(words), "{sentence}");
    assert!(sentence.ends_with('.'), "{sentence}");
}

#[test]
fn a_loop_wants_what_keeps_some_of_it_or_room_for_all() {
    let advice = advice_on((0..10_000).map(|call| call % 500), Strategy::Lru, Some(450));
    assert_eq!(advice.verdict, Verdict::Change);
    assert_eq!(advice.today.hit_ratio, 0.0);
    assert!([Strategy::Mru, Strategy::Lirs].contains(&advice.recommended.strategy));
    assert_eq!(advice.recommended.max_size, Some(450));
    assert!(advice.recommended.hit_ratio > 0.8);
    let more = advice.with_more_room.expect("room for all is worth it");
    assert_eq!((more.strategy, more.max_size), (Strategy::Lru, Some(500)));
    assert_eq!(more.hit_ratio, 0.95);
    assert_eq!(advice.smaller, None, "what never hits needs no room");
    says(&advice, "points more than LRU does today (0.0 %).");
    says(&advice, "If there is room for more, take LRU with max_size 500: it would hit 95.0 %");
}

/// Each key is asked for again after 13 calls, and never after.
#[test]
fn recency_wants_what_keeps_the_latest_and_hardly_any_room() {
    let keys = (0..5000).map(|call| if call % 2 == 0 { call } else { (call + 4987) % 5000 });
    let advice = advice_on(keys.clone(), Strategy::Lru, Some(500));
    assert_eq!(advice.verdict, Verdict::Keep);
    assert_eq!((advice.recommended, advice.with_more_room), (advice.today, None));
    let smaller = advice.smaller.expect("hardly any room");
    assert_eq!((smaller.strategy, smaller.max_size), (Strategy::Lru, Some(16)));
    says(&advice, "Keep LRU with max_size 500: it hits 49.9 % of the calls, and no strategy");
    says(&advice, "As many hits as today need no more than LRU with max_size 16.");
    let advice = advice_on(keys, Strategy::Lfu, Some(500));
    assert_eq!(advice.recommended.strategy, Strategy::Lru, "the plainest of those that are alike");
    says(&advice, "Take LRU with max_size 500: it would hit 49.9 % of the calls, ");
}

/// A few favourites, which a scan through the rest pushes out of a small LRU.
#[test]
fn frequency_wants_what_counts() {
    let mut random = Random::new(1);
    let keys = (0..20_000)
        .map(|call| if call % 4 == 0 { random.below(50) } else { 1000 + call * 7 % 20_000 });
    let advice = advice_on(keys, Strategy::Lru, Some(60));
    assert_eq!(advice.verdict, Verdict::Change);
    assert!(advice.today.hit_ratio < 0.1, "{advice:?}");
    assert_ne!(advice.recommended.strategy, Strategy::Lru);
    assert!(advice.recommended.hit_ratio > 0.2, "{advice:?}");
}

#[test]
fn what_fits_needs_no_change() {
    let mut random = Random::new(2);
    for max_size in [Some(128), None] {
        let keys: Vec<_> = (0..10_000).map(|_| random.below(100)).collect();
        let advice = advice_on(keys, Strategy::Sieve, max_size);
        assert_eq!(advice.verdict, Verdict::Keep);
        assert_eq!(advice.recommended.strategy, Strategy::Sieve, "all are alike");
        says(&advice, "with room for all 100 keys");
    }
}

#[test]
fn a_larger_bound_of_todays_strategy_is_taken_before_another_strategy() {
    let mut random = Random::new(3);
    let keys: Vec<_> = (0..8000).map(|_| random.below(200)).collect();
    let advice = advice_on(keys, Strategy::Fifo, Some(20));
    assert_eq!(advice.verdict, Verdict::Keep, "no order helps where there is none");
    let more = advice.with_more_room.expect("all fit into ten times the room");
    assert_eq!((more.strategy, more.max_size), (Strategy::Fifo, Some(200)));
    says(
        &advice,
        "and no strategy much more. If there is room for more, take FIFO with max_size 200",
    );
}

#[test]
fn too_few_calls_and_calls_that_never_repeat_say_nothing() {
    for count in [0, 1, 999] {
        let advice = advice_on((0..count).map(|call| call % 10), Strategy::Lru, Some(5));
        assert_eq!(advice.verdict, Verdict::TooFewCalls);
        says(&advice, "calls are too few to tell: record 1000 or more");
    }
    let advice = advice_on(0..5000, Strategy::Lru, Some(128));
    assert_eq!(advice.verdict, Verdict::NothingRepeats);
    says(&advice, "No cache would help: 5000 calls had 5000 different keys");
}
