//! Methods, with and without `#[warp_cache::methods]`.
use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;
use std::sync::Arc;
use warp_cache::warp_cache;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Id<T, const N: usize>(T);

impl<T: Copy + Eq + Hash + Send + Sync + 'static, const N: usize> Id<T, N> {
    #[warp_cache]
    fn by_reference(&self, text: &str) -> usize {
        text.len() + N
    }
    #[warp_cache]
    fn by_value(self) -> Self {
        self
    }
    #[warp_cache]
    fn by_mutable_value(mut self, other: T) -> Self {
        self.0 = other;
        self
    }
    #[warp_cache]
    fn by_arc(self: Arc<Self>) -> T {
        self.0
    }
    #[warp_cache]
    fn by_arc_reference<'a>(self: &'a Arc<Self>, _: &'a str) -> T {
        self.0
    }
    #[warp_cache(local)]
    fn by_box(self: Box<Self>, rc: Rc<u8>) -> Rc<u8> {
        rc
    }
    #[warp_cache(skip(self))]
    async fn waits(&self, n: u8) -> Result<u8, std::io::Error> {
        std::future::ready(()).await;
        let n: u8 = n.to_string().parse().map_err(std::io::Error::other)?;
        Ok(n)
    }
    #[warp_cache(single_flight)]
    async fn waits_alone(&self, (n, _): (u8, u8)) -> Option<u8> {
        if n == 0 {
            return None;
        }
        Some(std::future::ready(n).await)
    }
    #[warp_cache]
    #[must_use]
    #[expect(clippy::needless_return, unused_variables)]
    fn returns(&self, mut n: u8, unused: u8) -> u8 {
        n += 1;
        return n;
    }
}

trait Area {
    const UNIT: u64;
    type Side: Clone + Eq + Hash + Send + 'static;

    fn sides(&self) -> Vec<Self::Side>;

    #[warp_cache]
    fn area(&self, n: u64) -> u64
    where
        Self: Clone + Eq + Hash + Send + 'static,
    {
        n * Self::UNIT + self.sides().len() as u64
    }

    #[warp_cache(skip(self))]
    fn first(&self, n: u64) -> Option<Self::Side> {
        self.sides().into_iter().nth(n as usize)
    }
}

impl Area for Id<u8, 3> {
    const UNIT: u64 = 3;
    type Side = u8;

    #[warp_cache]
    fn sides(&self) -> Vec<Self::Side> {
        vec![self.0; 3]
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Store<'a, T>
where
    T: Clone,
{
    rates: Vec<T>,
    name: &'a str,
}

mod place {
    #[derive(Clone, PartialEq, Eq, Hash)]
    pub struct Other;
}

#[warp_cache::methods]
impl<T> Store<'static, T>
where
    T: Clone + Eq + Hash + Send + 'static,
{
    const SIZE: usize = 4;

    /// Documented.
    #[warp_cache(max_size = 4)]
    pub fn rate(&self, mut index: usize) -> Option<T> {
        index += Self::SIZE - 4;
        self.rates.get(index).cloned()
    }
    #[warp_cache]
    fn new(name: &'static str) -> Self {
        Store { rates: Vec::new(), name }
    }
    #[warp_cache(key = name.to_lowercase())]
    fn named(name: &str, count: usize) -> HashMap<String, Self> {
        let _ = count;
        HashMap::from([(name.to_owned(), Self::new("a"))])
    }
    #[warp_cache]
    fn taken(self, other: Box<Self>) -> Vec<Self> {
        vec![self, *other]
    }
    #[warp_cache(local)]
    fn counted(self: Rc<Self>) -> Rc<Self> {
        self
    }
    #[warp_cache]
    fn generic<U: Into<u64> + Clone + Eq + Hash + Send + 'static, const N: usize>(&self, value: U) -> u64 {
        value.into() + N as u64
    }
    #[warp_cache(single_flight)]
    pub(crate) async fn r#async<'b>(&self, text: &'b str) -> Result<Self, String> {
        if text.is_empty() {
            return Err(self.name.to_owned());
        }
        Ok(self.clone())
    }
    fn plain(&self) -> usize {
        self.rates.len()
    }
}

#[warp_cache::methods]
impl place::Other {
    #[warp_cache]
    fn rate(&self) -> u8 {
        1
    }
}

trait Named {
    fn name(&self) -> String;
}

impl Named for u8 {
    fn name(&self) -> String {
        self.to_string()
    }
}

#[warp_cache::methods]
impl dyn Named + Send {
    #[warp_cache(key = self.name())]
    fn length(&self) -> usize {
        self.name().len()
    }
}

#[warp_cache::methods]
impl Default for Store<'static, u8> {
    #[warp_cache]
    fn default() -> Self {
        Store { rates: vec![1], name: "default" }
    }
}

fn main() {
    let id = Id::<u8, 3>(1);
    id.by_reference("a");
    assert_eq!(id.by_value(), id);
    assert_eq!(id.by_mutable_value(3).0, 3);
    Arc::new(id).by_arc();
    Arc::new(id).by_arc_reference("a");
    Box::new(id).by_box(Rc::new(1));
    drop((id.waits(1), id.waits_alone((1, 2))));
    assert_eq!(id.returns(1, 2), 2);
    assert_eq!((id.area(2), id.sides().len(), id.first(0)), (9, 3, Some(1)));
    let store = Store { rates: vec![1u8], name: "a" };
    assert_eq!((store.rate(0), store.rate(0), store.plain()), (Some(1), Some(1), 1));
    assert_eq!(Store::<u8>::rate_cache().info().hits, 1);
    assert_eq!(Store::<u8>::rate_cache().get(&store, 0), Some(Some(1)));
    Store::<u8>::new("b");
    assert!(Store::<u8>::new_cache().contains("b"));
    assert_eq!(Store::<u8>::named("A", 1).len(), 1);
    assert!(Store::<u8>::named_cache().invalidate("a", 2));
    store.clone().taken(Box::new(store.clone()));
    Store::<u8>::taken_cache().refresh(store.clone(), Box::new(store.clone()));
    Rc::new(store.clone()).counted();
    Store::<u8>::counted_cache().clear();
    assert_eq!(store.generic::<u8, 2>(2), 4);
    Store::<u8>::generic_cache().uncached::<u8, 2>(&store, 2);
    drop(store.r#async("a"));
    drop(Store::<u8>::async_cache().refresh(&store, "a"));
    place::Other.rate();
    place::Other::rate_cache().info();
    assert!(Store::default().rates == [1]);
    let named: Box<dyn Named + Send> = Box::new(7u8);
    assert_eq!((named.length(), named.length()), (1, 1));
    assert_eq!(<dyn Named + Send>::length_cache().get(&*named), Some(1));
}
