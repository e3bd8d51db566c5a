//! The instantiations of a function: one, unless it is generic.
//!
//! A static cannot depend on a type parameter, so it holds a list of caches of any type. A function
//! that is not generic has its cache at the head. The list only grows, and is read without a lock.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::rc::Rc;

use super::memo::{Instance, Memo};
use crate::strategy::Policy;
use crate::sync::{OnceLock, ShardMutex};

/// Tells the instantiations of a generic function apart, also by parameters that occur in no
/// argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker(Option<TypeId>);

/// The marker of a function that is not generic.
pub const ONE: Marker = Marker(None);

/// The marker of the function in which the closure stands: a closure's type has the type parameters
/// of all that surrounds it.
#[inline]
pub fn marker<F: 'static>(_: &F) -> Marker {
    Marker(Some(TypeId::of::<F>()))
}

struct Node {
    marker: Marker,
    memo: Box<dyn Any + Send + Sync>,
    instance: fn(&(dyn Any + Send + Sync)) -> Option<&dyn Instance>,
    next: OnceLock<Box<Node>>,
}

/// The instantiations that all threads share.
pub(super) struct Instances(OnceLock<Box<Node>>);

impl Instances {
    pub(super) const fn new() -> Self {
        Instances(OnceLock::new())
    }

    /// The instantiation with these types; made by `build` if there is none yet.
    #[inline]
    pub(super) fn get<K, V, P, R>(
        &'static self,
        marker: Marker,
        build: impl FnOnce() -> Memo<K, V, P, R>,
    ) -> &'static Memo<K, V, P, R>
    where
        K: Send + 'static,
        V: Send + 'static,
        P: Policy + Send + 'static,
        R: ShardMutex + Send + Sync + 'static,
    {
        let mut next = &self.0;
        while let Some(node) = next.get() {
            if node.marker == marker {
                if let Some(memo) = node.memo.downcast_ref() {
                    return memo;
                }
            }
            next = &node.next;
        }
        add(next, marker, build())
    }

    /// All instantiations there are.
    pub(super) fn all(&self) -> impl Iterator<Item = &dyn Instance> {
        std::iter::successors(self.0.get(), |node| node.next.get())
            .filter_map(|node| (node.instance)(&*node.memo))
    }
}

/// Adds an instantiation at the end of the list, unless another thread has added it meanwhile.
#[cold]
#[inline(never)]
fn add<K, V, P, R>(
    mut next: &'static OnceLock<Box<Node>>,
    marker: Marker,
    memo: Memo<K, V, P, R>,
) -> &'static Memo<K, V, P, R>
where
    K: Send + 'static,
    V: Send + 'static,
    P: Policy + Send + 'static,
    R: ShardMutex + Send + Sync + 'static,
{
    let mut new = Some(Box::new(Node {
        marker,
        memo: Box::new(memo),
        instance: |memo| Some(memo.downcast_ref::<Memo<K, V, P, R>>()?),
        next: OnceLock::new(),
    }));
    loop {
        // The options were evaluated before: nothing of the user's runs in here.
        let node = next.get_or_init(|| new.take().unwrap_or_else(|| unreachable!("taken once")));
        if node.marker == marker {
            if let Some(memo) = node.memo.downcast_ref() {
                return memo;
            }
        }
        next = &node.next;
    }
}

type LocalNode = (Marker, Rc<dyn Any>, Rc<dyn Instance>);

/// The instantiations of one thread.
pub(super) struct LocalInstances(RefCell<Vec<LocalNode>>);

impl LocalInstances {
    pub(super) const fn new() -> Self {
        LocalInstances(RefCell::new(Vec::new()))
    }

    /// The instantiation with these types; made by `build` if there is none yet.
    pub(super) fn get<K, V, P, R>(
        &self,
        marker: Marker,
        build: impl FnOnce() -> Memo<K, V, P, R>,
    ) -> Rc<Memo<K, V, P, R>>
    where
        K: 'static,
        V: 'static,
        P: Policy + 'static,
        R: ShardMutex + 'static,
    {
        if let Some(memo) = self.find(marker) {
            return memo;
        }
        let memo = Rc::new(build());
        // The options may have called the function meanwhile.
        if let Some(memo) = self.find(marker) {
            return memo;
        }
        self.0.borrow_mut().push((marker, memo.clone(), memo.clone()));
        memo
    }

    #[inline]
    fn find<T: 'static>(&self, marker: Marker) -> Option<Rc<T>> {
        let nodes = self.0.borrow();
        let mut nodes = nodes.iter().filter(|node| node.0 == marker);
        nodes.find_map(|node| node.1.clone().downcast().ok())
    }

    /// All instantiations there are.
    pub(super) fn all(&self) -> Vec<Rc<dyn Instance>> {
        self.0.borrow().iter().map(|node| node.2.clone()).collect()
    }
}
