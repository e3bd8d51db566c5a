//! Keys: looked up in a borrowed form, owned only when they are kept.

/// A borrowed form of a key: hashes as the key does, and compares with it. `str` is one of
/// `String`; a struct of references can be one of a struct of owned parts.
pub use equivalent::Equivalent;
