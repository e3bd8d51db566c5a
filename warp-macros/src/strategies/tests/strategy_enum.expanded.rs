/// Which entry a full cache evicts.
#[derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::core::hash::Hash
)]
#[repr(u8)]
pub enum Strategy {
    /// Evicts what is old.
    Old = 0u8,
    /// Evicts what is cold.
    ///
    /// A hit is a mark.
    Cold = 1u8,
}
impl Strategy {
    /// Every strategy, in the order of their numbers.
    pub const ALL: &'static [Strategy] = &[Strategy::Old, Strategy::Cold];
    /// The strategy's name in capitals, as Python shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Strategy::Old => "OLD",
            Strategy::Cold => "COLD",
        }
    }
}
impl ::core::default::Default for Strategy {
    fn default() -> Self {
        Strategy::Old
    }
}
impl ::core::fmt::Display for Strategy {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.pad(self.name())
    }
}
impl ::core::str::FromStr for Strategy {
    type Err = crate::error::Error;
    /// Reads a name, in any case.
    fn from_str(name: &str) -> ::core::result::Result<Self, Self::Err> {
        Strategy::ALL
            .iter()
            .copied()
            .find(|strategy| strategy.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| crate::error::Error::new(
                "strategy",
                ::std::format!("{name:?}"),
                "is no strategy; it takes one of OLD, COLD",
            ))
    }
}
