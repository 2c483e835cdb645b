//! Reads content that a newer program may have published.
//!
//! Declarations refuse keys that they do not know, so that an editor's slip is noticed. What is stored was checked when it was published; a
//! key that only a newer program knows must not close the forms of an older one that still runs beside it. So it is read as far as it is
//! known. Only for what is read and not written back: what is passed over here would be lost there.
//!
//! Everything is read in this one way, by way of a [`Value`]. To read it as declared first would be a little faster and puts every declaration's
//! reader into a Lambda binary twice.

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, IntoDeserializer, Visitor,
        value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, Map, Value};

use crate::table::{Item, TableError};

/// What the item holds, without what this program does not know of it.
pub(super) fn read<T: DeserializeOwned>(item: &Item) -> Result<T, TableError> {
    T::deserialize(Known(item.read()?)).map_err(|error| item.malformed(&error))
}

/// A value of which structs are shown only the keys that they name.
struct Known(Value);

fn entries(map: Map<String, Value>) -> MapDeserializer<'static, impl Iterator<Item = (String, Known)>, Error> {
    MapDeserializer::new(map.into_iter().map(|(key, value)| (key, Known(value))))
}

impl<'de> Deserializer<'de> for Known {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(values) => visitor.visit_seq(SeqDeserializer::new(values.into_iter().map(Known))),
            Value::Object(map) => visitor.visit_map(entries(map)),
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Value::Object(mut map) = self.0 else { return self.deserialize_any(visitor) };
        map.retain(|key, _| fields.contains(&key.as_str()));
        visitor.visit_map(entries(map))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(map) => visitor.visit_enum(MapAccessDeserializer::new(entries(map))),
            plain => plain.deserialize_enum(name, variants, visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Known {
    type Deserializer = Known;

    fn into_deserializer(self) -> Known {
        self
    }
}

#[cfg(test)]
mod tests {
    use domain::{Session, form::Form};
    use serde_json::json;

    use super::*;
    use crate::table::{Key, NewItem};

    fn stored(body: &Value) -> Item {
        let NewItem { key, index, expires, body } = NewItem::json(Key::new("P", "S"), body);
        Item { key, version: 1, index, expires, count: 0, body }
    }

    #[test]
    fn what_a_newer_program_published_is_read_as_far_as_it_is_known_and_an_editor_is_still_told_of_a_slip() {
        let declared: Value = serde_json::from_str(include_str!("../../tests/services/given/registration.json")).expect("JSON");
        let mut newer = declared.clone();
        newer["colour"] = json!("red");
        newer["steps"][0]["fields"][0]["colour"] = json!({ "light": "red", "dark": [1, 2] });
        assert!(serde_json::from_value::<Form>(newer.clone()).is_err(), "declared like this, it is a slip");
        let form: Form = read(&stored(&newer)).expect("it is read");
        assert_eq!(form, serde_json::from_value(declared).expect("as declared"));

        let session = json!({
            "id": "salon", "title": "沙龙", "url": "/activities/salon/", "start": "2026-12-10 14:00", "end": "2026-12-10 17:00",
            "place": "会客厅", "attendance": "onsite", "onsite_seats": 6, "online_seats": 0, "onsite_reserved": 0,
            "online_reserved": 0, "waitlist": true, "opens": null, "deadline": "2026-12-09 18:00", "party_limit": 3,
            "firm_limit": 2, "contact": "办公室", "cancelled": false, "example": true, "livestream": { "url": "https://x" },
        });
        assert_eq!(read::<Session>(&stored(&session)).expect("it is read").onsite_seats, 6);
    }

    #[test]
    fn what_is_wrong_is_still_refused_with_its_reason() {
        let why = read::<Session>(&stored(&json!({ "id": "salon", "livestream": true }))).expect_err("half of it is missing");
        assert!(why.to_string().contains("P / S"), "{why}");
    }
}
