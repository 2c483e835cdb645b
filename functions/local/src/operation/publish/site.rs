//! The site that is to be published: where its files are, and what building them came to.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use domain::Moment;
use indicatif::ProgressBar;
use pages::Manifest;
use site_gen::{
    build::{Options, build_into},
    commands::build::{check_output, compress},
    compress::Effort,
    diagnostic::{Colours, Diagnostic, Texts, render_human},
    write::{Folder, write_manifest},
};

use super::super::git::{Commit, Repository};
use crate::{
    cli::PublishOptions,
    failure::Failure,
    terminal::{complain, eprintln},
};

/// What a site is made of.
pub struct Source {
    /// The folder with `content/` and `themes/`.
    root: PathBuf,
    cache: PathBuf,
    /// Which commit lies there, when it is known.
    pub commit: Option<Commit>,
}

impl Source {
    /// The folder that was named; or the newest commit of the repository that was named, checked out in `work` by whoever holds that.
    pub fn new(options: &PublishOptions, work: &Path, tip: Option<&Commit>) -> anyhow::Result<Source> {
        let Some(repository) = &options.repo else {
            let root = options.place.root.clone();
            let cache = root.join(site_gen::build::CACHE);
            return Ok(Source { root, cache, commit: None });
        };
        let repository = Repository::bare(repository)?;
        let tip = tip.cloned().ok_or_else(|| nothing_pushed(&repository))?;
        let root = work.join("source");
        check_out(&repository, &tip.id, &root)?;
        Ok(Source { root, cache: work.join("cache"), commit: Some(tip) })
    }
}

/// The newest commit of the repository that was named, if one was and it has any.
pub fn tip(options: &PublishOptions) -> anyhow::Result<Option<Commit>> {
    options.repo.as_deref().map(|repo| Repository::bare(repo)?.tip()).transpose().map(Option::flatten)
}

fn nothing_pushed(repository: &Repository) -> anyhow::Error {
    let branch = repository.default_branch().unwrap_or_default();
    let branch = branch.trim_start_matches("refs/heads/").to_owned();
    let hint = format!(
        "先推送一次：git push 仓库 HEAD:{branch}；要从别的分支发布，运行 git -C '{}' symbolic-ref HEAD refs/heads/分支",
        repository.folder().display()
    );
    Failure::new(format!("仓库 `{}` 的默认分支 `{branch}` 还没有提交", repository.folder().display()), &hint).into()
}

/// Puts the files of a commit into `folder`, unless it holds what must not be in a site.
pub fn check_out(repository: &Repository, commit: &str, folder: &Path) -> anyhow::Result<()> {
    let strange = repository.strange(commit)?;
    if !strange.is_empty() {
        say_diagnostics(&strange);
        return Err(refused(strange.len()));
    }
    let mut index = folder.as_os_str().to_owned();
    index.push(".index");
    repository.check_out(commit, folder, Path::new(&index))?;
    if folder.join("content").is_dir() {
        return Ok(());
    }
    Err(Failure::new("提交里没有 content/ 文件夹，不是一个网站", "核对推送的是不是网站的仓库").into())
}

/// What building a site came to.
pub struct Made {
    /// What the functions must know; none when the site has no forms.
    pub manifest: Option<Manifest>,
    /// The next moment at which it changes by itself.
    pub until: Option<Moment>,
    /// Pages that somebody can read.
    pub pages: usize,
    /// Files that are other than before, and those that went.
    pub changed: usize,
    pub removed: usize,
}

/// What the generator is asked for.
pub fn options(source: &Source, base_url: Option<&str>, now: Moment) -> Options {
    let options = Options::new(&source.root, now);
    Options { base_url: base_url.map(str::to_owned), cache: source.cache.clone(), ..options }
}

/// Builds the site into `output`, packed and with its manifest beside it. What is there already and the same is left alone, and so is what was packed of it.
///
/// Packing is part of publishing: visitors on phones wait for it otherwise. It is the quick one, whose files are some percent larger: the best takes ten
/// times as long, which whoever pushes a page would wait for.
pub fn make(options: &Options, output: &Path) -> anyhow::Result<Made> {
    check_output(options, output)?;
    let progress = progress("生成网站");
    let built = build_into(options, &|_| {}, |paths| Folder::new(output).open(paths));
    progress.set_message("压缩有变化的文件");
    let (built, delivery, _) = built.inspect_err(|_| progress.finish_and_clear())?;
    let written = delivery.map(|delivery| {
        let (written, _) = delivery.commit()?;
        compress(output, Effort::Quick, &options.cache).context("压缩不了")?;
        write_manifest(built.manifest.as_ref(), output)?;
        anyhow::Ok(written)
    });
    progress.finish_and_clear();
    say_all(&built.diagnostics, &built.texts);
    let Some(written) = written.transpose()? else { return Err(refused(errors(&built.diagnostics))) };
    Ok(Made {
        until: built.next_change,
        pages: built.report.pages,
        changed: written.written,
        removed: written.removed,
        manifest: built.manifest,
    })
}

/// What is being done, on a terminal; hidden elsewhere.
fn progress(message: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(message);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Says what is wrong, each with its place in `texts`.
pub fn say_all(found: &[Diagnostic], texts: &Texts) {
    complain(format_args!("{}", render_human(found, texts, Colours::Ansi)));
}

/// Says what was found by others than the generator.
pub fn say_diagnostics(found: &[Diagnostic]) {
    say_all(found, &Texts::default());
}

/// How many mistakes stand in the way.
pub fn errors(found: &[Diagnostic]) -> usize {
    found.iter().filter(|diagnostic| diagnostic.is_error()).count()
}

/// Mistakes that were said already.
pub fn refused(errors: usize) -> anyhow::Error {
    Failure::new(format!("没有发布：内容有 {errors} 处要改，线上的网站没有变"), "照上面的提示改好，再发布一次").into()
}

/// What changes for those who register.
pub fn say_news(news: &[String]) {
    for line in news {
        eprintln!("{line}");
    }
}
