//! The whole generator in one function: load → model → render. [`build`] keeps all outputs; [`build_into`] hands each on as soon as it is
//! made, to `write` for whoever wants files.

use std::{
    collections::{BTreeSet, HashSet},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use domain::Moment;
use pages::{Manifest, Templates};

use crate::{
    diagnostic::{Diagnostic, Texts},
    load::{Loaded, Survey, load},
    model::{self, Memo, Prints},
    output::{Output, Sink},
    poster::{Opened, Studio},
    render::{self, Assets, Made, Outline, Plan},
    site::Site,
    source::Source,
    stamp::Stamp,
    write::WriteError,
};

/// The folder for what is kept between builds, beside `content/`.
pub const CACHE: &str = ".cache";

/// What a build is asked for. Nothing else decides what comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The folder that holds `content/` and `themes/`.
    pub root: PathBuf,
    /// Replaces `base_url` of `content/site.yaml`.
    pub base_url: Option<String>,
    /// The present moment: decides what is published and where each event stands.
    pub now: Moment,
    /// Drafts are made too.
    pub drafts: bool,
    /// Where what took long to make is kept between two builds. It may be deleted at any time, and what comes out does not depend on it.
    pub cache: PathBuf,
    /// Threads; as many as there are processors when absent. The output does not depend on it.
    pub jobs: Option<usize>,
}

impl Options {
    /// A plain build of `root` at `now`.
    pub fn new(root: impl Into<PathBuf>, now: Moment) -> Options {
        let root = root.into();
        let cache = root.join(CACHE);
        Options { root, base_url: None, now, drafts: false, cache, jobs: None }
    }
}

/// What a build came to.
#[derive(Debug)]
pub struct Built {
    /// What to publish, sorted by path. Empty when a diagnostic is an error, and when the outputs were handed on one by one.
    pub outputs: Vec<Output>,
    /// What the functions must know; none when a diagnostic is an error, or when the site has no `limits.yaml`.
    pub manifest: Option<Manifest>,
    /// Everything that is wrong, in the order of files and places, but what editors have silenced.
    pub diagnostics: Vec<Diagnostic>,
    /// Warnings that editors have silenced: whoever checks the site asks whether each silence still has its use.
    pub silenced: Vec<Diagnostic>,
    /// The texts that the diagnostics quote.
    pub texts: Texts,
    /// The next moment at which the output would change by itself.
    pub next_change: Option<Moment>,
    /// How all files looked just before they were read for the first time.
    pub survey: Arc<Survey>,
    /// Which files outside of the site decided what was made, and how each looked that was there: fonts.
    pub looked_at: Vec<(PathBuf, Option<Stamp>)>,
    /// Figures for whoever asked.
    pub report: Report,
}

impl Built {
    /// The outputs may be published.
    pub fn is_fine(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Figures of a build.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Pages that somebody can read.
    pub pages: usize,
    /// Outputs.
    pub files: usize,
    /// What each stage took and made.
    pub stages: Vec<Figures>,
    /// Between them, the threads rendered for so long…
    pub rendering: Duration,
    /// …and wrote for so long.
    pub writing: Duration,
    /// The slowest outputs, the slowest first.
    pub slowest: Vec<(Duration, String)>,
}

/// Figures of one stage.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Which one.
    pub stage: Stage,
    /// From its beginning to its end.
    pub took: Duration,
    /// What it dealt with: documents, pages, outputs.
    pub pages: usize,
    /// Bytes read or made.
    pub bytes: u64,
}

/// A stage of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Files are read.
    Load,
    /// They are linked into a site.
    Model,
    /// The site becomes outputs, each written as soon as it is made.
    Render,
    /// What was written takes its place.
    Write,
}

/// What a build was made of. A program that ends right after need not take it apart: at 10,000 documents that is 3 % of the build, and the
/// system takes the memory back at once (`std::mem::forget`).
#[must_use = "say whether it is dropped or forgotten"]
pub struct Remains {
    _read: Read,
    _linked: Linked,
}

/// Builds the site and keeps all of it. An error is wrong use (no such folder); mistakes in content are diagnostics.
pub fn build(options: &Options) -> anyhow::Result<Built> {
    let (mut built, outputs, _) = build_into(options, &|_| {}, |_| Ok(Mutex::<Vec<Output>>::default()))?;
    if let Some(outputs) = outputs {
        built.outputs = outputs.into_inner().expect("nobody panics while one output is pushed");
        built.outputs.sort_by(|one, other| one.path.cmp(&other.path));
    }
    Ok(built)
}

/// Builds the site and hands each output, as soon as it is made, to what `open` gives for their paths. It is given back when nothing
/// is wrong with the site; [`Built::outputs`] stays empty. `tell` hears of each stage as it begins.
pub fn build_into<S: Sink + Send>(
    options: &Options,
    tell: &(dyn Fn(Stage) + Sync),
    open: impl FnOnce(Vec<String>) -> Result<S, WriteError> + Send,
) -> anyhow::Result<(Built, Option<S>, Remains)> {
    check_content(options)?;
    let build = || {
        let mut report = Report::default();
        tell(Stage::Load);
        let mut read = Read::new(options, &mut report);
        let make = |plan: &Plan<'_>, sink: &S, _: &Prints| plan.render(sink);
        let linked = Linked::new(options, &read, &mut Memo::default(), &mut report, tell).without_texts(&mut read);
        let (built, opened) = publish(&linked, &read, (&Prints::default(), None), report, tell, open, make)?;
        Ok::<_, WriteError>((built, opened.map(|(sink, _)| sink), Remains { _read: read, _linked: linked }))
    };
    Ok(match options.jobs {
        None => build(),
        Some(jobs) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build().context("启动不了线程")?;
            pool.install(build)
        }
    }?)
}

/// Builds the site for what is wrong with it alone: `look` sees what was read and linked, and says where pages go, which is given back when
/// nothing is wrong. [`Built::texts`] holds the texts of all files, since whoever looked has more to say.
pub fn look_into<S: Sink, T>(
    options: &Options,
    look: impl FnOnce(&Source, &Site, &Texts) -> (S, T),
) -> anyhow::Result<(Built, Option<S>, T)> {
    check_content(options)?;
    let mut report = Report::default();
    let tell = &|_| {};
    let read = Read::new(options, &mut report);
    let linked = Linked::new(options, &read, &mut Memo::default(), &mut report, tell);
    let (sink, seen) = look(&read.loaded.source, &linked.site, &read.loaded.texts);
    let make = |plan: &Plan<'_>, sink: &S, _: &Prints| plan.render(sink);
    let (mut built, made) = publish(&linked, &read, (&Prints::default(), None), report, tell, |_| Ok(sink), make)?;
    built.texts = read.loaded.texts;
    Ok((built, made.map(|(sink, _)| sink), seen))
}

pub(crate) fn check_content(options: &Options) -> anyhow::Result<()> {
    let content = options.root.join("content");
    ensure!(
        content.is_dir(),
        "没有 `{}` 这个文件夹\n提示：用 `--root` 指定放着 `content/` 和 `themes/` 的文件夹",
        content.display()
    );
    Ok(())
}

/// What was read, and what becomes of it without any page being known.
pub(crate) struct Read {
    pub(crate) loaded: Loaded,
    assets: Assets,
    /// The theme's templates, parsed.
    templates: Result<Templates, Diagnostic>,
    /// What posters are made with.
    studio: Option<Studio>,
    looked_at: Vec<(PathBuf, Option<Stamp>)>,
    /// What is wrong with the theme's assets.
    found: Vec<Diagnostic>,
}

impl Read {
    pub(crate) fn new(options: &Options, report: &mut Report) -> Read {
        let started = Instant::now();
        let mut loaded = load(options);
        let (assets, templates, mut found) = dress(&mut loaded.source);
        let Opened { studio, looked_at, diagnostics } = Studio::open(&loaded.source, options);
        found.extend(diagnostics);
        let documents = &loaded.source.documents;
        let bytes = documents.iter().map(|document| document.text.len() as u64).sum();
        report.stage(Stage::Load, started, documents.len(), bytes);
        Read { loaded, assets, templates, studio, looked_at, found }
    }

    /// Reads some documents again, and the theme when it is `dressed` in another. False when that cannot be done.
    pub(crate) fn again(&mut self, documents: &BTreeSet<String>, dressed: bool, options: &Options) -> bool {
        if !self.loaded.reload(documents, options) {
            return false;
        }
        if dressed {
            if !self.loaded.reload_theme(options) {
                return false;
            }
            (self.assets, self.templates, self.found) = dress(&mut self.loaded.source);
            // Posters have templates of the theme as well.
            let Opened { studio, looked_at, diagnostics } = Studio::open(&self.loaded.source, options);
            (self.studio, self.looked_at) = (studio, looked_at);
            self.found.extend(diagnostics);
        }
        true
    }
}

/// What becomes of the theme by itself: its assets under their names, its templates, what is wrong with its assets.
fn dress(source: &mut Source) -> (Assets, Result<Templates, Diagnostic>, Vec<Diagnostic>) {
    yield_to_content(source);
    let (assets, found) = render::assets(&source.theme);
    (assets, render::templates(&source.theme), found)
}

/// A linked site and all that is wrong so far.
pub(crate) struct Linked {
    pub(crate) site: Site,
    diagnostics: Vec<Diagnostic>,
}

impl Linked {
    pub(crate) fn new(
        options: &Options,
        read: &Read,
        memo: &mut Memo,
        report: &mut Report,
        tell: &(dyn Fn(Stage) + Sync),
    ) -> Linked {
        let Read { loaded: Loaded { source, diagnostics, texts, .. }, assets, found, .. } = read;
        let mut diagnostics: Vec<Diagnostic> = diagnostics.iter().chain(found).cloned().collect();
        tell(Stage::Model);
        let started = Instant::now();
        let (site, found) = model::model(source, texts, assets.by_name.clone(), options, memo);
        diagnostics.extend(found);
        let bytes = site.pages.iter().map(|page| page.body.html.len() as u64).sum();
        report.stage(Stage::Model, started, site.pages.len(), bytes);
        Linked { site, diagnostics }
    }

    /// Lets go of the texts that nobody quotes: bodies are rendered, and when outputs are made memory is needed most.
    fn without_texts(mut self, read: &mut Read) -> Linked {
        let Loaded { source, texts, .. } = &mut read.loaded;
        source.documents.clear();
        // Whether a picture can be opened shows when it is made.
        let naming = self.site.shown.values().flatten().map(|(file, _)| file.as_str());
        let quoted: HashSet<&str> = self.diagnostics.iter().map(|found| found.file.as_str()).chain(naming).collect();
        texts.retain(|file| !file.starts_with("content/") || quoted.contains(file));
        for page in &mut self.site.pages {
            if let Some(document) = Arc::get_mut(&mut page.document) {
                (document.text, document.body) = (Arc::default(), 0);
            }
        }
        self
    }
}

/// Makes outputs of a site: `make` says which, and hands them to what `open` gives for the paths of all.
pub(crate) fn publish<S: Sink>(
    linked: &Linked,
    read: &Read,
    (prints, outline): (&Prints, Option<Arc<Outline>>),
    mut report: Report,
    tell: &(dyn Fn(Stage) + Sync),
    open: impl FnOnce(Vec<String>) -> Result<S, WriteError>,
    make: impl FnOnce(&Plan<'_>, &S, &Prints) -> Result<Made, WriteError>,
) -> Result<(Built, Option<(S, Made)>), WriteError> {
    let Read { loaded: Loaded { source, texts, survey, .. }, assets, templates, studio, looked_at, .. } = read;
    let (site, mut diagnostics) = (&linked.site, linked.diagnostics.clone());

    // Rendering a site in which something is missing would only find the consequences.
    let mut made = None;
    if !diagnostics.iter().any(Diagnostic::is_error) {
        tell(Stage::Render);
        let started = Instant::now();
        match templates
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|templates| Plan::new(site, &source.theme, templates, studio.as_ref(), outline))
        {
            Ok(plan) => {
                let sink = open(plan.paths().chain(assets.outputs.iter().map(|asset| asset.path.clone())).collect())?;
                let mut done = make(&plan, &sink, prints)?;
                for asset in &assets.outputs {
                    done.bytes += asset.made();
                    sink.put(asset.clone())?;
                }
                done.files += assets.outputs.len();
                report.stage(Stage::Render, started, done.files, done.bytes);
                (report.pages, report.files, report.slowest) = (done.pages, done.files, std::mem::take(&mut done.slowest));
                (report.rendering, report.writing) = (done.rendering, done.handing);
                diagnostics.append(&mut done.diagnostics);
                made = Some((sink, done));
            }
            Err(found) => diagnostics.push(found),
        }
    }
    diagnostics.sort();
    diagnostics.dedup();
    let silenced = source.take_silenced(&mut diagnostics);

    let fine = !diagnostics.iter().any(Diagnostic::is_error);
    let manifest = fine.then(|| model::manifest(site, &source.theme)).flatten();
    let texts = texts.quoted_by(&diagnostics);
    let built = Built {
        outputs: Vec::new(),
        manifest,
        diagnostics,
        silenced,
        texts,
        next_change: site.next_change,
        survey: Arc::clone(survey),
        looked_at: looked_at.clone(),
        report,
    };
    Ok((built, made.filter(|_| fine)))
}

/// Where content and theme both bring a file for the root (an icon, say), the content's is published.
fn yield_to_content(source: &mut Source) {
    let Source { theme, statics, .. } = source;
    theme.statics.retain(|file| !statics.iter().any(|own| own.path == file.path));
}

impl Report {
    pub(crate) fn stage(&mut self, stage: Stage, started: Instant, pages: usize, bytes: u64) {
        self.stages.push(Figures { stage, took: started.elapsed(), pages, bytes });
    }
}
