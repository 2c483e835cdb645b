//! The order of a section's pages, and each page's neighbours.

use std::cmp::Reverse;

use domain::Moment;

use super::event::event_of;
use crate::{
    kinds::Sort,
    site::PageIndex,
    source::{Document, FrontMatter},
};

/// The pages of a section in its order. Where that leaves two equal, their paths decide.
pub fn sorted(mut pages: Vec<PageIndex>, documents: &[&Document], sort: Sort, now: Moment) -> Vec<PageIndex> {
    let path = |page: PageIndex| documents[page].path.as_str();
    match sort {
        Sort::Date => pages.sort_by_cached_key(|page| (Reverse(documents[*page].front.common().date), path(*page))),
        Sort::Start => pages.sort_by_cached_key(|page| (by_start(documents[*page], now), path(*page))),
        Sort::Weight => pages.sort_by_cached_key(|page| (weight(documents[*page]), title(documents[*page]), path(*page))),
        Sort::Title => pages.sort_by_cached_key(|page| (title(documents[*page]), path(*page))),
    }
    pages
}

/// Titles have a say in this order.
pub fn goes_by_title(sort: Sort) -> bool {
    matches!(sort, Sort::Weight | Sort::Title)
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
            line.sort_by_cached_key(|page| (start(page), documents[*page].path.as_str()));
        }
        Sort::Weight | Sort::Title => {}
    }
    let at = |index: Option<usize>| index.and_then(|index| line.get(index).copied());
    (0..line.len()).map(|index| (line[index], at(index.checked_sub(1)), at(Some(index + 1)))).collect()
}
