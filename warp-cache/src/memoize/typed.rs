//! A value of some type, and which type that is: `Any`, asked without a call.
//!
//! Why unsafe: `dyn Any` is asked for its type through its table of methods, a call that every hit
//! of every function would make before anything else: one to two nanoseconds of ten. Here the type's
//! number stands beside the value. The one invariant is that the number is the value's: `new` alone writes it, and
//! what unsizes a `Typed` leaves all as it is.
#![allow(unsafe_code)]

use std::any::TypeId;

/// A value with its type's number, and what is to be known of it whatever its type.
pub(super) struct Typed<H, T: ?Sized> {
    pub(super) head: H,
    id: TypeId,
    value: T,
}

impl<H, T: 'static> Typed<H, T> {
    pub(super) fn new(head: H, value: T) -> Self {
        Typed { head, id: TypeId::of::<T>(), value }
    }
}

impl<H, D: ?Sized> Typed<H, D> {
    /// The value as what it was made of; none if that was another type.
    #[inline(always)]
    pub(super) fn downcast_ref<T: 'static>(&self) -> Option<&T> {
        if !self.is::<T>() {
            return None;
        }
        // SAFETY: as the number says, this was a `Typed<H, T>` before it was unsized.
        Some(&unsafe { &*std::ptr::from_ref(self).cast::<Typed<H, T>>() }.value)
    }

    /// Whether the value is a `T`.
    #[inline(always)]
    pub(super) fn is<T: 'static>(&self) -> bool {
        self.id == TypeId::of::<T>()
    }

    /// The number of the value's type.
    pub(super) fn id(&self) -> TypeId {
        self.id
    }

    /// The value.
    pub(super) fn get(&self) -> &D {
        &self.value
    }
}
