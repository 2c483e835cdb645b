//! The plain part of YAML, read straight into types: keys in block style, values of one line, lists in either style. Nearly all front matter is
//! written so, and reading it this way takes a tenth of what a YAML library takes.
//!
//! What is not plain beyond doubt (anchors, tags, escapes, texts of several lines, comments, nulls, numbers written in strange ways) is
//! [`Strange`], as is what does not fit the type: a library then reads all of it, and what it says counts. So there is one way only in which
//! this could be wrong: to read something otherwise than the library does, and a property test looks for that.

use std::fmt;

use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor, value::BorrowedStrDeserializer,
    },
    forward_to_deserialize_any,
};

/// Not plain, or of another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strange;

impl fmt::Display for Strange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not plain")
    }
}

impl std::error::Error for Strange {}

impl de::Error for Strange {
    fn custom<T: fmt::Display>(_: T) -> Strange {
        Strange
    }
}

/// Reads a mapping.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Strange> {
    if !is_printed(text) {
        return Err(Strange);
    }
    let mut lines = Lines { rest: text, line: None };
    lines.advance();
    let value = T::deserialize(Value { lines: &mut lines, indent: 0, written: Written::Mapping })?;
    if lines.line.is_none() { Ok(value) } else { Err(Strange) }
}

/// Line breaks but for one kind, and what is no character at all, mean something to a library; of them nothing is in `text`.
fn is_printed(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Without a way out, so that it is done many bytes at a time.
    let plain = bytes.iter().fold(true, |plain, byte| plain & (*byte == b'\n' || *byte >= b' ' && *byte != 0x7f));
    // All others begin with one of three bytes, which begin many signs of Chinese, too.
    plain
        && memchr::memchr3_iter(0xc2, 0xe2, 0xef, bytes).all(|at| match bytes[at..] {
            // U+0080 to U+00A0
            [0xc2, second, ..] => second > 0xa0,
            // U+2028, U+2029
            [0xe2, 0x80, third, ..] => !matches!(third, 0xa8 | 0xa9),
            // U+FEFF; U+FFFE, U+FFFF
            [0xef, 0xbb, third, ..] => third != 0xbf,
            [0xef, 0xbf, third, ..] => !matches!(third, 0xbe | 0xbf),
            _ => true,
        })
}

/// The lines that are not blank, one after the other.
struct Lines<'de> {
    rest: &'de str,
    line: Option<Line<'de>>,
}

#[derive(Clone, Copy)]
struct Line<'de> {
    /// Spaces before it.
    indent: usize,
    /// Without spaces on either side.
    text: &'de str,
}

impl<'de> Lines<'de> {
    fn advance(&mut self) {
        self.line = None;
        while self.line.is_none() && !self.rest.is_empty() {
            let (line, rest) = match memchr::memchr(b'\n', self.rest.as_bytes()) {
                Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
                None => (self.rest, ""),
            };
            let text = line.trim_start_matches(' ');
            let indent = line.len() - text.len();
            self.rest = rest;
            self.line = Some(Line { indent, text: text.trim_end_matches(' ') }).filter(|line| !line.text.is_empty());
        }
    }

    /// The present line ends a value that began at `indent`: what is further in would go on with it.
    fn ends(&self, indent: usize) -> Result<(), Strange> {
        match self.line {
            Some(line) if line.indent > indent => Err(Strange),
            _ => Ok(()),
        }
    }
}

/// A value that is about to be read.
struct Value<'a, 'de> {
    lines: &'a mut Lines<'de>,
    /// Where what it belongs to begins.
    indent: usize,
    written: Written<'de>,
}

#[derive(Clone, Copy)]
enum Written<'de> {
    /// Behind its key, or behind the hyphen.
    Inline(&'de str),
    /// From the present line on.
    Mapping,
    /// From the present line on.
    List,
}

/// A scalar.
#[derive(Clone, Copy)]
enum Scalar<'de> {
    Quoted(&'de str),
    Plain(&'de str),
}

impl<'de> Scalar<'de> {
    /// The one that is all of `written`.
    fn of(written: &'de str) -> Result<Scalar<'de>, Strange> {
        if let Some(quoted) = quoted(written) {
            return quoted.filter(|(_, rest)| rest.is_empty()).map(|(text, _)| Scalar::Quoted(text)).ok_or(Strange);
        }
        let strange =
            !written.starts_with(begins_plain) || written.contains(": ") || written.ends_with(':') || written.contains(" #");
        if strange || matches!(written, "null" | "Null" | "NULL") { Err(Strange) } else { Ok(Scalar::Plain(written)) }
    }

    fn text(self) -> &'de str {
        match self {
            Scalar::Quoted(text) | Scalar::Plain(text) => text,
        }
    }

    fn plain(self) -> Result<&'de str, Strange> {
        match self {
            Scalar::Plain(text) => Ok(text),
            Scalar::Quoted(_) => Err(Strange),
        }
    }
}

/// What begins with a quotation mark: the text between it and its like, and what follows; none within when it is not that simple.
fn quoted(written: &str) -> Option<Option<(&str, &str)>> {
    let mark = written.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let within = &written[1..];
    let (text, rest) = within.split_once(mark)?;
    Some(Some((text, rest)).filter(|_| !text.contains('\\') && !rest.starts_with(mark)))
}

/// With such a character nothing but a text or a number begins.
fn begins_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '/' || !character.is_ascii()
}

/// A key of a mapping and what stands behind it.
fn entry(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|byte| !(byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()))?;
    let (key, rest) = text.split_at(end);
    let value = rest.strip_prefix(':').filter(|value| value.is_empty() || value.starts_with(' '))?;
    key.starts_with(|first: char| first.is_ascii_lowercase()).then_some((key, value.trim_start_matches(' ')))
}

impl<'de> Value<'_, 'de> {
    fn scalar(self) -> Result<Scalar<'de>, Strange> {
        let Written::Inline(written) = self.written else { return Err(Strange) };
        self.lines.ends(self.indent)?;
        Scalar::of(written)
    }

    fn whole_number(self) -> Result<u64, Strange> {
        let text = self.scalar()?.plain()?;
        let is_plain =
            text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 9 && (text.len() == 1 || !text.starts_with('0'));
        text.parse().ok().filter(|_| is_plain).ok_or(Strange)
    }
}

macro_rules! whole_numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Strange> {
            visitor.visit_u64(self.whole_number()?)
        })*
    };
}

macro_rules! texts {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Strange> {
            visitor.visit_borrowed_str(self.scalar()?.text())
        })*
    };
}

impl<'de> Deserializer<'de> for Value<'_, 'de> {
    type Error = Strange;

    /// What a value is without a type to say so is for the library to tell.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Strange> {
        Err(Strange)
    }

    texts! { deserialize_str deserialize_string deserialize_identifier }

    whole_numbers! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Strange> {
        match self.scalar()?.plain()? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Strange),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Strange> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Strange> {
        let text = self.scalar()?.plain()?;
        let (whole, parts) = text.split_once('.').unwrap_or((text, "0"));
        let is_digits = |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_plain = is_digits(whole) && is_digits(parts) && (whole.len() == 1 || !whole.starts_with('0'));
        visitor.visit_f64(text.parse().ok().filter(|_| is_plain).ok_or(Strange)?)
    }

    /// A null is strange, so there is always something.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Strange> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Strange> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Strange> {
        match self.written {
            Written::Inline(written) => {
                self.lines.ends(self.indent)?;
                let rest = written.strip_prefix('[').ok_or(Strange)?.trim_start_matches(' ');
                let mut items = Items { lines: self.lines, rest, first: true };
                let value = visitor.visit_seq(&mut items)?;
                if items.rest.is_empty() { Ok(value) } else { Err(Strange) }
            }
            Written::List => {
                let indent = self.lines.line.ok_or(Strange)?.indent;
                visitor.visit_seq(Hyphens { lines: self.lines, indent })
            }
            Written::Mapping => Err(Strange),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Strange> {
        match self.written {
            Written::Inline(written) => {
                self.lines.ends(self.indent)?;
                let rest = written.strip_prefix('{').ok_or(Strange)?.trim_start_matches(' ');
                let mut pairs = Items { lines: self.lines, rest, first: true };
                let value = visitor.visit_map(&mut pairs)?;
                if pairs.rest.is_empty() { Ok(value) } else { Err(Strange) }
            }
            Written::Mapping => {
                let indent = self.lines.line.ok_or(Strange)?.indent;
                visitor.visit_map(Entries { lines: self.lines, indent, value: "" })
            }
            Written::List => Err(Strange),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Strange> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Strange> {
        visitor.visit_enum(self.scalar()?.text().into_deserializer())
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct ignored_any }
}

/// The entries of a mapping that begin at `indent`.
struct Entries<'a, 'de> {
    lines: &'a mut Lines<'de>,
    indent: usize,
    /// What stands behind the last key.
    value: &'de str,
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Strange;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Strange> {
        let Some(line) = self.lines.line.filter(|line| line.indent >= self.indent) else { return Ok(None) };
        if line.indent > self.indent {
            return Err(Strange);
        }
        let (key, value) = entry(line.text).ok_or(Strange)?;
        self.value = value;
        self.lines.advance();
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Strange> {
        let written = if self.value.is_empty() {
            let below = self.lines.line.filter(|line| line.indent >= self.indent).ok_or(Strange)?;
            match is_item(below.text) {
                true => Written::List,
                false if below.indent > self.indent => Written::Mapping,
                false => return Err(Strange),
            }
        } else {
            Written::Inline(self.value)
        };
        seed.deserialize(Value { lines: self.lines, indent: self.indent, written })
    }
}

/// The items of a list in block style whose hyphens stand at `indent`.
struct Hyphens<'a, 'de> {
    lines: &'a mut Lines<'de>,
    indent: usize,
}

impl<'de> SeqAccess<'de> for Hyphens<'_, 'de> {
    type Error = Strange;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Strange> {
        let here = self.lines.line.filter(|line| line.indent == self.indent && is_item(line.text));
        let Some(line) = here else { return Ok(None) };
        let text = line.text[1..].trim_start_matches(' ');
        if text.is_empty() || is_item(text) {
            return Err(Strange);
        }
        let written = if entry(text).is_some() {
            // The mapping begins where its first key stands.
            let indent = self.indent + line.text.len() - text.len();
            self.lines.line = Some(Line { indent, text });
            Written::Mapping
        } else {
            self.lines.advance();
            Written::Inline(text)
        };
        seed.deserialize(Value { lines: self.lines, indent: self.indent, written }).map(Some)
    }
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

/// What stands in brackets or braces; `rest` is what has not been read of it.
struct Items<'a, 'de> {
    lines: &'a mut Lines<'de>,
    rest: &'de str,
    first: bool,
}

impl<'de> Items<'_, 'de> {
    /// There is one more before `close`.
    fn is_another(&mut self, close: char) -> Result<bool, Strange> {
        if let Some(rest) = self.rest.strip_prefix(close) {
            self.rest = rest;
            return Ok(false);
        }
        if !std::mem::take(&mut self.first) {
            self.rest = self.rest.strip_prefix(',').ok_or(Strange)?.trim_start_matches(' ');
        }
        Ok(true)
    }

    /// The scalar that comes next.
    fn item<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Strange> {
        let end = match quoted(self.rest) {
            Some(quoted) => self.rest.len() - quoted.ok_or(Strange)?.1.len(),
            None => self.rest.find([',', ']', '}']).ok_or(Strange)?,
        };
        let (item, rest) = self.rest.split_at(end);
        let item = item.trim_end_matches(' ');
        // Here more characters mean something than outside.
        if !item.starts_with(['"', '\'']) && item.contains(['[', '{', '#', '"', '\'', '?']) {
            return Err(Strange);
        }
        self.rest = rest.trim_start_matches(' ');
        seed.deserialize(Value { lines: self.lines, indent: usize::MAX, written: Written::Inline(item) })
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Strange;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Strange> {
        if self.is_another(']')? { self.item(seed).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Strange;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Strange> {
        if !self.is_another('}')? {
            return Ok(None);
        }
        let (key, value) = entry(self.rest).filter(|(_, value)| !value.is_empty()).ok_or(Strange)?;
        self.rest = value;
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Strange> {
        self.item(seed)
    }
}

#[cfg(test)]
mod tests;
