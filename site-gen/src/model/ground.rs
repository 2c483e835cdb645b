//! Where everything of a site stands: addresses, sections, order, relations. It follows from the paths of documents and from what their front
//! matter says but for title and summary, so an edit of words leaves it as it is, and it need not be laid again.

use std::sync::Arc;

use pages::{Frame, templates::mention};

use super::{
    Memo,
    address::{self, Folders, Placed, Visibility, folder_of},
    claims::{Addresses, Claim, Claims, Owner},
    event::{self, event_of},
    facets, front,
    links::file_url,
    order, related, taxonomy,
};
use crate::{
    build::Options,
    diagnostic::Diagnostic,
    kinds::Sort,
    site::{Body, Facets, Page, PageIndex, SERIES, Section, SectionIndex, Site, Taxonomy},
    source::{Document, FrontMatter, Source},
};

/// What of a site is known without a look at its bodies.
#[derive(Debug)]
pub struct Ground {
    /// Every document with its address, in the documents' order.
    pub placed: Vec<Placed>,
    /// The URL of each folder.
    pub folders: Folders,
    /// Where something is published.
    pub addresses: Addresses,
    /// The site's pages, as indexes into `placed`.
    pub pages: Vec<usize>,
    /// The site's sections.
    pub sections: Vec<SectionPlace>,
    /// What is still to come, as indexes into `placed`.
    pub coming: Vec<usize>,
}

impl Ground {
    /// Lays it, and with it a site in which only bodies and sessions are missing.
    pub fn lay(source: &Source, frame: Frame, options: &Options, memo: &mut Memo) -> (Ground, Site, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let now = options.now;

        // Addresses, and what is published now.
        let (placed, folders) = address::place(&source.documents, options, &mut diagnostics);
        let sections = sections(&placed, &mut diagnostics);
        let those = |wanted: fn(&Placed) -> bool| -> Vec<usize> {
            placed.iter().enumerate().filter(|(_, placed)| wanted(placed)).map(|(index, _)| index).collect()
        };
        let pages = those(|placed| placed.is_published() && !placed.is_section());
        let coming = those(|placed| matches!(placed.visibility, Visibility::Future(_)));
        let documents: Vec<&Document> = pages.iter().map(|index| &*placed[*index].document).collect();
        let section_of: Vec<SectionIndex> = documents.iter().map(|document| section_of(&sections, &document.path)).collect();

        // Words shared, order, neighbours, relations.
        let (taxonomies, mut terms) = taxonomy::taxonomies(&documents, &source.data);
        let mut own = vec![Vec::new(); sections.len()];
        for (page, section) in section_of.iter().enumerate() {
            own[*section].push(page);
        }
        let sorted = sections.iter().zip(own).map(|(section, own)| order::sorted(own, &documents, section.sort(), now));
        let ordered: Vec<Vec<PageIndex>> = sorted.collect();
        let mut neighbours = vec![(None, None); pages.len()];
        for (section, own) in sections.iter().zip(&ordered) {
            for (page, previous, next) in order::neighbours(own, &documents, section.sort()) {
                neighbours[page] = (previous, next);
            }
        }
        let narrows = source.theme.templates.contains_key(facets::TEMPLATE);
        let narrowed = sections.iter().zip(&ordered).filter(|_| narrows);
        let facets: Vec<Facets> = narrowed
            .map(|(section, own)| match section.folder.is_empty() {
                // The home page is no list.
                true => Facets::default(),
                false => facets::facets(&section.url, own, &documents, &source.data, now),
            })
            .collect();
        // Where no template shows relations, nobody asks for them.
        let shown = mention(&source.theme.templates, "related");
        let mut related = memo.related(shown, &documents, &terms, || {
            if shown { related::related(&documents, &terms, &taxonomies) } else { vec![Vec::new(); documents.len()] }
        });

        // What is published where.
        let mut claims = Claims::default();
        let claiming = Claiming {
            source,
            placed: &placed,
            sections: &sections,
            ordered: &ordered,
            taxonomies: &taxonomies,
            facets: &facets,
        };
        let aliases = claiming.claim(&folders, &mut claims, &mut diagnostics);
        let addresses = claims.into_addresses();

        let files = source.files.iter().map(|file| (file_url(file, &folders)[1..].to_owned(), file.clone()));
        let statics = source.statics.iter().map(|file| (file.path.clone(), file.clone()));
        let no_body = Arc::<Body>::default();
        let site_pages = pages.iter().enumerate().map(|(index, at)| {
            let Placed { document, url, .. } = &placed[*at];
            Page {
                document: Arc::clone(document),
                url: url.clone(),
                body: Arc::clone(&no_body),
                section: section_of[index],
                published: document.front.common().date,
                previous: neighbours[index].0,
                next: neighbours[index].1,
                related: std::mem::take(&mut related[index]),
                state: event_of(document).map(|event| event::state(event, now)),
                session: None,
                slots: Vec::new(),
                terms: std::mem::take(&mut terms[index]),
            }
        });
        let site_pages = site_pages.collect();
        let site_sections = sections.iter().zip(ordered).map(|(section, pages)| Section {
            document: Arc::clone(&section.document),
            url: section.url.clone(),
            body: Arc::clone(&no_body),
            parent: section.parent,
            pages,
        });
        let site = Site {
            now,
            next_change: None,
            page_size: source.config.page_size.max(1),
            pages: site_pages,
            sections: site_sections.collect(),
            taxonomies,
            facets,
            forms: source.forms.clone(),
            sessions: Vec::new(),
            data: source.data.clone(),
            aliases,
            files: files.chain(statics).collect(),
            pictures: Arc::clone(&source.pictures),
            shown: Default::default(),
            frame,
        };
        (Ground { placed, folders, addresses, pages, sections, coming }, site, diagnostics)
    }

    /// The document at a path below `content/`.
    pub fn placed_at(&self, path: &str) -> Option<&Placed> {
        let found = self.placed.binary_search_by(|placed| placed.document.path.as_str().cmp(path));
        found.ok().map(|index| &self.placed[index])
    }

    /// Takes over `documents` for those that it was laid for, when it would be the same for them.
    pub fn follow(&mut self, documents: &[Arc<Document>]) -> bool {
        let stands = self.placed.len() == documents.len()
            && self
                .placed
                .iter()
                .zip(documents)
                .all(|(placed, document)| Arc::ptr_eq(&placed.document, document) || self.is_for(&placed.document, document));
        if stands {
            for (placed, document) in self.placed.iter_mut().zip(documents) {
                if !Arc::ptr_eq(&placed.document, document) {
                    placed.document = Arc::clone(document);
                }
            }
        }
        stands
    }

    /// Nothing that it was laid by is another in `after` than it was in `before`.
    fn is_for(&self, before: &Document, after: &Document) -> bool {
        let moves = || {
            let sort = self.sections[section_of(&self.sections, &after.path)].sort();
            order::goes_by_title(sort) && before.front.common().title != after.front.common().title
        };
        before.path == after.path && before.front.differs_only_in_words(&after.front) && !moves()
    }
}

/// A section before its pages are known.
#[derive(Debug)]
pub struct SectionPlace {
    /// Its `_index.md`.
    pub document: Arc<Document>,
    /// `/courses/`
    pub url: String,
    /// `courses`, nothing for the root.
    folder: String,
    parent: Option<SectionIndex>,
}

impl SectionPlace {
    fn sort(&self) -> Sort {
        match &self.document.front {
            FrontMatter::Section(front) => front.sort,
            _ => Sort::default(),
        }
    }
}

/// The published sections, the root first, every one after the one above it.
fn sections(placed: &[Placed], diagnostics: &mut Vec<Diagnostic>) -> Vec<SectionPlace> {
    let mut sections: Vec<SectionPlace> = placed
        .iter()
        .filter(|placed| placed.is_section() && placed.is_published())
        .map(|placed| SectionPlace {
            document: Arc::clone(&placed.document),
            url: placed.url.clone(),
            folder: folder_of(&placed.document.path).to_owned(),
            parent: None,
        })
        .collect();
    sections.sort_by(|one, other| one.folder.cmp(&other.folder));
    if sections.first().is_none_or(|first| !first.folder.is_empty()) {
        diagnostics.push(
            Diagnostic::error("content/_index.md", "no_home", "没有首页")
                .hint("建一个 `content/_index.md`，写上 `title`，不要写 `draft: true`"),
        );
        sections.insert(0, SectionPlace { document: stand_in_home(), url: "/".to_owned(), folder: String::new(), parent: None });
    }
    for index in 1..sections.len() {
        let above = folder_of(&sections[index].folder).to_owned();
        sections[index].parent = Some(section_in(&sections, &above));
    }
    sections
}

/// A home page without words, for looking on when there is none.
fn stand_in_home() -> Arc<Document> {
    let front = serde_json::from_str(r#"{"title": "首页"}"#).expect("a title is all that a section must have");
    Arc::new(Document {
        path: "_index.md".to_owned(),
        text: Arc::from(""),
        body: 0,
        front: FrontMatter::Section(Box::new(front)),
    })
}

fn section_of(sections: &[SectionPlace], path: &str) -> SectionIndex {
    section_in(sections, folder_of(path))
}

/// The section of `folder`, or the nearest above it.
fn section_in(sections: &[SectionPlace], folder: &str) -> SectionIndex {
    std::iter::successors(Some(folder), |folder| (!folder.is_empty()).then(|| folder_of(folder)))
        .find_map(|folder| sections.binary_search_by(|section| section.folder.as_str().cmp(folder)).ok())
        .unwrap_or(0)
}

/// What lays claim to addresses.
struct Claiming<'a> {
    source: &'a Source,
    placed: &'a [Placed],
    sections: &'a [SectionPlace],
    ordered: &'a [Vec<PageIndex>],
    taxonomies: &'a [Taxonomy],
    facets: &'a [Facets],
}

impl<'a> Claiming<'a> {
    /// Claims everything that `render` publishes; gives back the aliases that lead somewhere.
    fn claim(&self, folders: &Folders, claims: &mut Claims<'a>, diagnostics: &mut Vec<Diagnostic>) -> Vec<(String, String)> {
        // Documents first, so that whatever clashes with one is told of it. What will be published later already counts.
        let counts = |placed: &&Placed| matches!(placed.visibility, Visibility::Published | Visibility::Future(_));
        for placed in self.placed.iter().filter(counts) {
            // A page that is still to come keeps its address from others, but is not there to be linked to.
            let claim = Claim { url: placed.url.clone(), owner: Owner::Document(&placed.document), what: "页面" };
            if placed.is_published() { claims.claim(claim, diagnostics) } else { claims.reserve(claim, diagnostics) }
        }
        self.generated(claims, diagnostics);
        for file in &self.source.files {
            let owner = Owner::File(format!("content/{}", file.path));
            claims.claim(Claim { url: file_url(file, folders), owner, what: "文件" }, diagnostics);
        }
        for file in &self.source.statics {
            let owner = Owner::File(format!("content/static/{}", file.path));
            claims.claim(Claim { url: format!("/{}", file.path), owner, what: "文件" }, diagnostics);
        }
        let theme = &self.source.theme;
        for file in &theme.statics {
            let owner = Owner::File(format!("{}/static/{}", theme.folder, file.path));
            claims.claim(Claim { url: format!("/{}", file.path), owner, what: "主题的文件" }, diagnostics);
        }
        let mut aliases = Vec::new();
        for placed in self.placed.iter().filter(counts) {
            for (index, alias) in placed.document.front.common().aliases.iter().enumerate() {
                let url = self.alias(placed, index, alias, claims, diagnostics).filter(|_| placed.is_published());
                aliases.extend(url.map(|url| (url, placed.url.clone())));
            }
        }
        aliases.sort();
        claims.check_folders(diagnostics);
        aliases
    }

    /// What the generator makes by itself.
    fn generated(&self, claims: &mut Claims<'a>, diagnostics: &mut Vec<Diagnostic>) {
        let mut claim = |url: String, what: &'static str| claims.claim(Claim { url, owner: Owner::Generator, what }, diagnostics);
        for (url, what) in [
            ("/search/", "搜索页"),
            ("/search/index.json", "搜索索引"),
            ("/404.html", "404 页"),
            ("/feed.xml", "订阅源"),
            ("/calendar.ics", "日历"),
            ("/policies.json", "政策清单"),
            ("/sitemap.xml", "网站地图"),
            ("/robots.txt", "robots 文件"),
        ] {
            claim(url.to_owned(), what);
        }
        for placed in self.placed.iter().filter(|placed| placed.is_published()) {
            let Some(event) = event_of(&placed.document) else { continue };
            claim(format!("{}event.ics", placed.url), "日历");
            if event.registration.is_some() {
                claim(format!("{}register/", placed.url), "报名页");
            }
            for slot in event::slots(&placed.document) {
                claim(format!("{}register/{}/", placed.url, slot.id), "报名页");
            }
        }
        let copied = ["article_to_copy.html", "copying.html"].iter().all(|name| self.source.theme.templates.contains_key(*name));
        for placed in self.placed.iter().filter(|placed| copied && placed.is_published()) {
            if matches!(placed.document.front, FrontMatter::Activity(_) | FrontMatter::Course(_) | FrontMatter::Policy(_)) {
                claim(format!("{}wechat/", placed.url), "公众号稿件页");
            }
        }
        let appeals = self.source.forms.iter().any(|form| form.form.id == "appeal");
        for placed in self.placed.iter().filter(|placed| appeals && placed.is_published()) {
            if matches!(placed.document.front, FrontMatter::Policy(_)) {
                claim(format!("{}appeal/", placed.url), "提诉求页");
            }
        }
        let size = self.source.config.page_size.max(1);
        for (section, pages) in self.sections.iter().zip(self.ordered).skip(1) {
            claim(format!("{}feed.xml", section.url), "订阅源");
            claim(format!("{}calendar.ics", section.url), "日历");
            for number in 2..=pages.len().div_ceil(size) {
                claim(format!("{}page/{number}/", section.url), "列表页");
            }
        }
        for list in self.facets.iter().skip(1).flat_map(|facets| &facets.lists) {
            claim(list.url.clone(), "筛选页");
            for number in 2..=list.pages.len().div_ceil(size) {
                claim(format!("{}page/{number}/", list.url), "筛选页");
            }
        }
        for taxonomy in self.taxonomies {
            claim(format!("/{}/", taxonomy.id), "分类页");
            for term in &taxonomy.terms {
                claim(term.url.clone(), "分类页");
                for number in 2..=term.pages.len().div_ceil(size) {
                    claim(format!("{}page/{number}/", term.url), "分类页");
                }
                if taxonomy.id == SERIES {
                    claim(format!("{}calendar.ics", term.url), "日历");
                }
            }
        }
    }

    /// An old address, when it can be one.
    fn alias(
        &self,
        placed: &'a Placed,
        index: usize,
        alias: &str,
        claims: &mut Claims<'a>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let document = &placed.document;
        // What does not look like a path at all, `load` has told already.
        let rooted = alias.starts_with('/') && !alias.contains(char::is_whitespace);
        let strange = alias.starts_with("//")
            || alias.contains(['?', '#', '\\', '%'])
            || alias.split('/').any(|part| part == "." || part == "..");
        if rooted && strange {
            diagnostics.push(
                Diagnostic::error(format!("content/{}", document.path), "bad_alias", format!("旧网址 `{alias}` 的写法不对"))
                    .at(front::locate(document, &["aliases", &index.to_string()]))
                    .hint("只写网址里的路径，不带问号、井号和 `..`，如 `/news/123.html`"),
            );
        }
        if !rooted || strange {
            return None;
        }
        // Without a file name it is a folder: its page is the folder's index.
        let last = alias.rsplit('/').next().unwrap_or_default();
        let url = if last.is_empty() || last.contains('.') { alias.to_owned() } else { format!("{alias}/") };
        let claim = Claim { url: url.clone(), owner: Owner::Alias(document, index), what: "旧网址" };
        if placed.is_published() {
            claims.claim(claim, diagnostics)
        } else {
            claims.reserve(claim, diagnostics)
        }
        Some(url)
    }
}
