//! `section.html` and `term.html`: lists of cards, so many a page.

use pages::{Head, Link, Shared};
use serde::Serialize;

use crate::{
    kinds::Sort,
    render::{
        head, structured,
        view::{Level, View},
    },
    site::{EventState, FacetList, PageIndex, SERIES, Section},
    source::FrontMatter,
};

/// A list, one page of it.
#[derive(Debug, Serialize)]
pub struct ListContext<'a> {
    head: Head,
    breadcrumb: Vec<Link>,
    title: &'a str,
    /// 2026年12月 · 线上, on a list that is narrowed.
    narrowed_to: Option<String>,
    summary: Option<&'a str>,
    /// Shown on the first page only.
    body: &'a str,
    /// Sections below this one, and ways to filter it.
    children: Vec<Link>,
    filters: Vec<Filter<'a>>,
    groups: Vec<Group>,
    total: usize,
    pager: Pager,
    feed: Option<String>,
    calendar: Option<String>,
}

/// One row of links that narrow a list: 产业链, 形式.
#[derive(Debug, Hash, Serialize)]
pub struct Filter<'a> {
    name: &'a str,
    /// The list without a choice in this row, once there is one.
    all: Option<&'a str>,
    links: Vec<Choice<'a>>,
    /// What would make the row longer than a screen is wide; folded unless something in it is chosen.
    more: Vec<Choice<'a>>,
    open: bool,
}

/// So many links of a row are seen at once.
const AT_ONCE: usize = 6;

impl<'a> Filter<'a> {
    fn new(name: &'a str, all: Option<&'a str>, mut links: Vec<Choice<'a>>) -> Filter<'a> {
        // Folding a single one saves nothing.
        let more = if links.len() > AT_ONCE + 1 { links.split_off(AT_ONCE) } else { Vec::new() };
        let open = more.iter().any(|link| link.chosen);
        Filter { name, all, links, more, open }
    }
}

/// A link of such a row.
#[derive(Debug, Hash, Serialize)]
struct Choice<'a> {
    label: &'a str,
    url: &'a str,
    count: usize,
    chosen: bool,
}

/// A link with how many pages stand behind it.
#[derive(Debug, Hash, Serialize)]
pub struct Counted<'a> {
    /// The words.
    pub label: &'a str,
    /// The address.
    pub url: &'a str,
    /// So many.
    pub count: usize,
}

/// Cards below one heading.
#[derive(Debug, Serialize)]
struct Group {
    heading: Option<&'static str>,
    cards: Vec<Shared>,
}

/// Where one is in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pager {
    /// This page, from 1.
    pub number: usize,
    /// All of them.
    pub count: usize,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// The first, the last and those around this one: a list of a thousand pages does not name them all on each.
    pub pages: Vec<PagerEntry>,
}

/// A page of a list that the pager names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PagerEntry {
    /// From 1.
    pub number: usize,
    /// Its address.
    pub url: String,
    /// Pages before it are left out.
    pub gap: bool,
}

/// How many neighbours of the present page a pager names on each side.
const AROUND: usize = 2;

impl Pager {
    /// Page `number` of a list at `base` with `total` entries, `size` a page.
    pub fn new(base: &str, number: usize, total: usize, size: usize) -> Pager {
        let count = Pager::count(total, size);
        let url = |number| Pager::url(base, number);
        Pager {
            number,
            count,
            previous: (number > 1).then(|| url(number - 1)),
            next: (number < count).then(|| url(number + 1)),
            pages: named(number, count).map(|(number, gap)| PagerEntry { number, url: url(number), gap }).collect(),
        }
    }

    /// How many pages `total` entries fill; an empty list has one.
    pub fn count(total: usize, size: usize) -> usize {
        total.div_ceil(size.max(1)).max(1)
    }

    /// `/courses/` and then `/courses/page/2/`.
    pub fn url(base: &str, number: usize) -> String {
        if number == 1 { base.to_owned() } else { format!("{base}page/{number}/") }
    }

    /// The entries that stand on page `number` of a list.
    pub fn slice(number: usize, pages: &[PageIndex], size: usize) -> &[PageIndex] {
        let size = size.max(1);
        let from = (number - 1) * size;
        pages.get(from..(from + size).min(pages.len())).unwrap_or_default()
    }
}

/// The numbers that a pager names, each with whether some are left out before it. A single one is not left out.
fn named(number: usize, count: usize) -> impl Iterator<Item = (usize, bool)> {
    let (from, to) = (number.saturating_sub(AROUND).max(1), (number + AROUND).min(count));
    let from = if from <= 3 { 1 } else { from };
    let to = if to + 2 >= count { count } else { to };
    let first = (from > 1).then_some((1, false));
    let around = (from..=to).map(move |page| (page, page == from && from > 1));
    let last = (to < count).then_some((count, true));
    first.into_iter().chain(around).chain(last)
}

/// Page `number` of a section's list.
pub fn section<'a>(view: &View<'a>, index: usize, number: usize) -> ListContext<'a> {
    let section = &view.site.sections[index];
    let common = section.document.front.common();
    let breadcrumb = section.parent.map(|parent| view.trail(parent).links.clone()).unwrap_or_default();
    let pager = Pager::new(&section.url, number, section.pages.len(), view.site.page_size);
    let title = numbered(common.title, number);
    let mut head = head::section(view, section, &title, &Pager::url(&section.url, number), &breadcrumb);
    let cards = Pager::slice(number, &section.pages, view.site.page_size);
    head.json_ld.extend(structured::item_list(view, cards));
    ListContext {
        head,
        breadcrumb,
        title: common.title,
        narrowed_to: None,
        summary: common.summary,
        body: if number == 1 { &section.body.html } else { "" },
        children: children(view, index),
        filters: filters(view, index),
        groups: if sort(section) == Sort::Start { by_state(view, cards) } else { together(view, cards) },
        total: section.pages.len(),
        pager,
        feed: head::feeds(section).then(|| head::feed_url(section)),
        calendar: view.offers(index).events.then(|| format!("{}calendar.ics", section.url)),
    }
}

/// Page `number` of the list of a term's pages.
pub fn term<'a>(view: &View<'a>, taxonomy: usize, term: usize, number: usize) -> ListContext<'a> {
    let taxonomy = &view.site.taxonomies[taxonomy];
    let term = &taxonomy.terms[term];
    let url = Pager::url(&term.url, number);
    let breadcrumb = vec![
        Link { label: "首页".to_owned(), url: "/".to_owned() },
        Link { label: taxonomy.name.clone(), url: format!("/{}/", taxonomy.id) },
    ];
    let summary = match taxonomy.id.as_str() {
        "series" => view.site.data.series.iter().find(|series| series.name == term.name).map(|series| series.summary.as_str()),
        _ => None,
    };
    let plain = format!("{}“{}”下的全部内容。", taxonomy.name, term.name);
    let description = Some(summary.unwrap_or(&plain));
    let column = head::Column { name: &term.name, description, kind: "概况信息" };
    let pager = Pager::new(&term.url, number, term.pages.len(), view.site.page_size);
    let mut head = head::column(view, &column, &numbered(&term.name, number), &url, &breadcrumb);
    let cards = Pager::slice(number, &term.pages, view.site.page_size);
    head.json_ld.extend(structured::item_list(view, cards));
    let about = view.site.data.series.iter().filter(|series| taxonomy.id == "series" && series.name == term.name);
    let about = about.filter_map(|series| Some(Link { label: format!("{}是什么", series.name), url: series.page.clone()? }));
    ListContext {
        head,
        breadcrumb,
        title: &term.name,
        narrowed_to: None,
        summary,
        body: "",
        children: about.collect(),
        filters: Vec::new(),
        groups: together(view, cards),
        total: term.pages.len(),
        pager,
        feed: None,
        calendar: (taxonomy.id == SERIES).then(|| format!("{}calendar.ics", term.url)),
    }
}

/// 课程（第 2 页）
fn numbered(title: &str, number: usize) -> String {
    if number == 1 { title.to_owned() } else { format!("{title}（第 {number} 页）") }
}

fn sort(section: &Section) -> Sort {
    match &section.document.front {
        FrontMatter::Section(front) => front.sort,
        _ => Sort::Date,
    }
}

fn children(view: &View, index: usize) -> Vec<Link> {
    let below = view.site.sections.iter().filter(|section| section.parent == Some(index));
    below.map(|s| Link { label: s.document.front.common().title.to_owned(), url: s.url.clone() }).collect()
}

/// Rows of links to the terms that this section's events have; only where there is a choice.
pub fn filters<'a>(view: &View<'a>, section: usize) -> Vec<Filter<'a>> {
    let facets = view.site.facets_of(section);
    if !facets.rows.is_empty() {
        return narrowed(view, section, &[]);
    }
    if !view.offers(section).events {
        return Vec::new();
    }
    let wanted = view.site.taxonomies.iter().enumerate().filter(|(_, taxonomy)| taxonomy.id != "tags");
    let rows = wanted.map(|(index, taxonomy)| {
        let terms = taxonomy.terms.iter().enumerate().filter(|(term, _)| view.has_term(section, index, *term));
        let links = terms.map(|(_, term)| Choice { label: &term.name, url: &term.url, count: term.pages.len(), chosen: false });
        Filter::new(&taxonomy.name, None, links.collect())
    });
    rows.filter(|row| row.links.len() > 1).collect()
}

/// The rows above a list that is narrowed already.
pub fn facet_filters<'a>(view: &View<'a>, section: usize, list: &FacetList) -> Vec<Filter<'a>> {
    narrowed(view, section, &list.chosen)
}

/// What can be chosen when `chosen` is: in a row that has a choice another instead of it, in the others one more. Two rows are narrowed at
/// most; a third choice takes the place of the last one.
fn narrowed<'a>(view: &View<'a>, section: usize, chosen: &[(usize, usize)]) -> Vec<Filter<'a>> {
    let facets = view.site.facets_of(section);
    let url = |chosen: &[(usize, usize)]| match chosen {
        [] => Some(view.site.sections[section].url.as_str()),
        chosen => facets.list(chosen).map(|list| list.url.as_str()),
    };
    let rows = facets.rows.iter().enumerate().map(|(row, of)| {
        let mut others: Vec<(usize, usize)> = chosen.iter().copied().filter(|(other, _)| *other != row).collect();
        let has_choice = others.len() < chosen.len();
        let all = if has_choice { url(&others) } else { None };
        others.truncate(1);
        let links = of.values.iter().enumerate().filter_map(|(value, named)| {
            let mut wanted = others.clone();
            wanted.push((row, value));
            wanted.sort_unstable();
            let list = facets.list(&wanted)?;
            let chosen = chosen.contains(&(row, value));
            Some(Choice { label: &named.name, url: &list.url, count: list.pages.len(), chosen })
        });
        Filter::new(of.name, all, links.collect())
    });
    rows.filter(|row| !row.links.is_empty()).collect()
}

/// Page `number` of a section's list narrowed by a value or two.
pub fn facet<'a>(view: &View<'a>, index: usize, list: usize, number: usize) -> ListContext<'a> {
    let section = &view.site.sections[index];
    let facets = view.site.facets_of(index);
    let list = &facets.lists[list];
    let common = section.document.front.common();
    let names: Vec<&str> = list.chosen.iter().map(|(row, value)| facets.rows[*row].values[*value].name.as_str()).collect();
    let narrowed_to = names.join(" · ");
    let breadcrumb = view.trail(index).links.clone();
    let description = format!("{}：{narrowed_to}，共 {} 项。", common.title, list.pages.len());
    let column = head::Column { name: common.title, description: Some(&description), kind: head::column_type(section) };
    let title = numbered(&format!("{}：{narrowed_to}", common.title), number);
    let mut head = head::column(view, &column, &title, &Pager::url(&list.url, number), &breadcrumb);
    let cards = Pager::slice(number, &list.pages, view.site.page_size);
    head.json_ld.extend(structured::item_list(view, cards));
    ListContext {
        head,
        breadcrumb,
        title: common.title,
        narrowed_to: Some(narrowed_to),
        summary: None,
        body: "",
        children: Vec::new(),
        filters: facet_filters(view, index, list),
        groups: if sort(section) == Sort::Start { by_state(view, cards) } else { together(view, cards) },
        total: list.pages.len(),
        pager: Pager::new(&list.url, number, list.pages.len(), view.site.page_size),
        feed: None,
        calendar: None,
    }
}

fn together(view: &View, pages: &[usize]) -> Vec<Group> {
    let cards = view.cards(pages, Level::One);
    if cards.is_empty() { Vec::new() } else { vec![Group { heading: None, cards }] }
}

/// What is coming, and then 往期; the section's order has them so already.
fn by_state(view: &View, pages: &[usize]) -> Vec<Group> {
    let past = |index: &usize| matches!(view.site.pages[*index].state, Some(EventState::Past));
    let (past, coming): (Vec<usize>, Vec<usize>) = pages.iter().partition(|index| past(index));
    let groups = [("即将举行", coming), ("往期", past)];
    let groups = groups.into_iter().filter(|(_, pages)| !pages.is_empty());
    groups.map(|(heading, pages)| Group { heading: Some(heading), cards: view.cards(&pages, Level::Two) }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Pager, named};

    #[test]
    fn a_pager_names_the_ends_and_what_is_near() {
        for (number, count, words) in [
            (1, 1, "1"),
            (1, 5, "1 2 3 4 5"),
            (1, 6, "1 2 3 … 6"),
            (3, 5, "1 2 3 4 5"),
            (4, 7, "1 2 3 4 5 6 7"),
            (1, 200, "1 2 3 … 200"),
            (5, 200, "1 2 3 4 5 6 7 … 200"),
            (6, 200, "1 … 4 5 6 7 8 … 200"),
            (197, 200, "1 … 195 196 197 198 199 200"),
            (200, 200, "1 … 198 199 200"),
        ] {
            let shown: Vec<String> =
                named(number, count).map(|(page, gap)| if gap { format!("… {page}") } else { page.to_string() }).collect();
            assert_eq!(shown.join(" "), words, "page {number} of {count}");
        }
    }

    #[test]
    fn a_list_has_as_many_pages_as_its_entries_fill() {
        for (total, size, count) in [(0, 20, 1), (1, 20, 1), (20, 20, 1), (21, 20, 2), (5, 2, 3), (3, 0, 3)] {
            assert_eq!(Pager::count(total, size), count, "{total} entries, {size} a page");
        }
    }

    #[test]
    fn the_first_page_is_the_list_itself_and_the_ends_lead_nowhere() {
        let ends = |number| {
            let pager = Pager::new("/courses/", number, 45, 20);
            (pager.previous, pager.next)
        };
        assert_eq!(ends(1), (None, Some("/courses/page/2/".to_owned())));
        assert_eq!(ends(2), (Some("/courses/".to_owned()), Some("/courses/page/3/".to_owned())));
        assert_eq!(ends(3), (Some("/courses/page/2/".to_owned()), None));
    }

    #[test]
    fn every_entry_stands_on_exactly_one_page() {
        let all: Vec<usize> = (0..45).collect();
        let shown: Vec<usize> = (1..=3).flat_map(|n| Pager::slice(n, &all, 20).to_vec()).collect();
        assert_eq!(shown, all);
    }
}
