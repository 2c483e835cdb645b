//! A session's id belongs to one page for ever.

use std::{collections::BTreeMap, sync::Arc};

use super::super::{documents::file_of, front, typed::Part, yaml};
use crate::{
    diagnostic::{Diagnostic, place},
    kinds::Registration,
    source::{Document, FrontMatter},
};

/// Ids that more than one page uses. An empty one is a stand-in, or has been reported for being empty.
pub fn sessions(documents: &[Arc<Document>]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<&str, &Document> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    for document in documents {
        let Some(registration) = registration(document) else { continue };
        if registration.id.is_empty() {
            continue;
        }
        match first.get(registration.id.as_str()) {
            None => {
                first.insert(&registration.id, document);
            }
            Some(other) => diagnostics.push(twice(&registration.id, document, other)),
        }
    }
    diagnostics
}

fn registration(document: &Document) -> Option<&Registration> {
    match &document.front {
        FrontMatter::Activity(front) => front.event.registration.as_ref(),
        FrontMatter::Course(front) => front.event.registration.as_ref(),
        _ => None,
    }
}

fn twice(id: &str, document: &Document, other: &Document) -> Diagnostic {
    let file = file_of(&document.path);
    let at = |document: &Document| {
        let file = file_of(&document.path);
        let part = Part { file: &file, text: &document.text, at: front::part(&file, &document.text).at };
        yaml::locate(part.yaml(), &["event", "registration", "id"]).map(|span| span.shifted(part.at.start))
    };
    let line = at(other).map_or_else(String::new, |span| format!(":{}", place(&other.text, span.start).line));
    Diagnostic::error(file, "session_used_twice", format!("场次编号 `{id}` 已经用在 `{}{line}`", file_of(&other.path)))
        .at(at(document))
        .hint("每一场换一个没有用过的编号，编号定了就不再改，如在后面加上日期")
}
