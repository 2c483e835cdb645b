//! `board.html`: the year's plan and what has become of it. Nothing here is typed by hand: the plan says what is due, the pages
//! say what took place.

use domain::Moment;
use pages::Link;
use serde::Serialize;

use super::{Opening, opening};
use crate::{
    render::{
        view::{self, View},
        words::{self, Stamp},
    },
    site::{EventState, Page},
    source::PlanItem,
};

/// The whole of what the board shows.
#[derive(Debug, Serialize)]
pub struct BoardContext<'a> {
    #[serde(flatten)]
    opening: Opening<'a>,
    /// One for each series that is planned, in the plan's order.
    boards: Vec<SeriesBoard>,
}

/// One series' year.
#[derive(Debug, Serialize)]
struct SeriesBoard {
    name: String,
    summary: Option<String>,
    page: Option<String>,
    total: usize,
    done: usize,
    overdue: usize,
    rows: Vec<Row>,
}

/// One planned occasion.
#[derive(Debug, Serialize)]
struct Row {
    label: String,
    topic: String,
    /// `done`, `overdue`, `arranged` or `planned`: a class.
    state: &'static str,
    /// 已办
    words: &'static str,
    /// The day it takes or took place, or the last day for it.
    date: Stamp,
    /// 前 for the last day of a planned one.
    by: bool,
    link: Option<Link>,
}

/// What has become of one planned occasion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Done,
    Overdue,
    Arranged,
    Planned,
}

/// The board.
pub fn board<'a>(view: &View<'a>, page: &'a Page) -> BoardContext<'a> {
    let opening = opening(view, page);
    let mut boards: Vec<(&str, Vec<Row>)> = Vec::new();
    for item in &view.site.data.plan {
        let row = row(view, item);
        match boards.iter_mut().find(|(series, _)| *series == item.series) {
            Some((_, rows)) => rows.push(row),
            None => boards.push((&item.series, vec![row])),
        }
    }
    BoardContext { opening, boards: boards.into_iter().map(|(series, rows)| series_board(view, series, rows)).collect() }
}

fn series_board(view: &View, id: &str, rows: Vec<Row>) -> SeriesBoard {
    let series = view.site.data.series.iter().find(|series| series.id == id);
    let count = |state: &str| rows.iter().filter(|row| row.state == state).count();
    SeriesBoard {
        name: series.map_or_else(|| id.to_owned(), |series| series.name.clone()),
        summary: series.map(|series| series.summary.clone()),
        page: series.and_then(|series| series.page.clone()),
        total: rows.len(),
        done: count("done"),
        overdue: count("overdue"),
        rows,
    }
}

fn row(view: &View, item: &PlanItem) -> Row {
    let page = item.page.as_deref().and_then(|path| view.page_of(path));
    let progress = progress(item, page.and_then(|page| page.state), view.site.now);
    let (state, words) = match progress {
        Progress::Done => ("done", "已办"),
        Progress::Overdue => ("overdue", "逾期未办"),
        Progress::Arranged => ("arranged", "已安排"),
        Progress::Planned => ("planned", "计划中"),
    };
    let day = page.and_then(view::event).map(|event| event.start.date());
    let day = day.filter(|_| matches!(progress, Progress::Done | Progress::Arranged));
    Row {
        label: item.label.clone(),
        topic: item.topic.clone(),
        state,
        words,
        date: words::date_stamp(day.unwrap_or(item.due)),
        by: day.is_none(),
        link: page.map(|page| Link { label: page.document.front.common().title.to_owned(), url: page.url.clone() }),
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
