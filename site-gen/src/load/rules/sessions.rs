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
    let mut first: BTreeMap<&str, (&Document, Vec<String>)> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    for document in documents {
        let Some(registration) = registration(document) else { continue };
        let slots = registration.slots.iter().enumerate();
        let slots = slots.map(|(index, slot)| (slot.id.as_str(), vec!["slots".to_owned(), index.to_string()]));
        for (id, path) in [(registration.id.as_str(), Vec::new())].into_iter().chain(slots) {
            if id.is_empty() {
                continue;
            }
            match first.get(id) {
                None => drop(first.insert(id, (document, path))),
                Some(other) => diagnostics.push(twice(id, (document, &path), (other.0, &other.1))),
            }
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

/// `path` leads from `registration` to what has the id: nowhere, or to a slot.
fn twice(id: &str, (document, path): (&Document, &[String]), (other, other_path): (&Document, &[String])) -> Diagnostic {
    let file = file_of(&document.path);
    let at = |document: &Document, path: &[String]| {
        let file = file_of(&document.path);
        let part = Part { file: &file, text: &document.text, at: front::part(&file, &document.text).at };
        let keys = ["event", "registration"].into_iter().chain(path.iter().map(String::as_str)).chain(["id"]);
        yaml::locate(part.yaml(), &keys.collect::<Vec<_>>()).map(|span| span.shifted(part.at.start))
    };
    let line = at(other, other_path).map_or_else(String::new, |span| format!(":{}", place(&other.text, span.start).line));
    Diagnostic::error(file, "session_used_twice", format!("场次编号 `{id}` 已经用在 `{}{line}`", file_of(&other.path)))
        .at(at(document, path))
        .hint("每一场换一个没有用过的编号，编号定了就不再改，如在后面加上日期")
}
