//! One struct a template, holding only what that template shows. Words are chosen here; a template arranges them.

mod article;
mod board;
mod event;
mod form;
mod home;
mod list;
mod matcher;
mod message;
mod page;
mod policy;
mod privacy;
mod resource;
mod scoreboard;
mod search;
mod speakers;
mod taxonomy;

pub use article::{ARTICLE, COPYING, article, article_url, has_article};
pub use board::{BOARD, board};
pub use event::{calendar_url, event, register_url, slot_url};
pub use form::{appeal_url, form, register, track, unkept, unkept_url};
pub use home::home;
pub use list::{Pager, facet, facet_filters, filters, section, term};
pub use matcher::{POLICIES, matcher, policies};
pub use message::{not_found, not_open, redirect};
pub use page::page;
pub use policy::policy;
pub use privacy::privacy;
pub use resource::resource;
pub use search::{column, search};
pub use speakers::speakers;
pub use taxonomy::taxonomy;

use pages::{Head, Shared};
use serde::Serialize;

use super::{
    card, head,
    view::{self, Level, View},
    words::{self, Stamp},
};
use crate::{
    kinds::Attachment,
    site::{Heading, Page},
};

/// What the page of every document begins with.
#[derive(Debug, Serialize)]
pub struct Opening<'a> {
    /// `<head>`
    pub head: Head,
    /// The way here.
    pub breadcrumb: Shared,
    /// 课程
    pub kind: &'static str,
    /// h1
    pub title: &'a str,
    /// The line beneath it.
    pub summary: Option<&'a str>,
    /// Only an example.
    pub example: bool,
    /// The body as HTML.
    pub body: &'a str,
    /// Headings of level 2, when there are enough of them to be worth a list.
    pub contents: Vec<Anchor<'a>>,
    /// When it appeared and where it came from.
    pub published: Option<Published<'a>>,
    /// Where an editor copies it from.
    pub article: Option<String>,
    /// Its tags, chains and series.
    pub terms: Vec<Shared>,
    /// Pages that share something with it.
    pub related: Vec<Shared>,
}

/// A heading one can jump to.
#[derive(Debug, Serialize)]
pub struct Anchor<'a> {
    /// Without `#`.
    pub id: &'a str,
    /// Its words.
    pub text: &'a str,
}

/// The line that says when a page appeared; the same values as its labels.
#[derive(Debug, Serialize)]
pub struct Published<'a> {
    /// PubDate.
    pub at: Stamp,
    /// The last real change.
    pub updated: Option<Stamp>,
    /// ContentSource.
    pub source: &'a str,
    /// Author.
    pub author: Option<&'a str>,
}

/// A term and its words, with the link or time behind them.
#[derive(Debug, Default, Serialize)]
pub struct Fact {
    /// 时间
    pub term: &'static str,
    /// What people read.
    pub words: String,
    /// Words that follow and are kept on one line.
    pub tail: Option<String>,
    /// A line beneath.
    pub note: Option<String>,
    /// For `<time>`.
    pub iso: Option<String>,
    /// Where the words lead.
    pub url: Option<String>,
    /// The session whose free seats the note tells; a script brings it up to date.
    pub live: Option<String>,
}

impl Fact {
    /// Plain words.
    pub fn new(term: &'static str, words: impl Into<String>) -> Fact {
        Fact { term, words: words.into(), ..Fact::default() }
    }
}

/// A file to download, or what stands in its place elsewhere: a recording.
#[derive(Debug, Serialize)]
pub struct Download<'a> {
    /// Its name.
    pub label: &'a str,
    /// Where it is.
    pub url: String,
    /// PDF; none for a page.
    pub form: Option<String>,
    /// 1.2 MB; none for what lies elsewhere.
    pub size: Option<String>,
}

/// The files that `page` hands out, with what to expect of each before it is fetched.
pub fn downloads<'a>(view: &View, page: &Page, files: &'a [Attachment]) -> Vec<Download<'a>> {
    let download = |file: &'a Attachment| match view.file(page, &file.path) {
        Some((url, found)) => {
            Download { label: &file.label, url, form: format_of(&file.path), size: Some(words::size(found.size)) }
        }
        None => Download { label: &file.label, url: file.path.clone(), form: format_of(&file.path), size: None },
    };
    files.iter().map(download).collect()
}

/// PDF, by the end of a path or an address; none where that is a page's or none.
fn format_of(path: &str) -> Option<String> {
    const PAGES: [&str; 7] = ["HTML", "HTM", "SHTML", "PHP", "JSP", "ASP", "ASPX"];
    let path = path.split(['?', '#']).next()?;
    // The end of a host is none of a file.
    let path = path.split_once("://").map_or(Some(path), |(_, rest)| Some(rest.split_once('/')?.1))?;
    let extension = path.rsplit('/').next()?.rsplit_once('.')?.1.to_ascii_uppercase();
    let is_one = (2..=5).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_one && !PAGES.contains(&extension.as_str())).then_some(extension)
}

/// The beginning of `page`'s page.
pub fn opening<'a>(view: &View<'a>, page: &'a Page) -> Opening<'a> {
    let common = page.document.front.common();
    let trail = view.trail(page.section);
    let summary = view::summary(page);
    let published = common.date.map(|date| Published {
        at: Stamp { iso: date.to_string(), words: words::published(date) },
        updated: common.updated.map(|at| Stamp { iso: at.to_string(), words: words::published(at) }),
        source: common.source.unwrap_or(&view.site.frame.organiser),
        author: common.author,
    });
    Opening {
        head: head::page(view, page, summary, &trail.links),
        breadcrumb: trail.shown.clone(),
        kind: card::kind(page.document.front.kind()),
        title: common.title,
        summary: common.summary,
        example: common.example,
        body: &page.body.html,
        contents: contents(&page.body.headings),
        published,
        article: has_article(view, page).then(|| article_url(page)),
        terms: view.links_of_terms(page),
        related: view.cards(&page.related, Level::Two),
    }
}

/// Headings of level 2; three are the fewest that are worth a list of contents.
fn contents(headings: &[Heading]) -> Vec<Anchor<'_>> {
    let second = headings.iter().filter(|heading| heading.level == 2);
    let anchors: Vec<Anchor<'_>> = second.map(|heading| Anchor { id: &heading.id, text: &heading.text }).collect();
    if anchors.len() < 3 { Vec::new() } else { anchors }
}
