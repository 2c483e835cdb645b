//! Stage 3: the linked site becomes outputs. A pure function of its arguments; templates have no clock and no files.
//!
//! 1. [`assets()`] gives style sheets and scripts the hashed names that the frame must know before anything is rendered.
//! 2. `jobs` lists what is to be published, in order.
//! 3. [`Plan`] knows all paths before anything is made. Each job makes one context, holding only what its template shows (`contexts`), and renders it. Jobs know nothing of
//!    each other, so they run on all threads and the outputs are the same whatever the number of them.
//!
//! What is not HTML has a module of its own: `feed`, `sitemap`, `calendar`, `index`.

pub mod assets;
mod calendar;
mod card;
mod contexts;
mod feed;
mod head;
mod index;
mod jobs;
mod keys;
mod pictures;
mod posters;
mod sitemap;
mod structured;
#[cfg(test)]
mod tests;
mod view;
mod words;

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use pages::{TemplateError, Templates};
use rayon::prelude::*;

pub use assets::{Assets, assets};
pub use keys::{CardPrints, Keys};

pub use jobs::Outline;

use self::{index::SiteIndex, jobs::Job, keys::Numbers, pictures::Shot, posters::Sheet, view::View};
use crate::{
    diagnostic::{Diagnostic, Severity, Span},
    model::Prints,
    output::{Output, Sink},
    poster::Studio,
    search,
    site::Site,
    source::{ContentFile, Theme},
    write::WriteError,
};

/// The theme's templates, parsed; each of its mistakes makes one diagnostic.
pub fn templates(theme: &Theme) -> Result<Templates, Diagnostic> {
    Templates::new(&theme.templates).map_err(|error| diagnostic(&error, theme))
}

/// Everything the site publishes apart from the theme's assets, listed but not yet made.
pub struct Plan<'a> {
    view: View<'a>,
    theme: &'a Theme,
    outline: Arc<Outline>,
    /// What the search page's script reads. Made after all pages, and when nobody waits.
    index: Option<SiteIndex<'a>>,
    /// What pages show in several widths.
    pictures: Vec<Shot<'a>>,
    /// Pictures of events. Made after all pages, and when nobody waits.
    sheets: Vec<Sheet<'a>>,
    /// What is published as it is.
    copies: Vec<(String, &'a ContentFile)>,
}

/// What the making of a plan's outputs came to.
#[derive(Debug, Default)]
pub struct Made {
    /// A template that fails makes one diagnostic for each mistake, however many pages it spoils.
    pub diagnostics: Vec<Diagnostic>,
    /// Pages that somebody can read.
    pub pages: usize,
    /// Files.
    pub files: usize,
    /// Bytes made, those of copied files not counted.
    pub bytes: u64,
    /// How long the threads took between them for making outputs.
    pub rendering: Duration,
    /// How long they took for handing them on.
    pub handing: Duration,
    /// The slowest outputs, the slowest first.
    pub slowest: Vec<(Duration, String)>,
    /// What the outputs were made of, when somebody will ask again.
    pub keys: Keys,
    /// So many outputs were put off.
    pub owed: usize,
}

/// What is known of the last time that a site was made.
#[derive(Debug, Default)]
pub struct Last {
    /// What its outputs were made of. Empty when they are not where they were handed to.
    pub keys: Keys,
    /// The numbers of its cards.
    pub cards: CardPrints,
    /// What there was to make, and for which ground ([`Prints::ground`]).
    pub outline: Option<(u64, Arc<Outline>)>,
    /// Those that nobody waits for are put off: the search page and its index, posters.
    pub put_off: bool,
}

impl Last {
    /// The theme is another: whatever a template makes is to be made again, and all that is published as it is looked at.
    pub fn outdate(&mut self) {
        self.outline = None;
        self.keys.outdate();
    }
}

/// So many posters are drawn by one build that makes up for what was put off; the next one draws more.
const DRAWN_AT_ONCE: usize = 8;

/// How many of the slowest outputs are named.
const SLOWEST: usize = 10;

impl<'a> Plan<'a> {
    /// Lists what there is to make of `site`; `outline` is that of an earlier site on the same ground, when there was one.
    pub fn new(
        site: &'a Site,
        theme: &'a Theme,
        templates: &'a Templates,
        studio: Option<&'a Studio>,
        outline: Option<Arc<Outline>>,
    ) -> Result<Plan<'a>, Diagnostic> {
        let view = View::new(site, templates, studio).map_err(|error| diagnostic(&error, theme))?;
        let statics = theme.statics.iter().map(|file| (&file.path, file));
        let copies = site
            .files
            .iter()
            .map(|(path, file)| (path, file))
            .chain(statics)
            .map(|(path, file)| (path.trim_start_matches('/').to_owned(), file));
        let index = SiteIndex::new(&view, theme);
        let sheets = posters::sheets(&view);
        let pictures = pictures::shots(site);
        let outline = outline.unwrap_or_else(|| Arc::new(Outline::new(&view)));
        Ok(Plan { outline, index, pictures, sheets, copies: copies.collect(), view, theme })
    }

    /// The paths of all outputs, in no particular order.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        let index = self.index.iter().flat_map(SiteIndex::paths);
        let sheets = self.sheets.iter().flat_map(Sheet::paths);
        let pictures = self.pictures.iter().flat_map(Shot::paths);
        let copies = self.copies.iter().map(|(path, _)| path.clone());
        self.outline.paths.iter().cloned().chain(index).chain(pictures).chain(sheets).chain(copies)
    }

    /// Makes all outputs, each on whichever thread is free, and hands them on at once: nobody ever holds them all. Ends early only
    /// when `sink` refuses one.
    pub fn render(&self, sink: &impl Sink) -> Result<Made, WriteError> {
        let mut made = self.run(&self.outline.jobs, sink)?;
        self.copy(sink)?;
        made.files += self.copies.len();
        self.show(&self.pictures.iter().collect::<Vec<_>>(), sink, &mut made)?;
        made.files += self.pictures.iter().flat_map(Shot::paths).count();
        if let Some(index) = &self.index {
            made.add(index.make(&self.view, sink)?);
        }
        self.draw(&self.sheets.iter().collect::<Vec<_>>(), sink, &mut made)?;
        made.files += self.sheets.iter().flat_map(Sheet::paths).count();
        Ok(made)
    }

    /// The same for somebody who has the outputs of the last time: only what was made of something else is made again.
    pub fn render_again(&self, sink: &impl Sink, prints: &Prints, last: &mut Last) -> Result<Made, WriteError> {
        last.outline = Some((prints.ground, Arc::clone(&self.outline)));
        let jobs = &self.outline.jobs;
        let numbers = Numbers::new(&self.view, prints, &mut last.cards);
        let numbered: Vec<Option<u64>> = jobs.par_iter().with_min_len(64).map(|job| numbers.of(job)).collect();
        let before = last.keys.of(&self.outline);
        let (mut kept, mut due, mut owed) = (Vec::with_capacity(jobs.len()), Vec::new(), 0);
        for ((job, number), before) in jobs.iter().zip(numbered).zip(before) {
            if number.is_some() && number == before {
                sink.keep();
                kept.push(number);
            } else if last.put_off && job.can_wait() && before.is_some() {
                owed += 1;
                kept.push(before);
            } else {
                due.push(job.clone());
                kept.push(number);
            }
        }
        let mut made = self.run(&due, sink)?;
        let mut index_number = None;
        if let Some(index) = &self.index {
            let (number, before) = (numbers.index(), last.keys.index);
            index_number = Some(number);
            if before == Some(number) {
                (0..index.files()).for_each(|_| sink.keep());
            } else if let Some(before) = before.filter(|_| last.put_off) {
                owed += 1;
                // No number that an index has: files of pages that are gone have been removed, so it is owed even when the change is taken back.
                index_number = Some(before.wrapping_add(1));
            } else {
                made.add(index.make(&self.view, sink)?);
            }
        }
        let mut pictures = HashSet::new();
        owed += self.draw_again(sink, last, &mut pictures, &mut made)?;
        if !last.keys.has_copies {
            self.copy(sink)?;
        }
        self.show_again(sink, last, &mut pictures, &mut made)?;
        made.files = jobs.len() + self.copies.len() + self.index.as_ref().map_or(0, SiteIndex::files);
        made.files += self.pictures.iter().flat_map(Shot::paths).chain(self.sheets.iter().flat_map(Sheet::paths)).count();
        made.pages = jobs.iter().filter(|job| job.is_page()).count();
        made.keys =
            Keys { outline: Some(Arc::clone(&self.outline)), numbers: kept, index: index_number, pictures, has_copies: true };
        made.owed = owed;
        Ok(made)
    }

    fn copy(&self, sink: &impl Sink) -> Result<(), WriteError> {
        let pictures = &self.view.site.pictures;
        self.copies
            .par_iter()
            .try_for_each(|(path, file)| sink.put(Output { path: path.clone(), content: pictures.published(file) }))
    }

    /// Makes the pictures that were not there the last time. No edit of words brings any.
    fn show_again(&self, sink: &impl Sink, last: &Last, kept: &mut HashSet<String>, made: &mut Made) -> Result<(), WriteError> {
        let (there, due): (Vec<_>, Vec<_>) = self.pictures.iter().partition(|shot| last.keys.pictures.contains(shot.key()));
        there.iter().flat_map(|shot| shot.paths()).for_each(|_| sink.keep());
        self.show(&due, sink, made)?;
        kept.extend(self.pictures.iter().map(|shot| shot.key().to_owned()));
        Ok(())
    }

    fn show(&self, shots: &[&Shot<'_>], sink: &impl Sink, made: &mut Made) -> Result<(), WriteError> {
        let shown = pictures::make(self.view.site, shots, sink)?;
        made.bytes += shown.bytes;
        made.diagnostics.extend(shown.diagnostics);
        made.diagnostics.sort();
        made.diagnostics.dedup();
        Ok(())
    }

    /// Draws the pictures that were not there the last time, or puts them off, and says how many. Their names tell what they are made of.
    fn draw_again(
        &self,
        sink: &impl Sink,
        last: &Last,
        kept: &mut HashSet<String>,
        made: &mut Made,
    ) -> Result<usize, WriteError> {
        let is_there = |sheet: &&Sheet<'_>| last.keys.pictures.contains(&sheet.png());
        let (there, due): (Vec<_>, Vec<_>) = self.sheets.iter().partition(is_there);
        there.iter().flat_map(|sheet| sheet.paths()).for_each(|_| sink.keep());
        kept.extend(there.iter().map(|sheet| sheet.png()));
        if last.put_off {
            // Drawn later; a mistake is told to whoever has just made it.
            self.draw(&due, &(), made)?;
            return Ok(due.len());
        }
        // Whoever edits while many are drawn is not to wait for all of them.
        let at_once = if last.keys.outline.is_none() { due.len() } else { due.len().min(DRAWN_AT_ONCE) };
        let (due, later) = due.split_at(at_once);
        self.draw(due, sink, made)?;
        kept.extend(due.iter().map(|sheet| sheet.png()));
        Ok(later.len())
    }

    fn draw(&self, sheets: &[&Sheet<'_>], sink: &impl Sink, made: &mut Made) -> Result<(), WriteError> {
        let Some(studio) = self.view.studio else { return Ok(()) };
        let drawn = posters::make(studio, sheets, sink)?;
        made.bytes += drawn.bytes;
        let folder = format!("{}/posters", self.theme.folder);
        made.diagnostics.extend(drawn.failed.iter().map(|failed| failed.in_folder(&folder, &self.theme.posters)));
        made.diagnostics.sort();
        made.diagnostics.dedup();
        Ok(())
    }

    fn run(&self, jobs: &[Job], sink: &impl Sink) -> Result<Made, WriteError> {
        let refused = AtomicBool::new(false);
        let made = jobs.par_iter().fold(Tally::default, |mut tally, job| {
            if !refused.load(Relaxed) {
                tally.run(job, self, sink);
                refused.fetch_or(tally.refused.is_some(), Relaxed);
            }
            tally
        });
        let Tally { mut made, refused } = made.reduce(Tally::default, Tally::and);
        if let Some(refused) = refused {
            return Err(refused);
        }
        made.diagnostics.extend(self.view.mistakes().iter().map(|error| diagnostic(error, self.theme)));
        made.diagnostics.sort();
        made.diagnostics.dedup();
        Ok(made)
    }
}

/// What one thread has made.
#[derive(Default)]
struct Tally {
    made: Made,
    refused: Option<WriteError>,
}

impl Tally {
    fn run(&mut self, job: &Job, plan: &Plan<'_>, sink: &impl Sink) {
        let started = Instant::now();
        let output = match job.output(&plan.view) {
            Ok(output) => output,
            Err(error) => {
                let found = diagnostic(&error, plan.theme);
                if !self.made.diagnostics.contains(&found) {
                    self.made.diagnostics.push(found);
                }
                return;
            }
        };
        let rendering = started.elapsed();
        let made = &mut self.made;
        made.files += 1;
        made.pages += usize::from(job.is_page());
        made.bytes += output.made();
        made.rendering += rendering;
        if made.slowest.len() < SLOWEST || made.slowest.last().is_some_and(|(fastest, _)| *fastest < rendering) {
            made.slowest.push((rendering, output.path.clone()));
            made.keep_slowest();
        }
        self.refused = sink.put(output).err();
        self.made.handing += started.elapsed() - rendering;
    }

    fn and(mut self, other: Tally) -> Tally {
        let (made, more) = (&mut self.made, other.made);
        made.diagnostics.extend(more.diagnostics);
        made.pages += more.pages;
        made.files += more.files;
        made.bytes += more.bytes;
        made.rendering += more.rendering;
        made.handing += more.handing;
        made.slowest.extend(more.slowest);
        made.keep_slowest();
        Tally { made: self.made, refused: self.refused.or(other.refused) }
    }
}

impl Made {
    fn add(&mut self, index: search::Made) {
        self.files += index.files;
        self.bytes += index.bytes;
    }

    fn keep_slowest(&mut self) {
        self.slowest.sort_by(|one, other| other.cmp(one));
        self.slowest.truncate(SLOWEST);
    }
}

/// A template's mistake where it stands.
fn diagnostic(error: &TemplateError, theme: &Theme) -> Diagnostic {
    template_diagnostic(error, &format!("{}/templates", theme.folder), &theme.templates)
}

/// The same for any folder of templates, `folder` being what diagnostics call it.
pub(crate) fn template_diagnostic(error: &TemplateError, folder: &str, templates: &BTreeMap<String, String>) -> Diagnostic {
    let text = templates.get(&error.template);
    let span = text.zip(error.line).map(|(text, line)| {
        let start = text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
        let rest = text[start..].lines().next().unwrap_or_default();
        let column = error.column.map_or(0, |column| rest.chars().take(column - 1).map(char::len_utf8).sum());
        Span { start: start + column, end: start + rest.len() }
    });
    Diagnostic {
        file: format!("{folder}/{}", error.template),
        span,
        severity: Severity::Error,
        code: "template",
        message: format!("主题模板有错：{}", error.message),
        hint: Some("模板用的是 Tera 2；上下文有哪些值，见 site-gen/src/render/contexts 里同名的结构".to_owned()),
    }
}
