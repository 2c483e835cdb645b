//! `search.html`: every page by section, which is search for readers without JavaScript and the site's map.

use pages::{Head, Link};
use serde::Serialize;

use crate::{
    render::{head, view::View, words},
    site::Section,
};

/// The whole of what the search page shows.
#[derive(Debug, Serialize)]
pub struct SearchContext<'a> {
    head: Head,
    breadcrumb: Vec<Link>,
    title: &'static str,
    /// Where the script finds titles and summaries.
    index: &'static str,
    groups: Vec<Group<'a>>,
    taxonomies: Vec<Link>,
}

/// A section with its pages.
#[derive(Debug, Serialize)]
struct Group<'a> {
    link: Link,
    entries: Vec<Entry<'a>>,
}

/// A page in the list.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    url: &'a str,
    title: &'a str,
    date: Option<String>,
}

/// Where the titles and summaries are.
pub const INDEX: &str = "/search/index.json";

/// The search page.
pub fn search<'a>(view: &View<'a>) -> SearchContext<'a> {
    let title = "搜索与网站地图";
    let description = Some("按标题和摘要查找本站内容，或按栏目浏览全部页面。");
    let groups = view.site.sections.iter().map(|section| group(view, section));
    SearchContext {
        head: head::plain(view, title, description, "/search/"),
        breadcrumb: vec![Link { label: "首页".to_owned(), url: "/".to_owned() }],
        title,
        index: INDEX,
        groups: groups.filter(|group| !group.entries.is_empty()).collect(),
        taxonomies: view
            .site
            .taxonomies
            .iter()
            .filter(|taxonomy| !taxonomy.terms.is_empty())
            .map(|taxonomy| Link { label: format!("按{}", taxonomy.name), url: format!("/{}/", taxonomy.id) })
            .collect(),
    }
}

fn group<'a>(view: &View<'a>, section: &'a Section) -> Group<'a> {
    let label = if section.parent.is_none() { "办事与说明" } else { section.document.front.common().title };
    let entries = section.pages.iter().map(|index| {
        let page = &view.site.pages[*index];
        let common = page.document.front.common();
        let date = crate::render::view::event(page).map(|event| event.start).or(common.date);
        Entry { url: &page.url, title: common.title, date: date.map(|at| words::date(at.date())) }
    });
    Group { link: Link { label: label.to_owned(), url: section.url.clone() }, entries: entries.collect() }
}
