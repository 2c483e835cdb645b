//! `search.html`: the form with its filters for the script, and the newest of every section, which is search for readers without
//! JavaScript and the site's map.

use std::collections::BTreeSet;

use jiff::civil::Date;
use pages::{Head, Link};
use serde::Serialize;

use crate::{
    render::{
        head,
        index::{date, month},
        view::View,
        words,
    },
    search::ENTRY,
    site::{Section, SectionIndex, Taxonomy},
};

/// The whole of what the search page shows.
#[derive(Debug, Serialize)]
pub struct SearchContext<'a> {
    head: Head,
    breadcrumb: Vec<Link>,
    title: &'static str,
    /// Where the script begins.
    index: &'static str,
    filters: Vec<Filter>,
    groups: Vec<Group<'a>>,
    taxonomies: Vec<Link>,
}

/// A way to narrow what is found; only those with something to choose.
#[derive(Debug, Serialize)]
struct Filter {
    /// `column`: in the address and in the index.
    name: &'static str,
    /// 栏目
    label: &'static str,
    options: Vec<Choice>,
}

/// A value to narrow by.
#[derive(Debug, Serialize)]
pub struct Choice {
    /// As the address and the index have it.
    pub value: String,
    /// As people read it.
    pub label: String,
}

/// A section with its pages.
#[derive(Debug, Serialize)]
struct Group<'a> {
    link: Link,
    entries: Vec<Entry<'a>>,
    /// How many there are in all, when they are not all listed.
    total: Option<usize>,
}

/// A page in the list.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    url: &'a str,
    title: &'a str,
    date: Option<String>,
}

/// A section with more pages than this lists its first ones and leads to its own list: a page that names thousands helps nobody.
const MOST: usize = 20;

/// The search page.
pub fn search<'a>(view: &View<'a>) -> SearchContext<'a> {
    let title = "搜索与网站地图";
    let description = Some("按标题和正文查找本站内容，或按栏目浏览全部页面。");
    let groups = view.site.sections.iter().map(|section| group(view, section));
    SearchContext {
        head: head::plain(view, title, description, "/search/"),
        breadcrumb: vec![Link { label: "首页".to_owned(), url: "/".to_owned() }],
        title,
        index: ENTRY,
        filters: filters(view),
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

/// The column a section is, for filters.
pub fn column(view: &View, section: SectionIndex) -> Choice {
    let section = &view.site.sections[section];
    match section.url.trim_matches('/') {
        "" => Choice { value: "home".to_owned(), label: name(section).to_owned() },
        path => Choice { value: path.to_owned(), label: name(section).to_owned() },
    }
}

fn name(section: &Section) -> &str {
    // What lies in no folder is about the site and its services.
    if section.parent.is_none() { "办事与说明" } else { section.document.front.common().title }
}

fn filters(view: &View) -> Vec<Filter> {
    let site = view.site;
    let columns = (0..site.sections.len()).filter(|section| !site.sections[*section].pages.is_empty());
    let months: BTreeSet<Date> = site.pages.iter().filter_map(date).map(|date| date.date().first_of_month()).collect();
    let months = months
        .iter()
        .rev()
        .map(|first| Choice { value: month(*first), label: format!("{}年{}月", first.year(), first.month()) });
    let terms = |id: &str| {
        let taxonomy = site.taxonomies.iter().find(|taxonomy| taxonomy.id == id);
        let terms = taxonomy.map_or([].as_slice(), |Taxonomy { terms, .. }| terms);
        terms.iter().map(|term| Choice { value: term.slug.clone(), label: term.name.clone() }).collect()
    };
    let filters = [
        ("column", "栏目", columns.map(|section| column(view, section)).collect()),
        ("month", "月份", months.collect()),
        ("chain", "产业链", terms("chains")),
        ("form", "形式", terms("attendance")),
    ];
    let filters = filters.into_iter().map(|(name, label, options): (_, _, Vec<Choice>)| Filter { name, label, options });
    filters.filter(|filter| !filter.options.is_empty()).collect()
}

fn group<'a>(view: &View<'a>, section: &'a Section) -> Group<'a> {
    let most = if section.parent.is_some() { MOST } else { usize::MAX };
    let entries = section.pages.iter().take(most).map(|index| {
        let page = &view.site.pages[*index];
        Entry { url: &page.url, title: page.document.front.common().title, date: date(page).map(|at| words::date(at.date())) }
    });
    Group {
        link: Link { label: name(section).to_owned(), url: section.url.clone() },
        entries: entries.collect(),
        total: (section.pages.len() > most).then_some(section.pages.len()),
    }
}
