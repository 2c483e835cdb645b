//! `speakers.html`: who spoke at or received firms on which occasion. Put together from the pages of events; nobody keeps a list.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Opening, opening};
use crate::{
    kinds::Speaker,
    render::{
        card::Card,
        view::{self, View},
    },
    site::{Page, PageIndex},
    source::FrontMatter,
};

/// The whole of what the page of speakers shows.
#[derive(Debug, Serialize)]
pub struct SpeakersContext<'a> {
    #[serde(flatten)]
    opening: Opening<'a>,
    speakers: Vec<Entry<'a>>,
}

/// One of them.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    name: &'a str,
    role: Option<&'a str>,
    about: Option<&'a str>,
    /// The occasions, the last first.
    events: Vec<Card<'a>>,
}

/// The page.
pub fn speakers<'a>(view: &View<'a>, page: &'a Page) -> SpeakersContext<'a> {
    // Two of one name are told apart by what they are.
    type Person<'a> = (&'a str, Option<&'a str>);
    let mut known: BTreeMap<Person<'_>, (Option<&str>, Vec<PageIndex>)> = BTreeMap::new();
    for (index, page) in view.site.pages.iter().enumerate() {
        for speaker in speakers_of(page) {
            let (about, events) = known.entry((&speaker.name, speaker.role.as_deref())).or_default();
            *about = about.or(speaker.about.as_deref());
            events.push(index);
        }
    }
    let start = |index: &PageIndex| view::event(&view.site.pages[*index]).map(|event| event.start);
    let mut speakers: Vec<_> = known
        .into_iter()
        .map(|((name, role), (about, mut events))| {
            events.sort_by_key(|index| std::cmp::Reverse(start(index)));
            events.dedup();
            (events.first().and_then(start), Entry { name, role, about, events: view.lines(&events) })
        })
        .collect();
    // Whoever comes next or was here last stands first.
    speakers.sort_by(|(one, first), (other, second)| other.cmp(one).then_with(|| first.name.cmp(second.name)));
    SpeakersContext { opening: opening(view, page), speakers: speakers.into_iter().map(|(_, entry)| entry).collect() }
}

fn speakers_of(page: &Page) -> &[Speaker] {
    match &page.document.front {
        FrontMatter::Activity(front) => &front.speakers,
        FrontMatter::Course(front) => &front.speakers,
        _ => &[],
    }
}
