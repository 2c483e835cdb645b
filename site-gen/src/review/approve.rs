//! Makes an approval: a commit that changes nothing, says what is approved and is signed.
//!
//! The commit is made beside the branch and judged as the server will judge it; only when it counts does the branch move to it. Otherwise
//! nothing has happened.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use super::{
    claims::message,
    editors::Stage,
    git::{Id, Versions},
    list::{WorkingCopy, open},
    printable,
    standing::{Standing, short},
};

/// What is asked for.
#[derive(Debug)]
pub struct Approval<'a> {
    /// The working copy.
    pub root: &'a Path,
    /// Files, or folders: of those, what waits for this stage.
    pub files: &'a [String],
    /// Which stage.
    pub stage: Stage,
    /// What is published; none for what the branch was taken from.
    pub base: Option<&'a str>,
    /// How the commit is signed.
    pub signing: Signing,
}

/// How a commit is signed.
#[derive(Debug)]
pub enum Signing {
    /// By the key that git is set to.
    AsSet,
    /// By this key.
    Key(PathBuf),
    /// Not at all: the forge will know whoever pushes it by their account.
    None,
}

/// What came of it.
#[derive(Debug)]
pub enum Made {
    /// The branch has the approval; where the pages stand now. Without a signature that is not known before it is pushed.
    Given(Vec<Standing>),
    /// Nothing was done, and why: a line for each file.
    Refused(Vec<String>),
}

/// Approves.
pub fn run(approval: &Approval<'_>) -> anyhow::Result<(WorkingCopy, Made)> {
    let copy = open(approval.root, approval.base)?;
    let mut versions = Versions::of(&copy.git)?;
    let paths = paths(approval, &copy, &mut versions)?;
    untouched(approval.root, &paths, &copy)?;
    let branch = copy.git.run(["symbolic-ref", "--quiet", "HEAD"]).context("现在不在任何分支上\n提示：先 `git switch 分支名`")?;
    let branch = String::from_utf8_lossy(&branch).trim().to_owned();

    let commit = commit(approval, &paths, &copy)?;
    let standings = copy.of(&commit, &paths, &mut versions)?;
    if !matches!(approval.signing, Signing::None) {
        let refused: Vec<String> = standings.iter().filter_map(|standing| refusal(standing, approval.stage, &commit)).collect();
        if !refused.is_empty() {
            return Ok((copy, Made::Refused(refused)));
        }
    }
    copy.git
        .run(["update-ref", "-m", "review", &branch, &commit, &copy.head])
        .context("别的程序刚刚动过这条分支，没有写下批准\n提示：再运行一次")?;
    Ok((copy, Made::Given(standings)))
}

/// Files as the repository names them, each once.
fn paths(approval: &Approval<'_>, copy: &WorkingCopy, versions: &mut Versions) -> anyhow::Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut waiting: Option<Vec<Standing>> = None;
    for file in approval.files {
        let path = below(approval.root, file);
        if versions.at(&copy.head, &path)?.is_some() {
            paths.push(path);
            continue;
        }
        ensure!(
            approval.root.join(&path).is_dir(),
            "提交里没有 `{}`\n提示：从仓库最外层写起，如 `content/courses/a.md`；刚写好的先 `git add`、`git commit`",
            printable(file)
        );
        let waiting = match &mut waiting {
            Some(waiting) => waiting,
            none => none.insert(copy.standings()?),
        };
        let folder = format!("{}/", path.trim_end_matches('/'));
        let mine = |standing: &&Standing| standing.next.as_ref().is_some_and(|next| next.stage == approval.stage);
        paths.extend(waiting.iter().filter(mine).map(|standing| standing.path.clone()).filter(|path| path.starts_with(&folder)));
    }
    paths.sort();
    paths.dedup();
    ensure!(!paths.is_empty(), "没有等{}的文件\n提示：运行 `site-gen review` 看看什么在等谁", approval.stage.word());
    Ok(paths)
}

/// `file` below `root`, with `/`, whether it was written from there, from the present folder or in full.
fn below(root: &Path, file: &str) -> String {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (home, path) = (absolute(root), Path::new(file));
    let from_here = absolute(path);
    let inner = match from_here.strip_prefix(&home) {
        Ok(inner) if from_here.exists() || path.is_absolute() => inner.to_owned(),
        _ => path.to_owned(),
    };
    let names: Vec<_> = inner.iter().filter(|name| *name != ".").map(|name| name.to_string_lossy()).collect();
    names.join("/")
}

/// What is looked at is what is approved: no change waits uncommitted.
fn untouched(root: &Path, paths: &[String], copy: &WorkingCopy) -> anyhow::Result<()> {
    let root = root.to_string_lossy().into_owned();
    let asked = ["--work-tree", &root, "status", "--porcelain", "-z", "--untracked-files=no", "--"];
    let printed = copy.git.run(asked.into_iter().chain(paths.iter().map(String::as_str)))?;
    if printed.is_empty() {
        return Ok(());
    }
    let listed = String::from_utf8_lossy(&printed).into_owned();
    let changed: Vec<String> =
        listed.split('\0').filter_map(|entry| entry.get(3..)).map(|path| format!("`{}`", printable(path))).collect();
    bail!("{} 有改动还没有提交，批准的会是改动以前的样子\n提示：先提交或者放弃改动，再来审", changed.join("、"))
}

/// The commit, beside the branch.
fn commit(approval: &Approval<'_>, paths: &[String], copy: &WorkingCopy) -> anyhow::Result<Id> {
    let mut arguments: Vec<String> = Vec::new();
    let mut sign = None;
    match &approval.signing {
        Signing::None => {}
        Signing::AsSet => {
            let set = |name: &str| copy.git.output(["config", "--get", name], b"").map(|output| output.status.success());
            ensure!(
                set("user.signingkey")?,
                "git 还没有设好签名用的钥匙\n提示：`git config --global gpg.format ssh`、`git config --global user.signingkey ~/.ssh/id_ed25519.pub`；或者这一次加上 `--key ~/.ssh/id_ed25519`。代码托管平台按账号认人的，加 `--unsigned`"
            );
            sign = Some("-S");
        }
        Signing::Key(key) => {
            ensure!(
                key.is_file(),
                "没有 `{}` 这把钥匙\n提示：一般是 `~/.ssh/id_ed25519`；没有的话用 `ssh-keygen -t ed25519` 做一对",
                key.display()
            );
            let key = std::path::absolute(key).context("读不到钥匙")?;
            arguments.extend(["-c".to_owned(), format!("user.signingkey={}", key.display())]);
            sign = Some("-S");
        }
    }
    if sign.is_some() {
        arguments.extend(["-c".to_owned(), "gpg.format=ssh".to_owned()]);
    }
    arguments.extend(["commit-tree".to_owned(), format!("{}^{{tree}}", copy.head), "-p".to_owned(), copy.head.to_string()]);
    arguments.extend(sign.map(str::to_owned));
    arguments.extend(["-F".to_owned(), "-".to_owned()]);
    let printed = copy.git.feed(&arguments, message(approval.stage, paths).as_bytes()).context(
        "没能写下批准\n提示：看看上面 git 说的：多半是还没有写名字（`git config --global user.name 某某`、`user.email`），或者钥匙打不开",
    )?;
    Ok(Id::from(String::from_utf8_lossy(&printed).trim()))
}

/// Why this very approval does not count for the page; nothing when it does.
fn refusal(standing: &Standing, stage: Stage, commit: &Id) -> Option<String> {
    let name = short(commit);
    if standing.given.iter().any(|given| given.stage == stage && given.commit == name) {
        return None;
    }
    let path = printable(&standing.path);
    if let Some(given) = standing.given.iter().find(|given| given.stage == stage) {
        return Some(format!("{path}：{} 已经有了（{}），不用再审", stage.word(), given.by));
    }
    let why = standing.refused.iter().find(|refused| refused.stage == stage && refused.commit == name);
    Some(format!("{path}：{}", why.map_or("不算数", |refused| &refused.why)))
}
