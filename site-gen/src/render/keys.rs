//! What each output was made of, as one number: whoever knows the number of the last time knows whether to make it again.
//!
//! Only pages change between two builds that share a memory: configuration, data, forms, sections and the theme are the same, and so is
//! the day. A number therefore holds what an output shows of pages, and nothing of the rest. `tests/generator/memory.rs` proves that nothing is
//! missing here.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, OnceLock},
};

use rayon::prelude::*;

use super::{
    card,
    contexts::{self, Pager},
    jobs::{Job, Outline},
    view::View,
};
use crate::{
    model::{Prints, print},
    site::{EventState, Page, PageIndex, Term},
    source::FrontMatter,
};

/// The numbers of the outputs of one build.
#[derive(Debug, Default)]
pub struct Keys {
    /// What they belong to.
    pub outline: Option<Arc<Outline>>,
    /// By job; none for what is made again every time.
    pub numbers: Vec<Option<u64>>,
    /// That of the search index.
    pub index: Option<u64>,
    /// Pictures in several widths and posters that are there; their names tell what they are made of.
    pub pictures: HashSet<String>,
    /// What is published as it is has been copied.
    pub has_copies: bool,
}

impl Keys {
    /// The outputs are there, and are not what would be made now; however often this is said, no number is again what it was. The index has nothing
    /// of any template.
    pub fn outdate(&mut self) {
        self.numbers.iter_mut().flatten().for_each(|number| *number = number.wrapping_add(1));
        self.has_copies = false;
    }

    /// The numbers that the outputs of another outline had, as far as there were such.
    pub fn of(&self, outline: &Arc<Outline>) -> Vec<Option<u64>> {
        let Some(own) = &self.outline else { return vec![None; outline.paths.len()] };
        if Arc::ptr_eq(own, outline) {
            return self.numbers.clone();
        }
        let by_path: HashMap<&str, u64> =
            own.paths.iter().zip(&self.numbers).filter_map(|(path, number)| Some((path.as_str(), (*number)?))).collect();
        outline.paths.iter().map(|path| by_path.get(path.as_str()).copied()).collect()
    }
}

/// The numbers of cards and of names by those of the pages they were made for: most of them are the same in the next build.
pub type CardPrints = HashMap<u64, (u64, u64)>;

/// Gives outputs their numbers.
pub struct Numbers<'a> {
    view: &'a View<'a>,
    sections: &'a [u64],
    ground: u64,
    /// By page: all that it says itself, and where it stands.
    own: Vec<u64>,
    /// By page: what its card shows.
    cards: Vec<u64>,
    /// By page: what others say of it that only name it.
    named: Vec<u64>,
    /// By taxonomy and term: what a page says of it.
    terms: Vec<Vec<u64>>,
    /// By section.
    filters: Vec<OnceLock<u64>>,
}

impl<'a> Numbers<'a> {
    /// Looks at every page once. `known` has the cards of the last build and is given those of this one.
    pub fn new(view: &'a View<'a>, prints: &'a Prints, known: &mut CardPrints) -> Numbers<'a> {
        let pages = &view.site.pages;
        let own: Vec<u64> = pages.iter().zip(&prints.pages).map(|(page, text)| own(page, *text)).collect();
        let shown = |(page, own): (&Page, &u64)| {
            let made = || (print(|hasher| card::card(view.site, page).hash(hasher)), print(|hasher| named(page).hash(hasher)));
            known.get(own).copied().unwrap_or_else(made)
        };
        let shown: Vec<(u64, u64)> = pages.par_iter().zip(&own).with_min_len(256).map(shown).collect();
        known.clear();
        known.extend(own.iter().copied().zip(shown.iter().copied()));
        let (cards, named) = shown.into_iter().unzip();
        let terms = view.site.taxonomies.iter().map(|taxonomy| {
            let said = |term: &Term| print(|hasher| (&taxonomy.id, &term.name, &term.url).hash(hasher));
            taxonomy.terms.iter().map(said).collect()
        });
        let filters = view.site.sections.iter().map(|_| OnceLock::new()).collect();
        let terms = terms.collect();
        Numbers { view, sections: &prints.sections, ground: prints.ground, own, cards, named, terms, filters }
    }

    /// The number of an output; none for the few that are made again every time.
    pub fn of(&self, job: &Job) -> Option<u64> {
        let site = self.view.site;
        let mut hasher = DefaultHasher::new();
        let into = &mut hasher;
        match *job {
            Job::Page(index) => self.page(index, into)?,
            Job::Article(index) => self.page(index, into)?,
            Job::Register(index) | Job::EventCalendar(index) => self.own[index].hash(into),
            Job::Slot(index, slot) => (self.own[index], slot).hash(into),
            Job::Section(index, number) => {
                let section = &site.sections[index];
                let first = (number == 1).then(|| self.sections[index]);
                (first, section.pages.len(), self.filters(index)).hash(into);
                self.cards(Pager::slice(number, &section.pages, site.page_size), into);
            }
            Job::SectionCalendar(index) => self.ahead(&site.sections[index].pages, into),
            Job::Facet(section, list, number) => {
                let of = &site.facets_of(section).lists[list];
                (of.pages.len(), contexts::facet_filters(self.view, section, of)).hash(into);
                self.cards(Pager::slice(number, &of.pages, site.page_size), into);
            }
            Job::SeriesCalendar(taxonomy, term) => {
                let term = &site.taxonomies[taxonomy].terms[term];
                term.name.hash(into);
                self.ahead(&term.pages, into);
            }
            Job::Calendar => self.ahead(&(0..site.pages.len()).collect::<Vec<_>>(), into),
            Job::Unkept(index) => {
                self.own[index].hash(into);
                site.pages[index].section.hash(into);
            }
            Job::Policies => {
                for (page, own) in site.pages.iter().zip(&self.own) {
                    if matches!(page.document.front, FrontMatter::Policy(_)) {
                        own.hash(into);
                    }
                }
            }
            Job::SectionFeed(index) => self.all(&site.sections[index].pages, into),
            Job::Term(taxonomy, term, number) => {
                let term = &site.taxonomies[taxonomy].terms[term];
                (&term.name, term.pages.len()).hash(into);
                self.cards(Pager::slice(number, &term.pages, site.page_size), into);
            }
            Job::Alias(index) => site.aliases[index].hash(into),
            Job::Feed => self.everything(into),
            Job::Search => {
                site.sections.iter().for_each(|section| self.cards(&section.pages, into));
                self.all_terms(into);
            }
            // Addresses and dates, and nothing of what pages say.
            Job::Sitemap => self.ground.hash(into),
            Job::Home | Job::Taxonomy(_) | Job::NotFound | Job::Robots => return None,
        }
        Some(hasher.finish())
    }

    /// The number of the search index.
    pub fn index(&self) -> u64 {
        print(|hasher| {
            self.sections.hash(hasher);
            self.everything(hasher);
        })
    }

    /// All pages, and the words they share.
    fn everything(&self, into: &mut DefaultHasher) {
        self.own.hash(into);
        self.all_terms(into);
    }

    fn all_terms(&self, into: &mut DefaultHasher) {
        for taxonomy in &self.view.site.taxonomies {
            taxonomy.terms.iter().for_each(|term| (&term.name, &term.slug).hash(into));
        }
    }

    /// What the page of a document shows; none when it shows more of the site than its neighbours and relations.
    fn page(&self, index: PageIndex, into: &mut DefaultHasher) -> Option<()> {
        let site = self.view.site;
        let page = &site.pages[index];
        match &page.document.front {
            FrontMatter::Page(front) if front.form.is_some() || front.template.is_some() => return None,
            FrontMatter::Page(_) if site.data.series.iter().any(|series| series.page.as_ref() == Some(&page.url)) => return None,
            FrontMatter::Policy(front) => {
                let replaced_by = front.replaced_by.as_deref().and_then(|path| self.view.page_of(path));
                replaced_by.map(named).hash(into);
            }
            _ => {}
        }
        self.own[index].hash(into);
        for neighbour in [page.previous, page.next] {
            neighbour.map(|neighbour| self.named[neighbour]).hash(into);
        }
        self.cards(&page.related, into);
        page.terms.iter().for_each(|(taxonomy, term)| self.terms[*taxonomy][*term].hash(into));
        Some(())
    }

    fn cards(&self, pages: &[PageIndex], into: &mut DefaultHasher) {
        pages.len().hash(into);
        pages.iter().for_each(|page| self.cards[*page].hash(into));
    }

    fn all(&self, pages: &[PageIndex], into: &mut DefaultHasher) {
        pages.iter().for_each(|page| self.own[*page].hash(into));
    }

    /// What is not over of pages.
    fn ahead(&self, pages: &[PageIndex], into: &mut DefaultHasher) {
        let ahead = pages.iter().filter(|page| self.view.site.pages[**page].state.is_some_and(|state| state != EventState::Past));
        ahead.for_each(|page| self.own[*page].hash(into));
    }

    fn filters(&self, section: usize) -> u64 {
        *self.filters[section].get_or_init(|| print(|hasher| contexts::filters(self.view, section).hash(hasher)))
    }
}

/// All that `page` says itself, and where it stands.
fn own(page: &Page, text: u64) -> u64 {
    print(|hasher| (text, &page.url, page.section, page.state, page.published).hash(hasher))
}

/// What others say of a page that they only name.
fn named(page: &Page) -> (&str, &str) {
    (page.document.front.common().title, &page.url)
}
