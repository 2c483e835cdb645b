//! Builds the site again whenever it has to be: files changed, or a moment came that the last build named. What the last build made
//! and nothing has changed is not made again ([`site_gen::generator`]).
//!
//! A build is published in this order: its files are written beside their places, the functions learn of it (they understand pages of
//! the last 30 days, while old functions would not understand new pages), then the files take their places. Whatever is wrong leaves both as they were.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context;
use domain::Moment;
use functions::{Clock, PublishError, Service};
use pages::Manifest;
use site_gen::{
    build::{Built, Options},
    cache::Cache,
    compress::{self, Effort},
    diagnostic::Diagnostic,
    generator::{Changes, Generator},
    write::{self, Delivery, Folder, WriteError, Written},
};
use tokio::sync::{mpsc::UnboundedReceiver, watch};

use super::{
    say,
    status::{Mistake, Status},
};
use crate::operation::publish::changes;

/// Longer waits are cut into pieces: a machine that slept must not wake up an hour late.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// All that a build needs and tells.
pub struct Builder {
    site: Arc<Mutex<Site>>,
    /// Says at which moment a build is made.
    clock: Clock,
    /// Learns of every good build.
    service: Arc<Service>,
    /// Tells the pages.
    status: watch::Sender<Status>,
}

/// The site as the last build left it.
struct Site {
    generator: Generator,
    /// `public/`
    path: PathBuf,
    /// What is known of it; nothing after something went wrong.
    folder: Option<Folder>,
    /// What was packed once.
    packed: Cache,
}

impl Site {
    fn folder(&mut self) -> Folder {
        self.folder.take().unwrap_or_else(|| Folder::new(&self.path))
    }
}

/// Why a build is made.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reason {
    /// Somebody changed something, or an hour has come: whoever waits for it sees it before what nobody waits for is made.
    Changed(Changes),
    /// What nobody waited for is still to be made.
    Owed,
}

/// What a build came to.
enum Outcome {
    /// It is published; so many files are other than before, and the functions follow this version of the manifest.
    Published { built: Box<Built>, changed: usize, manifest: Option<String> },
    /// It is not, and everything is as it was.
    Refused { mistakes: Vec<Mistake> },
    /// Nobody wrote anything wrong: a disk or a table did not do its part.
    Failed(anyhow::Error),
}

impl Builder {
    /// Builds the site in `root` into `folder`.
    pub fn new(root: PathBuf, folder: PathBuf, clock: Clock, service: Arc<Service>, status: watch::Sender<Status>) -> Builder {
        let options = Options::new(root, clock.now());
        let packed = compress::cache(&options.cache);
        let site = Site { generator: Generator::new(options), path: folder, folder: None, packed };
        Builder { site: Arc::new(Mutex::new(site)), clock, service, status }
    }

    /// Builds for the first time, tells the pages and the terminal, and gives the moment at which the next build is due.
    pub async fn build(&self) -> Option<Moment> {
        self.build_because(Reason::Changed(Changes::Anything)).await
    }

    async fn build_because(&self, reason: Reason) -> Option<Moment> {
        let started = Instant::now();
        let now = self.clock.now();
        let outcome = match self.try_build(now, reason.clone()).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Failed(error),
        };
        match outcome {
            Outcome::Published { built, .. } if reason == Reason::Owed => built.next_change.filter(|next| *next > now),
            Outcome::Published { built, changed, manifest } => {
                say::built(built.report.pages, changed, started.elapsed(), built.next_change);
                self.status.send_modify(|status| {
                    status.revision += 1;
                    status.mistakes.clear();
                    if changed > 0 || !status.published || status.manifest != manifest {
                        status.build = build_name(status.revision);
                    }
                    status.published = true;
                    status.manifest = manifest;
                });
                built.next_change.filter(|next| *next > now)
            }
            Outcome::Refused { mistakes } => {
                say::refused(mistakes.len(), self.status.borrow().published);
                self.refuse(mistakes);
                None
            }
            // It may do better by itself.
            Outcome::Failed(error) => {
                let mistakes = vec![Mistake::new(format!("网站没有更新：{error:#}"), Some("一分钟后会自动再试"))];
                say::mistakes(&mistakes);
                self.refuse(mistakes);
                Some(Moment(now.0.saturating_add(LONGEST_WAIT).unwrap_or(now.0)))
            }
        }
    }

    fn refuse(&self, mistakes: Vec<Mistake>) {
        self.status.send_modify(|status| {
            status.revision += 1;
            status.mistakes = mistakes;
        });
    }

    /// Builds again and again: when `changed` says so, and when a moment comes that a build named. Ends when nobody is left
    /// to say so and no moment is awaited.
    pub async fn keep_building(self, mut next: Option<Moment>, mut changed: Option<UnboundedReceiver<Changes>>) {
        // Whoever watches edits, and sees pages with a script in them that no packed file has.
        let packs = changed.is_none();
        let mut packed = 0;
        loop {
            let owes = self.site().generator.owes();
            let revision = self.status.borrow().revision;
            if packs && !owes && packed != revision {
                self.pack().await;
                packed = revision;
            }
            tokio::select! {
                biased;
                said = async { changed.as_mut().expect("polled only when it is there").recv().await }, if changed.is_some() => match said {
                    Some(mut changes) => {
                        // What was said while a build ran is one change.
                        while let Some(Ok(more)) = changed.as_mut().map(UnboundedReceiver::try_recv) {
                            changes.and(more);
                        }
                        let reason = Reason::Changed(changes);
                        next = self.build_because(reason).await.or(next.filter(|next| *next > self.clock.now()));
                    }
                    None => changed = None,
                },
                () = self.wait_for(next), if next.is_some() => next = self.build_because(Reason::Changed(Changes::none())).await,
                () = std::future::ready(()), if owes => next = self.build_because(Reason::Owed).await.or(next),
                else => return,
            }
        }
    }

    /// Packs what was built, for browsers that take it so. What cannot be packed is sent as it is.
    async fn pack(&self) {
        let site = Arc::clone(&self.site);
        let work = move || {
            let site = &mut *site.lock().unwrap_or_else(PoisonError::into_inner);
            let mut folder = site.folder();
            let packed = folder.beside_outputs(|path| compress::compress(path, Effort::Quick, &site.packed));
            site.folder = Some(folder);
            packed
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(packed)) => tracing::debug!(made = packed.made, found = packed.found, kept = packed.kept, "packed the site"),
            Ok(Err(error)) => tracing::warn!("the site cannot be packed: {error}"),
            Err(error) => tracing::warn!("packing the site ended early: {error}"),
        }
    }

    async fn wait_for(&self, next: Option<Moment>) {
        while let Some(left) = next.and_then(|next| Duration::try_from(next.0.duration_since(self.clock.now().0)).ok()) {
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_WAIT)).await;
        }
    }

    /// Makes the functions follow a manifest, and gives what changes by it for those who register. A site that was never published
    /// changes nothing for anybody.
    async fn publish(&self, manifest: &Manifest) -> Result<Vec<String>, PublishError> {
        let ours = self.status.borrow().manifest.as_ref() == Some(&manifest.version);
        if ours && self.service.is_published(&manifest.version).await.map_err(PublishError::Table)? {
            return Ok(Vec::new());
        }
        let publication = self.service.compare(manifest).await?;
        self.service.publish(manifest.clone()).await?;
        Ok(if publication.first || publication.same { Vec::new() } else { changes(&publication) })
    }

    fn site(&self) -> std::sync::MutexGuard<'_, Site> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn try_build(&self, now: Moment, reason: Reason) -> anyhow::Result<Outcome> {
        let is_owed = reason == Reason::Owed;
        let site = Arc::clone(&self.site);
        let build = move || {
            let site = &mut *site.lock().unwrap_or_else(PoisonError::into_inner);
            let mut folder = Some(site.folder());
            let (changes, put_off) = match reason {
                Reason::Changed(changes) => (changes, true),
                Reason::Owed => (Changes::none(), false),
            };
            let open = |paths| folder.take().expect("it is opened once").open(paths);
            let built = site.generator.build(now, &changes, put_off, open);
            // Nothing was opened when there is nothing to publish.
            site.folder = folder;
            built
        };
        let (mut built, delivery) = match tokio::task::spawn_blocking(build).await?.map_err(anyhow::Error::downcast::<WriteError>)
        {
            Ok(built) => built,
            Err(Ok(error)) => return not_written(error),
            Err(Err(error)) => return Err(error),
        };
        if !is_owed {
            say::diagnostics(&built.diagnostics, &built.texts);
        }
        let mistakes: Vec<Mistake> = built
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.is_error())
            .map(|diagnostic: &Diagnostic| Mistake::of(diagnostic, &built.texts))
            .collect();
        if !mistakes.is_empty() {
            return Ok(Outcome::Refused { mistakes });
        }
        if let Some(manifest) = built.manifest.as_ref().filter(|_| !is_owed) {
            match self.publish(manifest).await {
                Ok(changes) => say::changes(&changes),
                Err(PublishError::Table(error)) => return Err(error).context("数据表写不进去"),
                Err(error) => {
                    let mistakes = unpublishable(&error);
                    say::mistakes(&mistakes);
                    return Ok(Outcome::Refused { mistakes });
                }
            }
        }
        let site = Arc::clone(&self.site);
        let manifest = built.manifest.take();
        let version = manifest.as_ref().map(|manifest| manifest.version.clone());
        let written = tokio::task::spawn_blocking(move || {
            let site = &mut *site.lock().unwrap_or_else(PoisonError::into_inner);
            let Some((written, folder)) = delivery.map(Delivery::commit).transpose()? else { return Ok(Written::default()) };
            site.folder = Some(folder);
            site.generator.published();
            // What is made later was published with all the rest; since then somebody else may have built here.
            if !is_owed {
                write::write_manifest(manifest.as_ref(), &site.path)?;
            }
            Ok::<_, WriteError>(written)
        });
        match written.await? {
            Ok(written) => {
                let changed = written.written + written.removed;
                Ok(Outcome::Published { built: Box::new(built), changed, manifest: version })
            }
            Err(error) => not_written(error),
        }
    }
}

/// Why the files were not written: somebody else's are there, or the disk did not do its part.
fn not_written(error: WriteError) -> anyhow::Result<Outcome> {
    let WriteError::NotOurs(folder) = error else { return Err(error).context("文件写不进去") };
    let message = format!("`{}` 里有别的文件，不是 site-gen 写的，所以没有动它", folder.display());
    let mistakes = vec![Mistake::new(message, Some("把里面的文件移走，再保存一次任意内容"))];
    say::mistakes(&mistakes);
    Ok(Outcome::Refused { mistakes })
}

/// Names a build for the pages that show it. Another process never gives the same name.
fn build_name(revision: u64) -> String {
    format!("{}-{revision}", std::process::id())
}

/// Why the functions did not take a build, in words for an author.
fn unpublishable(error: &PublishError) -> Vec<Mistake> {
    match error {
        PublishError::SessionsVanished { sessions } => sessions
            .iter()
            .map(|session| {
                Mistake::new(
                    format!("场次 `{session}` 已经有人报名，不能从内容里删掉"),
                    Some("把它的页面放回来；如果不办了，写上 `cancelled: true`，报名的人会看到取消的消息"),
                )
            })
            .collect(),
        PublishError::FormChanged { form, version } => vec![Mistake::new(
            format!("表单 `{form}` 的问题改了，版本号 `version: {version}` 却没有变"),
            Some("把 `version` 加 1：已经打开的旧页面才能照旧版本提交"),
        )],
        PublishError::Template(error) => vec![Mistake::new(format!("办事页面的模板有错：{error}"), None)],
        PublishError::Table(error) => vec![Mistake::new(format!("数据表写不进去：{error}"), None)],
    }
}
