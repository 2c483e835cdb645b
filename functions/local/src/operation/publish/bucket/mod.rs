//! `publish --to s3://BUCKET/PREFIX`: uploads what changed to a bucket of S3 or of whatever speaks its protocol, and tells CloudFront.
//!
//! 1. The site is built in a folder of its own, which the next publication finds again.
//! 2. What the bucket holds of earlier publications stands in an object beside them (`record`): names with hashes of what was sent. What is
//!    other than that is sent, nothing else is looked at, and nobody else's objects are ever touched.
//! 3. `plan` says in which order. Whoever reads meanwhile gets old pages or new ones, and each finds what it names: styles and scripts first (they are never
//!    deleted), then the manifest is committed (see the module above), then what has a new name, then files that pages read, then pages,
//!    the home page after all others, deletions last.
//! 4. Before the first of it is sent the record says what is about to be: were this run killed, the next would know what may be there.
//! 5. CloudFront is told to forget what changed (`edge`).
//!
//! **Nothing is packed here** unless `--gzip` says so: S3 sends what lies under a name and does not ask what a browser takes, and CloudFront
//! packs by itself (`Compress: true` in the stack's template). For the same reason each page lies under its folder's address as well: S3 behind
//! CloudFront looks for no `index.html`, and in China there are no functions at the edge that could.

mod client;
mod edge;
mod plan;
mod record;

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Instant,
};

use anyhow::Context;
use functions::Clock;
use indicatif::{ProgressBar, ProgressStyle};

use self::{
    client::Client,
    edge::Edge,
    plan::{Phase, Plan, Upload},
    record::Record,
};
use super::{
    super::lock::lock,
    manifest,
    site::{self, Source},
};
use crate::{
    cli::PublishOptions,
    failure::Failure,
    terminal::{self, println},
};

/// Objects that are sent at the same time.
const AT_ONCE: usize = 16;

/// Publishes to the bucket `name`, below `prefix`.
pub async fn run(options: &PublishOptions, name: &str, prefix: &str) -> anyhow::Result<()> {
    if options.rollback.is_some() || options.list {
        let hint = "在 git 里退回（git revert）再发布一次；桶开着版本的，旧文件 90 天内也取得回";
        return Err(Failure::new("桶里不留各版，不能 --rollback 和 --list", hint).into());
    }
    let started = Instant::now();
    let now = options.place.now.unwrap_or_else(|| Clock::system().now());
    let client = Client::open(name)?;
    // Whether it can be asked at all is known before anything is done.
    let edge = options.distribution.as_deref().map(Edge::open).transpose()?;
    let work = work(options, name, prefix)?;
    let _alone = lock(&work.join("lock"), "另一次发布正在进行，等它做完……")?;
    let tip = site::tip(options)?;
    let found = Record::fetch(&client, prefix)?;
    if options.when_due && !found.is_due(tip.as_ref().map(|tip| tip.id.as_str()), now) {
        if std::io::stdout().is_terminal() {
            println!("还不用发布：还没有到内容自己会变的时间，也没有没发布的提交。");
        }
        return Ok(());
    }
    let source = Source::new(options, &work, tip.as_ref())?;
    let folder = work.join("site");
    let made = site::make(&site::options(&source, options.base_url.as_deref(), now), &folder)?;
    let plan = Plan::new(&folder, prefix, &found, options)?;
    // What will be refused is not begun.
    let news = match &made.manifest {
        Some(manifest) => manifest::preview(&options.place, manifest).await?,
        None => Vec::new(),
    };
    site::say_news(&news);
    if options.dry_run {
        println!(
            "会传 {} 个文件，删去 {} 个。\n以上只是预览，桶里什么都没有改。要发布，去掉 --dry-run。",
            plan.uploads.len(),
            plan.deletes.len()
        );
        return Ok(());
    }

    let record = found.announce(&client, prefix, &plan)?;
    let sending = Sending::new(&client, &plan);
    sending.send(Phase::Assets)?;
    if let Some(manifest) = made.manifest {
        let committed = manifest::commit(&options.place, manifest).await;
        committed.map_err(|error| error.context("没有发布，桶里的网页没有变"))?;
    }
    for phase in [Phase::NewFiles, Phase::NewPages, Phase::Files, Phase::Pages, Phase::Home] {
        sending.send(phase)?;
    }
    plan.delete(&client)?;
    record.settle(&client, prefix, &plan, source.commit, made.until, now)?;
    sending.end();
    println!(
        "已发布到 s3://{name}/{prefix}：{} 个网页，传了 {} 个文件，删去 {} 个，用时 {:.1} 秒{}",
        made.pages,
        plan.uploads.len(),
        plan.deletes.len(),
        started.elapsed().as_secs_f64(),
        made.until.map_or_else(String::new, |until| format!("\n下次内容自己会变的时间：{}", terminal::moment(until))),
    );
    let paths = plan.changed_paths(prefix);
    if let Some(edge) = edge.filter(|_| !paths.is_empty()) {
        println!("已让 CloudFront 清掉 {} 的缓存，几分钟内各处生效。", edge.forget(&paths)?);
    }
    Ok(())
}

/// Where what is kept between two publications to this bucket lies.
fn work(options: &PublishOptions, name: &str, prefix: &str) -> anyhow::Result<PathBuf> {
    let place = match &options.repo {
        Some(repository) => repository.join("xiangshang"),
        None => options.place.root.join(site_gen::build::CACHE),
    };
    let place = place.join(format!("s3-{name}-{}", prefix.replace('/', "-")).trim_end_matches('-'));
    std::fs::create_dir_all(&place).with_context(|| format!("不能建文件夹 `{}`", place.display()))?;
    std::path::absolute(&place).with_context(|| format!("不能用 `{}`", place.display()))
}

/// Uploads on their way, with a bar on a terminal.
struct Sending<'a> {
    client: &'a Client,
    plan: &'a Plan,
    bar: Option<ProgressBar>,
}

impl<'a> Sending<'a> {
    fn new(client: &'a Client, plan: &'a Plan) -> Sending<'a> {
        let bar = (std::io::stderr().is_terminal() && !plan.uploads.is_empty()).then(|| {
            let style = ProgressStyle::with_template("上传 [{bar:24}] {pos}/{len} {elapsed}");
            let bar = ProgressBar::new(plan.uploads.len() as u64);
            bar.with_style(style.expect("the template is a constant and well formed").progress_chars("=> "))
        });
        Sending { client, plan, bar }
    }

    /// Sends all of a phase, several at once; the first failure ends it.
    fn send(&self, phase: Phase) -> anyhow::Result<()> {
        let uploads: Vec<&Upload> = self.plan.uploads.iter().filter(|upload| upload.phase == phase).collect();
        at_once(&uploads, |upload| {
            self.client.put(&upload.key, upload.body()?, &upload.headers())?;
            if let Some(bar) = &self.bar {
                bar.inc(1);
            }
            Ok(())
        })
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Does `work` with each of `items`, on threads that mostly wait for the network.
fn at_once<T: Sync>(items: &[T], work: impl Fn(&T) -> anyhow::Result<()> + Sync) -> anyhow::Result<()> {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE.min(items.len()))
            .map(|_| {
                scope.spawn(|| {
                    while let Some(item) = items.get(next.fetch_add(1, Relaxed)) {
                        if let Err(error) = work(item) {
                            // Nobody begins another one.
                            next.store(items.len(), Relaxed);
                            return Err(error);
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no upload panics"))
    })
}

/// Whether `path` is a page, which names others.
fn is_page(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "html")
}
