//! `board.html`: the year's plan and what has become of it. Nothing here is typed by hand: the plan says what is due, the pages
//! say what took place.

use pages::Link;
use serde::Serialize;

use super::{Opening, opening};
use crate::{
    render::{
        view::{self, View},
        words::{self, Stamp},
    },
    site::{Page, Progress},
    source::PlanItem,
};

/// The template that a page asks for to show it.
pub const BOARD: &str = "board.html";

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
    let progress = view.site.progress(item);
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
