//! What is to be published, one job a file. Jobs are listed in order and done in any.

use pages::TemplateError;

use super::{
    calendar,
    contexts::{self, Pager},
    feed, head, index, sitemap,
    view::View,
};
use crate::{
    output::Output,
    site::{EventState, Page},
    source::FrontMatter,
};

/// One file to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// `/`
    Home,
    /// A page of a section's list, from 1.
    Section(usize, usize),
    /// A page.
    Page(usize),
    /// The first step of registering for an event.
    Register(usize),
    /// The first step of booking a slot: page, slot.
    Slot(usize, usize),
    /// An event as a calendar file.
    EventCalendar(usize),
    /// All events to come of a section as a calendar file.
    SectionCalendar(usize),
    /// A section's feed.
    SectionFeed(usize),
    /// The words of a taxonomy.
    Taxonomy(usize),
    /// A page of the list of a term's pages: taxonomy, term, number.
    Term(usize, usize, usize),
    /// An old address.
    Alias(usize),
    /// `/search/`
    Search,
    /// What the search page's script reads.
    SearchIndex,
    /// `/404.html`
    NotFound,
    /// `/feed.xml`
    Feed,
    /// `/sitemap.xml`
    Sitemap,
    /// `/robots.txt`
    Robots,
}

/// All jobs of a site.
pub fn jobs(view: &View) -> Vec<Job> {
    let site = view.site;
    let mut jobs = vec![Job::Home, Job::Search, Job::SearchIndex, Job::NotFound, Job::Feed, Job::Sitemap, Job::Robots];
    for (index, section) in site.sections.iter().enumerate().skip(1) {
        let count = Pager::count(section.pages.len(), site.page_size);
        jobs.extend((1..=count).map(|number| Job::Section(index, number)));
        if head::feeds(section) {
            jobs.push(Job::SectionFeed(index));
        }
        if view.offers(index).events {
            jobs.push(Job::SectionCalendar(index));
        }
    }
    for (index, page) in site.pages.iter().enumerate() {
        jobs.push(Job::Page(index));
        if page.session.is_some() {
            jobs.push(Job::Register(index));
        }
        jobs.extend((0..page.slots.len()).map(|slot| Job::Slot(index, slot)));
        // Nobody puts into a calendar what is over.
        if page.state.is_some_and(|state| state != EventState::Past) {
            jobs.push(Job::EventCalendar(index));
        }
    }
    for (index, taxonomy) in site.taxonomies.iter().enumerate() {
        jobs.push(Job::Taxonomy(index));
        for (term, of) in taxonomy.terms.iter().enumerate() {
            let count = Pager::count(of.pages.len(), site.page_size);
            jobs.extend((1..=count).map(|number| Job::Term(index, term, number)));
        }
    }
    jobs.extend((0..site.aliases.len()).map(Job::Alias));
    jobs
}

/// The first step of registering at `url`, or why one cannot.
fn register(view: &View, page: &Page, url: &str, session: Option<usize>) -> Result<Output, TemplateError> {
    match session.and_then(|session| contexts::register(view, page, url, &view.site.sessions[session])) {
        Some(context) => view.page(url, "form.html", &context),
        None => view.page(url, "message.html", &contexts::not_open(view, page, url)),
    }
}

impl Job {
    /// Makes the file.
    pub fn output(&self, view: &View) -> Result<Output, TemplateError> {
        let site = view.site;
        match *self {
            Job::Home => view.page("/", "home.html", &contexts::home(view)),
            Job::Section(index, number) => {
                let section = &site.sections[index];
                let template = match &section.document.front {
                    FrontMatter::Section(front) => front.template.as_deref(),
                    _ => None,
                };
                let url = Pager::url(&section.url, number);
                view.page(&url, template.unwrap_or("section.html"), &contexts::section(view, index, number))
            }
            Job::Page(index) => page(view, index),
            Job::Register(index) => {
                let page = &site.pages[index];
                register(view, page, &contexts::register_url(page), page.session)
            }
            Job::Slot(index, slot) => {
                let page = &site.pages[index];
                let session = page.slots[slot];
                register(view, page, &contexts::slot_url(page, &site.sessions[session]), Some(session))
            }
            Job::EventCalendar(index) => {
                let page = &site.pages[index];
                Ok(Output::text(path(&contexts::calendar_url(page)), calendar::of_page(view, page)))
            }
            Job::SectionCalendar(index) => {
                let section = &site.sections[index];
                Ok(Output::text(path(&format!("{}calendar.ics", section.url)), calendar::of_section(view, section)))
            }
            Job::SectionFeed(index) => {
                let section = &site.sections[index];
                Ok(Output::text(path(&head::feed_url(section)), feed::of_section(view, section)))
            }
            Job::Taxonomy(index) => {
                let url = format!("/{}/", site.taxonomies[index].id);
                view.page(&url, "taxonomy.html", &contexts::taxonomy(view, index))
            }
            Job::Term(taxonomy, term, number) => {
                let url = Pager::url(&site.taxonomies[taxonomy].terms[term].url, number);
                view.page(&url, "section.html", &contexts::term(view, taxonomy, term, number))
            }
            Job::Alias(index) => {
                let (from, to) = &site.aliases[index];
                view.page(from, "message.html", &contexts::redirect(view, from, to))
            }
            Job::Search => view.page("/search/", "search.html", &contexts::search(view)),
            Job::SearchIndex => Ok(Output::text(path(contexts::INDEX), index::index(view))),
            Job::NotFound => view.page("/404.html", "message.html", &contexts::not_found(view)),
            Job::Feed => Ok(Output::text("feed.xml", feed::of_site(view))),
            Job::Sitemap => Ok(Output::text("sitemap.xml", sitemap::sitemap(view))),
            Job::Robots => Ok(Output::text("robots.txt", sitemap::robots(view))),
        }
    }
}

/// The page with the template of its kind, or the one it asks for.
fn page(view: &View, index: usize) -> Result<Output, TemplateError> {
    let page = &view.site.pages[index];
    if let Some(context) = contexts::event(view, page) {
        return view.page(&page.url, "event.html", &context);
    }
    if let Some(context) = contexts::policy(view, page) {
        return view.page(&page.url, "policy.html", &context);
    }
    if let Some(context) = contexts::resource(view, page) {
        return view.page(&page.url, "resource.html", &context);
    }
    let FrontMatter::Page(front) = &page.document.front else {
        unreachable!("events, policies and resources are rendered above, and a section is not among the pages")
    };
    if let Some(context) = front.form.as_deref().and_then(|form| contexts::form(view, page, form)) {
        return view.page(&page.url, "form.html", &context);
    }
    match front.template.as_deref() {
        Some("board.html") => view.page(&page.url, "board.html", &contexts::board(view, page)),
        Some("privacy.html") => view.page(&page.url, "privacy.html", &contexts::privacy(view, page)),
        Some("track.html") => view.page(&page.url, "track.html", &contexts::track(view, page)),
        other => view.page(&page.url, other.unwrap_or("page.html"), &contexts::page(view, page, front)),
    }
}

/// A path of the output for an address.
fn path(url: &str) -> &str {
    url.trim_start_matches('/')
}
