//! `page.html`: notices, programmes, whatever has no template of its own.

use pages::Shared;
use serde::Serialize;

use super::{Opening, opening};
use crate::{
    kinds::{Event, Figure, Page as Front},
    render::view::{self, Level, View},
    site::{Page, PageIndex},
};

/// How many events of its series a programme's page shows.
const EVENTS: usize = 4;

/// The whole of what a plain page shows.
#[derive(Debug, Serialize)]
pub struct PageContext<'a> {
    #[serde(flatten)]
    opening: Opening<'a>,
    figures: &'a [Figure],
    /// Of the series this page tells about: what is next, or else what was last.
    events: Vec<Shared>,
    /// All events of that series.
    all_events: Option<&'a str>,
}

/// A plain page.
pub fn page<'a>(view: &View<'a>, page: &'a Page, front: &'a Front) -> PageContext<'a> {
    let series = view.site.data.series.iter().find(|series| series.page.as_deref() == Some(page.url.as_str()));
    let taxonomy = view.site.taxonomies.iter().find(|taxonomy| taxonomy.id == "series");
    let term = series.zip(taxonomy).and_then(|(series, taxonomy)| taxonomy.terms.iter().find(|term| term.name == series.name));
    PageContext {
        opening: opening(view, page),
        figures: &front.figures,
        events: term.map(|term| events(view, &term.pages)).unwrap_or_default(),
        all_events: term.map(|term| term.url.as_str()),
    }
}

/// Those to come, nearest first, and then the latest of those that were.
fn events(view: &View, pages: &[PageIndex]) -> Vec<Shared> {
    let now = view.site.now;
    let event = |index: &PageIndex| Some((*index, view::event(&view.site.pages[*index])?));
    let mut events: Vec<(PageIndex, &Event)> = pages.iter().filter_map(event).collect();
    events.sort_by_key(|(index, event)| {
        let past = event.end <= now;
        let distance = if past { now.0.as_second() - event.end.0.as_second() } else { event.start.0.as_second() };
        (past, distance, &view.site.pages[*index].url)
    });
    events.into_iter().take(EVENTS).map(|(index, _)| view.card(index, Level::Two)).collect()
}
