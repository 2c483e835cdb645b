//! Reads the Markdown files: front matter into the type of its kind, the rest is left as it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
    sync::Arc,
};

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{
    findings::Findings,
    front, rules,
    text::{self, Unreadable},
    typed::{self, Part, Read},
    walk::Entry,
};
use crate::{
    diagnostic::{Diagnostic, Span},
    kinds::Kind,
    source::{Document, FrontMatter},
};

/// Every document, in the order of `entries`.
pub fn documents(entries: &[Entry], known: &rules::Known<'_>, findings: &mut Findings) -> Vec<Arc<Document>> {
    let texts: Vec<_> = entries.par_iter().map(|entry| text::read(&entry.location, &file_of(&entry.path))).collect();
    let mut readable = Vec::with_capacity(entries.len());
    for (entry, text) in entries.iter().zip(texts) {
        match text {
            Ok(text) => {
                findings.keep(&file_of(&entry.path), &text);
                readable.push((entry.path.as_str(), text));
            }
            Err(unreadable) => unread(*unreadable, findings),
        }
    }

    // Sections first: they say what the pages of their folders are.
    let (sections, pages): (Vec<_>, Vec<_>) = readable.into_iter().partition(|(path, _)| is_section(path));
    let mut documents = read_all(sections, |_| Kind::Section, known, findings);
    let kinds = Kinds::of(&documents);
    documents.extend(read_all(pages, |path| kinds.of_page(path), known, findings));
    documents.sort_by(|one, other| one.path.cmp(&other.path));
    documents
}

/// What became of a document: its text, or that it is gone.
pub type Again = Option<Result<Arc<str>, Box<Unreadable>>>;

/// Reads documents again by their paths below `content`; none when one of them is more than a page that lies in its place: a section
/// says what others are, and links are followed by the walk alone.
pub fn read_again(paths: &BTreeSet<String>, content: &Path) -> Option<Vec<(String, Again)>> {
    let read = |path: &String| {
        if !path.ends_with(".md")
            || is_section(path)
            || ["static/", "data/", "forms/"].iter().any(|other| path.starts_with(other))
        {
            return None;
        }
        let mut location = content.to_owned();
        for part in path.split('/') {
            if location.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
                return None;
            }
            location.push(part);
        }
        match location.symlink_metadata() {
            Ok(found) if found.is_file() => Some((path.clone(), Some(text::read(&location, &file_of(path))))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some((path.clone(), None)),
            _ => None,
        }
    };
    paths.iter().map(read).collect()
}

/// Puts what was read again into its place among `documents`, which stay sorted by path.
pub fn replace(
    documents: &mut Vec<Arc<Document>>,
    read: Vec<(String, Again)>,
    known: &rules::Known<'_>,
    findings: &mut Findings,
) {
    let kinds = Kinds::of(documents);
    for (path, text) in read {
        let file = file_of(&path);
        findings.forget(&file);
        let document = match text {
            None => None,
            Some(Err(unreadable)) => {
                unread(*unreadable, findings);
                None
            }
            Some(Ok(text)) => {
                findings.keep(&file, &text);
                findings.take(document(&path, text, kinds.of_page(&path), known))
            }
        };
        match (documents.binary_search_by(|other| other.path.as_str().cmp(&path)), document) {
            (Ok(at), Some(document)) => documents[at] = document,
            (Ok(at), None) => drop(documents.remove(at)),
            (Err(at), Some(document)) => documents.insert(at, document),
            (Err(_), None) => {}
        }
    }
}

/// What diagnostics call the document at `path`.
pub fn file_of(path: &str) -> String {
    ["content/", path].concat()
}

/// Reports a file that is not a text.
pub fn unread(unreadable: Unreadable, findings: &mut Findings) {
    if let Some(text) = &unreadable.quotable {
        findings.keep(&unreadable.diagnostic.file, text);
    }
    findings.push(unreadable.diagnostic);
}

/// The file that makes a folder a section.
const SECTION: &str = "_index.md";

fn is_section(path: &str) -> bool {
    path == SECTION || path.ends_with("/_index.md")
}

/// Which kind of page each section's folder holds.
struct Kinds(BTreeMap<String, Kind>);

impl Kinds {
    fn of(sections: &[Arc<Document>]) -> Kinds {
        let kind = |section: &Arc<Document>| match &section.front {
            FrontMatter::Section(front) => Some((folder(&section.path).unwrap_or_default().to_owned(), front.pages)),
            _ => None,
        };
        Kinds(sections.iter().filter_map(kind).collect())
    }

    /// What the nearest section above `path` says.
    fn of_page(&self, path: &str) -> Kind {
        std::iter::successors(Some(folder(path).unwrap_or_default()), |above| match *above {
            "" => None,
            above => Some(folder(above).unwrap_or_default()),
        })
        .find_map(|above| self.0.get(above).copied())
        .unwrap_or_default()
    }
}

fn folder(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(folder, _)| folder)
}

fn read_all(
    texts: Vec<(&str, Arc<str>)>,
    kind: impl Fn(&str) -> Kind + Sync,
    known: &rules::Known<'_>,
    findings: &mut Findings,
) -> Vec<Arc<Document>> {
    let read: Vec<_> = texts.into_par_iter().map(|(path, text)| document(path, text, kind(path), known)).collect();
    read.into_iter().filter_map(|read| findings.take(read)).collect()
}

pub(super) fn document(
    path: &str,
    text: Arc<str>,
    kind: Kind,
    known: &rules::Known<'_>,
) -> (Option<Arc<Document>>, Vec<Diagnostic>) {
    let file = file_of(path);
    let parted = front::part(&file, &text);
    let (mut read, mut body) = (front_matter(kind, &file, &text, &parted, known), parted.body);
    if read.diagnostics.iter().any(Diagnostic::is_error)
        && let Some(parted) = front::part_by_keys(&file, &text, &parted)
    {
        (read, body) = (front_matter(kind, &file, &text, &parted, known), parted.body);
    }
    let document = read.value.map(|front| Arc::new(Document { path: path.to_owned(), text: Arc::clone(&text), body, front }));
    (document, read.diagnostics)
}

fn front_matter(kind: Kind, file: &str, text: &str, parted: &front::Front, known: &rules::Known<'_>) -> Read<FrontMatter> {
    let part = Part { file, text, at: parted.at };
    let mut read = match kind {
        Kind::Activity => read(part, parted, known, FrontMatter::Activity),
        Kind::Course => read(part, parted, known, FrontMatter::Course),
        Kind::Policy => read(part, parted, known, FrontMatter::Policy),
        Kind::Resource => read(part, parted, known, FrontMatter::Resource),
        Kind::Page => read(part, parted, known, FrontMatter::Page),
        Kind::Section => read(part, parted, known, FrontMatter::Section),
    };
    if let Some(front) = &read.value {
        let found = rules::front_matter(front, rules::Report::new(part, &read), known);
        read.diagnostics.extend(found);
    }
    read
}

fn read<T: DeserializeOwned + JsonSchema>(
    part: Part<'_>,
    parted: &front::Front,
    known: &rules::Known<'_>,
    kind: impl Fn(Box<T>) -> FrontMatter,
) -> Read<FrontMatter> {
    let mut read = if parted.problem.is_some() && part.at == Span::new(0, 0) {
        // Nothing was written: saying of each key that it is missing would drown the one thing to do.
        Read::all_stand_ins(known.now)
    } else {
        typed::read::<T>(part, known.now)
    };
    read.diagnostics.extend(parted.problem.clone());
    Read {
        value: read.value.map(|front| kind(Box::new(front))),
        wrong: read.wrong,
        diagnostics: read.diagnostics,
        tree: read.tree,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_kind_that_the_nearest_section_gives() {
        let kinds = Kinds(BTreeMap::from([("courses".to_owned(), Kind::Course), ("courses/about".to_owned(), Kind::Page)]));
        for (path, kind) in [
            ("courses/a.md", Kind::Course),
            ("courses/2026/q4/a.md", Kind::Course),
            ("courses/about/a.md", Kind::Page),
            ("courses-old/a.md", Kind::Page),
            ("a.md", Kind::Page),
        ] {
            assert_eq!(kinds.of_page(path), kind, "{path}");
        }
        let with_root = Kinds(BTreeMap::from([(String::new(), Kind::Policy)]));
        assert_eq!(with_root.of_page("a.md"), Kind::Policy);
        assert_eq!(with_root.of_page("x/y/a.md"), Kind::Policy);
    }
}
