//! `publish --to DIR`: makes the next release live, goes back to an earlier one, or tells which there are.

use std::{
    io::IsTerminal,
    path::Path,
    time::{Duration, Instant},
};

use domain::Moment;
use functions::Clock;

use super::{
    manifest,
    releases::{self, Release, Releases},
    site::{self, Made, Source},
};
use crate::{
    cli::PublishOptions,
    failure::Failure,
    terminal::{self, eprintln, print, println},
};

/// Does what is asked of the folder at `path`. Whatever fails leaves what is live as it was.
pub async fn run(options: &PublishOptions, path: &Path) -> anyhow::Result<()> {
    if options.list {
        return list(path);
    }
    let now = options.place.now.unwrap_or_else(|| Clock::system().now());
    match options.rollback {
        Some(number) => roll_back(options, path, number).await,
        None => publish(options, path, now).await,
    }
}

async fn publish(options: &PublishOptions, path: &Path, now: Moment) -> anyhow::Result<()> {
    let started = Instant::now();
    let releases = Releases::open(path)?;
    // Looked up now that nobody else publishes: of pushes that came meanwhile the last one is published.
    let tip = site::tip(options)?;
    if options.when_due
        && let Some(why) = not_due(&releases, tip.as_ref().map(|tip| tip.id.as_str()), now)
    {
        // A timer asks every few minutes; its journal need not be told.
        if std::io::stdout().is_terminal() {
            println!("{why}");
        }
        return Ok(());
    }
    let source = Source::new(options, &releases.work(""), tip.as_ref())?;
    let next = releases.begin()?;
    let made = site::make(&site::options(&source, options.base_url.as_deref(), now), &next)?;
    if options.dry_run {
        return preview(options, &releases, &made).await;
    }
    let Made { manifest, until, pages, changed, removed } = made;
    let version = manifest.as_ref().map(|manifest| manifest.version.clone());
    let describe =
        |number| Release { number, at: now, commit: source.commit, manifest: version, until, pages, changed: changed + removed };
    if let Some(current) = releases.current().filter(|_| changed + removed == 0) {
        let same = Release { at: current.at, pages: current.pages, changed: current.changed, ..describe(current.number) };
        if same.manifest == current.manifest {
            if let Some(manifest) = manifest {
                site::say_news(&manifest::commit(&options.place, manifest).await?);
            }
            releases.note(&same)?;
            println!("网页没有变化，线上仍是第 {} 版。", current.number);
            return Ok(());
        }
        return go_live(options, &releases, manifest, same, started).await;
    }
    go_live(options, &releases, manifest, describe(0), started).await
}

/// Steps 2 to 4 of the order that the module above explains.
async fn go_live(
    options: &PublishOptions,
    releases: &Releases,
    manifest: Option<pages::Manifest>,
    release: Release,
    started: Instant,
) -> anyhow::Result<()> {
    let release = releases.finish(|number| Release { number, ..release })?;
    if let Some(manifest) = manifest {
        match manifest::commit(&options.place, manifest).await {
            Ok(news) => site::say_news(&news),
            Err(error) => {
                releases.abandon(release.number)?;
                return Err(error.context("没有发布，线上的网站没有变"));
            }
        }
    }
    releases.switch(release.number)?;
    println!(
        "已发布第 {} 版：{} 个网页，{} 个文件有变化，用时 {}{}{}",
        release.number,
        release.pages,
        release.changed,
        seconds(started.elapsed()),
        release.commit.map_or_else(String::new, |commit| format!("\n提交：{}", commit.words())),
        release.until.map_or_else(String::new, |until| format!("\n下次内容自己会变的时间：{}", terminal::moment(until))),
    );
    // It is live; what is only tidying up must not make it look as if it were not.
    if let Err(error) = releases.prune() {
        eprintln!("旧的几版没有删干净：{}", crate::failure::words(&error));
    }
    Ok(())
}

/// Why nothing has to be published now; nothing when something has.
fn not_due(releases: &Releases, tip: Option<&str>, now: Moment) -> Option<String> {
    let current = releases.current()?;
    if releases.is_held() {
        return Some(format!("已经退回到第 {} 版，不自动发布；改好以后推送，或不带 --when-due 发布一次。", current.number));
    }
    let published = current.commit.as_ref().map(|commit| commit.id.as_str());
    if tip.is_some() && tip != published {
        return None;
    }
    match current.until {
        Some(until) if until <= now => None,
        Some(until) => Some(format!("还不用发布：第 {} 版到 {} 才会变。", current.number, terminal::moment(until))),
        None => Some(format!("还不用发布：第 {} 版不会自己变。", current.number)),
    }
}

async fn preview(options: &PublishOptions, releases: &Releases, made: &Made) -> anyhow::Result<()> {
    let news = match &made.manifest {
        Some(manifest) => manifest::preview(&options.place, manifest).await?,
        None => Vec::new(),
    };
    for line in &news {
        println!("{line}");
    }
    let now = releases.current().map_or_else(|| "还没有发布过".to_owned(), |current| format!("线上是第 {} 版", current.number));
    println!(
        "{now}。会发布 {} 个网页，更新 {} 个文件，删去 {} 个。\n以上只是预览，线上什么都没有改。要发布，去掉 --dry-run。",
        made.pages, made.changed, made.removed
    );
    Ok(())
}

/// Makes an earlier release live again, with the manifest that belongs to it: its pages show the seats, times and forms that its visitors are then
/// registered for. That may be refused, as publishing it anew would be; then only its pages can go back, which functions of a later
/// manifest understand.
///
/// The order is the opposite of a publication's, for the same reason: pages first, so that there are never new pages with old functions. That
/// it will not be refused is asked before.
async fn roll_back(options: &PublishOptions, path: &Path, number: Option<u64>) -> anyhow::Result<()> {
    if !path.join("releases").is_dir() {
        return Err(nothing_published(path));
    }
    let started = Instant::now();
    let releases = Releases::open(path)?;
    let (live, kept) = (releases.current(), releases::all(path)?);
    let live = live.map_or(0, |live| live.number);
    let target = kept.iter().find(|release| number.map_or(release.number < live, |number| release.number == number));
    let Some(target) = target else {
        let there: Vec<String> = kept.iter().map(|release| release.number.to_string()).collect();
        let what = number.map_or_else(|| "没有更早的一版可以退回".to_owned(), |number| format!("没有第 {number} 版"));
        return Err(Failure::new(what, &format!("留着的有：{}。用 --list 看各版是什么时候发布的", there.join("、"))).into());
    };
    let manifest = releases.manifest(target.number)?.filter(|_| !options.pages_only);
    if let Some(manifest) = &manifest {
        let news = manifest::preview(&options.place, manifest).await.map_err(|error| {
            error.context(format!("没有退回，线上仍是第 {live} 版。只退网页、表单和场次不动，可以加 --pages-only"))
        })?;
        site::say_news(&news);
    }
    if options.dry_run {
        println!("会退回到{}。\n以上只是预览，线上什么都没有改。要退回，去掉 --dry-run。", words(target));
        return Ok(());
    }
    if target.number != live {
        releases.reach_assets(target.number)?;
        releases.hold(target.number)?;
        releases.switch(target.number)?;
    }
    let functions = match manifest {
        Some(manifest) => {
            let committed = manifest::commit(&options.place, manifest).await;
            committed.map_err(|error| {
                error.context(format!("网页退回到了第 {0} 版，表单和场次还没有；再运行一次 --rollback {0}", target.number))
            })?;
            "，表单和场次也是那一版的"
        }
        None if options.pages_only => "，只退了网页，表单和场次没有动",
        None => "",
    };
    if target.number == live {
        println!("线上就是第 {live} 版{functions}，网页没有改动。");
        return Ok(());
    }
    println!(
        "已退回到{}{functions}；撤下了第 {live} 版。用时 {}\n不会自动再发布；改好以后推送或发布一次，就换成新的一版。",
        words(target),
        seconds(started.elapsed())
    );
    Ok(())
}

fn list(path: &Path) -> anyhow::Result<()> {
    if !path.join("releases").is_dir() {
        return Err(nothing_published(path));
    }
    let live = releases::current_number(path);
    let rows: Vec<Vec<String>> = releases::all(path)?
        .iter()
        .map(|release| {
            let Release { number, at, commit, until, pages, changed, .. } = release;
            vec![
                if live == Some(*number) { format!("{number} ← 现在") } else { number.to_string() },
                terminal::moment(*at),
                pages.to_string(),
                changed.to_string(),
                until.map_or_else(String::new, terminal::moment),
                commit.as_ref().map_or_else(String::new, super::super::git::Commit::words),
            ]
        })
        .collect();
    print!("{}", terminal::table(&["版", "内容截至", "网页", "有变化的文件", "自己会变的时间", "提交"], &rows));
    println!("\n退回上一版：xiangshang publish --to {} --rollback", path.display());
    Ok(())
}

fn nothing_published(path: &Path) -> anyhow::Error {
    let hint = format!("核对文件夹；第一次发布：xiangshang publish --to {}", path.display());
    Failure::new(format!("`{}` 里还没有发布过网站", path.display()), &hint).into()
}

/// 第 11 版（2026-11-24 10:00 周二，提交 1a2b3c4 改了首页）
fn words(release: &Release) -> String {
    let commit = release.commit.as_ref().map_or_else(String::new, |commit| format!("，提交 {}", commit.words()));
    format!("第 {} 版（{}{commit}）", release.number, terminal::moment(release.at))
}

fn seconds(took: Duration) -> String {
    if took < Duration::from_secs(1) { format!("{} 毫秒", took.as_millis()) } else { format!("{:.1} 秒", took.as_secs_f64()) }
}
