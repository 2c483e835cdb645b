//! `page.html`: notices, programmes, whatever has no template of its own.

use serde::Serialize;

use super::{Opening, opening};
use crate::{
    kinds::{Figure, Page as Front},
    render::{
        card::{self, Card},
        view::{self, View},
    },
    site::Page,
};

/// How many events of its series a programme's page shows.
const EVENTS: usize = 4;

/// The whole of what a plain page shows.
#[derive(Debug, Serialize)]
pub struct PageContext {
    #[serde(flatten)]
    opening: Opening,
    figures: Vec<Figure>,
    /// Of the series this page tells about: what is next, or else what was last.
    events: Vec<Card>,
    /// All events of that series.
    all_events: Option<String>,
}

/// A plain page.
pub fn page(view: &View, page: &Page, front: &Front) -> PageContext {
    let series = view.site.data.series.iter().find(|series| series.page.as_deref() == Some(page.url.as_str()));
    let taxonomy = view.site.taxonomies.iter().find(|taxonomy| taxonomy.id == "series");
    let term = series.zip(taxonomy).and_then(|(series, taxonomy)| taxonomy.terms.iter().find(|term| term.name == series.name));
    PageContext {
        opening: opening(view, page),
        figures: front.figures.clone(),
        events: term.map(|term| events(view, &term.pages)).unwrap_or_default(),
        all_events: term.map(|term| term.url.clone()),
    }
}

/// Those to come, nearest first, and then the latest of those that were.
fn events(view: &View, pages: &[usize]) -> Vec<Card> {
    let now = view.site.now;
    let pages = pages.iter().map(|index| &view.site.pages[*index]);
    let mut events: Vec<(&Page, _)> = pages.filter_map(|page| Some((page, view::event(page)?))).collect();
    events.sort_by_key(|(page, event)| {
        let past = event.end <= now;
        let distance = if past { now.0.as_second() - event.end.0.as_second() } else { event.start.0.as_second() };
        (past, distance, &page.url)
    });
    events.into_iter().take(EVENTS).map(|(page, _)| card::card(view, page)).collect()
}
