//! How does serde tell the fields of a row?

use super::{Bound, Unbound};
use serde::{
    Serialize,
    ser::{Error as _, Impossible, SerializeMap, SerializeStruct, Serializer},
};

/// Takes a struct, or the map that serde makes of one with a flattened field.
pub(super) struct Row<'b>(pub &'b mut Bound);

/// Takes the value of a field.
pub(super) struct Value<'b>(pub &'b mut Bound);

/// Takes the name of a field.
pub(super) struct Name;

type No<T> = Impossible<T, Unbound>;

/// The methods of a serializer that takes less than serde can say, and those that say of it what it takes.
macro_rules! only {
    ($taken:ty, $($unwanted:ident($($ty:ty),*))*) => {
        type Ok = $taken;
        type Error = Unbound;
        type SerializeSeq = No<$taken>;
        type SerializeTuple = No<$taken>;
        type SerializeTupleStruct = No<$taken>;
        type SerializeTupleVariant = No<$taken>;
        type SerializeStructVariant = No<$taken>;
        $(fn $unwanted(self, $(_: $ty),*) -> Result<$taken, Unbound> { Err(unwanted()) })*
        fn serialize_unit_struct(self, _: &'static str) -> Result<$taken, Unbound> { Err(unwanted()) }
        fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<$taken, Unbound> { Err(unwanted()) }
        fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<$taken, Unbound> {
            value.serialize(self)
        }
        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self, _: &'static str, _: u32, _: &'static str, _: &T,
        ) -> Result<$taken, Unbound> { Err(unwanted()) }
        fn serialize_seq(self, _: Option<usize>) -> Result<No<$taken>, Unbound> { Err(unwanted()) }
        fn serialize_tuple(self, _: usize) -> Result<No<$taken>, Unbound> { Err(unwanted()) }
        fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<No<$taken>, Unbound> { Err(unwanted()) }
        fn serialize_tuple_variant(
            self, _: &'static str, _: u32, _: &'static str, _: usize,
        ) -> Result<No<$taken>, Unbound> { Err(unwanted()) }
        fn serialize_struct_variant(
            self, _: &'static str, _: u32, _: &'static str, _: usize,
        ) -> Result<No<$taken>, Unbound> { Err(unwanted()) }
        fn is_human_readable(&self) -> bool { false }
    };
}

fn unwanted() -> Unbound {
    Unbound::custom("a row is a struct of numbers, texts and bytes")
}

impl Serializer for Row<'_> {
    only! {
        (),
        serialize_bool(bool) serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_f32(f32) serialize_f64(f64)
        serialize_char(char) serialize_str(&str) serialize_bytes(&[u8]) serialize_none() serialize_unit()
    }
    type SerializeMap = Self;
    type SerializeStruct = Self;

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), Unbound> {
        Err(unwanted())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Unbound> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Unbound> {
        Ok(self)
    }
}

impl SerializeStruct for Row<'_> {
    type Ok = ();
    type Error = Unbound;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unbound> {
        self.0.field(name, value)
    }

    fn end(self) -> Result<(), Unbound> {
        Ok(())
    }
}

impl SerializeMap for Row<'_> {
    type Ok = ();
    type Error = Unbound;

    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        name: &K,
        value: &V,
    ) -> Result<(), Unbound> {
        self.0.field(name, value)
    }

    // What serde makes of a struct comes in whole entries.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Unbound> {
        Err(unwanted())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Unbound> {
        Err(unwanted())
    }

    fn end(self) -> Result<(), Unbound> {
        Ok(())
    }
}

impl Serializer for Value<'_> {
    only! { (), serialize_f32(f32) serialize_char(char) serialize_unit() }
    type SerializeMap = No<()>;
    type SerializeStruct = No<()>;

    fn serialize_bool(self, value: bool) -> Result<(), Unbound> {
        self.0.push(value)
    }

    fn serialize_i8(self, value: i8) -> Result<(), Unbound> {
        self.0.push(value)
    }

    fn serialize_i16(self, value: i16) -> Result<(), Unbound> {
        self.0.push(value)
    }

    fn serialize_i32(self, value: i32) -> Result<(), Unbound> {
        self.0.push(value)
    }

    fn serialize_i64(self, value: i64) -> Result<(), Unbound> {
        self.0.push(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Unbound> {
        self.0.push(value)
    }

    fn serialize_u16(self, value: u16) -> Result<(), Unbound> {
        self.0.push(value)
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unbound> {
        self.0.push(value)
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unbound> {
        self.0.push(i64::try_from(value).map_err(Unbound::custom)?)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unbound> {
        self.0.push(value)
    }

    fn serialize_str(self, value: &str) -> Result<(), Unbound> {
        self.0.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unbound> {
        self.0.push(value.to_vec())
    }

    fn serialize_none(self) -> Result<(), Unbound> {
        self.0.push(None::<i64>)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unbound> {
        value.serialize(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<No<()>, Unbound> {
        Err(unwanted())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<No<()>, Unbound> {
        Err(unwanted())
    }
}

impl Serializer for Name {
    only! {
        String,
        serialize_bool(bool) serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_f32(f32) serialize_f64(f64)
        serialize_char(char) serialize_bytes(&[u8]) serialize_none() serialize_unit()
    }
    type SerializeMap = No<String>;
    type SerializeStruct = No<String>;

    fn serialize_str(self, value: &str) -> Result<String, Unbound> {
        Ok(value.to_owned())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<String, Unbound> {
        Err(unwanted())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<No<String>, Unbound> {
        Err(unwanted())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<No<String>, Unbound> {
        Err(unwanted())
    }
}
