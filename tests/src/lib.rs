//! What the tests of the engine share: naive oracles, a battery of random operations that compares
//! with them, a watchdog for what might wait for ever, and executors for futures.

pub mod battery;
pub mod executor;
#[cfg(not(loom))]
pub mod flights;
pub mod oracle;
pub mod random;
pub mod subject;
pub mod watchdog;

/// The Rust of README.md, which `cargo test --doc` runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
