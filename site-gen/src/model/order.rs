//! The order of a section's pages, and each page's neighbours.

use std::cmp::{Ordering, Reverse};

use domain::Moment;

use super::event::event_of;
use crate::{
    kinds::Sort,
    site::PageIndex,
    source::{Document, FrontMatter},
};

/// The pages of a section in its order. Where that leaves two equal, their paths decide.
pub fn sorted(mut pages: Vec<PageIndex>, documents: &[&Document], sort: Sort, now: Moment) -> Vec<PageIndex> {
    pages.sort_by(|one, other| {
        let (one, other) = (documents[*one], documents[*other]);
        by(sort, now, one, other).then_with(|| one.path.cmp(&other.path))
    });
    pages
}

fn by(sort: Sort, now: Moment, one: &Document, other: &Document) -> Ordering {
    match sort {
        Sort::Date => Reverse(one.front.common().date).cmp(&Reverse(other.front.common().date)),
        Sort::Start => by_start(one, now).cmp(&by_start(other, now)),
        Sort::Weight => weight(one).cmp(&weight(other)).then_with(|| title(one).cmp(title(other))),
        Sort::Title => title(one).cmp(title(other)),
    }
}

/// What is ahead first, the nearest before the others; then what is past, the latest before the others.
fn by_start(document: &Document, now: Moment) -> (bool, Option<Moment>, Reverse<Option<Moment>>) {
    match event_of(document) {
        Some(event) if event.end > now => (false, Some(event.start), Reverse(None)),
        Some(event) => (true, None, Reverse(Some(event.start))),
        None => (true, None, Reverse(document.front.common().date)),
    }
}

fn weight(document: &Document) -> i32 {
    match &document.front {
        FrontMatter::Page(front) => front.weight,
        _ => 0,
    }
}

fn title(document: &Document) -> &str {
    document.front.common().title
}

/// Of each page of a sorted section the older and the newer one, as `(page, previous, next)`.
///
/// By date and by start that is told by time; otherwise by the section's own order.
pub fn neighbours(
    pages: &[PageIndex],
    documents: &[&Document],
    sort: Sort,
) -> Vec<(PageIndex, Option<PageIndex>, Option<PageIndex>)> {
    let mut line = pages.to_vec();
    match sort {
        Sort::Date => line.reverse(),
        Sort::Start => {
            let start = |page: &PageIndex| {
                let document = documents[*page];
                event_of(document).map_or(document.front.common().date, |event| Some(event.start))
            };
            line.sort_by(|one, other| {
                start(one).cmp(&start(other)).then_with(|| documents[*one].path.cmp(&documents[*other].path))
            });
        }
        Sort::Weight | Sort::Title => {}
    }
    let at = |index: Option<usize>| index.and_then(|index| line.get(index).copied());
    (0..line.len()).map(|index| (line[index], at(index.checked_sub(1)), at(Some(index + 1)))).collect()
}
