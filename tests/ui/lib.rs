//! Each file in `fail/` is one mistake, named after the rule that it breaks, with what the compiler
//! says beside it. `TRYBUILD=overwrite cargo test -p
//! warp-ui-tests` accepts what the compiler says now. Each file in `pass/` is odd but right, and runs.
#![cfg(test)]

/// The texts are those of a compiler as it is now: others word and order them otherwise.
#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*.rs");
}
