//! What Python said of kept keys that only its `==` can tell apart from the one looked for.

use crate::ffi::compare::Verdict;
use crate::ffi::hash::Raised;
use crate::key::{Key, KeyRef};

/// What is known of kept keys that only Python can compare.
pub(crate) trait Answers {
    /// Whether such a key is the one looked for; false, and pending, if that is not known.
    fn recall(&mut self, kept: &Key) -> bool;
    /// Whether Python has to be asked.
    fn is_pending(&self) -> bool;
}

/// Nothing is known: what a look-up begins with, at no cost.
#[derive(Default)]
pub(crate) struct Unasked {
    is_pending: bool,
}

impl Answers for Unasked {
    #[cold]
    fn recall(&mut self, _kept: &Key) -> bool {
        self.is_pending = true;
        false
    }

    #[inline]
    fn is_pending(&self) -> bool {
        self.is_pending
    }
}

/// The kept keys that Python was asked about, and those it has yet to be asked about.
#[derive(Default)]
pub(crate) struct Asked {
    answers: Vec<(Key, bool)>,
    pending: Vec<Key>,
}

impl Answers for Asked {
    fn recall(&mut self, kept: &Key) -> bool {
        if let Some((_, answer)) = self.answers.iter().find(|(known, _)| known.is(kept)) {
            return *answer;
        }
        self.pending.push(kept.clone());
        false
    }

    fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }
}

impl Asked {
    /// Lets Python compare; no lock may be held.
    pub(crate) fn ask(&mut self, key: &KeyRef<'_>) -> Result<(), Raised> {
        while let Some(kept) = self.pending.pop() {
            let answer = key.equals_in_python(&kept)?;
            self.answers.push((kept, answer));
        }
        Ok(())
    }
}

/// Whether a kept key is the one looked for, as far as is known.
#[inline]
pub(crate) fn matches(key: &KeyRef<'_>, kept: &Key, answers: &mut impl Answers) -> bool {
    match key.compare(kept) {
        Verdict::Same => true,
        Verdict::Different => false,
        Verdict::Unknown => answers.recall(kept),
    }
}
