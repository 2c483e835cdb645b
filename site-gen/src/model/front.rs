//! Where a value of the front matter stands in its file.

use crate::{
    diagnostic::Span,
    load::{front, yaml},
    source::Document,
};

/// The place of the value at `path` of the document's front matter; none when it is not written there.
pub fn locate(document: &Document, path: &[&str]) -> Option<Span> {
    let at = front::part(&document.path, &document.text).at;
    Some(yaml::locate(&document.text[at.start..at.end], path)?.shifted(at.start))
}
