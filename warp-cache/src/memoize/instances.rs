//! The instantiations of a function: one, unless it is generic.
//!
//! A static cannot depend on a type parameter, so it holds a list of caches of any type. A function
//! that is not generic has its cache at the head. The list only grows, and is read without a lock.

use std::any::TypeId;
use std::cell::OnceCell;
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;

use super::function::Shares;
use super::memo::{Instance, Memo};
use super::typed::Typed;
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

/// What stands before a cache in the list.
struct Link {
    marker: Marker,
    next: OnceLock<Box<Node>>,
}

type Next = OnceLock<Box<Node>>;
type Node = Typed<Link, dyn Instance + Send + Sync>;

/// The instantiations that all threads share.
pub(super) struct Instances(Next);

impl Instances {
    pub(super) const fn new() -> Self {
        Instances(OnceLock::new())
    }

    /// The instantiation with these types; made by `build` if there is none yet.
    #[inline(always)]
    pub(super) fn get<K, V, P, R>(
        &'static self,
        marker: Marker,
        build: impl FnOnce() -> Memo<K, V, P, R>,
    ) -> &'static Memo<K, V, P, R>
    where
        K: Send + 'static,
        V: Send + 'static,
        P: Shares<K, V> + Send + 'static,
        R: ShardMutex + Send + Sync + 'static,
    {
        // Nearly always the first.
        match self
            .0
            .get()
            .filter(|node| node.head.marker == marker)
            .and_then(|it| it.downcast_ref())
        {
            Some(memo) => memo,
            None => self.get_or_add(marker, build),
        }
    }

    #[cold]
    #[inline(never)]
    fn get_or_add<K, V, P, R>(
        &'static self,
        marker: Marker,
        build: impl FnOnce() -> Memo<K, V, P, R>,
    ) -> &'static Memo<K, V, P, R>
    where
        K: Send + 'static,
        V: Send + 'static,
        P: Shares<K, V> + Send + 'static,
        R: ShardMutex + Send + Sync + 'static,
    {
        let id = TypeId::of::<Memo<K, V, P, R>>();
        let found = find(&self.0, marker, id).unwrap_or_else(|end| {
            let link = Link { marker, next: OnceLock::new() };
            add(end, Box::new(Typed::new(link, build())))
        });
        found.downcast_ref().unwrap_or_else(|| unreachable!("it was found by its type"))
    }

    /// All instantiations there are.
    pub(super) fn all(&self) -> impl Iterator<Item = &dyn Instance> {
        std::iter::successors(self.0.get(), |node| node.head.next.get())
            .map(|node| -> &dyn Instance { node.get() })
    }
}

/// The instantiation, or where it is to be added.
fn find(
    mut next: &'static Next,
    marker: Marker,
    id: TypeId,
) -> Result<&'static Node, &'static Next> {
    while let Some(node) = next.get() {
        if node.head.marker == marker && node.id() == id {
            return Ok(node);
        }
        next = &node.head.next;
    }
    Err(next)
}

/// Adds an instantiation at the end of the list, unless another thread has added it meanwhile.
fn add(end: &'static Next, new: Box<Node>) -> &'static Node {
    let (marker, id) = (new.head.marker, new.id());
    let mut new = Some(new);
    let mut end = end;
    loop {
        // The options were evaluated before: nothing of the user's runs in here.
        end.get_or_init(|| new.take().unwrap_or_else(|| unreachable!("taken once")));
        match find(end, marker, id) {
            Ok(node) => return node,
            Err(further) => end = further,
        }
    }
}

/// As `Node`, of a thread. A cache beside its counts, whose place depends on its type, took longer to
/// find.
struct LocalNode {
    marker: Marker,
    next: LocalNext,
    memo: Box<Typed<(), dyn Instance>>,
}

type LocalNext = OnceCell<Rc<LocalNode>>;

/// The instantiations of one thread.
pub(super) struct LocalInstances(LocalNext);

impl LocalInstances {
    pub(super) const fn new() -> Self {
        LocalInstances(OnceCell::new())
    }

    /// The first instantiation, if it is the one with this marker: nearly always.
    #[inline(always)]
    pub(super) fn first<M: 'static>(&self, marker: Marker) -> Option<&M> {
        self.0.get().filter(|node| node.marker == marker)?.memo.downcast_ref()
    }

    /// The instantiation with these types; made by `build` if there is none yet.
    pub(super) fn get<M: Instance + 'static>(
        &self,
        marker: Marker,
        build: impl FnOnce() -> M,
    ) -> Held<M> {
        Held::of(find_local(&self.0, marker, TypeId::of::<M>()).unwrap_or_else(|_| {
            let memo = Box::new(Typed::new((), build()));
            add_local(&self.0, Rc::new(LocalNode { marker, next: OnceCell::new(), memo }))
        }))
    }

    /// All instantiations there are.
    pub(super) fn all(&self) -> impl Iterator<Item = &dyn Instance> {
        std::iter::successors(self.0.get(), |node| node.next.get()).map(|node| node.memo.get())
    }
}

/// As `find`, of a thread.
fn find_local(
    mut next: &LocalNext,
    marker: Marker,
    id: TypeId,
) -> Result<&Rc<LocalNode>, &LocalNext> {
    while let Some(node) = next.get() {
        if node.marker == marker && node.memo.id() == id {
            return Ok(node);
        }
        next = &node.next;
    }
    Err(next)
}

/// Adds an instantiation at the end of the list, unless its options have called the function, and
/// have so added it meanwhile.
fn add_local(first: &LocalNext, new: Rc<LocalNode>) -> &Rc<LocalNode> {
    match find_local(first, new.marker, new.memo.id()) {
        Ok(node) => node,
        Err(end) => end.get_or_init(|| new),
    }
}

/// A thread's instantiation, held: a computation may outlive what its thread has for itself. Its
/// type is checked where it is used, and not before, too: a marker belongs to one type of cache.
pub(super) struct Held<M> {
    node: Rc<LocalNode>,
    memo: PhantomData<Rc<M>>,
}

impl<M> Held<M> {
    /// Holds a node, which has to be one with an `M`.
    #[inline(always)]
    fn of(node: &Rc<LocalNode>) -> Self {
        Held { node: node.clone(), memo: PhantomData }
    }
}

impl<M: 'static> Deref for Held<M> {
    type Target = M;

    #[inline(always)]
    fn deref(&self) -> &M {
        self.node.memo.downcast_ref().unwrap_or_else(|| unreachable!("it was found by its type"))
    }
}
