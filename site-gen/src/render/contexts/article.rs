//! `copying.html`: an article to be copied into an official account's editor. What is copied, `article_to_copy.html` writes.

use pages::{Head, Link};
use serde::Serialize;

use crate::{
    article,
    render::{
        head,
        view::{self, View},
    },
    site::Page,
    source::FrontMatter,
};

/// Writes the article; sees what the page's own template sees.
pub const ARTICLE: &str = "article_to_copy.html";
/// Shows it, and what goes into the editor's other fields.
pub const COPYING: &str = "copying.html";

/// So many characters an account shows below a title.
const SUMMARY: usize = 120;

/// The whole of what such a page shows.
#[derive(Debug, Serialize)]
pub struct CopyingContext<'a> {
    head: Head,
    breadcrumb: Vec<Link>,
    title: &'a str,
    summary: Option<String>,
    author: &'a str,
    /// The page that the article was made of, whole.
    address: String,
    /// The article as it goes into the editor.
    pasted: String,
    /// The same for the eyes.
    shown: String,
}

/// What is told to many people: activities, courses, policy news. Where the theme knows how.
pub fn has_article(view: &View, page: &Page) -> bool {
    let is_told = matches!(page.document.front, FrontMatter::Activity(_) | FrontMatter::Course(_) | FrontMatter::Policy(_));
    is_told && view.has(ARTICLE) && view.has(COPYING)
}

/// `/courses/2026-q4/wechat/`
pub fn article_url(page: &Page) -> String {
    format!("{}wechat/", page.url)
}

/// The page at `url` with what the theme has `written`.
pub fn article<'a>(view: &View<'a>, page: &'a Page, url: &str, written: &str) -> CopyingContext<'a> {
    let common = page.document.front.common();
    let mut breadcrumb = view.trail(page.section).links.clone();
    breadcrumb.push(Link { label: common.title.to_owned(), url: page.url.clone() });
    let mut head = head::plain(view, &format!("复制到公众号：{}", common.title), None, url);
    head.robots = Some("noindex, nofollow".to_owned());
    head.canonical = Some(view.absolute(&page.url));
    let absolute = |address: &str| if address.starts_with('/') { view.absolute(address) } else { address.to_owned() };
    CopyingContext {
        head,
        breadcrumb,
        title: common.title,
        summary: view::summary(page).map(|summary| summary.chars().take(SUMMARY).collect()),
        author: common.source.unwrap_or(&view.site.frame.organiser),
        address: view.absolute(&page.url),
        pasted: article::pasted(written, &absolute),
        shown: article::shown(written, &absolute),
    }
}
