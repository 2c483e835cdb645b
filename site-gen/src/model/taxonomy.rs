//! The four ways of sorting pages by a word they share: 标签, 产业链, 系列, 形式.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
};

use domain::{Attendance, Moment};
use jiff::Timestamp;

use super::{event::event_of, related::time};
use crate::{
    site::{PageIndex, Taxonomy, Term},
    slug::slug,
    source::{Data, Document},
};

/// The taxonomies with the words that have pages, and the `(taxonomy, term)` indexes of each page.
pub fn taxonomies(documents: &[&Document], data: &Data) -> (Vec<Taxonomy>, Vec<Vec<(usize, usize)>>) {
    let taxonomies = vec![
        tags(documents),
        taxonomy("chains", "产业链", documents, |document| {
            let own = document.front.common().chains;
            let known = data.chains.iter().filter(|chain| own.contains(&chain.id));
            known.map(|chain| (chain.id.as_str(), chain.name.as_str())).collect()
        }),
        taxonomy("series", "系列", documents, |document| {
            let Some(own) = document.front.common().series else { return Vec::new() };
            let known = data.series.iter().find(|series| series.id == own);
            known.map(|series| (series.id.as_str(), series.name.as_str())).into_iter().collect()
        }),
        taxonomy("attendance", "形式", documents, |document| {
            let Some(event) = event_of(document) else { return Vec::new() };
            let (onsite, online) = match event.attendance {
                Attendance::Onsite => (true, false),
                Attendance::Online => (false, true),
                Attendance::Both => (true, true),
            };
            [onsite.then_some(("onsite", "现场")), online.then_some(("online", "线上"))].into_iter().flatten().collect()
        }),
    ];
    let mut terms = vec![Vec::new(); documents.len()];
    for (taxonomy_index, taxonomy) in taxonomies.iter().enumerate() {
        for (term_index, term) in taxonomy.terms.iter().enumerate() {
            for page in &term.pages {
                terms[*page].push((taxonomy_index, term_index));
            }
        }
    }
    (taxonomies, terms)
}

/// Tags have no list of their own: their slugs are made here, by pinyin, and numbered where two sound alike. The one that was used
/// first keeps the plain slug, so that a new tag does not move the pages of an old one.
fn tags(documents: &[&Document]) -> Taxonomy {
    let mut first_used: BTreeMap<&str, Moment> = BTreeMap::new();
    for document in documents {
        let common = document.front.common();
        let date = common.date.unwrap_or(Moment(Timestamp::MAX));
        for tag in common.tags.iter().map(|tag| tag.trim()).filter(|tag| !tag.is_empty()) {
            first_used.entry(tag).and_modify(|first| *first = date.min(*first)).or_insert(date);
        }
    }
    let mut names: Vec<&str> = first_used.keys().copied().collect();
    names.sort_by_key(|name| (first_used[name], *name));
    let mut taken = HashSet::new();
    let mut slugs = BTreeMap::new();
    for name in names {
        let plain = Some(slug(name)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| "tag".to_owned());
        let free = std::iter::once(plain.clone()).chain((2..).map(|number| format!("{plain}-{number}")));
        let free = free.into_iter().find(|slug| !taken.contains(slug)).expect("numbers do not run out");
        taken.insert(free.clone());
        slugs.insert(name, free);
    }
    taxonomy("tags", "标签", documents, |document| {
        let tags = document.front.common().tags.iter().map(|tag| tag.trim());
        tags.filter_map(|tag| Some((slugs.get(tag)?.as_str(), tag))).collect()
    })
}

/// A taxonomy out of the `(slug, name)` pairs of each page.
fn taxonomy<'a>(
    id: &str,
    name: &str,
    documents: &[&'a Document],
    of: impl Fn(&'a Document) -> Vec<(&'a str, &'a str)>,
) -> Taxonomy {
    let mut terms: BTreeMap<&str, (&str, Vec<PageIndex>)> = BTreeMap::new();
    for (page, document) in documents.iter().enumerate() {
        for (slug, name) in of(document) {
            let pages = &mut terms.entry(slug).or_insert_with(|| (name, Vec::new())).1;
            // A page that says a word twice has it once.
            if pages.last() != Some(&page) {
                pages.push(page);
            }
        }
    }
    let mut terms: Vec<Term> = terms
        .into_iter()
        .map(|(slug, (name, mut pages))| {
            pages.sort_by_cached_key(|page| (Reverse(time(documents[*page])), *page));
            Term { url: format!("/{id}/{slug}/"), slug: slug.to_owned(), name: name.to_owned(), pages }
        })
        .collect();
    terms.sort_by_key(|term| Reverse(term.pages.len()));
    Taxonomy { id: id.to_owned(), name: name.to_owned(), terms }
}
