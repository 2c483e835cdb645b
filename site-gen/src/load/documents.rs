//! Reads the Markdown files: front matter into the type of its kind, the rest is left as it is.

use std::{collections::BTreeMap, sync::Arc};

use rayon::prelude::*;

use super::{findings::Findings, text, typed, walk::Entry};
use crate::{
    build::Options,
    diagnostic::{Diagnostic, Span},
    kinds::Kind,
    source::{Document, FrontMatter},
};

/// Every document, in the order of `entries`.
pub fn documents(entries: &[Entry], _options: &Options, findings: &mut Findings) -> Vec<Arc<Document>> {
    let texts: Vec<_> = entries.par_iter().map(|entry| text::read(&entry.location, &format!("content/{}", entry.path))).collect();
    let mut readable = Vec::with_capacity(entries.len());
    for (entry, text) in entries.iter().zip(texts) {
        let file = format!("content/{}", entry.path);
        match text {
            Ok(text) => {
                findings.keep(&file, &text);
                readable.push((entry.path.as_str(), text));
            }
            Err(unreadable) => {
                if let Some(text) = &unreadable.quotable {
                    findings.keep(&file, text);
                }
                findings.push(unreadable.diagnostic);
            }
        }
    }

    // Sections first: they say what the pages of their folders are.
    let (sections, pages): (Vec<_>, Vec<_>) = readable.into_iter().partition(|(path, _)| is_section(path));
    let mut documents = read_all(sections, |_| Kind::Section, findings);
    let kinds: BTreeMap<String, Kind> =
        documents.iter().filter_map(|document| Some((folder(&document.path)?.to_owned(), pages_kind(document)))).collect();
    let root = documents.iter().find(|document| document.path == SECTION).map_or(Kind::Page, |document| pages_kind(document));
    documents.extend(read_all(pages, |path| kind_of(path, &kinds, root), findings));
    documents.sort_by(|one, other| one.path.cmp(&other.path));
    documents
}

/// The file that makes a folder a section.
const SECTION: &str = "_index.md";

fn is_section(path: &str) -> bool {
    path == SECTION || path.ends_with("/_index.md")
}

fn folder(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(folder, _)| folder)
}

fn pages_kind(section: &Document) -> Kind {
    match &section.front {
        FrontMatter::Section(front) => front.pages,
        _ => Kind::Page,
    }
}

/// The kind that the nearest section above `path` gives its pages.
fn kind_of(path: &str, kinds: &BTreeMap<String, Kind>, root: Kind) -> Kind {
    std::iter::successors(folder(path), |above| folder(above)).find_map(|above| kinds.get(above).copied()).unwrap_or(root)
}

fn read_all(texts: Vec<(&str, Arc<str>)>, kind: impl Fn(&str) -> Kind + Sync, findings: &mut Findings) -> Vec<Arc<Document>> {
    let read: Vec<_> = texts.into_par_iter().map(|(path, text)| document(path, text, kind(path))).collect();
    read.into_iter().filter_map(|read| findings.take(read)).collect()
}

fn document(path: &str, text: Arc<str>, kind: Kind) -> (Option<Arc<Document>>, Vec<Diagnostic>) {
    let file = format!("content/{path}");
    let Some((front_matter, body)) = split(&text) else {
        return (None, vec![Diagnostic::error(file, "no_front_matter", "文件开头没有 `---` 围起来的页面信息")]);
    };
    let (front, diagnostics) = front_matter_of(kind, &file, &text, front_matter);
    (front.map(|front| Arc::new(Document { path: path.to_owned(), text, body, front })), diagnostics)
}

/// Where the front matter stands, between lines of `---` at the top, and where the Markdown begins.
fn split(text: &str) -> Option<(Span, usize)> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let start = first.len();
    let mut end = start;
    for line in lines {
        if line.trim_end() == "---" {
            return Some((Span::new(start, end), end + line.len()));
        }
        end += line.len();
    }
    None
}

fn front_matter_of(kind: Kind, file: &str, text: &str, at: Span) -> (Option<FrontMatter>, Vec<Diagnostic>) {
    macro_rules! read {
        ($variant:ident) => {{
            let (front, diagnostics) = typed::read(file, text, at);
            (front.map(|front| FrontMatter::$variant(Box::new(front))), diagnostics)
        }};
    }
    match kind {
        Kind::Activity => read!(Activity),
        Kind::Course => read!(Course),
        Kind::Policy => read!(Policy),
        Kind::Resource => read!(Resource),
        Kind::Page => read!(Page),
        Kind::Section => read!(Section),
    }
}
