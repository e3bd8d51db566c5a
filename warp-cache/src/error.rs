//! The one error: an argument that cannot be.

use std::fmt;

/// An argument was refused. Prints a sentence that names the argument, what it got and what it
/// takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    argument: &'static str,
    got: String,
    takes: String,
}

impl Error {
    /// `argument` was given `got`, which `takes`, as in "is negative; it takes ...".
    pub(crate) fn new(
        argument: &'static str,
        got: impl Into<String>,
        takes: impl Into<String>,
    ) -> Error {
        Error { argument, got: got.into(), takes: takes.into() }
    }

    /// The name of the argument.
    pub fn argument(&self) -> &'static str {
        self.argument
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.argument, self.got, self.takes)
    }
}

impl std::error::Error for Error {}
