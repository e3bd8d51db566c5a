#[warp_macros::strategies]
mod strategies {
    /// Evicts nothing.
    #[derive(Default)]
    #[strategy(hit = shared)]
    pub struct Never;

    impl super::Policy for Never {
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

pub struct Cause;

pub trait Policy: Default {
    fn inserted(&mut self, slot: u32, hash: u64);
    fn hit(&mut self, slot: u32);
    fn removed(&mut self, slot: u32, hash: u64, cause: Cause);
    fn victim(&mut self, incoming: u64) -> Option<u32>;
    fn validate(&self) -> Vec<u32>;
}

fn main() {}
