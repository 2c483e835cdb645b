//! `home.html`

use domain::Moment;
use pages::{Head, Link};
use serde::Serialize;

use crate::{
    kinds::{Figure, Kind},
    render::{
        card::{self, Card},
        head,
        view::{self, View},
    },
    site::{EventState, Page},
    source::FrontMatter,
};

/// How many events, policies and figures the home page shows.
const EVENTS: usize = 3;
const POLICIES: usize = 4;
const FIGURES: usize = 4;

/// The whole of what the home page shows.
#[derive(Debug, Serialize)]
pub struct HomeContext {
    head: Head,
    title: String,
    tagline: String,
    organiser: String,
    body: String,
    events: Vec<Card>,
    policies: Vec<Card>,
    programmes: Vec<Programme>,
    figures: Vec<Figure>,
}

/// A programme in one line.
#[derive(Debug, Serialize)]
struct Programme {
    link: Link,
    summary: Option<String>,
}

/// The home page.
pub fn home(view: &View) -> HomeContext {
    let root = &view.site.sections[0];
    let common = root.document.front.common();
    let title = common.title.to_owned();
    let description = common.summary.map(str::to_owned);
    let column = head::Column { name: &view.site.frame.site_name, description: description.clone(), kind: "首页" };
    let programmes = view.section_at("/programmes/").map(|section| section.pages.as_slice()).unwrap_or_default();
    let programmes = || programmes.iter().map(|index| &view.site.pages[*index]);
    HomeContext {
        head: head::column(view, &column, &title, "/", &[]),
        tagline: description.unwrap_or_else(|| view.site.frame.tagline.clone()),
        organiser: view.site.frame.organiser.clone(),
        body: root.body.html.clone(),
        events: next_events(&view.site.pages, view.site.now).map(|page| card::card(view, page)).collect(),
        policies: latest_policies(&view.site.pages).map(|page| card::card(view, page)).collect(),
        programmes: programmes().map(programme).collect(),
        figures: programmes().flat_map(figures).take(FIGURES).cloned().collect(),
        title,
    }
}

/// The next events that take place, nearest first.
fn next_events(pages: &[Page], now: Moment) -> impl Iterator<Item = &Page> {
    let off = |page: &Page| matches!(page.state, Some(EventState::Cancelled | EventState::Postponed | EventState::Past));
    let ahead = pages.iter().filter(|page| !off(page));
    let mut ahead: Vec<_> = ahead.filter_map(|page| Some((view::event(page)?, page))).filter(|(e, _)| e.end > now).collect();
    ahead.sort_by_key(|(event, page)| (event.start, &page.url));
    ahead.into_iter().map(|(_, page)| page).take(EVENTS)
}

fn latest_policies(pages: &[Page]) -> impl Iterator<Item = &Page> {
    let mut policies: Vec<_> = pages.iter().filter(|page| page.document.front.kind() == Kind::Policy).collect();
    policies.sort_by_key(|page| (std::cmp::Reverse((page.published, issued(page))), &page.url));
    policies.into_iter().take(POLICIES)
}

fn issued(page: &Page) -> Option<jiff::civil::Date> {
    match &page.document.front {
        FrontMatter::Policy(front) => front.effective.max(front.issued),
        _ => None,
    }
}

fn programme(page: &Page) -> Programme {
    let label = page.document.front.common().title.to_owned();
    Programme { link: Link { label, url: page.url.clone() }, summary: view::summary(page) }
}

fn figures(page: &Page) -> &[Figure] {
    match &page.document.front {
        FrontMatter::Page(front) => &front.figures,
        _ => &[],
    }
}
