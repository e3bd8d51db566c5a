//! What a type looks like to serde, in words: the names and types of its fields and variants.
//!
//! The format of the bytes has no names, so that two versions of a type can read each other's bytes
//! and take them for something else: `{ width, height }` after `{ height, width }`. So the shape is
//! part of a region's identity, and a changed type has a region of its own.
//!
//! It is found by letting the type deserialize itself from a source that writes down what it is
//! asked for, and answers with ones. Enums are gone through several times, each time with the next
//! variant. What a type refuses ends the writing at that place, the same in every process.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::value::{Error, U32Deserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer,
    MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// How deep types are followed into each other.
const DEEPEST: usize = 24;
/// From here on, what may be left out is.
const DEEP: usize = 12;
/// How long a shape gets.
const LONGEST: usize = 64 << 10;
/// How many variants of an enum are gone through.
const MOST_VARIANTS: usize = 64;

/// The type's name and its shape. Runs the type's `Deserialize`, some times if there are enums in
/// it.
pub(super) fn shape<T: DeserializeOwned>() -> String {
    let mut text = String::from(std::any::type_name::<T>());
    let (mut pass, mut variants) = (0, 1);
    while pass < variants {
        text.push('\n');
        let source = Source { text: &mut text, variants: &mut variants, pass, depth: 0 };
        // Values that nobody ever sent may make a panic out of a refusal.
        let _ = catch_unwind(AssertUnwindSafe(|| T::deserialize(source).map(drop)));
        pass += 1;
    }
    text
}

/// Answers whatever it is asked for, and writes that down.
struct Source<'a> {
    text: &'a mut String,
    /// The most variants that were met in an enum.
    variants: &'a mut usize,
    /// Which of them is answered.
    pass: usize,
    depth: usize,
}

impl Source<'_> {
    fn write(&mut self, what: std::fmt::Arguments<'_>) -> Result<(), Error> {
        if self.depth > DEEPEST || self.text.len() > LONGEST {
            return Err(Error::custom("enough is known"));
        }
        let _ = self.text.write_fmt(what);
        self.text.push(' ');
        Ok(())
    }

    fn inner(&mut self) -> Source<'_> {
        let Source { text, variants, pass, depth } = self;
        Source { text, variants, pass: *pass, depth: *depth + 1 }
    }

    fn elements(&mut self, left: usize) -> Elements<'_> {
        Elements { source: self.inner(), left }
    }

    /// How many elements a sequence has that may have any number.
    fn some(&self) -> usize {
        usize::from(self.depth < DEEP)
    }
}

macro_rules! answers {
    ($($method:ident $visit:ident $value:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
            self.write(format_args!("{}", &stringify!($visit)["visit_".len()..]))?;
            visitor.$visit($value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Source<'_> {
    type Error = Error;

    answers! {
        deserialize_bool visit_bool true;
        deserialize_i8 visit_i8 1;
        deserialize_i16 visit_i16 1;
        deserialize_i32 visit_i32 1;
        deserialize_i64 visit_i64 1;
        deserialize_i128 visit_i128 1;
        deserialize_u8 visit_u8 1;
        deserialize_u16 visit_u16 1;
        deserialize_u32 visit_u32 1;
        deserialize_u64 visit_u64 1;
        deserialize_u128 visit_u128 1;
        deserialize_f32 visit_f32 1.0;
        deserialize_f64 visit_f64 1.0;
        deserialize_char visit_char '1';
        deserialize_str visit_str "1";
        deserialize_string visit_string String::from("1");
        deserialize_bytes visit_bytes b"1";
        deserialize_byte_buf visit_byte_buf Vec::from(b"1");
    }

    /// The format cannot decode what asks for this.
    fn deserialize_any<V: Visitor<'de>>(mut self, _: V) -> Result<V::Value, Error> {
        self.write(format_args!("any"))?;
        Err(Error::custom("a type that asks for anything has no shape"))
    }
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        self.write(format_args!("option"))?;
        if self.depth < DEEP { visitor.visit_some(self.inner()) } else { visitor.visit_none() }
    }
    fn deserialize_unit<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        self.write(format_args!("unit"))?;
        visitor.visit_unit()
    }
    fn deserialize_unit_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.write(format_args!("struct {name:?}"))?;
        visitor.visit_unit()
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.write(format_args!("struct {name:?} of"))?;
        visitor.visit_newtype_struct(self.inner())
    }
    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        self.write(format_args!("sequence"))?;
        let some = self.some();
        visitor.visit_seq(self.elements(some))
    }
    fn deserialize_tuple<V: Visitor<'de>>(
        mut self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.write(format_args!("tuple of {len}"))?;
        visitor.visit_seq(self.elements(len))
    }
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.write(format_args!("struct {name:?} of {len}"))?;
        visitor.visit_seq(self.elements(len))
    }
    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        self.write(format_args!("map"))?;
        let some = self.some();
        visitor.visit_map(self.elements(some))
    }
    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.write(format_args!("struct {name:?} {fields:?}"))?;
        visitor.visit_seq(self.elements(fields.len()))
    }
    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.write(format_args!("enum {name:?} {variants:?}"))?;
        *self.variants = (*self.variants).max(variants.len().min(MOST_VARIANTS));
        let index = (self.pass % variants.len().max(1)) as u32;
        visitor.visit_enum(Variant { source: self.inner(), index })
    }
    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Elements of a sequence, or entries of a map.
struct Elements<'a> {
    source: Source<'a>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(self.source.inner()).map(Some)
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Elements<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.next_element_seed(seed)
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(self.source.inner())
    }
}

/// A variant of an enum.
struct Variant<'a> {
    source: Source<'a>,
    index: u32,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Error;
    type Variant = Source<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Source<'a>), Error> {
        let index: U32Deserializer<Error> = self.index.into_deserializer();
        Ok((seed.deserialize(index)?, self.source))
    }
}

impl<'de> VariantAccess<'de> for Source<'_> {
    type Error = Error;

    fn unit_variant(mut self) -> Result<(), Error> {
        self.write(format_args!("bare"))
    }
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<T::Value, Error> {
        self.write(format_args!("of"))?;
        seed.deserialize(self)
    }
    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_tuple(len, visitor)
    }
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_struct("", fields, visitor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::{self, Formatter};
    use std::num::NonZeroU8;

    use serde::Deserialize;
    use serde::de::{Deserializer, SeqAccess, Visitor};

    use super::shape;

    #[test]
    fn a_shape_follows_types_into_each_other() {
        let text = shape::<(u8, Option<Vec<BTreeMap<String, f32>>>)>();
        assert!(text.ends_with("\ntuple of 2 u8 option sequence map string f32 "), "{text}");
        assert!(shape::<[NonZeroU8; 2]>().ends_with("\ntuple of 2 u8 u8 "));
    }

    #[test]
    fn every_variant_is_gone_through() {
        let text = shape::<Result<u8, (i64, ())>>();
        assert!(text.contains("of u8 \n"), "{text}");
        assert!(text.ends_with("of tuple of 2 i64 unit "), "{text}");
    }

    /// What `derive` writes for a struct with these fields.
    macro_rules! fields {
        ($name:ident $($field:literal)*) => {
            struct $name;
            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    struct Each;
                    impl<'de> Visitor<'de> for Each {
                        type Value = $name;
                        fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                            f.write_str("fields")
                        }
                        fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<$name, A::Error> {
                            while fields.next_element::<u32>()?.is_some() {}
                            Ok($name)
                        }
                    }
                    deserializer.deserialize_struct("Size", &[$($field),*], Each)
                }
            }
        };
    }

    fields!(Before "width" "height");
    fields!(Turned "height" "width");
    fields!(More "width" "height" "depth");

    /// Whatever the types are called, and though their bytes may look alike.
    #[test]
    fn other_fields_are_another_shape() {
        let fields = |text: String| text.lines().skip(1).collect::<String>();
        let [before, turned, more] =
            [shape::<Before>(), shape::<Turned>(), shape::<Vec<More>>()].map(fields);
        assert_eq!(before, r#"struct "Size" ["width", "height"] u32 u32 "#);
        assert_eq!(turned, r#"struct "Size" ["height", "width"] u32 u32 "#);
        assert_eq!(more, r#"sequence struct "Size" ["width", "height", "depth"] u32 u32 u32 "#);
    }

    /// One that holds others of its own kind, and one that refuses what it is given.
    #[test]
    fn every_type_comes_to_an_end() {
        struct Tree;
        impl<'de> Deserialize<'de> for Tree {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <(Option<Box<Tree>>, Vec<Tree>)>::deserialize(deserializer).map(|_| Tree)
            }
        }
        let text = shape::<Tree>();
        assert!(text.len() <= super::LONGEST + 100, "{}", text.len());
        assert_eq!(text, shape::<Tree>());
        assert!(shape::<std::net::IpAddr>().contains("enum \"IpAddr\""));
    }

    #[test]
    fn it_is_the_same_each_time() {
        assert_eq!(shape::<Vec<Result<u8, String>>>(), shape::<Vec<Result<u8, String>>>());
        assert_ne!(shape::<(u8, u16)>(), shape::<(u16, u8)>());
    }
}
