//! loom's primitives in the place of the real ones, in shapes that the engine's code fits.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize};
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
    lock: Mutex<T>,
    raw: PhantomData<fn() -> R>,
}

impl<R, T> ShardLock<R, T> {
    pub(crate) fn new(value: T) -> Self {
        ShardLock { lock: Mutex::new(value), raw: PhantomData }
    }

    pub(crate) fn lock(&self) -> ShardGuard<'_, R, T> {
        let guard = self.lock.lock().unwrap_or_else(|poison| poison.into_inner());
        ShardGuard { guard, raw: PhantomData }
    }

    pub(crate) fn try_lock(&self) -> Option<ShardGuard<'_, R, T>> {
        self.lock.try_lock().ok().map(|guard| ShardGuard { guard, raw: PhantomData })
    }
}

/// What a shard's lock is held by.
#[derive(Debug)]
pub struct ShardGuard<'a, R, T> {
    guard: MutexGuard<'a, T>,
    raw: PhantomData<fn() -> R>,
}

impl<R, T> Deref for ShardGuard<'_, R, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<R, T> DerefMut for ShardGuard<'_, R, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
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
