//! Whether the published branch may go from one commit to another: what a pre-receive hook asks.
//!
//! 1. By the rules that the old commit holds. Without a list of editors there are none.
//! 2. The branch only moves forward: who set it back cannot be told from commits.
//! 3. Every commit that comes along changes only what its maker may change.
//! 4. Where reviews are required, what is published has its three approvals.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    editors::{self, Editor, Stage},
    git::{Change, Commit, Git, Id, Versions},
    paths::{Place, place},
    people::{People, Register, Who},
    policy::{Policy, editors_at},
    printable,
    standing::{Question, Standing, short},
};
use crate::diagnostic::Diagnostic;

/// More than this is not read by anybody; the rest is counted.
const MOST: usize = 40;

/// What stands in the way when `git` is asked to move the published branch from `old` to `new` (the zeros of a hook stand for
/// nothing there). `pusher` is the account by which a forge has let the push in.
pub fn verify(git: &Git, old: &str, new: &str, pusher: Option<&str>) -> anyhow::Result<Vec<Diagnostic>> {
    let mut versions = Versions::of(git)?;
    let (old, new) = (git.commit(old)?, git.commit(new)?);
    let policy = match &old {
        Some(old) => Policy::at(&mut versions, old)?,
        None => None,
    };
    let coming = match &new {
        Some(new) => editors_at(&mut versions, new)?,
        None => None,
    };
    let mut found = Vec::new();
    if let Some((list, mistakes)) = &coming {
        found.extend(mistakes.iter().filter(|mistake| mistake.is_error()).cloned());
        if list.as_ref().is_some_and(|list| !list.has_admin()) {
            found.push(no_admin());
        }
    }
    let (Some(policy), Some(old)) = (policy, old) else { return Ok(found) };
    let by_admin = pusher.and_then(|pusher| policy.editors.with_account(pusher)).is_some_and(|editor| editor.admin);
    let Some(new) = new else {
        found.extend((!by_admin).then(|| backwards("要删掉正式分支")));
        return Ok(found);
    };
    if !by_admin && !git.is_ancestor(&old, &new)? {
        found.push(backwards("要让正式分支退回去，或者换成另一段历史（强制推送）"));
        return Ok(found);
    }
    let coming = coming.and_then(|(list, _)| list);
    let push = Push { git, policy: &policy, old: &old, new: &new, pusher, coming: coming.as_ref() };
    found.extend(push.trespasses(&mut versions)?);
    if policy.required {
        found.extend(push.unreviewed(&mut versions)?);
    }
    Ok(few(found))
}

/// One move of the branch.
struct Push<'a> {
    git: &'a Git,
    policy: &'a Policy,
    old: &'a Id,
    new: &'a Id,
    pusher: Option<&'a str>,
    coming: Option<&'a editors::Editors>,
}

/// Changes that one commit makes and its maker may not make, for one and the same reason.
type Trespasses = BTreeMap<Trespass, Vec<String>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trespass {
    Impossible,
    Protected,
    NotAFile,
    Elsewhere,
    Octopus,
}

impl Push<'_> {
    /// What commits change and their makers may not.
    fn trespasses(&self, versions: &mut Versions) -> anyhow::Result<Vec<Diagnostic>> {
        let without = format!("^{}", self.old);
        let tips: [&str; 2] = [self.new, &without];
        let commits: BTreeMap<Id, Commit> =
            self.git.history(&tips)?.into_iter().map(|commit| (commit.id.clone(), commit)).collect();
        let changes = self.git.changes(&tips, &[])?;
        let arriving: BTreeSet<Id> = commits.keys().cloned().collect();
        let acting: BTreeSet<Id> = changes.iter().filter(|(_, changes)| !changes.is_empty()).map(|(id, _)| id.clone()).collect();
        let register = Register { editors: &self.policy.editors, coming: self.coming, pusher: self.pusher, arriving: &arriving };
        let people = People::of(&acting, &register, self.git)?;
        let mut found = Vec::new();
        // The oldest first, as they were made.
        for (id, changes) in changes.iter().rev() {
            let Some(commit) = commits.get(id) else { continue };
            let who = people.who(id);
            let editor = match &who {
                Who::Editor(id) => self.policy.editors.get(id),
                Who::Unknown(_) => None,
            };
            let mut trespasses = Trespasses::new();
            if commit.parents.len() > 2 {
                trespasses.insert(Trespass::Octopus, Vec::new());
            }
            for change in changes {
                if let Some(trespass) = self.trespass(change, editor, versions)? {
                    trespasses.entry(trespass).or_default().push(change.path.clone());
                }
            }
            for (trespass, paths) in trespasses {
                found.push(said(trespass, &paths, commit, &who, editor, &self.policy.editors));
            }
        }
        Ok(found)
    }

    fn trespass(&self, change: &Change, editor: Option<&Editor>, versions: &mut Versions) -> anyhow::Result<Option<Trespass>> {
        let place = place(&change.path);
        if place == Place::Impossible {
            return Ok(Some(Trespass::Impossible));
        }
        if editor.is_some_and(|editor| editor.admin) {
            return Ok(None);
        }
        if place == Place::Protected {
            return Ok(Some(Trespass::Protected));
        }
        if change.new.as_ref().is_some_and(|blob| !blob.is_file()) {
            return Ok(Some(Trespass::NotAFile));
        }
        let path = &change.path;
        let may = match editor {
            Some(editor) => editor.writes(path) || (editor.reviews_any(path) && housekeeping(change, versions)?),
            None => false,
        };
        Ok((!may && !self.policy.editors.anyone_writes(path)).then_some(Trespass::Elsewhere))
    }

    /// Pages that are published by this move and lack approvals.
    fn unreviewed(&self, versions: &mut Versions) -> anyhow::Result<Vec<Diagnostic>> {
        let mut wanted = Vec::new();
        for change in self.git.difference(self.old, self.new)? {
            // Taking something away is quick: a mistake must not stay until three people have agreed on that.
            let Some(new) = &change.new else { continue };
            if place(&change.path) != Place::Content || !new.is_file() {
                continue;
            }
            let Some(now) = versions.blob(&new.id, &change.path)? else { continue };
            let before = match &change.old {
                Some(old) => versions.blob(&old.id, &change.path)?,
                None => None,
            };
            let shown_as_before = before.is_some_and(|before| !before.draft && before.words == now.words);
            if !now.draft && !shown_as_before {
                wanted.push(change.path);
            }
        }
        let question = Question {
            tip: self.new,
            published: Some(self.old),
            editors: &self.policy.editors,
            coming: self.coming,
            pusher: self.pusher,
        };
        let standings = question.standings(&wanted, self.git, versions)?;
        Ok(standings.iter().filter_map(|standing| lacking(standing, &self.policy.editors)).collect())
    }
}

/// Nothing that is reviewed is changed.
fn housekeeping(change: &Change, versions: &mut Versions) -> anyhow::Result<bool> {
    let (Some(old), Some(new)) = (&change.old, &change.new) else { return Ok(false) };
    let words =
        |versions: &mut Versions, id| -> anyhow::Result<_> { Ok(versions.blob(id, &change.path)?.map(|version| version.words)) };
    Ok(words(versions, &old.id)? == words(versions, &new.id)?)
}

fn said(
    trespass: Trespass,
    paths: &[String],
    commit: &Commit,
    who: &Who,
    editor: Option<&Editor>,
    editors: &editors::Editors,
) -> Diagnostic {
    let subject = printable(commit.message.lines().next().unwrap_or_default());
    let named = format!("提交 {}「{subject}」", short(&commit.id));
    let first = printable(paths.first().map_or("content", String::as_str));
    let several = if paths.len() > 1 { format!("等 {} 个文件", paths.len()) } else { String::new() };
    let why = match who {
        Who::Unknown(why) => format!("认不出这次提交是谁做的：{}", why.words()),
        Who::Editor(id) => {
            let name = editor.map_or(id.as_str(), |editor| &editor.name);
            format!("名单里的 {}（{id}）没有这里的权限", printable(name))
        }
    };
    let remedy = |known: String| match who {
        Who::Unknown(why) => why.remedy().to_owned(),
        Who::Editor(_) => known,
    };
    match trespass {
        Trespass::Impossible => Diagnostic::error(first, "impossible_path", format!("{named}里有不能用的文件名{several}"))
            .hint("改一个名字：不要有换行、控制字符、`..`，用 UTF-8 编码"),
        Trespass::Octopus => {
            Diagnostic::error(first, "octopus_merge", format!("{named}一次合并了好几条分支，看不出合并的人改了什么"))
                .hint("一次合并一条分支，再推送")
        }
        Trespass::NotAFile => {
            Diagnostic::error(first, "not_a_file", format!("{named}放进了链接或子仓库{several}")).hint("把文件本身放进来")
        }
        Trespass::Protected => Diagnostic::error(
            first,
            if matches!(who, Who::Unknown(_)) { "nobody_known" } else { "not_allowed" },
            format!("{named}改了人人受影响的文件{several}，{why}"),
        )
        .hint(remedy(format!("这些文件由负责人改：{}", admins(editors)))),
        Trespass::Elsewhere => Diagnostic::error(
            first,
            if matches!(who, Who::Unknown(_)) { "nobody_known" } else { "not_allowed" },
            format!("{named}改了它{several}，{why}"),
        )
        .hint(remedy(may_write(editor))),
    }
}

fn may_write(editor: Option<&Editor>) -> String {
    let folders = editor.map_or_else(String::new, |editor| {
        let written = |folder: &String| format!("`content/{}`", printable(folder.trim_start_matches('/')));
        editor.writes.iter().map(written).collect::<Vec<_>>().join("、")
    });
    if folders.is_empty() {
        "这个人还不能写任何文件夹；请负责人在 `content/editors.yaml` 里给他加上 `writes`".to_owned()
    } else {
        format!("这个人只能写 {folders}；要写别处，请负责人改 `content/editors.yaml`")
    }
}

fn admins(editors: &editors::Editors) -> String {
    let names: Vec<String> = editors.editors.iter().filter(|editor| editor.admin).map(|editor| printable(&editor.name)).collect();
    names.join("、")
}

/// What a page still lacks; nothing when it has all.
fn lacking(standing: &Standing, editors: &editors::Editors) -> Option<Diagnostic> {
    let next = standing.next.as_ref()?;
    let name = |id: &String| editors.get(id).map_or_else(|| id.clone(), |editor| printable(&editor.name));
    let missing: Vec<&str> = Stage::ALL.iter().skip(standing.given.len()).map(|stage| stage.word()).collect();
    let given: Vec<String> =
        standing.given.iter().map(|given| format!("{}（{}）", given.stage.word(), name(&given.by))).collect();
    let given = if given.is_empty() { String::new() } else { format!("，已有{}", given.join("、")) };
    let waits = if next.by.is_empty() {
        "名单里没有别的人能审这里：请负责人在 `content/editors.yaml` 里安排".to_owned()
    } else {
        let names: Vec<String> = next.by.iter().map(name).collect();
        let stage = next.stage.word();
        format!("等 {} 来{stage}：`site-gen review approve '{}' --stage {stage}`", names.join(" 或 "), printable(&standing.path))
    };
    let refused: Vec<String> = standing
        .refused
        .iter()
        .map(|refused| {
            let by = refused.by.as_ref().map_or_else(String::new, |by| format!("（{}）", name(by)));
            format!("\n提交 {} 里的{}{by}不算：{}", refused.commit, refused.stage.word(), refused.why)
        })
        .collect();
    let message = format!("还缺{}{given}", missing.join("、"));
    let draft = "；先不公开的，加一行 `draft: true` 就可以推送";
    Some(
        Diagnostic::error(printable(&standing.path), "not_reviewed", message).hint(format!("{waits}{draft}{}", refused.concat())),
    )
}

fn backwards(what: &str) -> Diagnostic {
    Diagnostic::error("content", "backwards", format!("这次推送{what}，看不出是谁的主意"))
        .hint("先取下最新的内容再推送：`git pull --rebase`；要撤回什么，用 `git revert` 做一次新的提交。真要这样做，请负责人用自己的平台账号推送")
}

fn no_admin() -> Diagnostic {
    Diagnostic::error(editors::FILE, "no_admin", "名单里没有认得出的负责人，以后谁也改不了它")
        .hint("至少给一个人写上 `admin: true`，并写上他的 `keys` 或 `accounts`")
}

/// The first of many, and how many more there are.
fn few(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if found.len() > MOST {
        let more = found.len() - MOST;
        found.truncate(MOST);
        found.push(
            Diagnostic::error("content", "and_more", format!("还有 {more} 处同样的问题没有列出"))
                .hint("先改好上面的，再推送一次"),
        );
    }
    found
}
