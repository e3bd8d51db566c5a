//! The instantiations of a function with the option `shared`: each has a region of its own, as keys
//! and values have other types.

use std::any::{Any, TypeId, type_name};

use super::region_memo::RegionMemo;
use crate::stats::Info;
use crate::sync::OnceLock;

/// Tells the instantiations of a generic function apart, also by parameters that occur in no
/// argument: in this process by a type, in others by its name.
#[derive(Clone, Copy, Debug)]
pub struct RegionMarker(Option<(TypeId, Name)>);

type Name = fn() -> &'static str;

/// The marker of a function that is not generic.
pub const ONE_REGION: RegionMarker = RegionMarker(None);

/// As [`marker`](super::marker).
#[inline]
pub fn region_marker<F: 'static>(_: &F) -> RegionMarker {
    RegionMarker(Some((TypeId::of::<F>(), type_name::<F>)))
}

impl RegionMarker {
    #[inline]
    fn id(self) -> Option<TypeId> {
        self.0.map(|(id, _)| id)
    }

    /// The type's name; empty for a function that is not generic.
    pub(super) fn name(self) -> &'static str {
        self.0.map_or("", |(_, name)| name())
    }
}

/// What of all instantiations can be asked at once.
pub(super) trait RegionInstance {
    fn info(&self) -> Info;
    fn clear(&self);
}

struct Node {
    marker: RegionMarker,
    memo: Box<dyn Any + Send + Sync>,
    instance: fn(&(dyn Any + Send + Sync)) -> Option<&dyn RegionInstance>,
    next: OnceLock<Box<Node>>,
}

/// A list that only grows, and is read without a lock.
pub(super) struct RegionInstances(OnceLock<Box<Node>>);

impl RegionInstances {
    pub(super) const fn new() -> Self {
        RegionInstances(OnceLock::new())
    }

    /// The instantiation with these types; made by `open` if there is none yet.
    #[inline]
    pub(super) fn get<V: Send + 'static>(
        &'static self,
        marker: RegionMarker,
        open: impl FnOnce() -> RegionMemo<V>,
    ) -> &'static RegionMemo<V> {
        let mut next = &self.0;
        while let Some(node) = next.get() {
            if node.marker.id() == marker.id() {
                if let Some(memo) = node.memo.downcast_ref() {
                    return memo;
                }
            }
            next = &node.next;
        }
        add(next, marker, open())
    }

    /// All instantiations there are.
    pub(super) fn all(&self) -> impl Iterator<Item = &dyn RegionInstance> {
        std::iter::successors(self.0.get(), |node| node.next.get())
            .filter_map(|node| (node.instance)(&*node.memo))
    }
}

/// Adds an instantiation at the end of the list, unless another thread has added it meanwhile.
#[cold]
#[inline(never)]
fn add<V: Send + 'static>(
    mut next: &'static OnceLock<Box<Node>>,
    marker: RegionMarker,
    memo: RegionMemo<V>,
) -> &'static RegionMemo<V> {
    let mut new = Some(Box::new(Node {
        marker,
        memo: Box::new(memo),
        instance: |memo| Some(memo.downcast_ref::<RegionMemo<V>>()?),
        next: OnceLock::new(),
    }));
    loop {
        // The options were evaluated before: nothing of the user's runs in here.
        let node = next.get_or_init(|| new.take().unwrap_or_else(|| unreachable!("taken once")));
        if node.marker.id() == marker.id() {
            if let Some(memo) = node.memo.downcast_ref() {
                return memo;
            }
        }
        next = &node.next;
    }
}
