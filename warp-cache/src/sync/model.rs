//! loom's primitives in the place of the real ones, in shapes that the engine's code fits.
//!
//! Why unsafe: loom's mutex shows what it locks to nobody else, and a shard is looked at beside its
//! lock. So the value stands beside it here too, in a cell of which loom knows who came to it when.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use loom::cell::UnsafeCell;
pub(crate) use loom::sync::atomic::{
    AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, fence,
};
pub(crate) use loom::sync::{Arc, Condvar, Mutex, MutexGuard};

/// loom's does not know constant initializers.
macro_rules! modelled_thread_local {
    ($($(#[$attribute:meta])* static $name:ident: $type:ty = const $init:block;)*) => {
        loom::thread_local! { $($(#[$attribute])* static $name: $type = $init;)* }
    };
}
pub(crate) use modelled_thread_local as thread_local;

/// Waits for another thread.
pub(crate) fn pause(_tries: &mut u32) {
    loom::thread::yield_now();
}

/// A shard's lock. Whichever lock `R` is, loom's stands in for it.
#[derive(Debug)]
pub struct ShardLock<R, T> {
    lock: Mutex<()>,
    /// Beside the lock, as shards are looked at without it; loom sees who does when.
    value: UnsafeCell<T>,
    raw: PhantomData<fn() -> R>,
}

// SAFETY: a mutex of a `T` is `Sync`, and who looks beside the lock answers for it.
unsafe impl<R, T: Send> Sync for ShardLock<R, T> {}

impl<R, T> ShardLock<R, T> {
    pub(crate) fn new(value: T) -> Self {
        ShardLock { lock: Mutex::new(()), value: UnsafeCell::new(value), raw: PhantomData }
    }

    pub(crate) fn lock(&self) -> ShardGuard<'_, R, T> {
        let guard = self.lock.lock().unwrap_or_else(|poison| poison.into_inner());
        ShardGuard { lock: self, _guard: guard }
    }

    pub(crate) fn try_lock(&self) -> Option<ShardGuard<'_, R, T>> {
        self.lock.try_lock().ok().map(|guard| ShardGuard { lock: self, _guard: guard })
    }

    pub(crate) fn data_ptr(&self) -> *const T {
        self.value.with(|value| value)
    }
}

/// What a shard's lock is held by.
#[derive(Debug)]
pub struct ShardGuard<'a, R, T> {
    lock: &'a ShardLock<R, T>,
    _guard: MutexGuard<'a, ()>,
}

impl<R, T> Deref for ShardGuard<'_, R, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.lock.value.with(|value| value) }
    }
}

impl<R, T> DerefMut for ShardGuard<'_, R, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, by this guard alone.
        unsafe { &mut *self.lock.value.with_mut(|value| value) }
    }
}

/// A static that every run of the model makes anew.
pub(crate) struct LazyLock<T: 'static>(loom::lazy_static::Lazy<T>);

impl<T> LazyLock<T> {
    pub(crate) const fn new(init: fn() -> T) -> Self {
        LazyLock(loom::lazy_static::Lazy { init, _p: PhantomData })
    }

    pub(crate) fn force(this: &'static Self) -> &'static T {
        this.0.get()
    }
}
