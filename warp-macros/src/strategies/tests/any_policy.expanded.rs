/// A policy that is any of the strategies, chosen at run time. Costs one `match` an
/// operation over the policy itself, and is compiled once for all keys and values.
/// Its hits are exclusive, whichever strategy it is.
#[derive(::core::fmt::Debug)]
pub enum AnyPolicy {
    #[doc(hidden)]
    Old(Old),
    #[doc(hidden)]
    Cold(Cold),
}
impl AnyPolicy {
    /// The policy of a strategy, knowing no entries yet.
    pub fn new(strategy: Strategy) -> Self {
        match strategy {
            Strategy::Old => AnyPolicy::Old(Old::default()),
            Strategy::Cold => AnyPolicy::Cold(Cold::default()),
        }
    }
    /// Which strategy this is.
    pub fn strategy(&self) -> Strategy {
        match self {
            AnyPolicy::Old(_) => Strategy::Old,
            AnyPolicy::Cold(_) => Strategy::Cold,
        }
    }
}
impl crate::strategy::OneStrategy for Old {
    const STRATEGY: Strategy = Strategy::Old;
}
impl crate::strategy::Hits for Old {
    type Access = crate::strategy::Exclusive;
}
impl crate::strategy::OneStrategy for Cold {
    const STRATEGY: Strategy = Strategy::Cold;
}
impl crate::strategy::Hits for Cold {
    type Access = crate::strategy::Shared;
}
impl crate::strategy::Hits for AnyPolicy {
    type Access = crate::strategy::Exclusive;
}
impl ::core::default::Default for AnyPolicy {
    fn default() -> Self {
        AnyPolicy::new(Strategy::Old)
    }
}
impl crate::strategy::Policy for AnyPolicy {
    fn emptied(&self) -> Self {
        AnyPolicy::new(self.strategy())
    }
    fn bound(&mut self, max_size: ::core::option::Option<usize>) {
        match self {
            AnyPolicy::Old(policy) => policy.bound(max_size),
            AnyPolicy::Cold(policy) => policy.bound(max_size),
        }
    }
    #[inline]
    fn inserted(&mut self, slot: crate::strategy::Slot, hash: u64) {
        match self {
            AnyPolicy::Old(policy) => policy.inserted(slot, hash),
            AnyPolicy::Cold(policy) => policy.inserted(slot, hash),
        }
    }
    #[inline]
    fn hit(&mut self, slot: crate::strategy::Slot) {
        match self {
            AnyPolicy::Old(policy) => policy.hit(slot),
            AnyPolicy::Cold(policy) => policy.hit(slot),
        }
    }
    fn removed(
        &mut self,
        slot: crate::strategy::Slot,
        hash: u64,
        cause: crate::strategy::Cause,
    ) {
        match self {
            AnyPolicy::Old(policy) => policy.removed(slot, hash, cause),
            AnyPolicy::Cold(policy) => policy.removed(slot, hash, cause),
        }
    }
    #[inline]
    fn evicted_for(
        &mut self,
        slot: crate::strategy::Slot,
        old_hash: u64,
        new_hash: u64,
    ) {
        match self {
            AnyPolicy::Old(policy) => policy.evicted_for(slot, old_hash, new_hash),
            AnyPolicy::Cold(policy) => policy.evicted_for(slot, old_hash, new_hash),
        }
    }
    fn victim(
        &mut self,
        incoming: u64,
    ) -> ::core::option::Option<crate::strategy::Slot> {
        match self {
            AnyPolicy::Old(policy) => policy.victim(incoming),
            AnyPolicy::Cold(policy) => policy.victim(incoming),
        }
    }
    fn admit(&mut self, incoming: u64, victim: crate::strategy::Slot) -> bool {
        match self {
            AnyPolicy::Old(policy) => policy.admit(incoming, victim),
            AnyPolicy::Cold(policy) => policy.admit(incoming, victim),
        }
    }
    fn validate(&self) -> ::std::vec::Vec<crate::strategy::Slot> {
        match self {
            AnyPolicy::Old(policy) => policy.validate(),
            AnyPolicy::Cold(policy) => policy.validate(),
        }
    }
}
