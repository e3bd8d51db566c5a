//! Keys of calls: borrowed from the interpreter's stack for a look-up, owned when they are kept.
//!
//! A key is a row of objects: the positional arguments, the values of the keyword arguments, and
//! their names. How many of them are names is part of the key, so that no arguments of a caller's
//! can look like another call's. Names are interned, so that they compare as pointers; unless the
//! order of keywords matters they are sorted by address, which stays the same for as long as any key
//! has them.

use crate::ffi::args::Parts;
use crate::ffi::compare::{self, Verdict};
use crate::ffi::hash::{self, Raised};
use crate::ffi::names::{intern, is_interned};
use crate::ffi::object::{Owned, Ref};

/// How many objects of a key with keywords fit on the stack.
const INLINE: usize = 8;
/// What the hash of a key begins with: any odd number does.
const SEED: u64 = 0x243f_6a88_85a3_08d3;

/// How a cache makes keys of calls.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeyStyle {
    /// Whether arguments of different types are different keys.
    pub(crate) typed: bool,
    /// Whether the order of keyword arguments is part of the key.
    pub(crate) ordered: bool,
}

/// A key as a call brings it.
#[derive(Clone, Copy)]
pub(crate) struct KeyRef<'a> {
    pub(crate) hash: u64,
    objects: &'a [Ref<'a>],
    names: usize,
    typed: bool,
}

/// A key that is kept: a row of objects, the last of which are names. Short rows, the most frequent
/// ones, need no allocation.
#[derive(Clone)]
pub(crate) enum Key {
    One(Owned),
    Two { names: u32, objects: [Owned; 2] },
    Many { names: u32, objects: Box<[Owned]> },
}

impl<'a> KeyRef<'a> {
    /// The key of positional arguments alone, whose types do not matter.
    #[inline(always)]
    pub(crate) fn positional(objects: &'a [Ref<'a>]) -> Result<Self, Raised> {
        // One argument is the most frequent case, and needs no loop.
        let hash = match objects {
            [object] => hash::mix(SEED, hash::hash(*object)?),
            _ => hash_many(objects)?,
        };
        Ok(KeyRef::hashed(objects, hash))
    }

    /// The same, given its hash.
    #[inline]
    pub(crate) fn hashed(objects: &'a [Ref<'a>], hash: u64) -> Self {
        KeyRef { hash, objects, names: 0, typed: false }
    }

    /// The key of a row of objects, the last of which are names.
    pub(crate) fn named(
        objects: &'a [Ref<'a>],
        names: usize,
        style: KeyStyle,
    ) -> Result<Self, Raised> {
        let (values, keywords) = objects.split_at(objects.len() - names);
        let mut hash = Self::positional(values)?.hash;
        if style.typed {
            hash = mix_types(hash, values);
        }
        let mix_name = |hash, name: &Ref<'_>| hash::mix(hash, name.as_ptr() as u64);
        let hash = keywords.iter().fold(hash, mix_name);
        Ok(KeyRef { hash, objects, names, typed: style.typed })
    }

    /// The same of objects that have no hash.
    pub(crate) fn unhashed(objects: &'a [Ref<'a>], names: usize, style: KeyStyle) -> Self {
        KeyRef { hash: 0, objects, names, typed: style.typed }
    }

    /// The key's only object, if it has but one.
    pub(crate) fn single(&self) -> Option<Ref<'a>> {
        match self.objects {
            [object] => Some(*object),
            _ => None,
        }
    }

    /// The arguments that it is made of.
    pub(crate) fn parts(&self) -> Parts<'a> {
        let (objects, names) = self.objects.split_at(self.objects.len() - self.names);
        let (positional, values) = objects.split_at(objects.len() - self.names);
        Parts { positional, values, names }
    }

    pub(crate) fn to_key(self) -> Key {
        let names = self.names as u32;
        match self.objects {
            [object] => Key::One(object.counted()),
            [a, b] => Key::Two { names, objects: [a.counted(), b.counted()] },
            row => {
                Key::Many { names, objects: row.iter().map(|object| object.counted()).collect() }
            }
        }
    }

    /// Whether a kept key is this one, as far as can be said without running user code.
    #[inline(always)]
    pub(crate) fn compare(&self, key: &Key) -> Verdict {
        match (key, self.objects) {
            (Key::One(kept), &[new]) => self.compare_objects(kept.as_ref(), new),
            (Key::One(_), _) => Verdict::Different,
            _ => self.compare_many(key.owned(), key.names()),
        }
    }

    #[inline(never)]
    fn compare_many(&self, kept: &[Owned], names: usize) -> Verdict {
        if kept.len() != self.objects.len() || names != self.names {
            return Verdict::Different;
        }
        let values = kept.len() - names;
        let mut verdict = Verdict::Same;
        for (index, (kept, &new)) in kept.iter().zip(self.objects).enumerate() {
            let is_name = index >= values;
            match self.compare_objects(kept.as_ref(), new) {
                Verdict::Same => {}
                Verdict::Unknown if !is_name => verdict = Verdict::Unknown,
                Verdict::Different | Verdict::Unknown => return Verdict::Different,
            }
        }
        verdict
    }

    #[inline(always)]
    fn compare_objects(&self, kept: Ref<'_>, new: Ref<'_>) -> Verdict {
        if kept.is(new) {
            Verdict::Same
        } else if self.typed && kept.type_ptr() != new.type_ptr() {
            Verdict::Different
        } else {
            compare::compare_values(kept, new)
        }
    }

    /// Whether a kept key is this one by Python's `==`, for keys that `compare` could not tell
    /// apart. Runs user code.
    pub(crate) fn equals_in_python(&self, key: &Key) -> Result<bool, Raised> {
        for (kept, &new) in key.owned().iter().zip(self.objects) {
            if !compare::equal_in_python(kept.as_ref(), new)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[inline(never)]
fn hash_many(objects: &[Ref<'_>]) -> Result<u64, Raised> {
    let mut hash = SEED ^ objects.len() as u64;
    for &object in objects {
        hash = hash::mix(hash, hash::hash(object)?);
    }
    Ok(hash)
}

fn mix_types(hash: u64, objects: &[Ref<'_>]) -> u64 {
    objects.iter().fold(hash, |hash, object| hash::mix(hash, object.type_ptr() as u64))
}

impl Key {
    /// The key to look up with, given its hash.
    pub(crate) fn borrow(&self, hash: u64, style: KeyStyle) -> KeyRef<'_> {
        let objects = Owned::as_refs(self.owned());
        KeyRef { hash, objects, names: self.names(), typed: style.typed }
    }

    /// Every object of the key, names included.
    pub(crate) fn owned(&self) -> &[Owned] {
        match self {
            Key::One(object) => std::slice::from_ref(object),
            Key::Two { objects, .. } => objects,
            Key::Many { objects, .. } => objects,
        }
    }

    /// How many of the objects are names.
    fn names(&self) -> usize {
        match self {
            Key::One(_) => 0,
            Key::Two { names, .. } | Key::Many { names, .. } => *names as usize,
        }
    }

    /// The arguments by position, and those by keyword with their names.
    pub(crate) fn parts(&self) -> (&[Owned], impl Iterator<Item = (&Owned, &Owned)>) {
        let (values, names) = self.owned().split_at(self.owned().len() - self.names());
        let (positional, keywords) = values.split_at(values.len() - self.names());
        (positional, names.iter().zip(keywords))
    }

    /// Whether both are made of the same objects.
    pub(crate) fn is(&self, other: &Key) -> bool {
        let (objects, others) = (Owned::as_refs(self.owned()), Owned::as_refs(other.owned()));
        self.names() == other.names()
            && objects.len() == others.len()
            && objects.iter().zip(others).all(|(&a, &b)| a.is(b))
    }
}

/// A short key, which the shortest path of a call holds in registers.
pub(crate) trait ShortKey: Copy {
    /// The hash that the same key has as a [`KeyRef`], if no code has to run for it.
    fn known_hash(self) -> Option<u64>;
    /// Whether a kept key is this one; false also where only Python can tell.
    fn is_surely(self, kept: &Key) -> bool;
    /// The same to be kept.
    fn to_key(self) -> Key;
}

/// The key of one positional argument.
#[derive(Clone, Copy)]
pub(crate) struct One<'a>(pub(crate) Ref<'a>);

impl ShortKey for One<'_> {
    #[inline(always)]
    fn known_hash(self) -> Option<u64> {
        Some(hash::mix(SEED, hash::known(self.0)?))
    }

    #[inline(always)]
    fn is_surely(self, kept: &Key) -> bool {
        matches!(kept, Key::One(kept) if compare::is_surely_equal(kept.as_ref(), self.0))
    }

    fn to_key(self) -> Key {
        Key::One(self.0.counted())
    }
}

/// The key of two positional arguments.
#[derive(Clone, Copy)]
pub(crate) struct Two<'a>(pub(crate) [Ref<'a>; 2]);

impl ShortKey for Two<'_> {
    #[inline(always)]
    fn known_hash(self) -> Option<u64> {
        let first = hash::mix(SEED ^ 2, hash::known(self.0[0])?);
        Some(hash::mix(first, hash::known(self.0[1])?))
    }

    #[inline(always)]
    fn is_surely(self, kept: &Key) -> bool {
        let Key::Two { names: 0, objects } = kept else { return false };
        compare::is_surely_equal(objects[0].as_ref(), self.0[0])
            && compare::is_surely_equal(objects[1].as_ref(), self.0[1])
    }

    fn to_key(self) -> Key {
        Key::Two { names: 0, objects: self.0.map(Ref::counted) }
    }
}

/// The key of one or two arguments by keyword, with their names, which are interned, and sorted
/// unless their order matters.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a, const N: usize> {
    values: [Ref<'a>; N],
    names: [Ref<'a>; N],
}

impl<'a, const N: usize> Named<'a, N> {
    /// The key of values with names; none if a name is not interned.
    #[inline(always)]
    pub(crate) fn new(
        mut values: [Ref<'a>; N],
        mut names: [Ref<'a>; N],
        style: KeyStyle,
    ) -> Option<Self> {
        const { assert!(N == 1 || N == 2) };
        if !names.iter().all(|&name| is_interned(name)) {
            return None;
        }
        if N == 2 && !style.ordered && names[0].as_ptr() > names[N - 1].as_ptr() {
            values.reverse();
            names.reverse();
        }
        Some(Named { values, names })
    }
}

impl<const N: usize> ShortKey for Named<'_, N> {
    #[inline(always)]
    fn known_hash(self) -> Option<u64> {
        let mut hash = if N == 1 { SEED } else { SEED ^ N as u64 };
        for value in self.values {
            hash = hash::mix(hash, hash::known(value)?);
        }
        for name in self.names {
            hash = hash::mix(hash, name.as_ptr() as u64);
        }
        Some(hash)
    }

    #[inline(always)]
    fn is_surely(self, kept: &Key) -> bool {
        let (kept, names) = match kept {
            Key::Two { names, objects } if N == 1 => (&objects[..], *names),
            Key::Many { names, objects } if N == 2 => (&objects[..], *names),
            _ => return false,
        };
        if names as usize != N || kept.len() != 2 * N {
            return false;
        }
        for at in 0..N {
            let is_same = kept[N + at].as_ref().is(self.names[at])
                && compare::is_surely_equal(kept[at].as_ref(), self.values[at]);
            if !is_same {
                return false;
            }
        }
        true
    }

    fn to_key(self) -> Key {
        let row = [self.values, self.names];
        KeyRef { hash: 0, objects: row.as_flattened(), names: N, typed: false }.to_key()
    }
}

/// The key of a row of objects, the last of which are names.
#[derive(Clone, Copy)]
pub(crate) struct Few<'a> {
    objects: &'a [Ref<'a>],
    names: usize,
}

impl ShortKey for Few<'_> {
    #[inline(always)]
    fn known_hash(self) -> Option<u64> {
        let (values, names) = self.objects.split_at(self.objects.len() - self.names);
        let seed = if values.len() == 1 { SEED } else { SEED ^ values.len() as u64 };
        let mut hash = seed;
        for &value in values {
            hash = hash::mix(hash, hash::known(value)?);
        }
        Some(names.iter().fold(hash, |hash, name| hash::mix(hash, name.as_ptr() as u64)))
    }

    #[inline(always)]
    fn is_surely(self, kept: &Key) -> bool {
        let Key::Many { names, objects } = kept else { return false };
        let same = |(kept, &new): (&Owned, &Ref<'_>)| compare::is_surely_equal(kept.as_ref(), new);
        *names as usize == self.names
            && objects.len() == self.objects.len()
            && objects.iter().zip(self.objects).all(same)
    }

    fn to_key(self) -> Key {
        KeyRef { hash: 0, objects: self.objects, names: self.names, typed: false }.to_key()
    }
}

/// Makes the key of a call with few arguments, all of them by position or by names that are interned,
/// and uses it; none for other calls.
#[inline(always)]
pub(crate) fn with_few<T>(
    parts: Parts<'_>,
    style: KeyStyle,
    use_key: impl FnOnce(Few<'_>) -> Option<T>,
) -> Option<T> {
    let row;
    let names = parts.names.len();
    let objects = if names == 0 {
        parts.positional
    } else {
        row = short_row(parts, style)?;
        &row[..parts.positional.len() + 2 * names]
    };
    use_key(Few { objects, names })
}

/// Makes the key of a call and uses it.
#[inline]
pub(crate) fn with_key<T>(
    parts: Parts<'_>,
    style: KeyStyle,
    use_key: impl FnOnce(Result<KeyRef<'_>, Raised>) -> T,
) -> T {
    with_row(parts, style, |row, names| use_key(KeyRef::named(row, names, style)))
}

/// Puts the objects of a key in a row, and uses it with the number of names at its end.
#[inline]
pub(crate) fn with_row<T>(
    parts: Parts<'_>,
    style: KeyStyle,
    use_row: impl FnOnce(&[Ref<'_>], usize) -> T,
) -> T {
    if parts.names.is_empty() {
        use_row(parts.positional, 0)
    } else {
        with_keywords(parts, style, use_row)
    }
}

/// With keyword arguments, their values and names are put in a row behind the positional ones first.
fn with_keywords<T>(
    parts: Parts<'_>,
    style: KeyStyle,
    use_row: impl FnOnce(&[Ref<'_>], usize) -> T,
) -> T {
    let Parts { positional, names, .. } = parts;
    if let Some(row) = short_row(parts, style) {
        return use_row(&row[..positional.len() + 2 * names.len()], names.len());
    }
    // The interned twins of names that are not interned themselves.
    let twins: Vec<Option<Owned>> =
        names.iter().map(|&name| if is_interned(name) { None } else { intern(name) }).collect();
    let name = |index: usize| match twins.get(index) {
        Some(Some(twin)) => twin.as_ref(),
        _ => names[index],
    };
    let mut row = vec![names[0]; positional.len() + 2 * names.len()];
    fill_row(parts, name, style, &mut row);
    use_row(&row, names.len())
}

/// The row of a key with keywords, at the beginning of an array; none if it does not fit in there,
/// or if a name is not interned.
#[inline]
fn short_row<'a>(parts: Parts<'a>, style: KeyStyle) -> Option<[Ref<'a>; INLINE]> {
    let Parts { positional, names, .. } = parts;
    let length = positional.len() + 2 * names.len();
    if length > INLINE || !names.iter().all(|&name| is_interned(name)) {
        return None;
    }
    let mut row = [*names.first()?; INLINE];
    fill_row(parts, |index| names[index], style, &mut row[..length]);
    Some(row)
}

/// Fills the row of a key with keywords: the positional arguments, then the values of the others and
/// the names of these, sorted unless their order matters.
#[inline(always)]
fn fill_row<'a>(
    parts: Parts<'a>,
    name: impl Fn(usize) -> Ref<'a>,
    style: KeyStyle,
    row: &mut [Ref<'a>],
) {
    let Parts { positional, values, names } = parts;
    let (places, rest) = row.split_at_mut(positional.len());
    places.copy_from_slice(positional);
    let (kept_values, kept_names) = rest.split_at_mut(names.len());
    for (index, &value) in values.iter().enumerate() {
        let name = name(index);
        let mut place = index;
        while !style.ordered && place > 0 && kept_names[place - 1].as_ptr() > name.as_ptr() {
            kept_values[place] = kept_values[place - 1];
            kept_names[place] = kept_names[place - 1];
            place -= 1;
        }
        (kept_values[place], kept_names[place]) = (value, name);
    }
}
