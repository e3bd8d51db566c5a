//! Parameters that are not part of the key, however they are passed.

use crate::ffi::args::Parts;
use crate::ffi::object::Ref;

/// What to leave out, found out from the function's signature by the facade.
pub(crate) struct Ignore {
    /// Positions to leave out.
    pub(crate) positions: Vec<usize>,
    /// Leave out every position from this one on: the function's `*args`.
    pub(crate) positions_from: Option<usize>,
    /// Names to leave out.
    pub(crate) names: Vec<String>,
    /// Leave out every other name than these: the function's `**kwargs`.
    pub(crate) names_except: Option<Vec<String>>,
}

/// The fields of an [`Ignore`] in their order, as the facade passes them.
pub(crate) type IgnoreTuple = (Vec<usize>, Option<usize>, Vec<String>, Option<Vec<String>>);

impl From<IgnoreTuple> for Ignore {
    fn from((positions, positions_from, names, names_except): IgnoreTuple) -> Self {
        Ignore { positions, positions_from, names, names_except }
    }
}

impl Ignore {
    /// Uses the arguments that are left.
    pub(crate) fn with_rest<T>(&self, all: Parts<'_>, use_rest: impl FnOnce(Parts<'_>) -> T) -> T {
        let positional = all.positional.iter().enumerate();
        let positional: Vec<Ref<'_>> = positional
            .filter(|&(index, _)| !self.drops_position(index))
            .map(|(_, &value)| value)
            .collect();
        let keywords = all.names.iter().zip(all.values);
        let (names, values): (Vec<Ref<'_>>, Vec<Ref<'_>>) = keywords
            .filter(|(name, _)| !name.as_str().is_some_and(|name| self.drops_name(name)))
            .unzip();
        use_rest(Parts { positional: &positional, values: &values, names: &names })
    }

    fn drops_position(&self, index: usize) -> bool {
        self.positions.contains(&index) || self.positions_from.is_some_and(|from| index >= from)
    }

    fn drops_name(&self, name: &str) -> bool {
        self.names.iter().any(|dropped| dropped == name)
            || self.names_except.as_ref().is_some_and(|kept| !kept.iter().any(|kept| kept == name))
    }
}
