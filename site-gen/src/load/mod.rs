//! Reads content and theme into a [`Source`]; nothing is linked yet.
//!
//! 1. `walk` lists the files of a folder, the only code that knows walkdir.
//! 2. `text` reads one of them as text.
//! 3. `yaml` reads YAML into a type, the only code that knows a YAML library; `typed` says what is wrong when it does not fit.
//! 4. `settings` reads `site.yaml`, the data files and the forms; `theme` reads the theme; `documents` reads the pages, parted by
//!    `front`.
//! 5. `rules` says what is wrong with values that fit their types; `words` finds what was probably meant.
//!
//! Mistakes are collected, never returned early: a file that cannot be understood does not hide the mistakes of the next.

mod documents;
mod findings;
pub mod front;
mod rules;
mod settings;
mod survey;
mod text;
mod theme;
mod typed;
mod walk;
pub mod words;
pub mod yaml;

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, path::Path, sync::Arc};

use rayon::prelude::*;

pub use settings::read_editors;
pub use survey::{Survey, survey};
pub use typed::shape;
pub use walk::is_left_behind;

use self::{
    findings::Findings,
    walk::{Entry, walk},
};
use crate::{
    build::Options,
    cache::Cache,
    diagnostic::{Diagnostic, Texts},
    pictures::Pictures,
    source::{ContentFile, Source},
};

/// What was read, and everything that is wrong with it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What could be read. Where a value was missing or wrong a stand-in is in its place and an error among `diagnostics`, so
    /// that the stages after this one can look for mistakes of their own.
    pub source: Source,
    /// In the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// Those of them that belong to one file each.
    of_files: Vec<Diagnostic>,
    /// The texts that diagnostics of this and of later stages quote.
    pub texts: Texts,
    /// How all files looked just before they were read for the first time. Shared, since a build that remembers never asks for it.
    pub survey: Arc<Survey>,
}

/// Reads `content/` and the theme below `options.root`.
pub fn load(options: &Options) -> Loaded {
    let mut findings = Findings::default();
    let content = options.root.join("content");
    let entries = findings.take(walk(&content, "content", &options.root));
    let mut survey = Survey::new("content", &entries);
    let entries = Contents::sort(entries);

    let config = settings::config(options, &mut findings);
    settings::editors(options, &mut findings);
    let data = settings::data(&entries.data, options, &mut findings);
    let forms = settings::forms(&entries.forms, &data, options, &mut findings);
    let theme = theme::theme(&config.theme, options, &mut survey, &mut findings);
    let known = rules::Known { now: options.now, data: &data, forms: &forms, templates: &theme.templates };
    let documents = documents::documents(&entries.documents, &known, &mut findings);
    let files = content_files(entries.files);
    let statics = content_files(entries.statics);

    let pictures = Arc::new(Pictures::new(&files, Cache::new(options.cache.join("pictures"))));
    let source = Source { config, documents, data, forms, files, pictures, statics, theme };
    let (of_files, texts) = findings.finish();
    let mut loaded = Loaded { source, diagnostics: Vec::new(), of_files, texts, survey: Arc::new(survey) };
    loaded.conclude();
    loaded
}

impl Loaded {
    /// Reads some documents again, by their paths below `content/`; they may have appeared or gone. Everything else is as it was, and
    /// so is the present moment as far as rules look at it. False when that cannot be done, and then nothing was.
    pub fn reload(&mut self, paths: &BTreeSet<String>, options: &Options) -> bool {
        let Some(read) = documents::read_again(paths, &options.root.join("content")) else { return false };
        let Source { documents, data, forms, theme, .. } = &mut self.source;
        let known = rules::Known { now: options.now, data, forms, templates: &theme.templates };
        let mut findings = Findings::of(std::mem::take(&mut self.of_files), std::mem::take(&mut self.texts));
        documents::replace(documents, read, &known, &mut findings);
        (self.of_files, self.texts) = findings.finish();
        self.conclude();
        true
    }

    /// Reads the theme again. False when that cannot be done, since what it has by names is other than before and documents name it; then
    /// nothing was.
    pub fn reload_theme(&mut self, options: &Options) -> bool {
        let Source { config, theme, .. } = &mut self.source;
        let mut findings = Findings::default();
        let read = theme::theme(&config.theme, options, &mut Survey::default(), &mut findings);
        let (found, texts) = findings.finish();
        if !found.is_empty() || !theme.templates.keys().eq(read.templates.keys()) {
            return false;
        }
        let own = format!("{}/", theme.folder);
        if self.of_files.iter().any(|found| found.file.starts_with(&own)) {
            return false;
        }
        *theme = read;
        self.texts.retain(|file| !file.starts_with(&own));
        self.texts.extend(texts);
        true
    }

    /// Adds what only shows when all documents are there.
    fn conclude(&mut self) {
        self.diagnostics = self.of_files.iter().cloned().chain(rules::sessions(&self.source.documents)).collect();
        self.diagnostics.sort();
        self.diagnostics.dedup();
    }
}

/// The files of `content/` by what they are for.
#[derive(Default)]
struct Contents {
    documents: Vec<Entry>,
    data: Vec<Entry>,
    forms: Vec<Entry>,
    statics: Vec<Entry>,
    files: Vec<Entry>,
}

impl Contents {
    fn sort(entries: Vec<Entry>) -> Contents {
        let mut contents = Contents::default();
        for entry in entries {
            if let Some(path) = entry.path.strip_prefix("static/") {
                contents.statics.push(Entry { path: path.to_owned(), ..entry });
            } else if entry.path.starts_with("data/") {
                contents.data.push(entry);
            } else if entry.path.starts_with("forms/") {
                contents.forms.push(entry);
            } else if entry.path.ends_with(".md") {
                contents.documents.push(entry);
            } else if ![settings::CONFIG, settings::EDITORS].contains(&entry.path.as_str()) {
                contents.files.push(entry);
            }
        }
        contents
    }
}

/// Files that are published as they are; of pictures the first bytes are read for width and height.
fn content_files(entries: Vec<Entry>) -> Vec<ContentFile> {
    entries
        .into_par_iter()
        .map(|entry| {
            let picture = is_picture(&entry.path).then(|| picture_size(&entry.location)).flatten();
            ContentFile { path: entry.path, location: entry.location, size: entry.stamp.size, picture }
        })
        .collect()
}

fn is_picture(path: &str) -> bool {
    let extension = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(extension.as_str(), "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif")
}

fn picture_size(location: &Path) -> Option<(u32, u32)> {
    let size = imagesize::size(location).ok()?;
    Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))
}
