//! Events as entries of calendar files; [`pages::calendar_file`] writes them.

use pages::calendar_file::{self, Entry, Status};

use super::view::{self, View};
use crate::{
    kinds::Event,
    site::{EventState, Page, PageIndex, Section, Term},
};

/// The calendar of one event's page; a page without an event gives an empty one.
pub fn of_page(view: &View, page: &Page) -> String {
    let frame = &view.site.frame;
    match entry(view, page) {
        Some(entry) => calendar_file::single(frame, &entry),
        None => calendar_file::subscription(frame, page.document.front.common().title, &[]),
    }
}

/// Everything of a section that is not over, and what was cancelled or postponed.
pub fn of_section(view: &View, section: &Section) -> String {
    of_pages(view, section.document.front.common().title, &section.pages)
}

/// The same of a series.
pub fn of_term(view: &View, term: &Term) -> String {
    of_pages(view, &term.name, &term.pages)
}

/// The same of the whole site.
pub fn of_site(view: &View) -> String {
    let pages: Vec<PageIndex> = (0..view.site.pages.len()).collect();
    of_pages(view, "全部活动和课程", &pages)
}

fn of_pages(view: &View, name: &str, pages: &[PageIndex]) -> String {
    let mut ahead: Vec<&Page> =
        pages.iter().map(|index| &view.site.pages[*index]).filter(|page| page.state != Some(EventState::Past)).collect();
    ahead.sort_by_key(|page| (view::event(page).map(|event| event.start), page.url.as_str()));
    let entries: Vec<Entry> = ahead.into_iter().filter_map(|page| entry(view, page)).collect();
    calendar_file::subscription(&view.site.frame, &format!("{name} - {}", view.site.frame.site_name), &entries)
}

fn entry(view: &View, page: &Page) -> Option<Entry> {
    let event: &Event = view::event(page)?;
    let common = page.document.front.common();
    let contact = format!("联系：{}", event.contact);
    Some(Entry {
        name: page.session.map_or(page.url.clone(), |session| view.site.sessions[session].id.clone()),
        changed: common.updated.or(common.date),
        registered: None,
        start: event.start,
        end: event.end,
        title: common.title.to_owned(),
        example: common.example,
        place: event.place.clone(),
        status: match page.state {
            Some(EventState::Cancelled) => Status::Cancelled,
            Some(EventState::Postponed) => Status::Tentative,
            _ => Status::Confirmed,
        },
        about: event.status_note.clone().into_iter().chain(view::summary(page).map(str::to_owned)).chain([contact]).collect(),
        url: page.url.clone(),
    })
}
