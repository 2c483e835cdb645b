//! The linked site: what `model` makes of a `Source`, immutable once made. `render` shows it and decides nothing.

use std::{collections::BTreeMap, sync::Arc};

use domain::{Moment, Session};
use pages::Frame;

use crate::{
    diagnostic::Span,
    pictures::Pictures,
    source::{ContentFile, Data, Document, FormSource, PlanItem},
};

/// Index of a page in [`Site::pages`].
pub type PageIndex = usize;
/// Index of a section in [`Site::sections`].
pub type SectionIndex = usize;

/// The whole site at one moment.
#[derive(Debug, Clone)]
pub struct Site {
    /// The build's moment.
    pub now: Moment,
    /// The next moment at which the output would change: a registration opens or closes, an event begins or ends, a page appears or expires, midnight for what counts days.
    pub next_change: Option<Moment>,
    /// What stands around every page. `assets` has the theme's hashed names.
    pub frame: Frame,
    /// Entries a page in lists.
    pub page_size: usize,
    /// Every page that is published now, section pages not among them, sorted by path.
    pub pages: Vec<Page>,
    /// Every folder with an `_index.md`, the root (home) first.
    pub sections: Vec<Section>,
    /// 标签, 产业链, 系列, 形式, in this order.
    pub taxonomies: Vec<Taxonomy>,
    /// By section: ways to narrow its list; nothing where no template of the theme shows them. [`Site::facets_of`] gives those of one.
    pub facets: Vec<Facets>,
    /// Forms, options written out.
    pub forms: Vec<FormSource>,
    /// Sessions of all pages, by id.
    pub sessions: Vec<Session>,
    /// Chains, series, plan, categories, limits, calendar.
    pub data: Data,
    /// Old addresses: `(path, where it leads)`.
    pub aliases: Vec<(String, String)>,
    /// Files to publish: `(path in the output, file)`.
    pub files: Vec<(String, ContentFile)>,
    /// What is known of the pictures among them.
    pub pictures: Arc<Pictures>,
    /// Those that pages show in several widths, each with every place that names it: `(file, place)`. By path below `content/`.
    pub shown: BTreeMap<String, Vec<(String, Span)>>,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The document it is made of.
    pub document: Arc<Document>,
    /// `/courses/2026-q4/`
    pub url: String,
    /// The body, rendered.
    pub body: Arc<Body>,
    /// The section it belongs to; the root for pages outside of folders.
    pub section: SectionIndex,
    /// When it appeared: its date, or the build's moment's day when it has none.
    pub published: Option<Moment>,
    /// The older neighbour in its section's order.
    pub previous: Option<PageIndex>,
    /// The newer neighbour in its section's order.
    pub next: Option<PageIndex>,
    /// Up to three pages that share series, chains or tags, best first. None where no template of the theme shows them.
    pub related: Vec<PageIndex>,
    /// For activities and courses: where it stands at the build's moment.
    pub state: Option<EventState>,
    /// The session it declares, as an index into [`Site::sessions`]; none when it declares slots.
    pub session: Option<usize>,
    /// The slots it declares, in their order, as indexes into [`Site::sessions`].
    pub slots: Vec<usize>,
    /// The taxonomy terms it has, as `(taxonomy, term)` indexes.
    pub terms: Vec<(usize, usize)>,
}

/// Where an event stands at the build's moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventState {
    /// It is ahead; no registration is needed, or it has closed.
    Announced,
    /// 即将开放报名
    NotYetOpen,
    /// 报名中
    Open,
    /// 名额已满，可候补 (all seats reserved, waitlist open)
    Waitlist,
    /// 名额已满 (all seats reserved, no waitlist)
    Full,
    /// 报名已截止
    Closed,
    /// 进行中
    Running,
    /// 已结束
    Past,
    /// 改期
    Postponed,
    /// 取消
    Cancelled,
}

impl EventState {
    /// The state in words.
    pub fn words(self) -> &'static str {
        match self {
            EventState::Announced => "即将举行",
            EventState::NotYetOpen => "即将开放报名",
            EventState::Open => "报名中",
            EventState::Waitlist => "名额已满，可候补",
            EventState::Full => "名额已满",
            EventState::Closed => "报名已截止",
            EventState::Running => "进行中",
            EventState::Past => "已结束",
            EventState::Postponed => "改期",
            EventState::Cancelled => "已取消",
        }
    }
}

/// What has become of one planned occasion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Its event is over.
    Done,
    /// Its last day has passed before that.
    Overdue,
    /// It has a page, and its event is ahead.
    Arranged,
    /// Nothing has been arranged.
    Planned,
}

/// Markdown as HTML, with what lists and search need of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Body {
    /// The HTML.
    pub html: String,
    /// Headings of level 2 and 3, in order.
    pub headings: Vec<Heading>,
    /// The first paragraph's text, for lists when there is no summary.
    pub excerpt: String,
}

/// A heading with its anchor.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Heading {
    /// 2 or 3.
    pub level: u8,
    /// The anchor, without `#`.
    pub id: String,
    /// Its words.
    pub text: String,
}

/// A folder with an `_index.md`.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its `_index.md`.
    pub document: Arc<Document>,
    /// `/courses/`
    pub url: String,
    /// The body of `_index.md`.
    pub body: Arc<Body>,
    /// The folder above it; none for the root.
    pub parent: Option<SectionIndex>,
    /// Its pages in its order, those of folders below it not among them.
    pub pages: Vec<PageIndex>,
}

/// The taxonomy of series, which have calendars.
pub const SERIES: &str = "series";

/// A way of sorting pages by a word they share.
#[derive(Debug, Clone)]
pub struct Taxonomy {
    /// `tags`, `chains`, `series`, `attendance`: the first part of its URL.
    pub id: String,
    /// 标签
    pub name: String,
    /// Its words that have pages, most pages first.
    pub terms: Vec<Term>,
}

/// One word with its pages.
#[derive(Debug, Clone)]
pub struct Term {
    /// Part of the URL.
    pub slug: String,
    /// What people read.
    pub name: String,
    /// `/tags/…/`
    pub url: String,
    /// Newest first.
    pub pages: Vec<PageIndex>,
}

/// How a section's list can be narrowed.
#[derive(Debug, Clone, Default)]
pub struct Facets {
    /// Rows of values to choose from, each with at least two.
    pub rows: Vec<FacetRow>,
    /// A list for each value, in the order of rows, and then one for each pair that is not empty.
    pub lists: Vec<FacetList>,
}

/// A row of values.
#[derive(Debug, Clone)]
pub struct FacetRow {
    /// 月份
    pub name: &'static str,
    /// Its values.
    pub values: Vec<FacetValue>,
}

/// One value.
#[derive(Debug, Clone)]
pub struct FacetValue {
    /// 2026年12月
    pub name: String,
    /// `/courses/by/month-2026-12/`
    pub url: String,
    /// Its list in [`Facets::lists`].
    pub list: usize,
}

/// The pages that have one value, or both of two.
#[derive(Debug, Clone)]
pub struct FacetList {
    /// `/courses/by/month-2026-12/form-online/`
    pub url: String,
    /// Row and value of each that is chosen, by row.
    pub chosen: Vec<(usize, usize)>,
    /// In the section's order.
    pub pages: Vec<PageIndex>,
}

impl Site {
    /// What has become of `item`.
    pub fn progress(&self, item: &PlanItem) -> Progress {
        let path = item.page.as_deref().map(|path| path.trim_start_matches('/'));
        let page = path.and_then(|path| self.pages.binary_search_by(|page| page.document.path.as_str().cmp(path)).ok());
        progress(item, page.and_then(|page| self.pages[page].state), self.now)
    }

    /// How the list of a section can be narrowed.
    pub fn facets_of(&self, section: SectionIndex) -> &Facets {
        static NONE: Facets = Facets { rows: Vec::new(), lists: Vec::new() };
        self.facets.get(section).unwrap_or(&NONE)
    }
}

impl Facets {
    /// The list of exactly these, if there is one.
    pub fn list(&self, chosen: &[(usize, usize)]) -> Option<&FacetList> {
        match chosen {
            [(row, value)] => Some(&self.lists[self.rows[*row].values[*value].list]),
            _ => {
                let singles = self.rows.iter().map(|row| row.values.len()).sum::<usize>();
                // Pairs are made in order.
                let pairs = &self.lists[singles..];
                pairs.binary_search_by(|list| list.chosen.as_slice().cmp(chosen)).ok().map(|at| &pairs[at])
            }
        }
    }
}

/// Done once its page's event is over; overdue when the last day has passed before that. What was cancelled or postponed without
/// a new page is not arranged.
fn progress(item: &PlanItem, state: Option<EventState>, now: Moment) -> Progress {
    match state {
        Some(EventState::Past) => Progress::Done,
        _ if item.due < now.date() => Progress::Overdue,
        None | Some(EventState::Cancelled | EventState::Postponed) => Progress::Planned,
        Some(_) => Progress::Arranged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planned_occasion_is_done_when_its_event_is_over_and_overdue_the_day_after_its_last() {
        let item = |due: &str| PlanItem {
            series: "teas".to_owned(),
            label: "11 月".to_owned(),
            due: due.parse().unwrap(),
            topic: String::new(),
            page: None,
        };
        let now = "2026-11-24 10:00".parse().unwrap();
        for (due, state, expected) in [
            ("2026-11-30", None, Progress::Planned),
            ("2026-11-30", Some(EventState::Open), Progress::Arranged),
            ("2026-11-30", Some(EventState::Running), Progress::Arranged),
            ("2026-11-30", Some(EventState::Cancelled), Progress::Planned),
            ("2026-11-30", Some(EventState::Past), Progress::Done),
            ("2026-11-24", None, Progress::Planned),
            ("2026-11-23", None, Progress::Overdue),
            ("2026-11-23", Some(EventState::Open), Progress::Overdue),
            ("2026-11-23", Some(EventState::Past), Progress::Done),
        ] {
            assert_eq!(progress(&item(due), state, now), expected, "due {due}, {state:?}");
        }
    }
}
