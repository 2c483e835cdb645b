//! Builds the site again whenever it has to be: files changed, or a moment came that the last build named.
//!
//! A build is published in this order: the functions learn of it first (they understand pages of the last 30 days, while old
//! functions would not understand new pages), then the files. Whatever is wrong leaves both as they were.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use domain::Moment;
use functions::{Clock, PublishError, Service};
use pages::Manifest;
use site_gen::{
    build::{self, Built, Options},
    diagnostic::Diagnostic,
    write::{self, WriteError},
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
    /// The folder with `content/` and `themes/`.
    pub root: PathBuf,
    /// `public/`
    pub folder: PathBuf,
    /// Says at which moment a build is made.
    pub clock: Clock,
    /// Learns of every good build.
    pub service: Arc<Service>,
    /// Tells the pages.
    pub status: watch::Sender<Status>,
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
    /// Builds once, tells the pages and the terminal, and gives the moment at which the next build is due.
    pub async fn build(&self) -> Option<Moment> {
        let started = Instant::now();
        let now = self.clock.now();
        let outcome = match self.try_build(now).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Failed(error),
        };
        match outcome {
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
    pub async fn keep_building(self, mut next: Option<Moment>, mut changed: Option<UnboundedReceiver<()>>) {
        loop {
            tokio::select! {
                said = async { changed.as_mut().expect("polled only when it is there").recv().await }, if changed.is_some() => match said {
                    Some(()) => {
                        // What was said while a build ran is one change.
                        while changed.as_mut().is_some_and(|changed| changed.try_recv().is_ok()) {}
                        next = self.build().await.or(next.filter(|next| *next > self.clock.now()));
                    }
                    None => changed = None,
                },
                () = self.wait_for(next), if next.is_some() => next = self.build().await,
                else => return,
            }
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
        if self.status.borrow().manifest.as_ref() == Some(&manifest.version) {
            return self.service.publish(manifest.clone()).await.map(|()| Vec::new());
        }
        let publication = self.service.compare(manifest).await?;
        self.service.publish(manifest.clone()).await?;
        Ok(if publication.first || publication.same { Vec::new() } else { changes(&publication) })
    }

    async fn try_build(&self, now: Moment) -> anyhow::Result<Outcome> {
        let options = Options::new(&self.root, now);
        let mut built = tokio::task::spawn_blocking(move || build::build(&options)).await??;
        say::diagnostics(&built.diagnostics, &built.texts);
        let mistakes: Vec<Mistake> = built
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.is_error())
            .map(|diagnostic: &Diagnostic| Mistake::of(diagnostic, &built.texts))
            .collect();
        if !mistakes.is_empty() {
            return Ok(Outcome::Refused { mistakes });
        }
        if let Some(manifest) = &built.manifest {
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
        let folder = self.folder.clone();
        let (outputs, manifest) = (std::mem::take(&mut built.outputs), built.manifest.take());
        let version = manifest.as_ref().map(|manifest| manifest.version.clone());
        let written = tokio::task::spawn_blocking(move || {
            let written = write::write(&outputs, &folder)?;
            write::write_manifest(manifest.as_ref(), &folder)?;
            Ok::<_, WriteError>(written)
        });
        match written.await? {
            Ok(written) => {
                let changed = written.written + written.removed;
                Ok(Outcome::Published { built: Box::new(built), changed, manifest: version })
            }
            Err(WriteError::NotOurs(folder)) => {
                let message = format!("`{}` 里有别的文件，不是 site-gen 写的，所以没有动它", folder.display());
                let mistakes = vec![Mistake::new(message, Some("把里面的文件移走，再保存一次任意内容"))];
                say::mistakes(&mistakes);
                Ok(Outcome::Refused { mistakes })
            }
            Err(error) => Err(error).context("文件写不进去"),
        }
    }
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
