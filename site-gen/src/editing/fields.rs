//! What editors write, told from the types that read it: keys in the order of the struct, their names and hints, and what may stand in them.
//!
//! The JSON Schema of a type (`load::shape`) says all but the order; that is asked of the type's own reader.

use domain::{form::Form, limits::Limits};
use schemars::JsonSchema;
use serde::{
    Deserializer,
    de::{DeserializeOwned, Visitor},
};

use crate::{
    kinds::{
        Activity, AgendaItem, Attachment, ClaimStep, Conditions, Course, Event, Figure, Kind, Minutes, Original, Page, Policy,
        Registration, Resource, Revision, Section, Silence, Slot, Speaker,
    },
    load::shape::{Expected, Fields, Schema, Shape},
};

/// One key.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// As it is written.
    pub key: String,
    /// What editors call it.
    pub name: String,
    /// What to know about it, in Chinese; empty when its name says all.
    pub hint: String,
    /// It must be there.
    pub required: bool,
    /// What stands behind it.
    pub value: Value,
    /// What holds when it is not written, when that is a word.
    pub default: Option<serde_json::Value>,
}

/// What may stand behind a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any text.
    Text,
    /// `2026-12-05 14:00`
    Moment,
    /// `2026-12-05`
    Date,
    /// `14:00`
    Time,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// One of some words, each with what it means.
    Words(Vec<(String, String)>),
    /// Several of one kind.
    List(Box<Value>),
    /// Keys of its own.
    Fields(Vec<Field>),
}

/// What the front matter of a kind may hold, in the order of its struct.
pub fn of(kind: Kind) -> Vec<Field> {
    match kind {
        Kind::Activity => of_type::<Activity>(),
        Kind::Course => of_type::<Course>(),
        Kind::Policy => of_type::<Policy>(),
        Kind::Resource => of_type::<Resource>(),
        Kind::Page => of_type::<Page>(),
        Kind::Section => of_type::<Section>(),
    }
}

fn of_type<T: JsonSchema>() -> Vec<Field> {
    match value(Schema::of::<T>().shape()) {
        Value::Fields(fields) => fields,
        _ => Vec::new(),
    }
}

fn value(shape: Shape<'_>) -> Value {
    match shape.expected() {
        Expected::Moment => Value::Moment,
        Expected::Date => Value::Date,
        Expected::Time => Value::Time,
        Expected::Whole(..) => Value::Whole,
        Expected::Number => Value::Number,
        Expected::YesNo => Value::YesNo,
        Expected::Words(words) => {
            let word = |word: &str, meaning: Option<&str>| (word.to_owned(), tidy(meaning.unwrap_or(word)).to_owned());
            Value::Words(words.into_iter().map(|one| word(one.word, one.meaning)).collect())
        }
        Expected::List(items) => Value::List(Box::new(value(items))),
        Expected::Map(fields) => Value::Fields(in_order(fields)),
        Expected::Text | Expected::Either(_) | Expected::Anything => Value::Text,
    }
}

fn in_order(fields: Fields<'_>) -> Vec<Field> {
    let mut known: Vec<&str> = fields.keys().collect();
    if let Some(order) =
        orders().into_iter().find(|order| order.len() == known.len() && known.iter().all(|key| order.contains(key)))
    {
        known = order.to_vec();
    }
    let field = |key: &str| {
        let shape = fields.get(key)?;
        let (name, hint) = name_and_hint(shape.description().unwrap_or(key));
        let default = shape.default_value().filter(|default| default.is_string() || default.is_boolean()).cloned();
        Some(Field { key: key.to_owned(), name, hint, required: fields.requires(key), value: value(shape), default })
    };
    known.into_iter().filter_map(field).collect()
}

/// 「标题：页面的大标题。」 is called 标题, and the rest is a hint.
fn name_and_hint(description: &str) -> (String, String) {
    let end = description.find(['：', '，', '。', '；', '（', '\n']).unwrap_or(description.len());
    let (name, rest) = description.split_at(end);
    let rest = match rest.strip_prefix('：') {
        Some(hint) => hint,
        None => rest.trim_start_matches(['，', '；']),
    };
    let rest = rest.trim().replace('\n', " ");
    (name.trim().to_owned(), if rest == "。" { String::new() } else { rest })
}

fn tidy(meaning: &str) -> &str {
    meaning.trim_end_matches('。')
}

/// The keys of every struct that editors write, as its reader asks for them.
fn orders() -> Vec<&'static [&'static str]> {
    vec![
        keys::<Activity>(),
        keys::<Course>(),
        keys::<Policy>(),
        keys::<Resource>(),
        keys::<Page>(),
        keys::<Section>(),
        keys::<Event>(),
        keys::<Registration>(),
        keys::<Slot>(),
        keys::<Speaker>(),
        keys::<AgendaItem>(),
        keys::<Minutes>(),
        keys::<Figure>(),
        keys::<Attachment>(),
        keys::<Conditions>(),
        keys::<Original>(),
        keys::<ClaimStep>(),
        keys::<Revision>(),
        keys::<Form>(),
        keys::<Limits>(),
        keys::<Silence>(),
    ]
}

/// The keys of a struct, in its order.
fn keys<T: DeserializeOwned>() -> &'static [&'static str] {
    match T::deserialize(Keys) {
        Err(Asked(keys)) => keys,
        Ok(_) => &[],
    }
}

/// Reads nothing: notes which keys it was asked for.
struct Keys;

/// The keys that a reader asked for.
#[derive(Debug)]
struct Asked(&'static [&'static str]);

impl std::fmt::Display for Asked {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("asked for keys")
    }
}

impl std::error::Error for Asked {}

impl serde::de::Error for Asked {
    fn custom<M: std::fmt::Display>(_: M) -> Asked {
        Asked(&[])
    }
}

impl<'de> Deserializer<'de> for Keys {
    type Error = Asked;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Asked> {
        Err(Asked(&[]))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Asked> {
        Err(Asked(fields))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// All kinds of pages.
pub const KINDS: [Kind; 6] = [Kind::Activity, Kind::Course, Kind::Policy, Kind::Resource, Kind::Page, Kind::Section];

/// What a kind is asked for by, and what editors call it.
pub fn named(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Activity => ("activity", "活动"),
        Kind::Course => ("course", "课程"),
        Kind::Policy => ("policy", "政策"),
        Kind::Resource => ("resource", "三库资源"),
        Kind::Page => ("page", "一般页面"),
        Kind::Section => ("section", "栏目首页"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(fields: &[Field], look: &mut dyn FnMut(&[Field])) {
        look(fields);
        for field in fields {
            let mut inner = &field.value;
            while let Value::List(items) = inner {
                inner = items;
            }
            if let Value::Fields(fields) = inner {
                each(fields, look);
            }
        }
    }

    #[test]
    fn keys_stand_in_the_order_of_their_struct_all_the_way_down() {
        let course = of(Kind::Course);
        let keys: Vec<&str> = course.iter().map(|field| field.key.as_str()).collect();
        assert_eq!(keys[..3], ["title", "summary", "date"]);
        for kind in KINDS {
            each(&of(kind), &mut |fields| {
                let keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
                assert!(orders().iter().any(|order| *order == keys), "no struct has the keys {keys:?}: name it in `orders`");
            });
        }
    }

    #[test]
    fn every_key_has_a_name_and_a_value_that_is_known() {
        for kind in KINDS {
            each(&of(kind), &mut |fields| {
                for field in fields {
                    assert!(!field.name.is_empty() && !field.name.is_ascii(), "{field:?}");
                    assert!(!field.hint.starts_with(['：', '，', '。']), "{field:?}");
                }
            });
        }
        let event = of(Kind::Course).into_iter().find(|field| field.key == "event").expect("an event");
        assert_eq!((event.name.as_str(), event.hint.as_str(), event.required), ("活动信息", "时间、地点、名额与报名。", true));
        let Value::Fields(fields) = event.value else { panic!("an event has keys") };
        assert_eq!(fields[0].value, Value::Moment);
    }
}
