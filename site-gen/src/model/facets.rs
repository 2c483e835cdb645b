//! Ways to narrow a section's list: 月份, 产业链, 形式, 能力 of events, 需求, 规模, 行业 of policies, the libraries of resources. Each value, and each
//! pair of values of two rows that some page has, is a list of its own: choosing needs no script.
//!
//! Where no template of the theme shows such lists, none are made.

use std::collections::BTreeMap;

use domain::{Attendance, Moment};
use jiff::civil::Date;

use super::event::event_of;
use crate::{
    kinds::{Ability, Industry, Library, Size},
    site::{FacetList, FacetRow, FacetValue, Facets, PageIndex},
    source::{Data, Document, FrontMatter},
};

/// The template that shows a narrowed list.
pub const TEMPLATE: &str = "facet.html";

/// Rows in the order in which they are shown, by the first part of their values' addresses.
const ROWS: [(&str, &str); 8] = [
    ("month", "月份"),
    ("need", "需求"),
    ("size", "规模"),
    ("industry", "行业"),
    ("library", "类别"),
    ("chain", "产业链"),
    ("form", "形式"),
    ("ability", "能力"),
];

/// A value while rows are filled: its place in its row, then its slug, name and pages.
type Values = BTreeMap<(usize, String), (String, Vec<PageIndex>)>;

/// The rows and lists of the section at `url` with the pages `ordered`.
pub fn facets(url: &str, ordered: &[PageIndex], documents: &[&Document], data: &Data, now: Moment) -> Facets {
    let mut rows: [Values; ROWS.len()] = Default::default();
    for page in ordered {
        for (row, place, slug, name) in values(documents[*page], data, now) {
            let pages = &mut rows[row].entry((place, slug)).or_insert_with(|| (name, Vec::new())).1;
            // A page that says a value twice has it once.
            if pages.last() != Some(page) {
                pages.push(*page);
            }
        }
    }
    let mut lists = Vec::new();
    let rows: Vec<FacetRow> = rows
        .into_iter()
        .zip(ROWS)
        // Where there is nothing to choose from, or every choice gives everything, there is no row.
        .filter(|(values, _)| values.len() > 1 && values.values().any(|(_, pages)| pages.len() < ordered.len()))
        .enumerate()
        .map(|(row, (values, (id, name)))| FacetRow {
            name,
            values: values
                .into_iter()
                .enumerate()
                .map(|(value, ((_, slug), (name, pages)))| {
                    let url = format!("{url}by/{id}-{slug}/");
                    lists.push(FacetList { url: url.clone(), chosen: vec![(row, value)], pages });
                    FacetValue { name, url, list: lists.len() - 1 }
                })
                .collect(),
        })
        .collect();
    let pairs = pairs(&lists);
    lists.extend(pairs);
    Facets { rows, lists }
}

/// The lists of two values of different rows; only what is not empty.
fn pairs(singles: &[FacetList]) -> Vec<FacetList> {
    let mut of: BTreeMap<PageIndex, Vec<usize>> = BTreeMap::new();
    for (list, single) in singles.iter().enumerate() {
        for page in &single.pages {
            of.entry(*page).or_default().push(list);
        }
    }
    let mut pairs: BTreeMap<(usize, usize), Vec<PageIndex>> = BTreeMap::new();
    for (page, lists) in &of {
        for (at, one) in lists.iter().enumerate() {
            for other in &lists[at + 1..] {
                if singles[*one].chosen[0].0 != singles[*other].chosen[0].0 {
                    pairs.entry((*one, *other)).or_default().push(*page);
                }
            }
        }
    }
    pairs
        .into_iter()
        .map(|((one, other), found)| {
            let (one, other) = (&singles[one], &singles[other]);
            // In the section's order, as the lists that it is of.
            let pages = one.pages.iter().copied().filter(|page| found.binary_search(page).is_ok()).collect();
            let last = other.url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            FacetList { url: format!("{}{last}/", one.url), chosen: vec![one.chosen[0], other.chosen[0]], pages }
        })
        .collect()
}

/// Row, place in the row, slug and name of each value that a document has.
fn values(document: &Document, data: &Data, now: Moment) -> Vec<(usize, usize, String, String)> {
    let row = |id: &str| ROWS.iter().position(|(row, _)| *row == id).expect("a row that is listed above");
    let mut values = Vec::new();
    let mut add =
        |id: &str, place: usize, slug: &str, name: &str| values.push((row(id), place, slug.to_owned(), name.to_owned()));
    let common = document.front.common();
    for (place, chain) in data.chains.iter().enumerate().filter(|(_, chain)| common.chains.contains(&chain.id)) {
        add("chain", place, &chain.id, &chain.name);
    }
    if let Some(event) = event_of(document) {
        let day = event.start.date();
        add(
            "month",
            months_away(day, now.date()),
            &format!("{}-{:02}", day.year(), day.month()),
            &format!("{}年{}月", day.year(), day.month()),
        );
        if matches!(event.attendance, Attendance::Onsite | Attendance::Both) {
            add("form", 0, "onsite", "现场");
        }
        if matches!(event.attendance, Attendance::Online | Attendance::Both) {
            add("form", 1, "online", "线上");
        }
    }
    match &document.front {
        FrontMatter::Course(front) => {
            for (place, ability) in Ability::ALL.iter().enumerate().filter(|(_, ability)| front.abilities.contains(ability)) {
                add("ability", place, ability.id(), ability.words());
            }
        }
        FrontMatter::Policy(front) => {
            let conditions = &front.conditions;
            for (place, need) in data.categories.iter().enumerate().filter(|(_, need)| conditions.needs.contains(&need.value)) {
                add("need", place, &need.value, &need.label);
            }
            // What a policy does not restrict, it grants to all.
            let fits = |named: &[Size], size: &Size| named.is_empty() || named.contains(size);
            for (place, size) in Size::ALL.iter().enumerate().filter(|(_, size)| fits(&conditions.sizes, size)) {
                add("size", place, size.id(), size.words());
            }
            let fits = |named: &[Industry], industry: &Industry| named.is_empty() || named.contains(industry);
            for (place, industry) in Industry::ALL.iter().enumerate().filter(|(_, one)| fits(&conditions.industries, one)) {
                add("industry", place, industry.id(), industry.words());
            }
        }
        FrontMatter::Resource(front) => {
            for (place, library) in Library::ALL.iter().enumerate().filter(|(_, library)| **library == front.library) {
                add("library", place, library.id(), library.words());
            }
        }
        _ => {}
    }
    values
}

/// The months that come stand first, the nearest before the others; then those that have been, the last before the others.
fn months_away(day: Date, today: Date) -> usize {
    const PAST: usize = 1_000_000;
    let count = |date: Date| usize::try_from(i32::from(date.year()) * 12 + i32::from(date.month())).unwrap_or(0);
    let (day, today) = (count(day), count(today));
    if day >= today { day - today } else { PAST + (today - day) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::kinds::Policy;

    fn policy(conditions: &str) -> Document {
        let front: Policy = serde_yaml::from_str(&format!(
            "title: 政策\nissuer: 国务院\nvalidity: current\naudience: 企业\nchecked: 2026-11-01\nconditions: {conditions}\n"
        ))
        .expect("a policy");
        Document { path: "policies/one.md".to_owned(), text: Arc::from(""), body: 0, front: FrontMatter::Policy(Box::new(front)) }
    }

    #[test]
    fn each_value_and_each_pair_that_some_page_has_is_a_list() {
        let documents = [policy("{ sizes: [micro, small], industries: [trade] }"), policy("{ sizes: [small] }")];
        let documents: Vec<&Document> = documents.iter().collect();
        let facets = facets("/policies/", &[1, 0], &documents, &Data::default(), Moment(jiff::Timestamp::UNIX_EPOCH));
        let list = |url: &str| facets.lists.iter().find(|list| list.url == url).map(|list| list.pages.clone());
        assert_eq!(list("/policies/by/size-small/"), Some(vec![1, 0]));
        assert_eq!(list("/policies/by/size-micro/"), Some(vec![0]));
        assert_eq!(list("/policies/by/size-large/"), None, "nobody says large");
        assert_eq!(list("/policies/by/industry-trade/"), Some(vec![1, 0]), "what is not restricted is granted to all");
        assert_eq!(list("/policies/by/industry-software/"), Some(vec![1]));
        assert_eq!(list("/policies/by/size-micro/industry-trade/"), Some(vec![0]));
        assert_eq!(list("/policies/by/size-micro/industry-software/"), None, "an empty pair is no list");
        assert_eq!(list("/policies/by/size-micro/size-small/"), None, "two of one row are no choice");
        let names: Vec<&str> = facets.rows.iter().map(|row| row.name).collect();
        assert_eq!(names, ["规模", "行业"]);
    }

    #[test]
    fn months_to_come_stand_before_those_that_have_been() {
        let day = |month: i8, year: i16| jiff::civil::date(year, month, 15);
        let mut months = vec![day(9, 2026), day(2, 2027), day(11, 2026), day(10, 2026), day(12, 2026)];
        months.sort_by_key(|month| months_away(*month, day(11, 2026)));
        assert_eq!(months, [day(11, 2026), day(12, 2026), day(2, 2027), day(10, 2026), day(9, 2026)]);
    }
}
