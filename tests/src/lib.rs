//! What the tests of the engine share: naive oracles, a battery of random operations that compares
//! with them, a watchdog for what might wait for ever, and executors for futures.

pub mod allocations;
pub mod battery;
#[cfg(all(unix, not(loom)))]
pub mod children;
pub mod computed;
#[cfg(all(unix, not(loom)))]
pub mod elsewhere;
pub mod executor;
#[cfg(not(loom))]
pub mod flights;
#[cfg(all(unix, not(loom)))]
pub mod load;
pub mod oracle;
pub mod processes;
pub mod random;
#[cfg(not(loom))]
pub mod region;
#[cfg(unix)]
pub mod scratch;
pub mod subject;
pub mod watchdog;

/// The Rust of README.md, which `cargo test --doc` runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
