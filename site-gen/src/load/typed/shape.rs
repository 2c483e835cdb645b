//! What a type expects of YAML, read from its own JSON Schema: diagnostics know the keys, their kinds and their Chinese names
//! from the very structs that read them.

use domain::time::pattern;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The schema of a type.
pub struct Schema(Value);

impl Schema {
    /// That of `T`.
    pub fn of<T: JsonSchema>() -> Schema {
        Schema(SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value())
    }

    /// What it expects at its root.
    pub fn shape(&self) -> Shape<'_> {
        Shape { root: &self.0, schema: &self.0 }
    }
}

/// What is expected at one place.
#[derive(Clone, Copy)]
pub struct Shape<'a> {
    root: &'a Value,
    schema: &'a Value,
}

/// The kinds of values that our types are made of.
pub enum Expected<'a> {
    /// Any text.
    Text,
    /// A [`domain::Moment`].
    Moment,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A whole number between two bounds.
    Whole(i64, i64),
    /// A number.
    Number,
    /// `true` or `false`.
    YesNo,
    /// One of some words.
    Words(Vec<Word<'a>>),
    /// A list of one kind of value.
    List(Shape<'a>),
    /// Keys and values.
    Map(Fields<'a>),
    /// Any of several.
    Either(Vec<Shape<'a>>),
    /// Nothing that could be said.
    Anything,
}

/// One word that may be written.
#[derive(Clone, Copy)]
pub struct Word<'a> {
    /// As it is written.
    pub word: &'a str,
    /// What it means, in Chinese.
    pub meaning: Option<&'a str>,
}

impl<'a> Shape<'a> {
    /// What is expected, looked through references and `Option`.
    pub fn expected(self) -> Expected<'a> {
        let schema = self.resolved();
        if let Some(words) = words(schema) {
            return Expected::Words(words);
        }
        for several in ["anyOf", "oneOf"] {
            if let Some(shapes) = schema[several].as_array() {
                return Expected::Either(shapes.iter().map(|schema| self.with(schema)).collect());
            }
        }
        match type_of(schema) {
            Some("string") => match schema["pattern"].as_str() {
                Some(pattern::MOMENT) => Expected::Moment,
                Some(pattern::DATE) => Expected::Date,
                Some(pattern::TIME) => Expected::Time,
                _ => Expected::Text,
            },
            Some("integer") => {
                let (least, most) = bounds(schema["format"].as_str());
                Expected::Whole(
                    schema["minimum"].as_i64().unwrap_or(least).max(least),
                    schema["maximum"].as_i64().unwrap_or(most).min(most),
                )
            }
            Some("number") => Expected::Number,
            Some("boolean") => Expected::YesNo,
            Some("array") if schema["items"].is_object() => Expected::List(self.with(&schema["items"])),
            Some("object") => match schema["properties"].as_object() {
                Some(properties) => Expected::Map(Fields { root: self.root, schema, properties }),
                None => Expected::Anything,
            },
            _ => Expected::Anything,
        }
    }

    /// Nothing may be written in its place.
    pub fn is_optional(self) -> bool {
        let allows_null = |schema: &Value| {
            schema["type"].as_array().is_some_and(|types| types.contains(&json!("null"))) || schema["type"] == "null"
        };
        allows_null(self.schema) || self.schema["anyOf"].as_array().is_some_and(|shapes| shapes.iter().any(allows_null))
    }

    /// What editors call it: the words of its description before 「：」.
    pub fn name(self) -> Option<&'a str> {
        let description = self.schema["description"].as_str()?;
        let name = description.split(['：', '，', '。', '；', '（', '\n']).next()?.trim();
        for_editors(name)
    }

    /// All of its description.
    pub fn description(self) -> Option<&'a str> {
        self.schema["description"].as_str()
    }

    /// What holds when nothing is written.
    pub fn default_value(self) -> Option<&'a Value> {
        self.schema.get("default").filter(|value| !value.is_null())
    }

    fn with(self, schema: &'a Value) -> Shape<'a> {
        Shape { root: self.root, schema }
    }

    /// The schema behind references and behind `Option`.
    fn resolved(self) -> &'a Value {
        let mut schema = self.schema;
        loop {
            if let Some(reference) = schema["$ref"].as_str() {
                schema = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)).unwrap_or(&Value::Null);
            } else if let Some([one]) = schema["anyOf"].as_array().map(|shapes| not_null(shapes)).as_deref() {
                schema = one;
            } else {
                return schema;
            }
        }
    }
}

fn not_null(shapes: &[Value]) -> Vec<&Value> {
    shapes.iter().filter(|shape| shape["type"] != "null").collect()
}

/// The type, `null` left out.
fn type_of(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(name) => Some(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

/// An enum is words with meanings (`oneOf` of constants), bare words (`enum`), or both.
fn words(schema: &Value) -> Option<Vec<Word<'_>>> {
    if let Some(list) = schema["enum"].as_array() {
        return Some(list.iter().filter_map(Value::as_str).map(|word| Word { word, meaning: None }).collect());
    }
    let mut words = Vec::new();
    for shape in schema["oneOf"].as_array()? {
        if let Some(word) = shape["const"].as_str() {
            words.push(Word { word, meaning: shape["description"].as_str().and_then(for_editors) });
        } else if let Some(list) = shape["enum"].as_array() {
            words.extend(list.iter().filter_map(Value::as_str).map(|word| Word { word, meaning: None }));
        } else {
            return None;
        }
    }
    Some(words)
}

/// A description, when it is for editors: short and in Chinese. Others are for programmers.
fn for_editors(description: &str) -> Option<&str> {
    (!description.is_ascii() && description.chars().count() <= 20).then_some(description)
}

fn bounds(format: Option<&str>) -> (i64, i64) {
    match format {
        Some("uint8") => (0, u8::MAX.into()),
        Some("uint16") => (0, u16::MAX.into()),
        Some("uint32") => (0, u32::MAX.into()),
        Some("uint" | "uint64") => (0, i64::MAX),
        Some("int16") => (i16::MIN.into(), i16::MAX.into()),
        Some("int32") => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}

/// The keys of a mapping.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    root: &'a Value,
    schema: &'a Value,
    properties: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// All keys.
    pub fn keys(self) -> impl Iterator<Item = &'a str> {
        self.properties.keys().map(String::as_str)
    }

    /// What is expected at `key`.
    pub fn get(self, key: &str) -> Option<Shape<'a>> {
        self.properties.get(key).map(|schema| Shape { root: self.root, schema })
    }

    /// The keys that must be there, in the order of the struct.
    pub fn required(self) -> impl Iterator<Item = &'a str> {
        self.schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    /// `key` must be there.
    pub fn requires(self, key: &str) -> bool {
        self.required().any(|required| required == key)
    }
}
