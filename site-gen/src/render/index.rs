//! What of the site is searched: every page and every section, with what its page says of it. How, is `search`'s.

use domain::Moment;
use jiff::civil::Date;

use super::{
    card, contexts,
    view::{self, View},
    words,
};
use crate::{
    kinds::{AgendaItem, Attachment, Event, Figure, Minutes, Speaker},
    output::Sink,
    search::{Entry, Filters, Index, Made, Text},
    site::{Body, Page, SectionIndex},
    source::{Document, FrontMatter, Theme},
    write::WriteError,
};

/// The script that reads the index. Nobody reads that of a theme without it, and there is none.
const SCRIPT: &str = "search.js";

/// The index of a site and the pages in it, listed but not yet made.
pub struct SiteIndex<'a> {
    index: Index,
    /// The oldest first: a page that is added gets the last number.
    documents: Vec<Searched<'a>>,
}

/// A page or a section.
struct Searched<'a> {
    document: &'a Document,
    url: &'a str,
    body: &'a Body,
    section: SectionIndex,
    /// None for a section.
    page: Option<&'a Page>,
    /// The day it is shown with.
    date: Option<Moment>,
}

impl<'a> SiteIndex<'a> {
    /// Lists what there is to search, when the theme has a script for it.
    pub fn new(view: &View<'a>, theme: &Theme) -> Option<SiteIndex<'a>> {
        if !theme.assets.contains_key(SCRIPT) {
            return None;
        }
        let pages = view.site.pages.iter().map(|page| Searched {
            document: &page.document,
            url: &page.url,
            body: &page.body,
            section: page.section,
            page: Some(page),
            date: date(page),
        });
        let sections = view.site.sections.iter().enumerate().map(|(index, section)| Searched {
            document: &section.document,
            url: &section.url,
            body: &section.body,
            section: index,
            page: None,
            date: None,
        });
        let mut documents: Vec<Searched<'a>> = pages.chain(sections).collect();
        documents.sort_by_key(|searched| (searched.date, searched.document.path.as_str()));
        let bytes = documents.iter().map(|searched| searched.body.html.len()).sum();
        Some(SiteIndex { index: Index::new(documents.iter().map(|searched| searched.url), bytes), documents })
    }

    /// How many files it has.
    pub fn files(&self) -> usize {
        self.index.files()
    }

    /// Where they lie.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        self.index.paths()
    }

    /// Makes them.
    pub fn make(&self, view: &View<'a>, sink: &impl Sink) -> Result<Made, WriteError> {
        self.index.make(|number| entry(view, &self.documents[number]), &self.filters(view), sink)
    }

    fn filters(&self, view: &View<'a>) -> Filters {
        let mut filters = Filters::new();
        for (number, searched) in self.documents.iter().enumerate() {
            let mut add = |filter: &'static str, value: String| {
                filters.entry(filter).or_default().entry(value).or_default().push(number as u32);
            };
            add("column", contexts::column(view, searched.section).value);
            if let Some(date) = searched.date {
                add("month", month(date.date()));
            }
            for (taxonomy, term) in searched.page.iter().flat_map(|page| view.terms(page)) {
                match taxonomy {
                    "chains" => add("chain", term.slug.clone()),
                    "attendance" => add("form", term.slug.clone()),
                    _ => {}
                }
            }
        }
        filters
    }
}

/// The day a page is shown with: that of its occasion, or when it appeared.
pub fn date(page: &Page) -> Option<Moment> {
    view::event(page).map(|event| event.start).or(page.document.front.common().date)
}

/// 2026-12
pub fn month(date: Date) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

fn entry<'a>(view: &View<'a>, searched: &Searched<'a>) -> Entry<'a> {
    let front = &searched.document.front;
    let common = front.common();
    let mut text = Text::default();
    facts(view, front, &mut text);
    text.html(&searched.body.html);
    text.line([common.source, common.author].into_iter().flatten().collect::<Vec<_>>().join(" "));
    let mut note = vec![card::kind(front.kind()).to_owned()];
    note.extend(searched.date.map(|date| words::date(date.date())));
    if let Some(page) = searched.page {
        for (_, term) in view.terms(page) {
            text.line(term.name.as_str());
        }
        note.extend(page.state.map(|state| state.words().to_owned()));
    }
    note.extend(common.example.then(|| "示例".to_owned()));
    text.line(note.join(" "));
    Entry { url: searched.url, title: common.title, note: note.join(" · "), summary: common.summary, text }
}

/// What the front matter says and the words do not, as the page shows it.
fn facts(view: &View, front: &FrontMatter, text: &mut Text) {
    match front {
        FrontMatter::Activity(front) => {
            occasion(&front.event, &front.speakers, text);
            programme(&front.agenda, &front.files, front.minutes.as_ref(), text);
        }
        FrontMatter::Course(front) => {
            occasion(&front.event, &front.speakers, text);
            text.line(front.abilities.iter().map(|ability| ability.words()).collect::<Vec<_>>().join(" "));
            programme(&front.agenda, &front.files, front.minutes.as_ref(), text);
        }
        FrontMatter::Policy(front) => {
            text.line(front.issuer.as_str());
            text.line(front.number.as_deref().unwrap_or_default());
            text.line(front.audience.as_str());
            front.points.iter().for_each(|point| text.line(point.as_str()));
            for step in &front.claim {
                text.line(step.what.as_str());
                text.line(step.detail.as_deref().unwrap_or_default());
            }
            text.line(front.original.as_ref().map_or("", |original| original.name.as_str()));
            attachments(&front.files, text);
            front.history.iter().for_each(|revision| text.line(revision.what.as_str()));
        }
        FrontMatter::Resource(front) => {
            text.line(front.library.words());
            text.line(front.provider.as_str());
            front.services.iter().for_each(|service| text.line(service.as_str()));
            text.line(front.audience.as_str());
            text.line(front.contact.as_str());
        }
        FrontMatter::Page(front) => {
            figures(&front.figures, text);
            if front.template.as_deref() == Some(contexts::BOARD) {
                plan(view, text);
            }
        }
        FrontMatter::Section(_) => {}
    }
}

/// The year's plan: an occasion that has no page yet stands nowhere else.
fn plan(view: &View, text: &mut Text) {
    for item in &view.site.data.plan {
        text.line(item.label.as_str());
        text.line(item.topic.as_str());
    }
}

fn occasion(event: &Event, speakers: &[Speaker], text: &mut Text) {
    text.line(event.place.as_str());
    text.line(event.directions.as_deref().unwrap_or_default());
    text.line(view::attendance(event.attendance));
    text.line(event.audience.as_str());
    text.line(event.fee.as_deref().unwrap_or_default());
    text.line(event.contact.as_str());
    text.line(event.status_note.as_deref().unwrap_or_default());
    for speaker in speakers {
        text.line(speaker.name.as_str());
        text.line(speaker.role.as_deref().unwrap_or_default());
        text.line(speaker.about.as_deref().unwrap_or_default());
    }
}

fn programme(agenda: &[AgendaItem], files: &[Attachment], minutes: Option<&Minutes>, text: &mut Text) {
    for item in agenda {
        text.line(item.what.as_str());
        text.line(item.who.as_deref().unwrap_or_default());
    }
    attachments(files, text);
    if let Some(minutes) = minutes {
        text.line(minutes.text.as_str());
        figures(&minutes.figures, text);
        attachments(&minutes.files, text);
    }
}

fn attachments(files: &[Attachment], text: &mut Text) {
    files.iter().for_each(|file| text.line(file.label.as_str()));
}

fn figures(figures: &[Figure], text: &mut Text) {
    for figure in figures {
        text.line(format!("{}{} {}", figure.value, figure.unit.as_deref().unwrap_or_default(), figure.label));
    }
}
