//! Events as entries of calendar files; [`pages::calendar_file`] writes them.

use pages::calendar_file::{self, Entry, Status};

use super::view::{self, View};
use crate::{
    kinds::Event,
    site::{EventState, Page, Section},
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
    let pages = section.pages.iter().map(|index| &view.site.pages[*index]);
    let ahead = pages.filter(|page| page.state != Some(EventState::Past));
    let name = format!("{} - {}", section.document.front.common().title, view.site.frame.site_name);
    let entries: Vec<Entry> = ahead.filter_map(|page| entry(view, page)).collect();
    calendar_file::subscription(&view.site.frame, &name, &entries)
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
