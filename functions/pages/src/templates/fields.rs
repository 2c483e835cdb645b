//! Lays the fields of a struct into a context or a map of tera's, each under its name.
//!
//! Tera's own way makes a map of the whole struct first and then another of that. Here only values that are wanted are made, and the
//! names of a struct, which are part of the program, are not copied.

use std::{borrow::Cow, fmt};

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible},
};
use tera::Value;

use super::Words;

/// Takes a struct or a map, and what wraps one.
pub struct Fields<'a> {
    lay: &'a mut dyn FnMut(Cow<'static, str>, Value),
    /// The names to lay; all of them when there are none.
    wanted: Option<&'a Words>,
    /// The name whose value comes next in a map, when it is wanted.
    name: Option<String>,
}

impl<'a> Fields<'a> {
    /// `lay` is given those that are `wanted`; all of them when nobody says which.
    pub fn new(lay: &'a mut dyn FnMut(Cow<'static, str>, Value), wanted: Option<&'a Words>) -> Fields<'a> {
        Fields { lay, wanted, name: None }
    }

    fn wants(&self, name: &str) -> bool {
        self.wanted.is_none_or(|wanted| wanted.contains(name))
    }

    fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: &(impl Serialize + ?Sized)) -> Result<(), NoFields> {
        (self.lay)(name.into(), Value::try_from_serializable(value)?);
        Ok(())
    }
}

/// Why something cannot be laid into a context.
#[derive(Debug)]
pub enum NoFields {
    /// It has no fields.
    Shape(&'static str),
    /// One of them cannot be a value of tera's.
    Value(tera::Error),
}

impl fmt::Display for NoFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoFields::Shape(what) => write!(f, "a context is a struct or a map with texts as keys, not {what}"),
            NoFields::Value(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoFields {}

impl ser::Error for NoFields {
    fn custom<T: fmt::Display>(message: T) -> NoFields {
        NoFields::Value(tera::Error::message(message))
    }
}

impl From<tera::Error> for NoFields {
    fn from(error: tera::Error) -> NoFields {
        NoFields::Value(error)
    }
}

impl From<NoFields> for tera::Error {
    fn from(error: NoFields) -> tera::Error {
        match error {
            NoFields::Value(error) => error,
            shape => tera::Error::message(shape),
        }
    }
}

/// What has no fields.
macro_rules! refuse {
    ($($method:ident($($argument:ty),*) $what:literal)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<(), NoFields> {
            Err(NoFields::Shape($what))
        })*
    };
}

impl Serializer for Fields<'_> {
    type Ok = ();
    type Error = NoFields;
    type SerializeSeq = Impossible<(), NoFields>;
    type SerializeTuple = Impossible<(), NoFields>;
    type SerializeTupleStruct = Impossible<(), NoFields>;
    type SerializeTupleVariant = Impossible<(), NoFields>;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), NoFields>;

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, NoFields> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, NoFields> {
        Ok(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NoFields> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), NoFields> {
        value.serialize(self)
    }

    refuse! {
        serialize_bool(bool) "a truth value"
        serialize_i8(i8) "a number"
        serialize_i16(i16) "a number"
        serialize_i32(i32) "a number"
        serialize_i64(i64) "a number"
        serialize_u8(u8) "a number"
        serialize_u16(u16) "a number"
        serialize_u32(u32) "a number"
        serialize_u64(u64) "a number"
        serialize_f32(f32) "a number"
        serialize_f64(f64) "a number"
        serialize_char(char) "a text"
        serialize_str(&str) "a text"
        serialize_bytes(&[u8]) "bytes"
        serialize_none() "nothing"
        serialize_unit() "nothing"
        serialize_unit_struct(&'static str) "nothing"
        serialize_unit_variant(&'static str, u32, &'static str) "a variant"
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), NoFields> {
        Err(NoFields::Shape("a variant"))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, NoFields> {
        Err(NoFields::Shape("a list"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, NoFields> {
        Err(NoFields::Shape("a list"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, NoFields> {
        Err(NoFields::Shape("a list"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, NoFields> {
        Err(NoFields::Shape("a variant"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, NoFields> {
        Err(NoFields::Shape("a variant"))
    }
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = NoFields;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), NoFields> {
        if self.wants(name) { self.insert(name, value) } else { Ok(()) }
    }

    fn end(self) -> Result<(), NoFields> {
        Ok(())
    }
}

/// A struct with another one flattened into it is a map, too.
impl ser::SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = NoFields;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NoFields> {
        let key = Value::try_from_serializable(key)?;
        let name = key.as_str().ok_or(NoFields::Shape("one with other keys"))?;
        self.name = self.wants(name).then(|| name.to_owned());
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoFields> {
        match self.name.take() {
            Some(name) => self.insert(name, value),
            None => Ok(()),
        }
    }

    fn end(self) -> Result<(), NoFields> {
        Ok(())
    }
}
