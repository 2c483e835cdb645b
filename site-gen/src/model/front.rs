//! Where a value of the front matter stands in its file.

use crate::{diagnostic::Span, load::yaml, source::Document};

/// The place of the value at `path` of the document's front matter; none when it is not written there.
pub fn locate(document: &Document, path: &[&str]) -> Option<Span> {
    let text = &document.text[..document.body];
    let start = text.find('\n')? + 1;
    let end = text.trim_end().rfind("---").filter(|end| *end >= start)?;
    Some(yaml::locate(&text[start..end], path)?.shifted(start))
}
