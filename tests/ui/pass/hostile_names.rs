//! Generated code means what it says whatever the user's names are.
#![no_implicit_prelude]
#![allow(dead_code, unused_macros, non_camel_case_types, non_upper_case_globals)]

mod core {}
mod std {}
mod alloc {}

macro_rules! concat { () => {} }
macro_rules! module_path { () => {} }
macro_rules! const_assert { () => {} }
macro_rules! assert { () => {} }
macro_rules! panic { () => {} }
macro_rules! matches { () => {} }
macro_rules! vec { () => {} }
macro_rules! format { () => {} }
macro_rules! unreachable { () => {} }
macro_rules! thread_local { () => {} }
macro_rules! thread_local_static { () => {} }

pub trait Hostile {
    fn __statics(&self) {}
    fn outcome(&self) {}
    fn kind(&self) {}
    fn part(&self) {}
    fn begin(self) where Self: ::core::marker::Sized {}
    fn join(self) where Self: ::core::marker::Sized {}
    fn inspect(self) where Self: ::core::marker::Sized {}
    fn with(self) where Self: ::core::marker::Sized {}
    fn finish(self) where Self: ::core::marker::Sized {}
    fn finish_async(self) where Self: ::core::marker::Sized {}
    fn resolve(self) where Self: ::core::marker::Sized {}
    fn new() where Self: ::core::marker::Sized {}
    fn call(&self) {}
    fn info() {}
    fn clear() {}
    fn map(&self) {}
    fn ttl(&self) {}
    fn strategy(self) where Self: ::core::marker::Sized {}
    fn cache_if(self) where Self: ::core::marker::Sized {}
    fn single_flight(self) where Self: ::core::marker::Sized {}
    fn on_evict(self) where Self: ::core::marker::Sized {}
    fn uncached() {}
    fn as_ref(&self) {}
    fn into_future(self) where Self: ::core::marker::Sized {}
}
impl<T: ?::core::marker::Sized> Hostile for T {}

pub struct Option;
pub struct Result;
pub struct Some;
pub struct None;
pub struct Ok;
pub struct String;
pub struct Vec;
pub struct Box;
pub struct Info;
pub struct Function;
pub struct Marker;
pub struct Purpose;
pub struct Begun;
pub struct Strategy;
pub struct Probe;
pub struct PhantomData;
pub struct Debug;
pub struct usize;
pub struct bool;
pub struct str;
pub const FUNCTION: u8 = 1;
pub const UNBOUNDED: u8 = 1;

mod warp_cache {}

mod user {
    #[allow(unused_imports)]
    use super::*;
    mod warp_cache {}
    mod core {}

    #[::warp_cache::warp_cache(max_size = 10, strategy = Lfu, ttl = 1h, shards = 1, cache_if = |_| true)]
    pub fn double(n: u64) -> u64 {
        n * 2
    }

    #[::warp_cache::warp_cache(key = (n, m.0, n + 1), single_flight)]
    pub fn keyed(n: u64, m: (u64, u64), text: ::core::option::Option<&::core::primitive::str>) -> ::core::result::Result<u64, u8> {
        let _ = text;
        ::core::result::Result::Ok(n + m.0)
    }

    #[::warp_cache::warp_cache(local, on_evict = |_, _, _| {})]
    pub fn local(text: ::core::option::Option<&::core::primitive::str>, f: f64) -> ::core::option::Option<u64> {
        let _ = (text, f);
        ::core::option::Option::Some(1)
    }

    #[::warp_cache::warp_cache(single_flight)]
    pub async fn waits(n: u64) -> u64 {
        n
    }

    /// What a pattern of that name means, in the place of a variable.
    mod patterns {
        pub struct begun;
        pub struct result;
        pub struct pending;
        pub const value: u8 = 1;
        pub const element: u8 = 1;
        pub static settings: u8 = 1;
        pub static purpose: u8 = 1;
        pub static control: u8 = 1;
        pub const never: u8 = 1;
    }

    mod among_patterns {
        #[allow(unused_imports)]
        use super::patterns::*;

        #[::warp_cache::warp_cache(ttl = 1h, key = (a + 1, b))]
        fn keyed(a: u64, b: ::core::option::Option<&::core::primitive::str>) -> u64 {
            let _ = b;
            a
        }
        #[::warp_cache::warp_cache(single_flight)]
        async fn waits(a: ::core::option::Option<&::core::primitive::str>) -> u64 {
            let _ = a;
            1
        }
        impl super::User {
            #[::warp_cache::warp_cache]
            async fn waits_here(&self, n: u64) -> u64 {
                n
            }
        }
    }

    #[derive(::core::clone::Clone, ::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
    pub struct Cow;

    #[::warp_cache::warp_cache]
    pub fn milk(cow: Cow) -> u64 {
        let _ = cow;
        1
    }

    #[derive(::core::clone::Clone, ::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
    pub struct User(pub u64);

    impl User {
        #[::warp_cache::warp_cache]
        pub fn id(&self, n: u64) -> u64 {
            self.0 + n
        }
        #[::warp_cache::warp_cache]
        pub async fn waits(&self, n: u64) -> u64 {
            self.0 + n
        }
    }

    #[::warp_cache::methods]
    impl User {
        #[warp_cache]
        pub fn rate(&self, n: u64) -> u64 {
            self.0 + n
        }
        #[warp_cache(local)]
        pub fn make(n: u64) -> Self {
            User(n)
        }
        #[warp_cache(single_flight)]
        pub async fn later(&self, n: u64) -> u64 {
            n
        }
    }
}

fn main() {
    user::double(4);
    user::double::get(4);
    user::double::info();
    user::double::clear();
    let _ = user::keyed(1, (2, 3), ::core::option::Option::None);
    user::local(::core::option::Option::None, 0.0);
    user::local::set(::core::option::Option::None, 0.0, ::core::option::Option::None);
    ::core::mem::drop(user::waits(1));
    let user = user::User(1);
    user.id(1);
    ::core::mem::drop((user.waits(1), user.later(1)));
    user.rate(1);
    user::User::rate_cache().refresh(&user, 1);
    user::User::make(1);
    user::User::make_cache().clear();
}
