//! Mends what is safe to mend. An edit is only kept when the document is read as the same after it: the same keys, headings, links, code, and only other
//! words.

use std::collections::BTreeMap;

use super::{Edit, Finding};
use crate::{
    diagnostic::{Span, Texts},
    load::{
        front,
        yaml::{self, Node, Value},
    },
    markdown::prose,
};

/// A file that can be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// Below the root: `content/about.md`.
    pub file: String,
    /// Its text now, as it is read: without a byte order mark, lines ending in LF.
    pub before: String,
    /// Its text mended.
    pub after: String,
    /// How many places are mended.
    pub places: usize,
}

/// What the edits of `findings` make of their files, in the order of files.
pub fn mend(findings: &[Finding], texts: &Texts) -> Vec<Mended> {
    let mut by_file: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for finding in findings {
        // What is silenced has been taken out before.
        by_file.entry(&finding.diagnostic.file).or_default().extend(&finding.edits);
    }
    by_file
        .into_iter()
        .filter(|(_, edits)| !edits.is_empty())
        .filter_map(|(file, edits)| {
            let before = texts.get(file)?;
            let (after, places) = mend_text(file, before, edits);
            (places > 0).then(|| Mended { file: file.to_owned(), before: before.to_string(), after, places })
        })
        .collect()
}

/// The text of `file` with as many of `edits` as are safe, and how many that are.
pub fn mend_text(file: &str, text: &str, edits: Vec<&Edit>) -> (String, usize) {
    mended(file, text, apart(text, edits))
}

/// Edits in the order of the text, none within another.
fn apart(text: &str, edits: Vec<&Edit>) -> Vec<Edit> {
    let mut edits: Vec<Edit> =
        edits.into_iter().map(|edit| Edit { span: whole(text, edit.span), with: edit.with.clone() }).collect();
    edits.sort_by_key(|edit| (edit.span.start, std::cmp::Reverse(edit.span.end)));
    let mut end = 0;
    edits.retain(|edit| {
        let apart = edit.span.start >= end && edit.span.end <= text.len();
        end = if apart { edit.span.end } else { end };
        apart
    });
    edits
}

/// A character that is escaped is replaced with its backslash.
fn whole(text: &str, span: Span) -> Span {
    let slashes = text[..span.start].bytes().rev().take_while(|byte| *byte == b'\\').count();
    Span::new(span.start - slashes % 2, span.end)
}

/// The text with as many of `edits` as leave it the same document.
fn mended(file: &str, text: &str, edits: Vec<Edit>) -> (String, usize) {
    let shape = shape(file, text);
    let all = apply(text, &edits);
    if self::shape(file, &all) == shape {
        return (all, edits.len());
    }
    // One of them is not as safe as it looks: they are tried one by one.
    let mut kept: Vec<Edit> = Vec::new();
    for edit in edits {
        kept.push(edit);
        if self::shape(file, &apply(text, &kept)) != shape {
            kept.pop();
        }
    }
    (apply(text, &kept), kept.len())
}

fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for Edit { span, with } in edits {
        out.push_str(&text[from..span.start]);
        out.push_str(with);
        from = span.end;
    }
    out.push_str(&text[from..]);
    out
}

/// All of a document but its words.
#[derive(PartialEq)]
struct Shape {
    front: Option<Vec<String>>,
    body: Vec<String>,
}

fn shape(file: &str, text: &str) -> Shape {
    if !file.ends_with(".md") {
        return Shape { front: keys(text), body: Vec::new() };
    }
    let parted = front::part(file, text);
    let body = prose::outline(&text[parted.body..]);
    Shape { front: keys(&text[parted.at.start..parted.at.end]), body }
}

/// The keys of some YAML, and the values that hold no Chinese: those are no words.
fn keys(yaml: &str) -> Option<Vec<String>> {
    fn walk(node: &Node, keys: &mut Vec<String>) {
        match &node.value {
            Value::Scalar { text, .. } if text.is_ascii() => keys.push(text.clone()),
            Value::Scalar { .. } => keys.push("…".to_owned()),
            Value::List(items) => {
                keys.push(format!("[{}]", items.len()));
                items.iter().for_each(|item| walk(item, keys));
            }
            Value::Map(entries) => entries.iter().for_each(|(key, value)| {
                keys.push(key.text().unwrap_or_default().to_owned());
                walk(value, keys);
            }),
            Value::Alias => keys.push("*".to_owned()),
        }
    }
    let mut keys = Vec::new();
    if let Some(tree) = yaml::tree(yaml).ok()? {
        walk(&tree, &mut keys);
    }
    Some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, from: &str, with: &str) -> Edit {
        let at = text.find(from).expect("there");
        Edit { span: Span::new(at, at + from.len()), with: with.to_owned() }
    }

    #[test]
    fn an_edit_that_would_make_another_document_is_left_out() {
        let text = "---\ntitle: 标题\n---\n　　1. 企业,政策\n";
        let edits = vec![edit(text, "　　", ""), edit(text, ",", "，")];
        let (after, places) = mended("content/a.md", text, edits);
        assert_eq!((after.as_str(), places), ("---\ntitle: 标题\n---\n　　1. 企业，政策\n", 1));
    }

    #[test]
    fn an_escaped_character_is_replaced_with_its_backslash() {
        let text = "---\ntitle: a\n---\n开展\\\"相商\"活动\n";
        let edits = [
            edit(text, "\"", "“"),
            Edit {
                span: Span::new(text.rfind('"').expect("there"), text.rfind('"').expect("there") + 1), with: "”".to_owned()
            },
        ];
        let (after, _) = mended("content/a.md", text, apart(text, edits.iter().collect()));
        assert!(after.ends_with("开展“相商”活动\n"), "{after}");
    }

    #[test]
    fn of_two_edits_in_one_place_the_first_is_kept() {
        let text = "甲乙丙";
        let edits = [Edit { span: Span::new(0, 6), with: "x".to_owned() }, Edit { span: Span::new(3, 9), with: "y".to_owned() }];
        assert_eq!(apply(text, &apart(text, edits.iter().collect())), "x丙");
    }
}
