//! `home.html`

use domain::Moment;
use pages::{Head, Link, Shared};
use serde::Serialize;

use super::scoreboard::{ScoreboardView, scoreboard};
use crate::{
    kinds::{Figure, Kind},
    render::{
        card::Card,
        head, structured,
        view::{self, Level, View},
    },
    site::{EventState, Page, PageIndex},
    source::FrontMatter,
};

/// How many events, policies and figures the home page shows.
const EVENTS: usize = 3;
const POLICIES: usize = 4;
const FIGURES: usize = 4;

/// The whole of what the home page shows.
#[derive(Debug, Serialize)]
pub struct HomeContext<'a> {
    head: Head,
    title: &'a str,
    tagline: &'a str,
    organiser: &'a str,
    body: &'a str,
    events: Vec<Shared>,
    policies: Vec<Card<'a>>,
    programmes: Vec<Programme<'a>>,
    figures: Vec<&'a Figure>,
    /// Nobody has published figures when there are none: then the page says so, and invents nothing.
    scoreboard: Option<ScoreboardView>,
}

/// A programme in one line.
#[derive(Debug, Serialize)]
struct Programme<'a> {
    link: Link,
    summary: Option<&'a str>,
}

/// The home page.
pub fn home<'a>(view: &View<'a>) -> HomeContext<'a> {
    let root = &view.site.sections[0];
    let common = root.document.front.common();
    let title = common.title;
    let column = head::Column { name: &view.site.frame.site_name, description: common.summary, kind: "首页" };
    let programmes = view.section_at("/programmes/").map(|section| section.pages.as_slice()).unwrap_or_default();
    let programmes = || programmes.iter().map(|index| &view.site.pages[*index]);
    let mut head = head::column(view, &column, title, "/", &[]);
    head.json_ld.extend(structured::site_organisation(view));
    HomeContext {
        head,
        tagline: common.summary.unwrap_or(&view.site.frame.tagline),
        organiser: &view.site.frame.organiser,
        body: &root.body.html,
        events: view.cards(&next_events(&view.site.pages, view.site.now), Level::Two),
        policies: view.lines(&latest_policies(&view.site.pages)),
        programmes: programmes().map(programme).collect(),
        figures: programmes().flat_map(figures).take(FIGURES).collect(),
        scoreboard: view.site.data.scoreboard.as_ref().map(scoreboard),
        title,
    }
}

/// The next events that take place, nearest first.
fn next_events(pages: &[Page], now: Moment) -> Vec<PageIndex> {
    let off = |page: &Page| matches!(page.state, Some(EventState::Cancelled | EventState::Postponed | EventState::Past));
    let ahead = pages.iter().enumerate().filter(|(_, page)| !off(page));
    let ahead = ahead.filter_map(|(index, page)| Some((view::event(page).filter(|event| event.end > now)?, page, index)));
    let mut ahead: Vec<_> = ahead.collect();
    ahead.sort_by_key(|(event, page, _)| (event.start, &page.url));
    ahead.into_iter().map(|(.., index)| index).take(EVENTS).collect()
}

fn latest_policies(pages: &[Page]) -> Vec<PageIndex> {
    let is_policy = |index: &PageIndex| pages[*index].document.front.kind() == Kind::Policy;
    let mut policies: Vec<PageIndex> = (0..pages.len()).filter(is_policy).collect();
    let newest = |page: &Page| std::cmp::Reverse((page.published, issued(page)));
    policies.sort_by(|one, other| {
        let (one, other) = (&pages[*one], &pages[*other]);
        newest(one).cmp(&newest(other)).then_with(|| one.url.cmp(&other.url))
    });
    policies.truncate(POLICIES);
    policies
}

fn issued(page: &Page) -> Option<jiff::civil::Date> {
    match &page.document.front {
        FrontMatter::Policy(front) => front.effective.max(front.issued),
        _ => None,
    }
}

fn programme(page: &Page) -> Programme<'_> {
    let label = page.document.front.common().title.to_owned();
    Programme { link: Link { label, url: page.url.clone() }, summary: view::summary(page) }
}

fn figures(page: &Page) -> &[Figure] {
    match &page.document.front {
        FrontMatter::Page(front) => &front.figures,
        _ => &[],
    }
}
