//! What waits for whom, in a working copy.

use std::{path::Path, sync::Arc};

use anyhow::{Context, bail, ensure};

use super::{
    editors::{self, Editors},
    git::{Git, Id, Versions},
    paths::{Place, place},
    policy::editors_at,
    standing::{Question, Standing},
};

/// A working copy with a list of editors.
#[derive(Debug)]
pub struct WorkingCopy {
    /// Its repository.
    pub git: Git,
    /// What is checked out.
    pub head: Id,
    /// What is published so far, as far as this copy knows.
    pub published: Option<Id>,
    /// The list that holds.
    pub editors: Editors,
}

/// The working copy at `root`, compared with `base`; without one, with what its branch was taken from.
pub fn open(root: &Path, base: Option<&str>) -> anyhow::Result<WorkingCopy> {
    ensure!(
        root.join(".git").exists(),
        "`{}` 不是一个 git 仓库的最外层\n提示：用 `--root` 指定取下来的网站文件夹，里面有 `content/`；还没有的，先 `git clone`",
        root.display()
    );
    let git = Git::of(root);
    let head = git.commit("HEAD").ok().flatten().context("仓库里还没有提交\n提示：先 `git add .`、`git commit`")?;
    let published = match base {
        Some(base) => git.commit(base)?,
        None => ["@{upstream}", "origin/HEAD", "origin/main"].iter().find_map(|name| git.commit(name).ok().flatten()),
    };
    let mut versions = Versions::of(&git)?;
    // By the list that will be asked; where nothing is known to be published, by the one that is here.
    let holding = match &published {
        Some(published) => editors_at(&mut versions, published)?.map(|list| (list, published)),
        None => None,
    };
    let list = match holding {
        Some((list, _)) => Some(list),
        None => editors_at(&mut versions, &head)?,
    };
    match list {
        Some((Some(editors), mistakes)) if !mistakes.iter().any(crate::diagnostic::Diagnostic::is_error) => {
            Ok(WorkingCopy { git, head, published, editors })
        }
        Some(_) => bail!("`{}` 有错\n提示：运行 `site-gen check` 看看错在哪里", editors::FILE),
        None => bail!(
            "还没有编辑名单 `{}`，谁都可以改、都可以审\n提示：写一份再提交：\neditors:\n  - id: wang\n    name: 办公室编辑\n    keys: [ssh-ed25519 AAAA…]\n    writes: [/]\n    reviews:\n      - {{ stage: 初审, folders: [/] }}\n    admin: true",
            editors::FILE
        ),
    }
}

impl WorkingCopy {
    /// Everything that is not published, or not as it is here, sorted by path.
    pub fn standings(&self) -> anyhow::Result<Vec<Standing>> {
        let mut versions = Versions::of(&self.git)?;
        let waiting = self.waiting(&mut versions)?;
        self.of(&self.head, &waiting, &mut versions)
    }

    /// Where `paths` stand in `tip`.
    pub fn of(&self, tip: &Id, paths: &[String], versions: &mut Versions) -> anyhow::Result<Vec<Standing>> {
        let published = self.published.as_ref();
        let question = Question { tip, published, editors: &self.editors, coming: None, pusher: None };
        question.standings(paths, &self.git, versions)
    }

    /// Files that differ from what is published, and drafts.
    fn waiting(&self, versions: &mut Versions) -> anyhow::Result<Vec<String>> {
        let published = self.published.clone();
        let mut waiting = Vec::new();
        for (path, blob) in self.files(&self.head)? {
            if place(&path) != Place::Content {
                continue;
            }
            let Some(now) = versions.blob(&blob, &path)? else { continue };
            let before = match &published {
                Some(published) => versions.at(published, &path)?,
                None => None,
            };
            let is_new = self.published.is_some() && before.is_none_or(|before| before.words != now.words);
            if now.draft || is_new {
                waiting.push(path);
            }
        }
        Ok(waiting)
    }

    /// All files below `content/` in `commit`, with the names of their bytes.
    fn files(&self, commit: &Id) -> anyhow::Result<Vec<(String, Id)>> {
        let printed = self.git.run(["ls-tree", "-r", "-z", commit, "--", "content"])?;
        let listed = String::from_utf8_lossy(&printed).into_owned();
        let entry = |line: &str| {
            // MODE blob ID<tab>PATH
            let (about, path) = line.split_once('\t')?;
            let mut words = about.split(' ');
            let (mode, _, id) = (words.next()?, words.next()?, words.next()?);
            mode.starts_with("100").then(|| (path.to_owned(), Arc::from(id)))
        };
        Ok(listed.split('\0').filter_map(entry).collect())
    }

    /// How people call an editor.
    pub fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.editors.get(id).map_or(id, |editor| &editor.name)
    }
}
