//! `site-gen check`, beyond what a build finds: whether what is written is fit to be read by the public.
//!
//! 1. `passages` gives the words of each document and data file with their places, read in parallel and each once.
//! 2. `text`, `dates`, `personal` and `page` look at them; `freshness`, `cadence` and `labels` at the site as a whole.
//! 3. `labels::Pages` sees each page as the theme has made it.
//! 4. `silence` takes out what editors have silenced with a reason.
//! 5. `fix` mends what is safe.
//!
//! Nothing of this runs in a build. `rules` names every rule. What grows stale by itself only warns and never refuses a push.

mod cadence;
mod dates;
mod fix;
mod freshness;
mod labels;
mod page;
mod passages;
mod personal;
pub mod rules;
mod silence;
pub mod text;

use domain::Moment;
use pages::Manifest;
use rayon::prelude::*;

pub use fix::Mended;
pub use personal::{names, people};

use self::{dates::Own, labels::Pages, personal::Private, text::Hit};
use crate::{
    build::{Options, look_into},
    diagnostic::{Diagnostic, Span, Texts},
    kinds::Event,
    markdown::prose::Passage,
    site::Site,
    source::{Config, Document, FrontMatter, Source},
};

/// Something that is wrong, and what would mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is told.
    pub diagnostic: Diagnostic,
    /// What would mend it; nothing when a person must decide.
    pub edits: Vec<Edit>,
}

/// Other words for a place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Which bytes.
    pub span: Span,
    /// What goes there.
    pub with: String,
}

/// What a check came to.
#[derive(Debug, Clone)]
pub struct Examined {
    /// Everything that is wrong, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// What `--fix` would do.
    pub mended: Vec<Mended>,
    /// The texts of all files.
    pub texts: Texts,
    /// What the functions would be told, when nothing stands in the way.
    pub manifest: Option<Manifest>,
}

/// Examines the site of `options`. `names` are people who must not appear. An error is wrong use (no such folder).
pub fn examine(options: &Options, names: &[String]) -> anyhow::Result<Examined> {
    let (mut built, pages, (source, mut found)) = look_into(options, |source, site, texts| {
        let pages = Pages::new(&source.config, &site.frame.base_url, options.now);
        (pages, (source.clone(), look(source, site, texts, names)))
    })?;
    if let Some(pages) = pages {
        found.extend(pages.findings(&source.theme.folder, &built.texts));
    }
    let told = std::mem::take(&mut built.diagnostics).into_iter().chain(std::mem::take(&mut built.silenced));
    found.extend(told.filter(|told| !is_told_better(told)).map(|diagnostic| Finding { diagnostic, edits: Vec::new() }));
    let found = silence::apply(found, &source, &built.texts);
    let mended = fix::mend(&found, &built.texts);
    let mut diagnostics: Vec<Diagnostic> = found.into_iter().map(|finding| finding.diagnostic).collect();
    diagnostics.sort();
    diagnostics.dedup();
    Ok(Examined { diagnostics, mended, texts: built.texts, manifest: built.manifest })
}

/// What proofreading made of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proofread {
    /// The text, mended where that is safe.
    pub text: String,
    /// How many places were mended.
    pub mended: usize,
    /// What somebody must look at.
    pub left: Vec<Diagnostic>,
}

/// Proofreads a document that is in no site yet. Of the site only `config` is known: which telephones are public.
pub fn proofread(file: &str, text: &str, config: &Config) -> Proofread {
    let private = Private::new(config, &[]);
    let look = |text: &str| {
        let mut found = Vec::new();
        for passage in passages::of_text(file, text) {
            let hits = text::look(&passage).into_iter().chain(private.look(&passage.text)).chain(page::links(&passage));
            found.extend(hits.map(|hit| at(file, &passage, hit)));
        }
        found
    };
    let found = look(text);
    let (text, mended) = fix::mend_text(file, text, found.iter().flat_map(|finding| &finding.edits).collect());
    let mut left: Vec<Diagnostic> = look(&text).into_iter().map(|finding| finding.diagnostic).collect();
    left.sort();
    Proofread { text, mended, left }
}

/// A build looks at titles and summaries as well, with fewer words about the place.
fn is_told_better(told: &Diagnostic) -> bool {
    [rules::DEBRIS, rules::WIDE_LETTERS, rules::STRAIGHT_QUOTES].iter().any(|rule| rule.name == told.code)
}

fn look(source: &Source, site: &Site, texts: &Texts, names: &[String]) -> Vec<Finding> {
    let private = Private::new(&source.config, names);
    let mut found: Vec<Finding> =
        source.documents.par_iter().flat_map_iter(|document| self::document(document, &private, site.now)).collect();
    let data: Vec<_> = texts.files().filter(|(file, _)| file.starts_with("content/") && file.ends_with(".yaml")).collect();
    found.par_extend(data.par_iter().flat_map_iter(|(file, text)| self::data(file, text, &private, site.now)));
    found.extend(freshness::look(site));
    found.extend(cadence::look(site, texts));
    found.extend(labels::look(source, site, texts));
    found
}

fn document(document: &Document, private: &Private, now: Moment) -> Vec<Finding> {
    let front = document.front.common();
    let file = page::file(document);
    let passages = passages::of_document(document);
    let own = Own { date: front.date, event: event(&document.front), now };
    let mut found = Vec::new();
    for passage in &passages {
        // Whoever can read the repository reads drafts as well.
        let mut hits = private.look(&passage.text);
        if !front.draft {
            hits.extend(text::look(passage));
            hits.extend(dates::look(passage, own));
            hits.extend(page::links(passage));
        }
        found.extend(hits.into_iter().map(|hit| at(&file, passage, hit)));
    }
    if !front.draft {
        found.extend(page::look(document, now));
    }
    found
}

fn data(file: &str, text: &str, private: &Private, now: Moment) -> Vec<Finding> {
    let own = Own { date: None, event: None, now };
    let mut found = Vec::new();
    for passage in passages::of_yaml(text, Span::new(0, text.len())) {
        let hits = text::look(&passage).into_iter().chain(dates::look(&passage, own)).chain(private.look(&passage.text));
        found.extend(hits.map(|hit| at(file, &passage, hit)));
    }
    found
}

/// A hit as a finding: places of the passage become places of the file.
fn at(file: &str, passage: &Passage, hit: Hit) -> Finding {
    let finding = hit.rule.found(file, passage.span(hit.range), hit.message, hit.hint);
    let edits = hit.edits.into_iter().map(|(range, with)| Edit { span: passage.span(range), with }).collect();
    Finding { edits, ..finding }
}

fn event(front: &FrontMatter) -> Option<&Event> {
    match front {
        FrontMatter::Activity(front) => Some(&front.event),
        FrontMatter::Course(front) => Some(&front.event),
        _ => None,
    }
}
