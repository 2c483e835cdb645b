//! The only code that knows a YAML library.
//!
//! What is plain is read by `plain`; anything else `serde_yaml` reads into types, but it keeps no positions; `saphyr_parser` tells where each key and value stands and is
//! asked only when there is something to say about one.

mod plain;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde::de::DeserializeOwned;

use crate::diagnostic::Span;

/// Why YAML could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// In the library's words.
    pub reason: String,
    /// The byte at which it was noticed, when the library says so.
    pub at: Option<usize>,
}

/// Reads `text` into a type.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Refused> {
    plain::read(text).or_else(|plain::Strange| by_library(text))
}

fn by_library<T: DeserializeOwned>(text: &str) -> Result<T, Refused> {
    serde_yaml::from_str(text)
        .map_err(|error| Refused { at: error.location().map(|place| place.index().min(text.len())), reason: error.to_string() })
}

/// `text` as it can stand behind a key: as it is, or in quotes when it would be read as something else.
pub fn scalar(text: &str) -> String {
    let line = |written: &str| format!("- {written}\n");
    let same = |written: &str| {
        let read_alike = read::<Vec<String>>(&line(written)).is_ok_and(|list| list == [text]);
        read_alike
            && matches!(tree(&line(written)), Ok(Some(Node { value: Value::List(items), .. })) if items.len() == 1 && items[0].text() == Some(text))
    };
    let single = format!("'{}'", text.replace('\'', "''"));
    let double = format!("\"{text}\"");
    [text.to_owned(), double].into_iter().find(|written| same(written)).unwrap_or(single)
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From its first to its last byte.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What YAML can say. Scalars are not interpreted: whether `12` is a number is for the type that reads it to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A scalar, and whether it was written without quotes.
    Scalar {
        /// Its text.
        text: String,
        /// Neither quoted nor a block.
        plain: bool,
    },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order written.
    Map(Vec<(Node, Node)>),
    /// An alias, `*name`: its value stands elsewhere.
    Alias,
}

impl Node {
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The same in a text in which `offset` bytes come before this one.
    pub fn shifted(self, offset: usize) -> Node {
        self.moved(&|span| span.shifted(offset))
    }

    /// The same with every place moved by `to`.
    pub fn moved(self, to: &impl Fn(Span) -> Span) -> Node {
        let value = match self.value {
            Value::List(items) => Value::List(items.into_iter().map(|item| item.moved(to)).collect()),
            Value::Map(entries) => Value::Map(entries.into_iter().map(|(key, value)| (key.moved(to), value.moved(to))).collect()),
            scalar => scalar,
        };
        Node { span: to(self.span), value }
    }

    /// Nothing is written: `key:` with nothing after it, or `~`, or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
}

/// Deeper nesting is refused: no page needs it, and whoever walks a tree walks it by recursion.
const DEEPEST: usize = 40;

/// The reason given for it.
pub const TOO_DEEP: &str = "nested too deeply";

/// `text` as a tree; an empty text has none.
pub fn tree(text: &str) -> Result<Option<Node>, Refused> {
    let bytes = ByteOffsets::of(text);
    let mut open: Vec<Node> = Vec::new();
    // Keys of open mappings that wait for their values.
    let mut keys: Vec<Option<Node>> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| Refused { reason: error.info().to_owned(), at: Some(bytes.at(error.marker().index())) })?;
        let span = Span::new(bytes.at(span.start.index()), bytes.at(span.end.index()));
        let done = match event {
            Event::Scalar(scalar, style, ..) => {
                let plain = style == ScalarStyle::Plain;
                Node { span: trimmed(text, span), value: Value::Scalar { text: scalar.into_owned(), plain } }
            }
            Event::Alias(_) => Node { span, value: Value::Alias },
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= DEEPEST {
                    return Err(Refused { reason: TOO_DEEP.to_owned(), at: Some(span.start) });
                }
                let is_list = matches!(event, Event::SequenceStart(..));
                open.push(Node { span, value: if is_list { Value::List(Vec::new()) } else { Value::Map(Vec::new()) } });
                keys.push(None);
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let mut node = open.pop().expect("the parser ends only what it began");
                keys.pop();
                close(&mut node, span, text);
                node
            }
            Event::DocumentStart(_) if root.is_some() => {
                return Err(Refused { reason: "more than one document".to_owned(), at: Some(span.start) });
            }
            _ => continue,
        };
        match open.last_mut() {
            None => root = Some(done),
            Some(parent) => match (&mut parent.value, keys.last_mut().expect("as many as are open")) {
                (Value::List(items), _) => items.push(done),
                (Value::Map(_), key @ None) => *key = Some(done),
                (Value::Map(entries), key) => entries.push((key.take().expect("matched above"), done)),
                _ => unreachable!("only lists and mappings are opened"),
            },
        }
    }
    Ok(root)
}

/// A collection in block style ends where its last entry ends; in flow style at its bracket.
fn close(node: &mut Node, end: Span, text: &str) {
    let flow = matches!(text.as_bytes().get(node.span.start), Some(b'[' | b'{'));
    let (first, last) = match &node.value {
        Value::List(items) => (items.first().map(|item| item.span.start), items.last().map(|item| item.span.end)),
        Value::Map(entries) => (entries.first().map(|(key, _)| key.span.start), entries.last().map(|(_, value)| value.span.end)),
        _ => (None, None),
    };
    node.span.end = if flow { end.end } else { last.unwrap_or(node.span.start) };
    if !flow && let Some(first) = first {
        node.span.start = node.span.start.min(first);
    }
    node.span.end = node.span.end.max(node.span.start);
}

/// The parser ends some scalars after the white space that follows them.
fn trimmed(text: &str, span: Span) -> Span {
    let inner = &text[span.start..span.end.max(span.start)];
    Span::new(span.start, span.start + inner.trim_end().len())
}

/// The parser counts characters; diagnostics count bytes.
struct ByteOffsets<'a> {
    text: &'a str,
    /// None when all is ASCII and the two are the same.
    offsets: Option<Vec<usize>>,
}

impl ByteOffsets<'_> {
    fn of(text: &str) -> ByteOffsets<'_> {
        let offsets = (!text.is_ascii()).then(|| text.char_indices().map(|(offset, _)| offset).collect());
        ByteOffsets { text, offsets }
    }

    fn at(&self, character: usize) -> usize {
        match &self.offsets {
            None => character.min(self.text.len()),
            Some(offsets) => offsets.get(character).copied().unwrap_or(self.text.len()),
        }
    }
}

/// Where the value at `path` stands in `text`, such as `["event", "registration", "deadline"]`; list items go by their index,
/// `["chains", "0"]`. A value that is left empty stands where its key stands.
pub fn locate(text: &str, path: &[&str]) -> Option<Span> {
    let tree = tree(text).ok()??;
    find(&tree, path).map(|(_, value)| value)
}

/// Where the key at `path` stands in `text`.
pub fn locate_key(text: &str, path: &[&str]) -> Option<Span> {
    let tree = tree(text).ok()??;
    find(&tree, path).map(|(key, _)| key)
}

/// The spans of key and value at `path`; of a list item both are the item's.
pub fn find(node: &Node, path: &[&str]) -> Option<(Span, Span)> {
    let (step, rest) = path.split_first()?;
    let (key, value) = match &node.value {
        Value::Map(entries) => {
            let (key, value) = entries.iter().find(|(key, _)| key.text() == Some(step))?;
            (key.span, value)
        }
        Value::List(items) => {
            let item = items.get(step.parse::<usize>().ok()?)?;
            (item.span, item)
        }
        _ => return None,
    };
    if rest.is_empty() {
        let empty = value.span.start >= value.span.end;
        return Some((key, if empty { key } else { value.span }));
    }
    find(value, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "title: 小微企业融资 # 注\nevent:\n  start: 2026-12-05 14:00\n  registration:\n    deadline: \"2026-12-04\"\nchains: [食品, '光电']\ntags:\n  - 融资\n  - 用工\nnote: |\n  第一行\n  第二行\nempty:\nagenda:\n  - time: 14:00\n    what: 开场\n";

    #[test]
    fn a_value_is_found_by_its_path() {
        for (path, expected) in [
            (&["title"][..], "小微企业融资"),
            (&["event", "start"], "2026-12-05 14:00"),
            (&["event", "registration", "deadline"], "\"2026-12-04\""),
            (&["event", "registration"], "deadline: \"2026-12-04\""),
            (&["chains"], "[食品, '光电']"),
            (&["chains", "0"], "食品"),
            (&["chains", "1"], "'光电'"),
            (&["tags", "1"], "用工"),
            (&["tags"], "- 融资\n  - 用工"),
            (&["empty"], "empty"),
            (&["agenda", "0", "what"], "开场"),
            (&["agenda", "0"], "time: 14:00\n    what: 开场"),
        ] {
            let span = locate(TEXT, path).unwrap_or_else(|| panic!("{path:?} is not found"));
            assert_eq!(&TEXT[span.start..span.end], expected, "{path:?}");
        }
    }

    #[test]
    fn a_key_is_found_by_its_path() {
        let span = locate_key(TEXT, &["event", "registration", "deadline"]).expect("found");
        assert_eq!(&TEXT[span.start..span.end], "deadline");
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for path in [&["titel"][..], &["chains", "2"], &["title", "0"], &["chains", "x"], &[]] {
            assert_eq!(locate(TEXT, path), None, "{path:?}");
        }
        assert_eq!(locate("a: [", &["a"]), None);
        assert_eq!(locate("", &["a"]), None);
    }

    #[test]
    fn a_text_is_quoted_only_when_it_must_be() {
        for (text, written) in [
            ("关于", "关于"),
            ("第1期：茶", "第1期：茶"),
            ("通知: 茶", "\"通知: 茶\""),
            ("[示例] 茶", "\"[示例] 茶\""),
            ("说\"茶\"", "说\"茶\""),
            ("\"茶\": 一", "'\"茶\": 一'"),
            ("茶 # 1", "\"茶 # 1\""),
            ("- 茶", "\"- 茶\""),
        ] {
            assert_eq!(scalar(text), written);
        }
    }

    #[test]
    fn deep_nesting_is_refused_rather_than_walked() {
        let text = "[".repeat(100_000);
        assert!(tree(&text).is_err());
    }
}
