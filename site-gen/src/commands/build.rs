//! `site-gen build`: builds the site, writes it, and says what came of it.

use std::{
    io::IsTerminal,
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use anyhow::ensure;
use domain::Moment;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    build::{Built, Figures, Options, Report, Stage, build_into},
    compress::{self, Effort, Packed},
    diagnostic::{Colours, render_human},
    hosting::{Server, rules},
    record::Record,
    write::{Folder, Written, put_bytes, write_manifest},
};

/// A build shorter than this shows no progress.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a build came to, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Mistakes and warnings, for stderr; empty when there are none.
    pub findings: String,
    /// One line of figures; none when nothing was written.
    pub summary: Option<String>,
    /// What each stage took and which pages took longest.
    pub timings: String,
    /// Nothing stood in the way.
    pub fine: bool,
}

/// Builds the site into `output`, with the manifest beside it; with `full` also when the record of the last build says that
/// there is nothing to do. An error is wrong use, or a disk that refused. For a program that ends soon: the memory of the build is not given back.
pub fn run(options: &Options, output: &Path, full: bool, colours: Colours) -> anyhow::Result<Done> {
    check_output(options, output)?;
    let (began, started) = (SystemTime::now(), Instant::now());
    if let Some(record) = Record::that_stands(options, output, colours).filter(|_| !full) {
        let unchanged = nothing_to_do(&record, started.elapsed(), output);
        return Ok(Done { findings: record.findings, timings: format!("{unchanged}\n"), summary: Some(unchanged), fine: true });
    }
    let progress = Progress::start();
    let (mut built, delivery, remains) =
        build_into(options, &|stage| progress.tell(stage), |paths| Folder::new(output).open(paths))?;
    std::mem::forget(remains);
    let findings = render_human(&built.diagnostics, &built.texts, colours);
    let mut written = None;
    if let Some(delivery) = delivery {
        progress.tell(Stage::Write);
        let started = Instant::now();
        let (done, folder) = delivery.commit()?;
        write_manifest(built.manifest.as_ref(), output)?;
        Record::leave(&built, &folder, options, (&findings, colours), began)?;
        built.report.stages.push(Figures {
            stage: Stage::Write,
            took: started.elapsed(),
            pages: done.written,
            bytes: done.bytes,
        });
        written = Some(done);
    }
    progress.end();
    Ok(Done {
        findings,
        timings: timings(&built),
        summary: written.map(|written| summary(&built, written, output)),
        fine: built.is_fine(),
    })
}

/// Makes what was built into `output` ready to be published: packed files beside it, and `_headers` in it. Gives one line of figures.
/// What was packed once is kept in the `cache` of the build.
pub fn compress(output: &Path, effort: Effort, cache: &Path) -> anyhow::Result<String> {
    let started = Instant::now();
    put_bytes(rules(Server::Headers, "").as_bytes(), &output.join("_headers"))?;
    let Packed { made, found, kept } = compress::compress(output, effort, &compress::cache(cache))?;
    let said = |count: usize, what: &str| if count > 0 { format!("，{count} 个{what}") } else { String::new() };
    let (found, kept) = (said(found, "以前压缩过"), said(kept, "没有变"));
    Ok(format!("压缩了 {made} 个文件{found}{kept}；用时 {}", duration(started.elapsed())))
}

/// What is built must not lie in what it is built from: the next build would read it.
pub fn check_output(options: &Options, output: &Path) -> anyhow::Result<()> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let output_path = absolute(output);
    let contains = |folder: &Path| absolute(folder).starts_with(&output_path);
    ensure!(
        !contains(&options.root),
        "`--output {}` 里面放着网站的内容，不能写在那里\n提示：换一个专门的文件夹，如 `--output public`",
        output.display()
    );
    for source in ["content", "themes"] {
        ensure!(
            !output_path.starts_with(absolute(&options.root.join(source))),
            "`--output {}` 在 `{source}/` 里面，下次会被当作内容\n提示：换一个专门的文件夹，如 `--output public`",
            output.display()
        );
    }
    Ok(())
}

/// 「生成 57 个网页、128 个文件，共 1.2 MB，写入 3 个；用时 …」
fn summary(built: &Built, written: Written, output: &Path) -> String {
    let stages: Vec<String> =
        built.report.stages.iter().map(|figures| format!("{} {}", in_words(figures.stage), duration(figures.took))).collect();
    let total: Duration = built.report.stages.iter().map(|figures| figures.took).sum();
    let files = written.written + written.unchanged;
    let changes = match (written.written, written.removed) {
        (0, 0) => "没有变化".to_owned(),
        (written, 0) => format!("更新 {written} 个"),
        (written, removed) => format!("更新 {written} 个，删去过时的 {removed} 个"),
    };
    format!(
        "已生成 {}：{} 个网页，{files} 个文件，{}；{changes}\n用时 {}（{}）{}",
        output.display(),
        built.report.pages,
        size(written.bytes),
        duration(total),
        stages.join("，"),
        next_change(built.next_change),
    )
}

/// The same when the last build's record stands.
fn nothing_to_do(record: &Record, took: Duration, output: &Path) -> String {
    format!(
        "{} 里的 {} 个网页、{} 个文件（{}）和上次生成的一样，内容也没有变，不用再生成；要重新生成，加 --full\n用时 {}{}",
        output.display(),
        record.pages,
        record.files(),
        size(record.bytes()),
        duration(took),
        next_change(record.next_change()),
    )
}

fn next_change(next: Option<Moment>) -> String {
    next.map_or_else(String::new, |next| format!("\n下次内容自己会变的时间：{}", next.local().strftime("%Y-%m-%d %H:%M")))
}

/// What `--timings` prints: a line a stage, what the threads did meanwhile, and the slowest pages.
fn timings(built: &Built) -> String {
    let mut text = String::new();
    for Figures { stage, took, pages, bytes } in &built.report.stages {
        let what = match stage {
            Stage::Load | Stage::Model => "篇",
            Stage::Render | Stage::Write => "个文件",
        };
        text += &format!("{}  {:>9}  {pages:>7} {what}  {:>9}\n", in_words(*stage), fine_duration(*took), size(*bytes));
    }
    let Report { rendering, writing, slowest, .. } = &built.report;
    text += &format!("各线程合计：套用模板 {}，写文件 {}\n", fine_duration(*rendering), fine_duration(*writing));
    text += "最慢的：\n";
    for (took, path) in slowest {
        text += &format!("  {:>9}  {path}\n", fine_duration(*took));
    }
    text
}

fn fine_duration(took: Duration) -> String {
    if took < Duration::from_secs(1) {
        format!("{:.2} ms", took.as_secs_f64() * 1000.0)
    } else {
        format!("{:.2} s", took.as_secs_f64())
    }
}

fn in_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Load => "读取",
        Stage::Model => "关联",
        Stage::Render => "生成",
        Stage::Write => "写入",
    }
}

fn duration(took: Duration) -> String {
    if took < Duration::from_secs(1) { format!("{} 毫秒", took.as_millis()) } else { format!("{:.1} 秒", took.as_secs_f64()) }
}

fn size(bytes: u64) -> String {
    const UNIT: f64 = 1024.0;
    let bytes = bytes as f64;
    if bytes < UNIT * UNIT { format!("{:.0} KB", (bytes / UNIT).ceil()) } else { format!("{:.1} MB", bytes / UNIT / UNIT) }
}

/// A bar on stderr, when that is a terminal and the build takes long enough for somebody to wonder.
struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    fn start() -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} [{bar:24}] {elapsed}")
                .expect("the template is a constant and well formed")
                .progress_chars("=> ");
            let bar = ProgressBar::with_draw_target(Some(4), indicatif::ProgressDrawTarget::hidden()).with_style(style);
            let shown = bar.clone();
            // Short builds are over before the bar is drawn for the first time.
            std::thread::spawn(move || {
                std::thread::sleep(PATIENCE);
                if !shown.is_finished() {
                    shown.set_draw_target(indicatif::ProgressDrawTarget::stderr());
                    shown.enable_steady_tick(Duration::from_millis(100));
                }
            });
            bar
        });
        Progress { bar }
    }

    fn tell(&self, stage: Stage) {
        if let Some(bar) = &self.bar {
            bar.set_position(stage as u64);
            bar.set_message(in_words(stage));
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_may_not_hold_or_lie_in_what_it_is_built_from() {
        let options = Options::new("site", "2026-11-24".parse().expect("a moment"));
        for (output, fine) in [
            ("site/public", true),
            ("elsewhere", true),
            ("site", false),
            (".", false),
            ("site/content", false),
            ("site/content/public", false),
            ("site/themes/x", false),
        ] {
            assert_eq!(check_output(&options, Path::new(output)).is_ok(), fine, "{output}");
        }
    }

    #[test]
    fn sizes_and_durations_are_told_in_fitting_units() {
        assert_eq!((size(1), size(1_500_000)), ("1 KB".to_owned(), "1.4 MB".to_owned()));
        assert_eq!(duration(Duration::from_millis(12)), "12 毫秒");
        assert_eq!(duration(Duration::from_millis(1250)), "1.2 秒");
    }
}
