//! What the server itself remembers: by which account a commit came. Without it an approval that is not signed would be worth something only in
//! the push that brings it, and three people cannot push at once.
//!
//! It is a note of git's under a name of its own, written after a push was accepted. Nobody may push there: [`is_reserved`].

use std::{collections::BTreeMap, sync::Arc};

use anyhow::ensure;

use super::git::{Git, Id};

/// Where the notes are.
pub const NOTES: &str = "refs/notes/xiangshang-accounts";

/// A name that only the server writes; whoever pushes it is to be refused.
pub fn is_reserved(reference: &str) -> bool {
    // Replaced objects and grafts would make git tell another history than there is.
    reference.starts_with("refs/notes/xiangshang") || reference.starts_with("refs/replace/")
}

/// By which account each commit came.
pub fn accounts(git: &Git) -> anyhow::Result<BTreeMap<Id, String>> {
    if !git.output(["show-ref", "--verify", "--quiet", NOTES], b"")?.status.success() {
        return Ok(BTreeMap::new());
    }
    let listed = String::from_utf8_lossy(&git.run(["notes", "--ref", NOTES, "list"])?).into_owned();
    let pairs: Vec<(&str, &str)> = listed.lines().filter_map(|line| line.split_once(' ')).collect();
    // Few accounts push many commits: each note's text is asked for once.
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    for (note, _) in &pairs {
        if !texts.contains_key(note) {
            let text = git.run(["cat-file", "blob", note])?;
            texts.insert(note, String::from_utf8_lossy(&text).trim().to_owned());
        }
    }
    Ok(pairs.iter().map(|(note, commit)| (Arc::from(*commit), texts[note].clone())).collect())
}

/// Writes down that the commits which came with `new` came by `account`: those that neither `old` nor any other reference leads to. What came before
/// stays as it was, and what was there already is nobody's: whoever names it anew has not brought it.
pub fn record(git: &Git, old: Option<&Id>, new: &Id, account: &str) -> anyhow::Result<()> {
    ensure!(!account.is_empty() && !account.contains(['\n', '\0']), "账号的写法不对");
    // Several pushes may end at the same time: whoever comes second begins again.
    const TRIES: usize = 20;
    for _ in 0..TRIES {
        let Some(others) = others(git, new)? else { return Ok(()) };
        let without: Vec<String> =
            others.iter().map(String::as_str).chain(old.map(|old| &**old)).map(|id| format!("^{id}\n")).collect();
        let printed = git.feed(["rev-list", "--stdin"], format!("{new}\n{}", without.concat()).as_bytes())?;
        let printed = String::from_utf8_lossy(&printed).into_owned();
        let known = accounts(git)?;
        let arrived: Vec<&str> = printed.lines().filter(|id| !known.contains_key(*id)).collect();
        let import = ["fast-import", "--quiet", "--date-format=now", "--done"];
        if arrived.is_empty() || git.output(import, &notes(git, &arrived, account)?)?.status.success() {
            return Ok(());
        }
    }
    anyhow::bail!("没能记下是谁推送的：一直有别的推送在写\n提示：再推送一次")
}

/// Where all other references lead; none when another leads to `new` as well, so that it may have been there before.
fn others(git: &Git, new: &Id) -> anyhow::Result<Option<Vec<String>>> {
    let printed = git.run(["for-each-ref", "--format=%(objectname) %(refname)"])?;
    let printed = String::from_utf8_lossy(&printed).into_owned();
    let references = || printed.lines().filter_map(|line| line.split_once(' ')).filter(|(_, name)| !is_reserved(name));
    if references().filter(|(id, _)| *id == &**new).count() > 1 {
        return Ok(None);
    }
    Ok(Some(references().map(|(id, _)| id.to_owned()).filter(|id| *id != **new).collect()))
}

/// What `git fast-import` is told.
fn notes(git: &Git, commits: &[&str], account: &str) -> anyhow::Result<Vec<u8>> {
    let before = git.output(["rev-parse", "--verify", "--quiet", NOTES], b"")?;
    let mut told = format!("commit {NOTES}\ncommitter xiangshang <xiangshang@localhost> now\ndata 0\n");
    if before.status.success() {
        told.push_str(&format!("from {}\n", String::from_utf8_lossy(&before.stdout).trim()));
    }
    for commit in commits {
        told.push_str(&format!("N inline {commit}\ndata {}\n{account}\n", account.len()));
    }
    told.push_str("done\n");
    Ok(told.into_bytes())
}
