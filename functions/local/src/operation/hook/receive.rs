//! What happens to a push.
//!
//! Before it is taken ([`before`]): the commit that the default branch is to stand at is checked as the site it would become, by the same
//! build. Its objects are still in quarantine; git finds them by the environment that it gives its hooks. Whatever is wrong refuses the
//! whole push, in the pusher's terminal. Other branches are nobody's business here.
//!
//! After it was taken ([`after`]): the branch is published as it stands by then, one publication at a time. Of two pushes that come at once the
//! second waits and publishes the newest commit; when that is live already it says so. What this misses because somebody kills it, the
//! next push makes good, or `publish --when-due`.

use std::{io::Read, path::PathBuf};

use anyhow::Context;
use functions::Clock;
use site_gen::{build::Options, doctor::examine};

use super::review;
use crate::{
    cli::ReceiveOptions,
    failure::Failure,
    operation::{
        git::Repository,
        lock::lock,
        publish::{self, manifest, site},
    },
    terminal::{eprintln, println},
};

/// One branch or tag that a push moves.
struct Move {
    old: String,
    new: String,
    name: String,
}

impl Move {
    fn deletes(&self) -> bool {
        self.new.bytes().all(|byte| byte == b'0')
    }
}

/// Refuses a push whose content is wrong.
pub async fn before(options: &ReceiveOptions) -> anyhow::Result<()> {
    let repository = repository()?;
    let branch = repository.default_branch()?;
    let moves = moves()?;
    if let Some(push) = moves.iter().find(|push| review::is_reserved(&push.name)) {
        let hint = "推送时不要带上它：只推送自己的分支";
        return Err(Failure::new(format!("没有收下这次推送：`{}` 由服务器自己记", push.name), hint).into());
    }
    let Some(push) = moves.into_iter().find(|push| push.name == branch) else { return Ok(()) };
    if push.deletes() {
        let hint = "只想换掉内容就推送新的提交；真的不要了，到服务器上 xiangshang hook remove 仓库";
        return Err(Failure::new(format!("没有删去 `{}`：网站就是从它发布的", short(&branch)), hint).into());
    }
    check(options, &repository, &push).await.map_err(|error| error.context("没有收下这次推送"))
}

async fn check(options: &ReceiveOptions, repository: &Repository, push: &Move) -> anyhow::Result<()> {
    let work = repository.folder().join("xiangshang");
    std::fs::create_dir_all(&work).with_context(|| format!("不能建文件夹 `{}`", work.display()))?;
    let _alone = lock(&work.join("check.lock"), "另一次推送正在检查，等它做完……")?;
    let root = work.join("check");
    site::check_out(repository, &push.new, &root)?;
    let asked = Options::new(&root, options.now.unwrap_or_else(|| Clock::system().now()));
    let asked = Options { base_url: options.base_url.clone(), cache: work.join("cache"), ..asked };
    let examined = examine(&asked, &[])?;
    site::say_all(&examined.diagnostics, &examined.texts);
    let errors = site::errors(&examined.diagnostics);
    if errors > 0 {
        let hint = "照上面的提示改好，git commit 以后再 git push；线上的网站没有变";
        return Err(Failure::new(format!("内容有 {errors} 处要改"), hint).into());
    }
    let missing = review::missing(repository.folder(), &push.old, &push.new, review::pusher().as_deref())?;
    if !missing.is_empty() {
        site::say_diagnostics(&missing);
        return Err(Failure::new("还没有审完", "照上面的提示请人审，再推送；线上的网站没有变").into());
    }
    if let Some(manifest) = &examined.manifest {
        manifest::preview(&options.place(), manifest).await?;
    }
    Ok(())
}

/// Publishes what was pushed.
pub async fn after(options: &ReceiveOptions) -> anyhow::Result<()> {
    let repository = repository()?;
    let branch = repository.default_branch()?;
    let moves = moves()?;
    if let Some(pusher) = review::pusher() {
        for push in moves.iter().filter(|push| !push.deletes()) {
            // What is taken is taken: an approval that is not known later is asked for again.
            if let Err(error) = review::remember(repository.folder(), &push.old, &push.new, &pusher) {
                eprintln!("记不下是谁推送的：{}", crate::failure::words(&error));
            }
        }
    }
    if moves.iter().any(|push| push.name == branch && !push.deletes()) {
        let published = publish::run(options.publication(repository.folder().to_owned())).await;
        return published.map_err(|error| error.context("推送收下了，但是没有发布"));
    }
    if let Some(push) = moves.iter().find(|push| push.name.starts_with("refs/heads/") && !push.deletes()) {
        println!("收下了 `{}`；网站只从 `{}` 发布。", short(&push.name), short(&branch));
        if repository.tip()?.is_none() {
            eprintln!(
                "`{}` 还没有提交。要从 `{}` 发布，在服务器上运行：git -C '{}' symbolic-ref HEAD {}",
                short(&branch),
                short(&push.name),
                repository.folder().display(),
                push.name
            );
        }
    }
    Ok(())
}

/// git starts hooks in the repository.
fn repository() -> anyhow::Result<Repository> {
    let folder = std::env::var_os("GIT_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
    Repository::bare(&folder)
}

/// What git tells a hook: a line each of the old commit, the new one and the name.
fn moves() -> anyhow::Result<Vec<Move>> {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text).context("不知道推送了什么")?;
    let text = String::from_utf8_lossy(&text);
    let moves = text.lines().filter_map(|line| {
        let mut words = line.splitn(3, ' ');
        Some(Move { old: words.next()?.to_owned(), new: words.next()?.to_owned(), name: words.next()?.to_owned() })
    });
    Ok(moves.collect())
}

fn short(name: &str) -> &str {
    name.trim_start_matches("refs/heads/")
}
