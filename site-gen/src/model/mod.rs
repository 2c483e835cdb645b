//! Links what was read into a [`Site`] at one moment.
//!
//! 1. `ground` lays what follows from where documents stand, and not from what they say: `address` gives every document its URL and says
//!    which are published now; `event` tells where each event stands; `taxonomy` sorts pages by the words they share; `order` gives each
//!    section its order; `related` finds what belongs together; `claims` sees to it that nothing is published twice at one address.
//! 2. Bodies are rendered, their links resolved by `links`; `checks` looks at links outside of Markdown.
//! 3. The site is filled with what the documents say.
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
mod ground;
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
use pages::{Frame, frame::Asset};

pub use manifest::manifest;
pub use memo::{Memo, Prints, print};

use self::{
    address::{Placed, Visibility},
    event::event_of,
    ground::Ground,
    links::Links,
    memo::Kept,
};
use crate::{
    build::Options,
    diagnostic::{Diagnostic, Span, Texts},
    markdown::{self, EventLine, Facts, Named, Setting},
    site::{Page, Site},
    source::{Config, Document, ServiceState, Source},
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
    let now = options.now;
    let (ground, mut site, mut diagnostics) = match memo.recall(&source.documents) {
        Some((ground, site)) => (ground, site, Vec::new()),
        None => Ground::lay(source, frame(&source.config, assets, options), options, memo),
    };
    let stands = diagnostics.is_empty();

    // Bodies, and every link.
    let pages: Vec<&Placed> = ground.pages.iter().map(|index| &ground.placed[*index]).collect();
    let coming: Vec<&Placed> = ground.coming.iter().map(|index| &ground.placed[*index]).collect();
    let published = pages.iter().map(|placed| &placed.document).chain(ground.sections.iter().map(|section| &section.document));
    let published: Vec<&Document> = published.map(Arc::as_ref).collect();
    // What is still to come is rendered for its mistakes alone: a site must not begin to fail because a moment has come.
    let later: Vec<&Document> = coming.iter().map(|placed| &*placed.document).collect();
    let all = [published.as_slice(), &later].concat();
    let base_url = site.frame.base_url.clone();
    let links = Links::new(source, &base_url, &ground);
    let facts = Facts { config: &source.config, data: &source.data, events: coming_events(&pages, &site.pages, now) };
    let setting = Setting { resolver: &links, facts: &facts, raw_html: source.config.raw_html };
    let bodies = memo.bodies(&all, &links, &facts, |document| markdown::render(document, setting));
    let urls = pages.iter().map(|placed| placed.url.as_str()).chain(ground.sections.iter().map(|section| section.url.as_str()));
    let urls = urls.chain(coming.iter().map(|placed| placed.url.as_str()));
    diagnostics.extend(missing_anchors(&all, urls, &bodies));
    let (shown, hidden) = bodies.split_at(published.len());
    diagnostics.extend(shown.iter().flat_map(|body| body.diagnostics.iter().cloned()));
    diagnostics.extend(hidden.iter().flat_map(|body| body.diagnostics.iter().filter(|found| found.is_error()).cloned()));
    diagnostics.extend(checks::check(source, &published, &later, &links, texts));

    // What the documents say.
    let (page_bodies, section_bodies) = shown.split_at(pages.len());
    (site.now, site.next_change) = (now, next_change(&source.documents, options));
    site.sessions = sessions(&ground.placed, source.data.limits.as_ref());
    let session_of: HashMap<&str, usize> =
        site.sessions.iter().enumerate().map(|(index, session)| (session.id.as_str(), index)).collect();
    let session_of = |id: &str| session_of.get(id).copied();
    for ((page, placed), body) in site.pages.iter_mut().zip(&pages).zip(page_bodies) {
        page.document = Arc::clone(&placed.document);
        page.body = Arc::clone(&body.body);
        page.session = event::whole(&placed.document).and_then(session_of);
        page.slots = event::slots(&placed.document).iter().filter_map(|slot| session_of(&slot.id)).collect();
    }
    for (section, body) in site.sections.iter_mut().zip(section_bodies) {
        section.body = Arc::clone(&body.body);
    }
    site.pictures = Arc::clone(&source.pictures);
    site.shown = shown_pictures(&published, shown);
    memo.keep(shown, ground, stands);
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
fn coming_events(placed: &[&Placed], pages: &[Page], now: Moment) -> Vec<EventLine> {
    let mut lines: Vec<EventLine> = placed
        .iter()
        .zip(pages)
        .filter_map(|(placed, page)| {
            let event = event_of(&placed.document).filter(|event| event.end > now)?;
            let common = placed.document.front.common();
            Some(EventLine {
                url: placed.url.clone(),
                title: common.title.to_owned(),
                start: event.start,
                series: common.series.map(str::to_owned),
                state: page.state?.words(),
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
