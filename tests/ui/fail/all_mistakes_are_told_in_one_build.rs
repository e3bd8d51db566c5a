#[warp_macros::strategies]
mod strategies {
    /// Has no policy, and a misspelt option.
    #[derive(Default)]
    #[strategy(hti = exclusive)]
    pub struct First;

    #[derive(Default)]
    #[strategy(hit = shared)]
    pub struct Second;

    impl super::Policy for Second {
        fn inserted(&mut self, _slot: u32, _hash: u64) {}
        fn removed(&mut self, _slot: u32, _hash: u64, _cause: super::Cause) {}
        fn victim(&mut self, _incoming: u64) -> Option<u32> {
            None
        }
    }

    /// Misses nothing.
    #[derive(Default)]
    #[strategy(hit = exclusive)]
    pub struct Third;

    impl super::Policy for Third {
        fn inserted(&mut self, _slot: u32, _hash: u64) {}
        fn hit(&mut self, _slot: u32) {}
        fn removed(&mut self, _slot: u32, _hash: u64, _cause: super::Cause) {}
        fn victim(&mut self, _incoming: u64) -> Option<u32> {
            None
        }
        fn validate(&self) -> Vec<u32> {
            Vec::new()
        }
    }
}

// The module's own items are there all the same: this is no mistake.
pub use strategies::{First, Second, Third};

pub struct Cause;

pub trait Policy: Default {
    fn inserted(&mut self, slot: u32, hash: u64);
    fn hit(&mut self, slot: u32);
    fn removed(&mut self, slot: u32, hash: u64, cause: Cause);
    fn victim(&mut self, incoming: u64) -> Option<u32>;
    fn validate(&self) -> Vec<u32>;
}

fn main() {}
