//! What publishing and hooks ask of git, by the door that reviews have to it. Nothing here writes an object or moves a branch.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use site_gen::{diagnostic::Diagnostic, review::git::Git};

use crate::failure::Failure;

/// A repository by its git folder.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
    git: Git,
}

/// A commit as people recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its whole name.
    pub id: String,
    /// The first line of its message.
    pub subject: String,
}

impl Commit {
    /// `1a2b3c4 改了首页`
    pub fn words(&self) -> String {
        format!("{} {}", self.id.get(..8).unwrap_or(&self.id), crate::terminal::printable(&self.subject))
    }
}

impl Repository {
    /// The bare repository at `path`.
    pub fn bare(path: &Path) -> anyhow::Result<Repository> {
        let folder = path.canonicalize().with_context(|| format!("不能打开仓库 `{}`", path.display()))?;
        let repository = Repository { git: Git::of(&folder), folder };
        let said = repository.run(["rev-parse", "--is-bare-repository"])?;
        if !said.status.success() || String::from_utf8_lossy(&said.stdout).trim() != "true" {
            return Err(Failure::new(
                format!("`{}` 不是裸仓库", path.display()),
                "裸仓库用 git init --bare 站点.git 新建，或 git clone --bare 原来的仓库 站点.git",
            )
            .into());
        }
        Ok(repository)
    }

    /// Its git folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The branch that is published, `refs/heads/main`: the one that `HEAD` names, whether or not anybody has pushed it yet.
    pub fn default_branch(&self) -> anyhow::Result<String> {
        let said = self.run(["symbolic-ref", "HEAD"])?;
        let branch = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        if said.status.success() && branch.starts_with("refs/") {
            return Ok(branch);
        }
        let hint = format!("运行 git -C '{}' symbolic-ref HEAD refs/heads/main", self.folder.display());
        Err(Failure::new(format!("仓库 `{}` 没有默认分支", self.folder.display()), &hint).into())
    }

    /// What the default branch stands at; nothing before the first push.
    pub fn tip(&self) -> anyhow::Result<Option<Commit>> {
        let branch = self.default_branch()?;
        let said = self.run(["log", "-1", "--no-show-signature", "--format=%H%n%s", &branch, "--"])?;
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        let mut lines = text.lines();
        Ok(lines
            .next()
            .filter(|_| said.status.success())
            .map(|id| Commit { id: id.to_owned(), subject: lines.next().unwrap_or_default().to_owned() }))
    }

    /// What of a commit's `content/` and `themes/` cannot be a file of a site: links and other repositories.
    pub fn strange(&self, commit: &str) -> anyhow::Result<Vec<Diagnostic>> {
        let said = self.run(["ls-tree", "-r", "-z", "--full-tree", commit, "--", "content", "themes"])?;
        succeeded(&said, "提交里的文件列不出来")?;
        let entries = said.stdout.split(|byte| *byte == 0).filter_map(|entry| {
            let tab = entry.iter().position(|byte| *byte == b'\t')?;
            Some((&entry[..tab], String::from_utf8_lossy(&entry[tab + 1..]).into_owned()))
        });
        Ok(entries
            .filter_map(|(about, path)| match about.get(..6) {
                Some(b"120000") => Some(
                    Diagnostic::error(path, "link_in_commit", "这是一个符号链接，推送到网站的仓库里不能有")
                        .hint("把文件本身复制进来，再提交"),
                ),
                Some(b"160000") => Some(
                    Diagnostic::error(path, "submodule", "这是另一个仓库（子模块），里面的内容不会发布")
                        .hint("用 git rm 去掉它，把里面的文件复制进来，再提交"),
                ),
                _ => None,
            })
            .collect())
    }

    /// Makes `folder` hold exactly the files of a commit. What is there of an earlier commit and is the same is left alone, so an edit costs what
    /// it changes; whatever somebody else or a process that was killed has left there goes. `index` is git's own note of what is in the folder.
    pub fn check_out(&self, commit: &str, folder: &Path, index: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("不能建文件夹 `{}`", folder.display()))?;
        // Left by a process that was killed: callers hold a lock of ours, so nobody else is at it.
        let mut lock = index.as_os_str().to_owned();
        lock.push(".lock");
        remove_if_there(Path::new(&lock))?;
        let said = self.read_tree(commit, folder, index)?;
        if said.status.success() {
            return self.clean(folder, index);
        }
        // A note that was cut off cannot be read: begin anew before believing that the commit is wrong.
        remove_if_there(index)?;
        fs::remove_dir_all(folder)
            .and_then(|()| fs::create_dir_all(folder))
            .with_context(|| format!("不能清空 `{}`", folder.display()))?;
        let said = self.read_tree(commit, folder, index)?;
        if !said.status.success() {
            let hint = format!("文件名里不能有 `..`、`.git` 这样的部分；git 说：{}", complained(&said));
            return Err(Failure::new("提交里有写不到磁盘上的文件", &hint).into());
        }
        Ok(())
    }

    fn read_tree(&self, commit: &str, folder: &Path, index: &Path) -> anyhow::Result<Output> {
        run(&mut self.command_in(folder, index, ["read-tree", "--reset", "-u", commit]))
    }

    fn clean(&self, folder: &Path, index: &Path) -> anyhow::Result<()> {
        let said = run(&mut self.command_in(folder, index, ["clean", "-f", "-fdxq"]))?;
        succeeded(&said, "多出来的文件清不掉")
    }

    /// The folder of its hooks. An error when it is shared with other repositories.
    pub fn hooks(&self) -> anyhow::Result<PathBuf> {
        let said = self.run(["rev-parse", "--git-path", "hooks"])?;
        succeeded(&said, "不知道钩子放在哪里")?;
        let path = self.folder.join(String::from_utf8_lossy(&said.stdout).trim());
        if !path.starts_with(&self.folder) {
            let hint = "先取消：git config --unset core.hooksPath（在哪里设的，用 git config --show-origin core.hooksPath 看）";
            return Err(Failure::new(format!("这台机器上几个仓库的钩子都在 `{}`，没有动它", path.display()), hint).into());
        }
        Ok(path)
    }

    fn run<const N: usize>(&self, arguments: [&str; N]) -> anyhow::Result<Output> {
        run(self.git.command().args(arguments))
    }

    /// The same for what is done to files in `folder`.
    fn command_in<const N: usize>(&self, folder: &Path, index: &Path, arguments: [&str; N]) -> Command {
        // Links become small files of text, so that nothing that they name is followed, and nobody's settings change what is checked out.
        const PLAIN: [&str; 4] = ["core.bare=false", "core.symlinks=false", "core.autocrlf=false", "core.fsmonitor=false"];
        let mut command = self.git.command();
        command.args(PLAIN.iter().flat_map(|setting| ["-c", setting]));
        command.arg("--work-tree").arg(folder).args(arguments).current_dir(folder).env("GIT_INDEX_FILE", index);
        command
    }
}

fn run(command: &mut Command) -> anyhow::Result<Output> {
    command.stdin(Stdio::null()).output().map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            return Failure::new("没有找到 git", "装上它：apt-get install git").into();
        }
        anyhow::Error::new(error).context("git 启动不了")
    })
}

fn succeeded(said: &Output, what: &str) -> anyhow::Result<()> {
    if said.status.success() {
        return Ok(());
    }
    Err(Failure::new(what, &format!("看 git 怎么说：{}", complained(said))).into())
}

fn complained(said: &Output) -> String {
    crate::terminal::printable(String::from_utf8_lossy(&said.stderr).trim())
}

fn remove_if_there(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("不能删去 `{}`", path.display()))
        }
        _ => Ok(()),
    }
}
