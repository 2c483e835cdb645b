//! What is to be published, one job a file. Jobs are listed in order and done in any.

use pages::TemplateError;

use super::{
    calendar,
    contexts::{self, Pager},
    feed, head, sitemap,
    view::View,
};
use crate::{
    output::{Content, Output, page_path},
    site::{EventState, Page, SERIES},
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
    /// An article to be copied into an official account's editor.
    Article(usize),
    /// An event as a calendar file.
    EventCalendar(usize),
    /// All events to come of a section as a calendar file.
    SectionCalendar(usize),
    /// A section's list narrowed by a value or two: section, list, number.
    Facet(usize, usize, usize),
    /// All events to come of a series as a calendar file: taxonomy, term.
    SeriesCalendar(usize, usize),
    /// All events to come.
    Calendar,
    /// The first step of an appeal that a policy is not kept.
    Unkept(usize),
    /// What the matcher's script reads.
    Policies,
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
    /// `/404.html`
    NotFound,
    /// `/feed.xml`
    Feed,
    /// `/sitemap.xml`
    Sitemap,
    /// `/robots.txt`
    Robots,
}

/// All that there is to make of a site.
#[derive(Debug)]
pub struct Outline {
    /// In order.
    pub jobs: Vec<Job>,
    /// Where the output of each lies.
    pub paths: Vec<String>,
}

impl Outline {
    /// Lists it.
    pub fn new(view: &View) -> Outline {
        let jobs = jobs(view);
        Outline { paths: jobs.iter().map(|job| job.path(view)).collect(), jobs }
    }
}

/// All jobs of a site.
fn jobs(view: &View) -> Vec<Job> {
    let site = view.site;
    let mut jobs = vec![Job::Home, Job::Search, Job::NotFound, Job::Feed, Job::Sitemap, Job::Robots];
    for (index, section) in site.sections.iter().enumerate().skip(1) {
        let count = Pager::count(section.pages.len(), site.page_size);
        jobs.extend((1..=count).map(|number| Job::Section(index, number)));
        if head::feeds(section) {
            jobs.push(Job::SectionFeed(index));
        }
        if view.offers(index).events {
            jobs.push(Job::SectionCalendar(index));
        }
        for (list, of) in site.facets_of(index).lists.iter().enumerate() {
            let count = Pager::count(of.pages.len(), site.page_size);
            jobs.extend((1..=count).map(|number| Job::Facet(index, list, number)));
        }
    }
    if site.pages.iter().any(|page| page.state.is_some()) {
        jobs.push(Job::Calendar);
    }
    if view.shown.matcher {
        jobs.push(Job::Policies);
    }
    for (index, page) in site.pages.iter().enumerate() {
        jobs.push(Job::Page(index));
        if page.session.is_some() {
            jobs.push(Job::Register(index));
        }
        if contexts::has_article(view, page) {
            jobs.push(Job::Article(index));
        }
        jobs.extend((0..page.slots.len()).map(|slot| Job::Slot(index, slot)));
        if contexts::unkept_url(view, page).is_some() {
            jobs.push(Job::Unkept(index));
        }
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
            if taxonomy.id == SERIES {
                jobs.push(Job::SeriesCalendar(index, term));
            }
        }
    }
    jobs.extend((0..site.aliases.len()).map(Job::Alias));
    jobs
}

/// The first step of registering at `url`, or why one cannot.
fn register(view: &View, page: &Page, url: &str, session: Option<usize>) -> Result<Vec<u8>, TemplateError> {
    match session.and_then(|session| contexts::register(view, page, url, &view.site.sessions[session])) {
        Some(context) => view.page("form.html", &context),
        None => view.page("message.html", &contexts::not_open(view, page, url)),
    }
}

impl Job {
    /// It makes a page that somebody can read.
    pub fn is_page(&self) -> bool {
        !matches!(
            self,
            Job::EventCalendar(_)
                | Job::SectionCalendar(_)
                | Job::SeriesCalendar(..)
                | Job::Calendar
                | Job::Policies
                | Job::SectionFeed(_)
                | Job::Feed
                | Job::Sitemap
                | Job::Robots
        )
    }

    /// Nobody who edits a page waits for it.
    pub fn can_wait(&self) -> bool {
        matches!(self, Job::Search)
    }

    /// Where the file lies in the output.
    pub fn path(&self, view: &View) -> String {
        page_path(&self.url(view))
    }

    fn url(&self, view: &View) -> String {
        let site = view.site;
        match *self {
            Job::Home => "/".to_owned(),
            Job::Section(index, number) => Pager::url(&site.sections[index].url, number),
            Job::Page(index) => site.pages[index].url.clone(),
            Job::Register(index) => contexts::register_url(&site.pages[index]),
            Job::Article(index) => contexts::article_url(&site.pages[index]),
            Job::Slot(index, slot) => {
                let page = &site.pages[index];
                contexts::slot_url(page, &site.sessions[page.slots[slot]])
            }
            Job::EventCalendar(index) => contexts::calendar_url(&site.pages[index]),
            Job::SectionCalendar(index) => format!("{}calendar.ics", site.sections[index].url),
            Job::Facet(section, list, number) => Pager::url(&site.facets_of(section).lists[list].url, number),
            Job::SeriesCalendar(taxonomy, term) => format!("{}calendar.ics", site.taxonomies[taxonomy].terms[term].url),
            Job::Calendar => "/calendar.ics".to_owned(),
            Job::Unkept(index) => contexts::appeal_url(&site.pages[index]),
            Job::Policies => contexts::POLICIES.to_owned(),
            Job::SectionFeed(index) => head::feed_url(&site.sections[index]),
            Job::Taxonomy(index) => format!("/{}/", site.taxonomies[index].id),
            Job::Term(taxonomy, term, number) => Pager::url(&site.taxonomies[taxonomy].terms[term].url, number),
            Job::Alias(index) => site.aliases[index].0.clone(),
            Job::Search => "/search/".to_owned(),
            Job::NotFound => "/404.html".to_owned(),
            Job::Feed => "/feed.xml".to_owned(),
            Job::Sitemap => "/sitemap.xml".to_owned(),
            Job::Robots => "/robots.txt".to_owned(),
        }
    }

    /// Makes the file.
    pub fn output(&self, view: &View) -> Result<Output, TemplateError> {
        let url = self.url(view);
        let bytes = self.bytes(view, &url)?;
        Ok(Output { path: page_path(&url), content: Content::Bytes(bytes) })
    }

    fn bytes(&self, view: &View, url: &str) -> Result<Vec<u8>, TemplateError> {
        let site = view.site;
        match *self {
            Job::Home => view.page("home.html", &contexts::home(view)),
            Job::Section(index, number) => {
                let section = &site.sections[index];
                let template = match &section.document.front {
                    FrontMatter::Section(front) => front.template.as_deref(),
                    _ => None,
                };
                view.page(template.unwrap_or("section.html"), &contexts::section(view, index, number))
            }
            Job::Page(index) => page(view, index),
            Job::Register(index) => {
                let page = &site.pages[index];
                register(view, page, url, page.session)
            }
            Job::Article(index) => article(view, &site.pages[index], url),
            Job::Slot(index, slot) => {
                let page = &site.pages[index];
                register(view, page, url, Some(page.slots[slot]))
            }
            Job::EventCalendar(index) => Ok(calendar::of_page(view, &site.pages[index]).into_bytes()),
            Job::SectionCalendar(index) => Ok(calendar::of_section(view, &site.sections[index]).into_bytes()),
            Job::Facet(section, list, number) => view.page("facet.html", &contexts::facet(view, section, list, number)),
            Job::SeriesCalendar(taxonomy, term) => {
                Ok(calendar::of_term(view, &site.taxonomies[taxonomy].terms[term]).into_bytes())
            }
            Job::Calendar => Ok(calendar::of_site(view).into_bytes()),
            Job::Unkept(index) => match contexts::unkept(view, &site.pages[index], url) {
                Some(context) => view.page("form.html", &context),
                None => unreachable!("it is listed only where there is a form for it"),
            },
            Job::Policies => Ok(contexts::policies(view)),
            Job::SectionFeed(index) => Ok(feed::of_section(view, &site.sections[index]).into_bytes()),
            Job::Taxonomy(index) => view.page("taxonomy.html", &contexts::taxonomy(view, index)),
            Job::Term(taxonomy, term, number) => view.page("section.html", &contexts::term(view, taxonomy, term, number)),
            Job::Alias(index) => view.page("message.html", &contexts::redirect(view, url, &site.aliases[index].1)),
            Job::Search => view.page("search.html", &contexts::search(view)),
            Job::NotFound => view.page("message.html", &contexts::not_found(view)),
            Job::Feed => Ok(feed::of_site(view).into_bytes()),
            Job::Sitemap => Ok(sitemap::sitemap(view).into_bytes()),
            Job::Robots => Ok(sitemap::robots(view).into_bytes()),
        }
    }
}

/// The page to copy from: the article as one template writes it, in the frame that another gives it.
fn article(view: &View, page: &Page, url: &str) -> Result<Vec<u8>, TemplateError> {
    let written = match contexts::event(view, page) {
        Some(context) => view.page(contexts::ARTICLE, &context)?,
        None => view.page(contexts::ARTICLE, &contexts::policy(view, page))?,
    };
    let written = String::from_utf8(written).expect("templates and contexts are text");
    view.page(contexts::COPYING, &contexts::article(view, page, url, &written))
}

/// The page with the template of its kind, or the one it asks for.
fn page(view: &View, index: usize) -> Result<Vec<u8>, TemplateError> {
    let page = &view.site.pages[index];
    if let Some(context) = contexts::event(view, page) {
        return view.page("event.html", &context);
    }
    if let Some(context) = contexts::policy(view, page) {
        return view.page("policy.html", &context);
    }
    if let Some(context) = contexts::resource(view, page) {
        return view.page("resource.html", &context);
    }
    let FrontMatter::Page(front) = &page.document.front else {
        unreachable!("events, policies and resources are rendered above, and a section is not among the pages")
    };
    if let Some(context) = front.form.as_deref().and_then(|form| contexts::form(view, page, form)) {
        return view.page("form.html", &context);
    }
    match front.template.as_deref() {
        Some("matcher.html") => view.page("matcher.html", &contexts::matcher(view, page)),
        Some("speakers.html") => view.page("speakers.html", &contexts::speakers(view, page)),
        Some(contexts::BOARD) => view.page(contexts::BOARD, &contexts::board(view, page)),
        Some("privacy.html") => view.page("privacy.html", &contexts::privacy(view, page)),
        Some("track.html") => view.page("track.html", &contexts::track(view, page)),
        other => view.page(other.unwrap_or("page.html"), &contexts::page(view, page, front)),
    }
}
