//! Where each document stands on the site: its URL, out of folders, slugs and pinyin; and whether it is published now.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::Arc,
};

use domain::Moment;

use super::links::unordered;
use crate::{build::Options, diagnostic::Diagnostic, slug::slug, source::Document};

/// A document with its address.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The document.
    pub document: Arc<Document>,
    /// `/courses/2026-q4/`
    pub url: String,
    /// Whether it is on the site at this moment.
    pub visibility: Visibility,
}

impl Placed {
    /// It is on the site.
    pub fn is_published(&self) -> bool {
        self.visibility == Visibility::Published
    }

    /// It is the `_index.md` of a folder.
    pub fn is_section(&self) -> bool {
        file_name(&self.document.path) == "_index.md"
    }
}

/// Whether a document is on the site at the build's moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// It is.
    Published,
    /// It is a draft, and drafts were not asked for.
    Draft,
    /// It will be, from then on.
    Future(Moment),
    /// It was, until then.
    Expired(Moment),
}

/// Gives every document its address, in the documents' order.
pub fn place(documents: &[Arc<Document>], options: &Options, diagnostics: &mut Vec<Diagnostic>) -> (Vec<Placed>, Folders) {
    let folders = Folders::new(documents);
    let placed = documents
        .iter()
        .map(|document| Placed {
            document: Arc::clone(document),
            url: url(document, &folders, diagnostics),
            visibility: visibility(document, options),
        })
        .collect();
    (placed, folders)
}

fn visibility(document: &Document, options: &Options) -> Visibility {
    let common = document.front.common();
    match (common.date, document.front.expires()) {
        _ if common.draft && !options.drafts => Visibility::Draft,
        (Some(date), _) if date > options.now => Visibility::Future(date),
        (_, Some(expires)) if expires <= options.now => Visibility::Expired(expires),
        _ => Visibility::Published,
    }
}

fn url(document: &Document, folders: &Folders, diagnostics: &mut Vec<Diagnostic>) -> String {
    let folder = folder_of(&document.path);
    let name = file_name(&document.path).trim_end_matches(".md");
    if name == "_index" {
        return folders.url(folder);
    }
    if let Some(slug) = document.front.common().slug {
        let above = if name == "index" { folder_of(folder) } else { folder };
        return format!("{}{slug}/", folders.url(above));
    }
    if name == "index" && !folder.is_empty() {
        return folders.url(folder);
    }
    let slug = slug(name);
    if slug.is_empty() {
        let file = format!("content/{}", document.path);
        diagnostics.push(
            Diagnostic::error(file, "slug", format!("文件名 `{name}` 里没有能做网址的字"))
                .hint("给文件改名，或在页面开头写 `slug: 网址的最后一段`"),
        );
    }
    format!("{}{slug}/", folders.url(folder))
}

/// The URL of each folder: a folder is named like a page, by its `_index.md`'s slug or by its own name.
#[derive(Debug, Default)]
pub struct Folders {
    slugs: HashMap<String, String>,
}

impl Hash for Folders {
    fn hash<H: Hasher>(&self, state: &mut H) {
        unordered(self.slugs.iter()).hash(state);
    }
}

impl Folders {
    fn new(documents: &[Arc<Document>]) -> Folders {
        let sections = documents.iter().filter(|document| file_name(&document.path) == "_index.md");
        let slugs = sections
            .filter_map(|document| Some((folder_of(&document.path).to_owned(), document.front.common().slug?.to_owned())))
            .collect();
        Folders { slugs }
    }

    /// `/courses/` for `courses`, `/` for the root.
    pub fn url(&self, folder: &str) -> String {
        let mut url = String::from("/");
        let mut end = 0;
        for part in folder.split('/').filter(|part| !part.is_empty()) {
            end += part.len() + usize::from(end > 0);
            match self.slugs.get(&folder[..end]) {
                Some(slug) => url.push_str(slug),
                None => url.push_str(&slug(part)),
            }
            url.push('/');
        }
        url
    }
}

/// `courses` for `courses/2026-q4.md`, nothing for a file at the root.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
