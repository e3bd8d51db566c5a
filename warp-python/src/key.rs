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

/// A key that is kept.
pub(crate) struct Key {
    objects: Objects,
    names: usize,
}

enum Objects {
    /// The most frequent key of all needs no allocation.
    One(Owned),
    Many(Box<[Owned]>),
}

impl Objects {
    #[inline]
    fn as_slice(&self) -> &[Owned] {
        match self {
            Objects::One(object) => std::slice::from_ref(object),
            Objects::Many(objects) => objects,
        }
    }
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
        Ok(KeyRef { hash, objects, names: 0, typed: false })
    }

    /// The key of a row of objects, the last of which are names.
    fn named(objects: &'a [Ref<'a>], names: usize, style: KeyStyle) -> Result<Self, Raised> {
        let (values, keywords) = objects.split_at(objects.len() - names);
        let mut hash = Self::positional(values)?.hash;
        if style.typed {
            hash = mix_types(hash, values);
        }
        let mix_name = |hash, name: &Ref<'_>| hash::mix(hash, name.as_ptr() as u64);
        let hash = keywords.iter().fold(hash, mix_name);
        Ok(KeyRef { hash, objects, names, typed: style.typed })
    }

    /// The key's only object, if it has but one.
    pub(crate) fn single(&self) -> Option<Ref<'a>> {
        match self.objects {
            [object] => Some(*object),
            _ => None,
        }
    }

    pub(crate) fn to_key(self) -> Key {
        let objects = match self.objects {
            [object] => Objects::One(object.counted()),
            objects => Objects::Many(objects.iter().map(|object| object.counted()).collect()),
        };
        Key { objects, names: self.names }
    }

    /// Whether a kept key is this one, as far as can be said without running user code.
    #[inline(always)]
    pub(crate) fn compare(&self, key: &Key) -> Verdict {
        match (&key.objects, self.objects) {
            (Objects::One(kept), &[new]) => self.compare_objects(kept.as_ref(), new),
            (Objects::Many(kept), _) => self.compare_many(kept, key.names),
            (Objects::One(_), _) => Verdict::Different,
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
        for (kept, &new) in key.objects.as_slice().iter().zip(self.objects) {
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
        let objects = Owned::as_refs(self.objects.as_slice());
        KeyRef { hash, objects, names: self.names, typed: style.typed }
    }

    /// Every object of the key, names included.
    pub(crate) fn owned(&self) -> &[Owned] {
        self.objects.as_slice()
    }

    fn objects(&self) -> impl Iterator<Item = Ref<'_>> {
        self.objects.as_slice().iter().map(Owned::as_ref)
    }

    /// The arguments by position, and those by keyword with their names.
    pub(crate) fn parts(&self) -> (&[Owned], impl Iterator<Item = (&Owned, &Owned)>) {
        let (values, names) = {
            let objects = self.objects.as_slice();
            objects.split_at(objects.len() - self.names)
        };
        let (positional, keywords) = values.split_at(values.len() - self.names);
        (positional, names.iter().zip(keywords))
    }

    /// Whether both are made of the same objects.
    pub(crate) fn is(&self, other: &Key) -> bool {
        self.names == other.names
            && self.objects.as_slice().len() == other.objects.as_slice().len()
            && self.objects().zip(other.objects()).all(|(a, b)| a.is(b))
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        let objects = match &self.objects {
            Objects::One(object) => Objects::One(object.clone()),
            Objects::Many(objects) => Objects::Many(objects.clone()),
        };
        Key { objects, names: self.names }
    }
}

/// Makes the key of a call and uses it.
#[inline]
pub(crate) fn with_key<T>(
    parts: Parts<'_>,
    style: KeyStyle,
    use_key: impl FnOnce(Result<KeyRef<'_>, Raised>) -> T,
) -> T {
    if parts.names.is_empty() {
        use_key(KeyRef::named(parts.positional, 0, style))
    } else {
        with_keywords(parts, style, use_key)
    }
}

/// With keyword arguments, their values and names are put in a row behind the positional ones first.
fn with_keywords<T>(
    parts: Parts<'_>,
    style: KeyStyle,
    use_key: impl FnOnce(Result<KeyRef<'_>, Raised>) -> T,
) -> T {
    let Parts { positional, values, names } = parts;
    // The interned twins of names that are not interned themselves.
    let twins: Vec<Option<Owned>> = if names.iter().all(|&name| is_interned(name)) {
        Vec::new()
    } else {
        names.iter().map(|&name| intern(name)).collect()
    };
    let name = |index: usize| match twins.get(index) {
        Some(Some(twin)) => twin.as_ref(),
        _ => names[index],
    };
    let length = positional.len() + 2 * names.len();
    let mut inline = [names[0]; INLINE];
    let mut heap = Vec::new();
    let row = if length <= INLINE {
        &mut inline[..length]
    } else {
        heap.resize(length, names[0]);
        &mut heap[..]
    };
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
    use_key(KeyRef::named(row, names.len(), style))
}
