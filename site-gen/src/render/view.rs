//! The site as the contexts look at it, with what many of them need worked out once.

use std::{cell::RefCell, collections::HashMap, sync::OnceLock};

use domain::Attendance;
use pages::{Link, Shared, TemplateError, Templates};
use serde::Serialize;

use super::card;
use crate::{
    kinds::Event,
    poster::Studio,
    site::{Page, PageIndex, Section, SectionIndex, Site, Term},
    source::{ContentFile, FrontMatter},
};

/// The site, its templates and a few tables to look things up in.
pub struct View<'a> {
    /// The linked site.
    pub site: &'a Site,
    templates: &'a Templates,
    /// What posters are made with, when there are any.
    pub studio: Option<&'a Studio>,
    /// What the theme shows at all.
    pub shown: Shown,
    frame: Shared,
    /// By section.
    offers: Vec<Offers>,
    files: HashMap<&'a str, (&'a str, &'a ContentFile)>,
    /// By page, each made when it is first shown.
    cards: Vec<OnceLock<Shared>>,
    /// By section, the way there.
    trails: Vec<OnceLock<Trail>>,
    /// By taxonomy and term, its link.
    terms: Vec<Vec<OnceLock<Shared>>>,
}

/// The way from the home page to a section, which stands on all of its pages.
#[derive(Debug)]
pub struct Trail {
    /// As heads and longer ways need it.
    pub links: Vec<Link>,
    /// As templates do.
    pub shown: Shared,
}

/// Which values that take long to make some template of the theme shows. The others stay empty.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// `head.labels`
    pub labels: bool,
    /// `head.open_graph`
    pub open_graph: bool,
    /// `head.json_ld`
    pub json_ld: bool,
    /// A page asks for `matcher.html`.
    pub matcher: bool,
}

impl Shown {
    fn by(site: &Site, templates: &Templates) -> Shown {
        let shown = |name| templates.mention(name);
        Shown {
            labels: shown("labels"),
            open_graph: shown("open_graph"),
            json_ld: shown("json_ld"),
            matcher: site.pages.iter().any(|page| template(page) == Some("matcher.html")),
        }
    }
}

/// What a section's pages have between them. Each page of its list asks for it, so it is worked out once.
#[derive(Debug)]
pub struct Offers {
    /// One of them is an event.
    pub events: bool,
    /// Which terms of each taxonomy, worked out when somebody asks.
    terms: OnceLock<Vec<Vec<bool>>>,
}

impl Offers {
    fn of(site: &Site, section: &Section) -> Offers {
        let events = section.pages.iter().any(|index| site.pages[*index].state.is_some());
        Offers { events, terms: OnceLock::new() }
    }
}

impl<'a> View<'a> {
    /// Lays the tables.
    pub fn new(site: &'a Site, templates: &'a Templates, studio: Option<&'a Studio>) -> Result<View<'a>, TemplateError> {
        let files = site.files.iter().map(|(output, file)| (file.path.as_str(), (output.as_str(), file))).collect();
        let offers = site.sections.iter().map(|section| Offers::of(site, section)).collect();
        let cards = site.pages.iter().map(|_| OnceLock::new()).collect();
        let trails = site.sections.iter().map(|_| OnceLock::new()).collect();
        let terms = site.taxonomies.iter().map(|taxonomy| taxonomy.terms.iter().map(|_| OnceLock::new()).collect()).collect();
        let (shown, frame) = (Shown::by(site, templates), Shared::new(&site.frame)?);
        Ok(View { site, templates, studio, shown, frame, offers, files, cards, trails, terms })
    }

    /// Whether the theme has this template.
    pub fn has(&self, template: &str) -> bool {
        self.templates.contains(template)
    }

    /// Renders `template` with the fields of `context`.
    pub fn page(&self, template: &str, context: &impl Serialize) -> Result<Vec<u8>, TemplateError> {
        thread_local! {
            // Pages are made in one buffer a thread and copied once, at their size.
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        let context = self.templates.context(context)?.with("frame", &self.frame);
        BUFFER.with_borrow_mut(|buffer| {
            buffer.clear();
            self.templates.render_into(template, &context, buffer)?;
            Ok(buffer.as_slice().to_vec())
        })
    }

    /// The card of a page. Many lists show the same one, so it is made once.
    pub fn card(&self, page: PageIndex) -> Shared {
        self.cards[page].get_or_init(|| card::shared(self.site, self.templates, &self.site.pages[page])).clone()
    }

    /// The cards of pages.
    pub fn cards(&self, pages: &[PageIndex]) -> Vec<Shared> {
        pages.iter().map(|page| self.card(*page)).collect()
    }

    /// What the pages of a section have between them.
    pub fn offers(&self, section: SectionIndex) -> &Offers {
        &self.offers[section]
    }

    /// One of the section's pages has this term.
    pub fn has_term(&self, section: SectionIndex, taxonomy: usize, term: usize) -> bool {
        let terms = self.offers[section].terms.get_or_init(|| {
            let mut terms: Vec<Vec<bool>> =
                self.site.taxonomies.iter().map(|taxonomy| vec![false; taxonomy.terms.len()]).collect();
            for index in &self.site.sections[section].pages {
                self.site.pages[*index].terms.iter().for_each(|(taxonomy, term)| terms[*taxonomy][*term] = true);
            }
            terms
        });
        terms[taxonomy][term]
    }

    /// The address with scheme and host.
    pub fn absolute(&self, url: &str) -> String {
        [self.site.frame.base_url.as_str(), url].concat()
    }

    /// The page made of `content/PATH`; PATH may begin with `/`.
    pub fn page_of(&self, path: &str) -> Option<&'a Page> {
        let path = path.trim_start_matches('/');
        let found = self.site.pages.binary_search_by(|page| page.document.path.as_str().cmp(path));
        found.ok().map(|index| &self.site.pages[index])
    }

    /// The section at `url`.
    pub fn section_at(&self, url: &str) -> Option<&'a Section> {
        self.site.sections.iter().find(|section| section.url == url)
    }

    /// The published file that `path` names from `page`: beside its document, or below `content/` when it begins with `/`.
    pub fn file(&self, page: &Page, path: &str) -> Option<(String, &'a ContentFile)> {
        let beside = match path.strip_prefix('/') {
            Some(path) => path.to_owned(),
            None => match page.document.path.rsplit_once('/') {
                Some((folder, _)) => format!("{folder}/{path}"),
                None => path.to_owned(),
            },
        };
        let (output, file) = self.files.get(beside.as_str())?;
        Some((format!("/{}", output.trim_start_matches('/')), file))
    }

    /// The page's terms with their taxonomies' ids.
    pub fn terms(&self, page: &Page) -> impl Iterator<Item = (&'a str, &'a Term)> {
        page.terms.iter().map(|(taxonomy, term)| {
            let taxonomy = &self.site.taxonomies[*taxonomy];
            (taxonomy.id.as_str(), &taxonomy.terms[*term])
        })
    }

    /// The links of the page's terms, each made once for all pages that have it.
    pub fn links_of_terms(&self, page: &Page) -> Vec<Shared> {
        let link = |(taxonomy, term): &(usize, usize)| {
            let make = || {
                let term = &self.site.taxonomies[*taxonomy].terms[*term];
                shared_links(&Link { label: term.name.clone(), url: term.url.clone() })
            };
            self.terms[*taxonomy][*term].get_or_init(make).clone()
        };
        page.terms.iter().map(link).collect()
    }

    /// The menu's entry that `url` stands under: the longest that begins it.
    pub fn current(&self, url: &str) -> Option<String> {
        let entries = self.site.frame.navigation.iter().map(|link| &link.url);
        entries.filter(|entry| *entry != "/" && url.starts_with(entry.as_str())).max_by_key(|entry| entry.len()).cloned()
    }

    /// The way from the home page to what stands in `section`.
    pub fn trail(&self, section: SectionIndex) -> &Trail {
        self.trails[section].get_or_init(|| {
            let links = self.links_to(section);
            Trail { shown: shared_links(&links), links }
        })
    }

    fn links_to(&self, section: SectionIndex) -> Vec<Link> {
        let mut trail = Vec::new();
        let mut above = Some(section);
        while let Some(index) = above {
            let section = &self.site.sections[index];
            let label = if index == 0 { "首页".to_owned() } else { section.document.front.common().title.to_owned() };
            trail.push(Link { label, url: section.url.clone() });
            above = section.parent;
        }
        trail.reverse();
        trail
    }
}

fn shared_links(links: &impl Serialize) -> Shared {
    Shared::new(links).expect("a link is two texts under names, which templates can hold")
}

/// The template that a plain page asks for.
pub fn template(page: &Page) -> Option<&str> {
    match &page.document.front {
        FrontMatter::Page(front) => front.template.as_deref(),
        _ => None,
    }
}

/// What an activity or course says of its occasion.
pub fn event(page: &Page) -> Option<&Event> {
    match &page.document.front {
        FrontMatter::Activity(front) => Some(&front.event),
        FrontMatter::Course(front) => Some(&front.event),
        _ => None,
    }
}

/// 现场
pub fn attendance(attendance: Attendance) -> &'static str {
    match attendance {
        Attendance::Onsite => "现场",
        Attendance::Online => "线上",
        Attendance::Both => "现场、线上均可",
    }
}

/// The page's summary, or the beginning of its body.
pub fn summary(page: &Page) -> Option<&str> {
    let written = page.document.front.common().summary;
    written.or_else(|| Some(page.body.excerpt.as_str()).filter(|excerpt| !excerpt.is_empty()))
}
