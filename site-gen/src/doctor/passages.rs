//! What there is to read in a document and in a data file: its values and its paragraphs, each with its place.

use crate::{
    diagnostic::Span,
    load::{
        front,
        yaml::{self, Node, Value},
    },
    markdown::prose::{Passage, prose},
    source::Document,
};

/// Keys whose values are names, addresses and times rather than words.
const NOT_WORDS: [&str; 27] = [
    "slug",
    "aliases",
    "chains",
    "series",
    "template",
    "form",
    "date",
    "updated",
    "expires",
    "id",
    "url",
    "path",
    "page",
    "start",
    "end",
    "deadline",
    "opens",
    "silence",
    "checked",
    "issued",
    "effective",
    "until",
    "replaced_by",
    "base_url",
    "theme",
    "poster_font",
    "pattern",
];

/// The values of a document's front matter, and then its paragraphs.
pub fn of_document(document: &Document) -> Vec<Passage> {
    of_text(&document.path, &document.text)
}

/// The same of a text that is no document of a site yet.
pub fn of_text(file: &str, text: &str) -> Vec<Passage> {
    let front = front::part(file, text);
    let mut passages = of_yaml(text, front.at);
    passages.extend(prose(&text[front.body..], front.body));
    passages
}

/// The values of the YAML that stands at `at` of `text`.
pub fn of_yaml(text: &str, at: Span) -> Vec<Passage> {
    let mut passages = Vec::new();
    if let Ok(Some(tree)) = yaml::tree(&text[at.start..at.end]) {
        values(&tree.shifted(at.start), "", text, &mut passages);
    }
    passages
}

fn values(node: &Node, key: &str, text: &str, passages: &mut Vec<Passage>) {
    let below = |step: &str| if key.is_empty() { step.to_owned() } else { format!("{key}.{step}") };
    match &node.value {
        Value::Scalar { .. } => {
            let written = &text[node.span.start..node.span.end];
            let (from, to) = match written.as_bytes() {
                [b'"' | b'\'', .., _] => (1, written.len() - 1),
                // The first line of a block says only how it is to be read.
                [b'|' | b'>', ..] => (written.find('\n').unwrap_or(written.len()), written.len()),
                _ => (0, written.len()),
            };
            passages.push(Passage::value(key.to_owned(), &written[from..to], node.span.start + from));
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                values(item, &below(&index.to_string()), text, passages);
            }
        }
        Value::Map(entries) => {
            for (name, value) in entries {
                if let Some(name) = name.text().filter(|name| !NOT_WORDS.contains(name)) {
                    values(value, &below(name), text, passages);
                }
            }
        }
        Value::Alias => {}
    }
}
