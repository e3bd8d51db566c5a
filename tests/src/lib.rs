//! What the tests of the engine share: naive oracles, a battery of random operations that compares
//! with them, and a watchdog for what might wait for ever.

pub mod battery;
pub mod oracle;
pub mod random;
pub mod subject;
pub mod watchdog;
