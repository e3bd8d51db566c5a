mod strategies {
    /// Evicts what is old.
    pub struct Old {
        order: Vec<u32>,
    }
    impl Policy for Old {
        fn inserted(&mut self) {}
        fn hit(&mut self) {}
        fn removed(&mut self) {}
        fn victim(&mut self) {}
        fn validate(&self) {}
    }
    /// Evicts what is cold.
    ///
    /// A hit is a mark.
    pub struct Cold;
    impl Policy for Cold {
        fn inserted(&mut self) {}
        fn hit(&mut self) {}
        fn removed(&mut self) {}
        fn victim(&mut self) {}
        fn validate(&self) {}
    }
    impl SharedHit for Cold {}
}
