//! The whole generator in one function, [`build`]: load → model → render. Whoever wants files hands its outputs to `write`.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use domain::Moment;
use pages::Manifest;

use crate::{
    diagnostic::{Diagnostic, Texts},
    load::{Loaded, load},
    model,
    output::Output,
    render,
    source::Source,
};

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
    /// Threads; as many as there are processors when absent. The output does not depend on it.
    pub jobs: Option<usize>,
}

impl Options {
    /// A plain build of `root` at `now`.
    pub fn new(root: impl Into<PathBuf>, now: Moment) -> Options {
        Options { root: root.into(), base_url: None, now, drafts: false, jobs: None }
    }
}

/// What a build came to.
#[derive(Debug)]
pub struct Built {
    /// What to publish, sorted by path. Empty when a diagnostic is an error.
    pub outputs: Vec<Output>,
    /// What the functions must know; none when a diagnostic is an error, or when the site has no `limits.yaml`.
    pub manifest: Option<Manifest>,
    /// Everything that is wrong, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics quote.
    pub texts: Texts,
    /// The next moment at which the output would change by itself.
    pub next_change: Option<Moment>,
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
    /// How long each stage took.
    pub stages: Vec<(Stage, Duration)>,
}

/// A stage of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Files are read.
    Load,
    /// They are linked into a site.
    Model,
    /// The site becomes outputs.
    Render,
    /// Outputs become files.
    Write,
}

/// Builds the site. An error is wrong use (no such folder); mistakes in content are diagnostics.
pub fn build(options: &Options) -> anyhow::Result<Built> {
    build_telling(options, &|_| {})
}

/// Builds the site and tells of each stage as it begins.
pub fn build_telling(options: &Options, tell: &(dyn Fn(Stage) + Sync)) -> anyhow::Result<Built> {
    let content = options.root.join("content");
    ensure!(
        content.is_dir(),
        "没有 `{}` 这个文件夹\n提示：用 `--root` 指定放着 `content/` 和 `themes/` 的文件夹",
        content.display()
    );
    match options.jobs {
        None => Ok(stages(options, tell)),
        Some(jobs) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build().context("启动不了线程")?;
            Ok(pool.install(|| stages(options, tell)))
        }
    }
}

fn stages(options: &Options, tell: &(dyn Fn(Stage) + Sync)) -> Built {
    let mut timer = Timer { tell, stages: Vec::new() };

    let Loaded { mut source, mut diagnostics, texts } = timer.time(Stage::Load, || load(options));
    yield_to_content(&mut source);

    let (assets, found) = render::assets(&source.theme);
    diagnostics.extend(found);
    let (site, found) = timer.time(Stage::Model, || model::model(&source, &texts, assets.by_name, options));
    diagnostics.extend(found);

    let mut outputs = Vec::new();
    // Rendering a site in which something is missing would only find the consequences.
    if !diagnostics.iter().any(Diagnostic::is_error) {
        let (made, found) = timer.time(Stage::Render, || render::render(&site, &source.theme));
        diagnostics.extend(found);
        outputs = made;
        outputs.extend(assets.outputs);
        outputs.sort_by(|one, other| one.path.cmp(&other.path));
    }
    diagnostics.sort();
    diagnostics.dedup();

    let fine = !diagnostics.iter().any(Diagnostic::is_error);
    if !fine {
        outputs.clear();
    }
    let manifest = fine.then(|| model::manifest(&site, &source.theme)).flatten();
    let pages = outputs.iter().filter(|output| output.path.ends_with(".html")).count();
    let next_change = site.next_change;
    Built { outputs, manifest, diagnostics, texts, next_change, report: Report { pages, stages: timer.stages } }
}

/// Where content and theme both bring a file for the root (an icon, say), the content's is published.
fn yield_to_content(source: &mut Source) {
    let Source { theme, statics, .. } = source;
    theme.statics.retain(|file| !statics.iter().any(|own| own.path == file.path));
}

struct Timer<'a> {
    tell: &'a (dyn Fn(Stage) + Sync),
    stages: Vec<(Stage, Duration)>,
}

impl Timer<'_> {
    fn time<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        (self.tell)(stage);
        let started = Instant::now();
        let value = work();
        self.stages.push((stage, started.elapsed()));
        value
    }
}
