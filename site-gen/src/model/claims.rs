//! Who publishes what: every path of the output has one owner, and two that want the same path are told of each other.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
};

use foldhash::fast::FixedState;

use super::{front, links::unordered};
use crate::{
    diagnostic::{Diagnostic, Span},
    output::page_path,
    source::Document,
};

/// Paths that belong to the functions, the desk and the theme's assets.
const RESERVED: [(&str, &str); 4] = [
    ("f/", "`/f/` 开头的网址留给表单程序"),
    ("desk/", "`/desk/` 开头的网址留给工作台"),
    ("assets/", "`/assets/` 开头的网址留给主题的样式和脚本"),
    ("healthz/", "`/healthz` 留给健康检查"),
];

/// One who publishes something at a URL.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// The URL it is linked by.
    pub url: String,
    /// Who it is.
    pub owner: Owner<'a>,
    /// What it is, for the message: 页面, 标签页.
    pub what: &'static str,
}

/// Who publishes something, and so what is to be mended when two clash.
#[derive(Debug, Clone)]
pub enum Owner<'a> {
    /// A document, at its own address.
    Document(&'a Document),
    /// A document, at one of its old addresses.
    Alias(&'a Document, usize),
    /// A file that is published as it is, by its path below the root.
    File(String),
    /// The generator, by itself.
    Generator,
}

impl Owner<'_> {
    /// The file to mend.
    fn file(&self) -> Option<String> {
        match self {
            Owner::Document(document) | Owner::Alias(document, _) => Some(format!("content/{}", document.path)),
            Owner::File(file) => Some(file.clone()),
            Owner::Generator => None,
        }
    }

    /// Where in that file. Looked for only when there is something to tell: it takes reading the front matter again.
    fn span(&self) -> Option<Span> {
        match self {
            Owner::Document(document) => front::locate(document, &["slug"]),
            Owner::Alias(document, index) => front::locate(document, &["aliases", &index.to_string()]),
            Owner::File(_) | Owner::Generator => None,
        }
    }
}

/// By output path. Each is looked up several times a build, and its hash need not be secret.
type ByPath<T> = HashMap<String, T, FixedState>;

/// The owners of all output paths.
#[derive(Debug, Default)]
pub struct Claims<'a> {
    by_path: ByPath<Claim<'a>>,
    /// Paths of what is not there yet.
    later: ByPath<Claim<'a>>,
}

impl<'a> Claims<'a> {
    /// Gives `claim` its path, or tells why it cannot have it. Who comes first keeps it.
    pub fn claim(&mut self, claim: Claim<'a>, diagnostics: &mut Vec<Diagnostic>) {
        let path = page_path(&claim.url);
        if let (Some(file), Some((_, reason))) =
            (claim.owner.file(), RESERVED.iter().find(|(prefix, _)| path.starts_with(prefix)))
        {
            diagnostics.push(
                Diagnostic::error(file, "reserved_url", format!("网址 `{}` 不能用：{reason}", claim.url))
                    .at(claim.owner.span())
                    .hint("换一个文件名、文件夹名或 slug"),
            );
            return;
        }
        match self.by_path.get(&path).or_else(|| self.later.get(&path)) {
            Some(first) => diagnostics.extend(clash(first, &claim)),
            None => {
                self.by_path.insert(path, claim);
            }
        }
    }

    /// Keeps the path of something that is not there yet: nobody else can have it, and it cannot be linked to.
    pub fn reserve(&mut self, claim: Claim<'a>, diagnostics: &mut Vec<Diagnostic>) {
        let path = page_path(&claim.url);
        match self.by_path.get(&path).or_else(|| self.later.get(&path)) {
            Some(first) => diagnostics.extend(clash(first, &claim)),
            None => {
                self.later.insert(path, claim);
            }
        }
    }

    /// A file cannot be where another output needs a folder.
    pub fn check_folders(&self, diagnostics: &mut Vec<Diagnostic>) {
        let mut found = Vec::new();
        for (path, claim) in &self.by_path {
            let above = path.match_indices('/').map(|(at, _)| &path[..at]);
            found.extend(above.filter_map(|above| self.by_path.get(above)).filter_map(|first| clash(first, claim)));
        }
        found.sort();
        diagnostics.extend(found);
    }

    /// What is left of them when everybody has what is theirs.
    pub fn into_addresses(self) -> Addresses {
        let address = |claim: Claim<'_>| Address { is_document: matches!(claim.owner, Owner::Document(_)), url: claim.url };
        Addresses(self.by_path.into_iter().map(|(path, claim)| (path, address(claim))).collect())
    }
}

/// Where something is published: what links can lead to.
#[derive(Debug, Default)]
pub struct Addresses(ByPath<Address>);

#[derive(Debug)]
struct Address {
    /// The URL it is linked by.
    url: String,
    /// It is the page of a document.
    is_document: bool,
}

/// Two that hash alike have the same paths, each with the same URL.
impl Hash for Addresses {
    fn hash<H: Hasher>(&self, state: &mut H) {
        unordered(self.0.iter().map(|(path, address)| (path, &address.url, address.is_document))).hash(state);
    }
}

impl Addresses {
    /// The URL by which that is linked which is published at `url`, with or without its closing slash.
    pub fn at(&self, url: &str) -> Option<&str> {
        let path = page_path(url);
        let closed = || if url.ends_with('/') { None } else { self.0.get(&format!("{path}/index.html")) };
        self.0.get(&path).or_else(closed).map(|address| address.url.as_str())
    }

    /// The page of a document is published at exactly this URL.
    pub fn is_document(&self, url: &str) -> bool {
        self.0.get(&page_path(url)).is_some_and(|address| address.is_document && address.url == url)
    }

    /// All URLs, sorted: for finding the nearest to one that does not exist.
    pub fn urls(&self) -> Vec<&str> {
        let mut urls: Vec<&str> = self.0.values().map(|address| address.url.as_str()).collect();
        urls.sort_unstable();
        urls
    }
}

/// What is told about two that want one path; nothing when neither has a file that could be mended.
fn clash(first: &Claim<'_>, second: &Claim<'_>) -> Option<Diagnostic> {
    let (told, other) = if second.owner.file().is_some() { (second, first) } else { (first, second) };
    let file = told.owner.file()?;
    let named = match other.owner.file() {
        Some(other_file) => format!("{} `{other_file}`", other.what),
        None => format!("程序生成的{}", other.what),
    };
    let message = if told.url == other.url {
        format!("网址 `{}` 已经归{named}", told.url)
    } else {
        format!("网址 `{}` 与 `{}` 冲突，那里是{named}", told.url, other.url)
    };
    Some(Diagnostic::error(file, "duplicate_url", message).at(told.owner.span()).hint("给其中一个换文件名，或写不同的 `slug`"))
}
