//! Keys and values as bytes: serde's data model in [postcard](https://postcard.jamesmunns.com)'s
//! format.
//!
//! Why postcard: its format is specified and has been the same since its version 1.0; it is compact
//! (numbers take as many bytes as they need, names take none), quick to read, and needs neither a
//! schema nor a build step. What it leaves out of the bytes, the names of types and fields, is part
//! of a region's identity instead (see [`shape`](super::shape)).
//!
//! Two keys are the same key if they encode equally, so their bytes are canonical: of all NaN there
//! is one, and one of the two zeros. Types that name their fields as they go, and leave some out
//! (`skip_serializing_if`), have no encoding here: without the names their bytes could be those of
//! another value.

use std::cell::RefCell;

use postcard::ser_flavors::Flavor;
use postcard::{Serializer, take_from_bytes};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::strict::Strict;
use crate::sync::{LocalKey, thread_local};

/// Changes when the same value encodes to other bytes than before: then regions are others too.
pub(super) const FORMAT: &str = "postcard 1, strict 1";

/// The longest buffer that a thread holds on to.
const LONGEST_KEPT: usize = 64 << 10;

thread_local! {
    static KEY: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static VALUE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Lends a thread's buffer, empty: so that an encoding allocates nothing once the thread has had a
/// long one. A call within a call (a `Serialize` or `Clone` that uses a cache) gets a new one, and
/// so does one at a thread's end. It is used in its place, as moving it took longer than encoding.
#[inline]
fn lend<T>(buffer: &'static LocalKey<RefCell<Vec<u8>>>, work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    // Asked first, as `try_with` loses the call.
    let is_free = buffer.try_with(|buffer| buffer.try_borrow_mut().is_ok()).unwrap_or(false);
    if !is_free {
        return work(&mut Vec::new());
    }
    buffer.with(|buffer| {
        let mut bytes = buffer.borrow_mut();
        bytes.clear();
        let result = work(&mut bytes);
        if bytes.capacity() > LONGEST_KEPT {
            *bytes = Vec::new();
        }
        result
    })
}

/// Lends a buffer for a value to a reader.
pub(super) fn lend_for_value<T>(work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    lend(&VALUE, work)
}

/// Puts encoded bytes at a vector's end.
struct Append<'a>(&'a mut Vec<u8>);

impl Flavor for Append<'_> {
    type Output = ();

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }
    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// A value has no encoding, or bytes are none of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unfit;

#[inline]
fn encode<T: Serialize + ?Sized, const KEY: bool>(
    value: &T,
    bytes: &mut Vec<u8>,
) -> Result<(), Unfit> {
    let mut serializer = Serializer { output: Append(bytes) };
    value.serialize(Strict::<_, KEY>(&mut serializer)).map_err(|_| Unfit)
}

/// Lends a key's bytes: equal for keys that are the same.
#[inline]
pub(super) fn with_key<K: Serialize + ?Sized, T>(
    key: &K,
    work: impl FnOnce(Result<&[u8], Unfit>) -> T,
) -> T {
    lend(&KEY, |bytes| {
        let encoded = encode::<K, true>(key, bytes);
        work(encoded.map(|()| &**bytes))
    })
}

/// Lends a value's bytes.
pub(super) fn with_value<V: Serialize + ?Sized, T>(
    value: &V,
    work: impl FnOnce(Result<&[u8], Unfit>) -> T,
) -> T {
    lend(&VALUE, |bytes| {
        let encoded = encode::<V, false>(value, bytes);
        work(encoded.map(|()| &**bytes))
    })
}

/// The value that bytes are, all of them.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unfit> {
    match take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(Unfit),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serializer;
    use serde::ser::SerializeStruct;

    use super::*;

    fn key(key: &(impl Serialize + ?Sized)) -> Vec<u8> {
        with_key(key, |bytes| bytes.expect("it has an encoding").to_vec())
    }

    fn value(value: &impl Serialize) -> Result<Vec<u8>, Unfit> {
        with_value(value, |bytes| bytes.map(<[u8]>::to_vec))
    }

    #[test]
    fn borrowed_keys_encode_as_owned_ones() {
        assert_eq!(key("text"), key(&String::from("text")));
        assert_eq!(key(&[1_u64, 2][..]), key(&vec![1_u64, 2]));
        assert_eq!(key(&(1_u8, Some("a"))), key(&(1_u8, Some(String::from("a")))));
    }

    #[test]
    fn all_nan_are_one_key_and_so_are_both_zeros() {
        assert_eq!(key(&f64::NAN), key(&-f64::NAN));
        assert_eq!(key(&[0.0_f32]), key(&[-0.0_f32]));
        assert_ne!(key(&1.0_f64), key(&-1.0_f64));
        assert_ne!(value(&0.0_f64), value(&-0.0_f64), "a value comes back as it was");
    }

    #[test]
    fn values_come_back() {
        let whole = (i128::MIN, 'ß', [Some(1.5_f32), None], BTreeMap::from([("a".to_owned(), ())]));
        let bytes = value(&whole).expect("it has an encoding");
        assert_eq!(decode(&bytes), Ok(whole));
        assert_eq!(decode::<u64>(&[]), Err(Unfit));
        assert_eq!(decode::<u8>(&[1, 2]), Err(Unfit), "bytes are left over");
    }

    #[test]
    fn a_struct_that_leaves_fields_out_has_no_encoding() {
        struct Sparse;
        impl Serialize for Sparse {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut fields = serializer.serialize_struct("Sparse", 1)?;
                fields.skip_field("first")?;
                fields.serialize_field("second", &1)?;
                fields.end()
            }
        }
        assert_eq!(value(&[Sparse]), Err(Unfit));
        assert_eq!(with_key(&Some(Sparse), |bytes| bytes.err()), Some(Unfit));
    }

    #[test]
    fn a_call_within_a_call_has_a_buffer_of_its_own() {
        struct Nested;
        impl Serialize for Nested {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let inner = key("inner");
                serializer.serialize_bytes(&inner)
            }
        }
        assert_eq!(key(&("a", Nested)), [1, b'a', 6, 5, b'i', b'n', b'n', b'e', b'r']);
    }
}
