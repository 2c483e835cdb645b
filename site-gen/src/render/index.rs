//! What the search page's script reads: titles and summaries, nothing that is not on the pages themselves.

use serde::Serialize;

use super::{
    card,
    view::{self, View},
    words,
};

/// One page; short names, because they are repeated for every page.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    /// Address.
    u: &'a str,
    /// Title.
    t: &'a str,
    /// Summary.
    s: &'a str,
    /// Kind in words.
    k: &'static str,
    /// Date in words.
    d: Option<String>,
    /// All other words it can be found by: tags, chains, number of a document.
    w: String,
}

/// The index as JSON, in the order of the pages.
pub fn index(view: &View) -> String {
    let entries: Vec<Entry> = view
        .site
        .pages
        .iter()
        .map(|page| {
            let common = page.document.front.common();
            let date = view::event(page).map(|event| event.start).or(common.date);
            let words: Vec<&str> = view.terms(page).map(|(_, term)| term.name.as_str()).collect();
            let card = card::card(view.site, page);
            Entry {
                u: &page.url,
                t: common.title,
                s: card.summary.unwrap_or_default(),
                k: card.kind,
                d: date.map(|at| words::date(at.date())),
                w: words.into_iter().chain(card.facts.iter().map(String::as_str)).collect::<Vec<_>>().join(" "),
            }
        })
        .collect();
    serde_json::to_string(&entries).expect("an entry is texts and options, which JSON holds")
}
