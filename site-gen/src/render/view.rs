//! The site as the contexts look at it, with what many of them need worked out once.

use std::{
    cell::RefCell,
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use domain::Attendance;
use pages::{Link, Shared, TemplateError, Templates, templates::Context};
use serde::Serialize;

use super::card::{self, Card};
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
    /// By page, its card below headings of level 1 and of level 2. Each is written when it is first shown, since many lists show the same one.
    cards: Vec<[OnceLock<Shared>; 2]>,
    /// Why some of them could not be written.
    mistakes: Mutex<Vec<TemplateError>>,
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

/// The heading above a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The page's own, h1.
    One,
    /// That of a part of it, h2.
    Two,
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
        let cards = site.pages.iter().map(|_| Default::default()).collect();
        let trails = site.sections.iter().map(|_| OnceLock::new()).collect();
        let terms = site.taxonomies.iter().map(|taxonomy| taxonomy.terms.iter().map(|_| OnceLock::new()).collect()).collect();
        let (shown, frame) = (Shown::by(site, templates), Shared::new(&site.frame)?);
        Ok(View { site, templates, studio, shown, frame, offers, files, cards, mistakes: Mutex::default(), trails, terms })
    }

    /// Whether the theme has this template.
    pub fn has(&self, template: &str) -> bool {
        self.templates.contains(template)
    }

    /// Renders `template` with the fields of `context`.
    pub fn page(&self, template: &str, context: &impl Serialize) -> Result<Vec<u8>, TemplateError> {
        self.render(template, self.templates.context(context)?, <[u8]>::to_vec)
    }

    /// Gives `take` what `template` makes of `context` and the frame.
    fn render<T>(&self, template: &str, context: Context, take: impl FnOnce(&[u8]) -> T) -> Result<T, TemplateError> {
        thread_local! {
            // Pages are made in one buffer a thread and copied once, at their size.
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        let context = context.with("frame", &self.frame);
        BUFFER.with_borrow_mut(|buffer| {
            buffer.clear();
            self.templates.render_into(template, &context, buffer)?;
            Ok(take(buffer))
        })
    }

    /// The card of a page as `card.html` writes it, for a list below a heading of level `below`.
    pub fn card(&self, page: PageIndex, below: Level) -> Shared {
        let card = &self.cards[page][below as usize];
        card.get_or_init(|| {
            self.write_card(page, below).unwrap_or_else(|mistake| {
                let mut mistakes = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
                if !mistakes.contains(&mistake) {
                    mistakes.push(mistake);
                }
                Shared::html("")
            })
        })
        .clone()
    }

    fn write_card(&self, page: PageIndex, below: Level) -> Result<Shared, TemplateError> {
        let card = self.templates.shared(&card::card(self.site, &self.site.pages[page]))?;
        let level = Shared::new(match below {
            Level::One => &2,
            Level::Two => &3,
        })?;
        let context = Context::default().with("card", &card).with("level", &level);
        self.render("card.html", context, |made| {
            let made = str::from_utf8(made).expect("templates and contexts are text, so what is rendered is text");
            Shared::html(made.trim_ascii_end())
        })
    }

    /// The cards of pages, in a list below a heading of level `below`.
    pub fn cards(&self, pages: &[PageIndex], below: Level) -> Vec<Shared> {
        pages.iter().map(|page| self.card(*page, below)).collect()
    }

    /// What cards say of pages, for lists that show less of it in another way.
    pub fn lines(&self, pages: &[PageIndex]) -> Vec<Card<'a>> {
        pages.iter().map(|page| card::card(self.site, &self.site.pages[*page])).collect()
    }

    /// Why cards could not be written that something was to show.
    pub fn mistakes(&self) -> Vec<TemplateError> {
        self.mistakes.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
                shared(&Link { label: term.name.clone(), url: term.url.clone() })
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
            Trail { shown: shared(&links), links }
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

fn shared(links: &impl Serialize) -> Shared {
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
