//! Links what was read into a [`Site`] at one moment.
//!
//! 1. `address` gives every document its URL and says which are published now.
//! 2. `event` tells where each event stands and makes its session.
//! 3. `taxonomy` sorts pages by the words they share; `order` gives each section its order; `related` finds what belongs together.
//! 4. `claims` sees to it that nothing is published twice at one address.
//! 5. Bodies are rendered, their links resolved by `links`; `checks` looks at links outside of Markdown.
//!
//! What takes long and seldom changes is kept from one call to the next by [`Memo`].
//!
//! Mistakes are collected; where something is wrong, a stand-in takes its place so that the next mistake is found as well.

mod address;
mod checks;
mod claims;
mod event;
mod facets;
mod front;
mod links;
mod manifest;
mod memo;
mod order;
mod related;
mod taxonomy;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{Moment, Session, limits::Limits};
use pages::{Frame, frame::Asset, templates::mention};

pub use manifest::manifest;
pub use memo::{Memo, Prints, print};

use self::{
    address::{Folders, Placed, Visibility, folder_of},
    claims::{Claim, Claims, Owner},
    event::event_of,
    links::{Links, file_url},
    memo::Kept,
};
use crate::{
    build::Options,
    diagnostic::{Diagnostic, Span, Texts},
    kinds::Sort,
    markdown::{self, EventLine, Facts, Named, Setting},
    site::{EventState, Facets, Page, PageIndex, SERIES, Section, SectionIndex, Site, Taxonomy},
    source::{Config, ContentFile, Document, FrontMatter, ServiceState, Source},
};

/// Links `source` at the moment of `options`. `assets` are the theme's under their hashed names, `texts` are for finding places.
/// `memo` has what an earlier call made of the same site but for some documents; an empty one changes nothing but the time it takes.
pub fn model(
    source: &Source,
    texts: &Texts,
    assets: BTreeMap<String, Asset>,
    options: &Options,
    memo: &mut Memo,
) -> (Site, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let now = options.now;
    let frame = frame(&source.config, assets, options);

    // Addresses, and what is published now.
    let (placed, folders) = address::place(&source.documents, options, &mut diagnostics);
    let section_places = sections(&placed, &mut diagnostics);
    let pages: Vec<&Placed> = placed.iter().filter(|placed| placed.is_published() && !placed.is_section()).collect();
    let documents: Vec<&Document> = pages.iter().map(|placed| &*placed.document).collect();
    let section_of: Vec<SectionIndex> = documents.iter().map(|document| section_of(&section_places, &document.path)).collect();

    // Events.
    let states: Vec<Option<EventState>> = documents.iter().map(|document| Some(event::state(event_of(document)?, now))).collect();
    let sessions = sessions(&placed, source.data.limits.as_ref());

    // Words shared, order, neighbours, relations.
    let (taxonomies, terms) = taxonomy::taxonomies(&documents, &source.data);
    let ordered: Vec<Vec<PageIndex>> = section_places
        .iter()
        .enumerate()
        .map(|(index, section)| {
            let own = (0..pages.len()).filter(|page| section_of[*page] == index).collect();
            order::sorted(own, &documents, section.sort(), now)
        })
        .collect();
    let mut neighbours = vec![(None, None); pages.len()];
    for (section, own) in section_places.iter().zip(&ordered) {
        for (page, previous, next) in order::neighbours(own, &documents, section.sort()) {
            neighbours[page] = (previous, next);
        }
    }
    let narrows = source.theme.templates.contains_key(facets::TEMPLATE);
    let narrowed = section_places.iter().zip(&ordered).filter(|_| narrows);
    let facets: Vec<Facets> = narrowed
        .map(|(section, own)| match section.folder.is_empty() {
            // The home page is no list.
            true => Facets::default(),
            false => facets::facets(&section.url, own, &documents, &source.data, now),
        })
        .collect();
    let related = memo.related(&documents, &terms, || {
        // Where no template shows relations, nobody asks for them.
        let shown = mention(&source.theme.templates, "related");
        if shown { related::related(&documents, &terms, &taxonomies) } else { vec![Vec::new(); documents.len()] }
    });

    // What is published where.
    let mut claims = Claims::default();
    let claiming = Claiming {
        source,
        placed: &placed,
        sections: &section_places,
        ordered: &ordered,
        taxonomies: &taxonomies,
        facets: &facets,
    };
    let aliases = claiming.claim(&folders, &mut claims, &mut diagnostics);

    // Bodies, and every link.
    let links = Links::new(source, &frame.base_url, &placed, &folders, &claims);
    let facts = Facts { config: &source.config, data: &source.data, events: coming_events(&pages, &states, now) };
    let setting = Setting { resolver: &links, facts: &facts, raw_html: source.config.raw_html };
    // What is still to come is rendered for its mistakes alone: a site must not begin to fail because a moment has come.
    let coming: Vec<&Placed> = placed.iter().filter(|placed| matches!(placed.visibility, Visibility::Future(_))).collect();
    let published: Vec<&Document> =
        documents.iter().copied().chain(section_places.iter().map(|section| &*section.document)).collect();
    let later: Vec<&Document> = coming.iter().map(|placed| &*placed.document).collect();
    let all = [published.as_slice(), &later].concat();
    let bodies = memo.bodies(&all, &links, &facts, |document| markdown::render(document, setting));
    let urls = pages.iter().map(|placed| placed.url.as_str()).chain(section_places.iter().map(|section| section.url.as_str()));
    let urls = urls.chain(coming.iter().map(|placed| placed.url.as_str()));
    diagnostics.extend(missing_anchors(&all, urls, &bodies));
    let (shown, hidden) = bodies.split_at(published.len());
    diagnostics.extend(shown.iter().flat_map(|body| body.diagnostics.iter().cloned()));
    diagnostics.extend(hidden.iter().flat_map(|body| body.diagnostics.iter().filter(|found| found.is_error()).cloned()));
    diagnostics.extend(checks::check(source, &published, &later, &links, texts));
    memo.keep_prints(shown, pages.len());
    let (page_bodies, section_bodies) = shown.split_at(pages.len());

    let files = source.files.iter().map(|file| (file_url(file, &folders)[1..].to_owned(), file.clone()));
    let statics = source.statics.iter().map(|file| (file.path.clone(), file.clone()));
    let session_of: HashMap<&str, usize> =
        sessions.iter().enumerate().map(|(index, session)| (session.id.as_str(), index)).collect();
    let session_of = |id: &str| session_of.get(id).copied();
    let site = Site {
        now,
        next_change: next_change(&source.documents, options),
        page_size: source.config.page_size.max(1),
        pages: pages
            .iter()
            .zip(page_bodies)
            .enumerate()
            .map(|(index, (placed, body))| Page {
                document: Arc::clone(&placed.document),
                url: placed.url.clone(),
                body: Arc::clone(&body.body),
                section: section_of[index],
                published: placed.document.front.common().date,
                previous: neighbours[index].0,
                next: neighbours[index].1,
                related: related[index].clone(),
                state: states[index],
                session: event::whole(&placed.document).and_then(session_of),
                slots: event::slots(&placed.document).iter().filter_map(|slot| session_of(&slot.id)).collect(),
                terms: terms[index].clone(),
            })
            .collect(),
        sections: section_places
            .iter()
            .zip(section_bodies)
            .zip(ordered)
            .map(|((section, body), pages)| Section {
                document: Arc::clone(&section.document),
                url: section.url.clone(),
                body: Arc::clone(&body.body),
                parent: section.parent,
                pages,
            })
            .collect(),
        taxonomies,
        facets,
        forms: source.forms.clone(),
        sessions,
        data: source.data.clone(),
        aliases,
        files: files.chain(statics).collect::<Vec<(String, ContentFile)>>(),
        pictures: Arc::clone(&source.pictures),
        shown: shown_pictures(&published, shown),
        frame,
    };
    (site, diagnostics)
}

/// The pictures in published bodies, with the places that name them.
fn shown_pictures(documents: &[&Document], bodies: &[Arc<Kept>]) -> BTreeMap<String, Vec<(String, Span)>> {
    let mut pictures: BTreeMap<String, Vec<(String, Span)>> = BTreeMap::new();
    for (document, body) in documents.iter().zip(bodies) {
        for Named { path, span } in &body.pictures {
            pictures.entry(path.clone()).or_default().push((format!("content/{}", document.path), *span));
        }
    }
    pictures
}

/// What stands around every page.
fn frame(config: &Config, assets: BTreeMap<String, Asset>, options: &Options) -> Frame {
    let base_url = options.base_url.as_deref().unwrap_or(&config.base_url).trim_end_matches('/');
    let domain = url::Url::parse(base_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    Frame {
        site_name: config.name.clone(),
        tagline: config.tagline.clone(),
        base_url: base_url.to_owned(),
        domain,
        site_code: config.site_code.clone(),
        organiser: config.organiser.clone(),
        telephone: config.telephone.clone(),
        address: config.address.clone(),
        icp: config.icp.clone(),
        police: config.police.clone(),
        trial: config.service == ServiceState::Trial,
        navigation: config.navigation.clone(),
        footer: config.footer.clone(),
        assets,
    }
}

/// A section before its pages are known.
struct SectionPlace {
    document: Arc<Document>,
    url: String,
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

/// The sessions of all pages, by id. A page that has expired keeps its session: people who registered may still look it up.
fn sessions(placed: &[Placed], limits: Option<&Limits>) -> Vec<Session> {
    let mut sessions: Vec<Session> = placed
        .iter()
        .filter(|placed| matches!(placed.visibility, Visibility::Published | Visibility::Expired(_)))
        .flat_map(|placed| event::sessions(&placed.document, &placed.url, limits))
        .collect();
    sessions.sort_by(|one, other| one.id.cmp(&other.id));
    sessions
}

/// What is left to come, the next first.
fn coming_events(pages: &[&Placed], states: &[Option<EventState>], now: Moment) -> Vec<EventLine> {
    let mut lines: Vec<EventLine> = pages
        .iter()
        .zip(states)
        .filter_map(|(placed, state)| {
            let event = event_of(&placed.document).filter(|event| event.end > now)?;
            let common = placed.document.front.common();
            Some(EventLine {
                url: placed.url.clone(),
                title: common.title.to_owned(),
                start: event.start,
                series: common.series.map(str::to_owned),
                state: (*state)?.words(),
            })
        })
        .collect();
    lines.sort_by(|one, other| one.start.cmp(&other.start).then_with(|| one.url.cmp(&other.url)));
    lines
}

/// Links to headings that no page has.
fn missing_anchors<'a>(
    documents: &[&Document],
    urls: impl Iterator<Item = &'a str> + Clone,
    bodies: &[Arc<Kept>],
) -> Vec<Diagnostic> {
    let mut missing = Vec::new();
    // Most pages link to no heading at all: only then is it worth knowing who has which.
    if bodies.iter().all(|body| body.references.is_empty()) {
        return missing;
    }
    let anchors: HashMap<&str, &[String]> = urls.clone().zip(bodies).map(|(url, body)| (url, body.anchors.as_slice())).collect();
    for ((document, url), body) in documents.iter().zip(urls).zip(bodies) {
        for reference in &body.references {
            let page = reference.page.as_deref().unwrap_or(url);
            let Some(known) = anchors.get(page).filter(|known| !known.contains(&reference.anchor)) else { continue };
            let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
            known.sort_unstable();
            let hint = match links::nearest(&reference.anchor, known.iter().copied()) {
                Some(near) => format!("最接近的是 `#{near}`"),
                None if known.is_empty() => "那一页没有小标题".to_owned(),
                None => format!("那一页有：{}", known.iter().map(|id| format!("`#{id}`")).collect::<Vec<_>>().join("、")),
            };
            let whose = if page == url { "本页".to_owned() } else { format!("`{page}` ") };
            missing.push(
                Diagnostic::error(
                    format!("content/{}", document.path),
                    "broken_anchor",
                    format!("{whose}没有小标题 `#{}`", reference.anchor),
                )
                .at(reference.span)
                .hint(hint),
            );
        }
    }
    missing
}

/// The next moment at which the output would change. Midnight is always one: pages count days.
fn next_change(documents: &[Arc<Document>], options: &Options) -> Option<Moment> {
    let now = options.now;
    let midnight = now.date().tomorrow().ok().map(|day| Moment::from_local(day.at(0, 0, 0, 0)));
    documents
        .iter()
        .filter(|document| options.drafts || !document.front.common().draft)
        .flat_map(|document| {
            let common = document.front.common();
            let events = event_of(document).into_iter().flat_map(event::changes);
            [common.date, document.front.expires()].into_iter().flatten().chain(events)
        })
        .filter(|moment| *moment > now)
        .chain(midnight)
        .min()
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
