//! Where pages stand in their reviews.
//!
//! An approval of a page holds in a commit when the page reads there as it read in the approval, and has read so on every way from the one to the other. Once it
//! has been otherwise, even if it is as before again, somebody has to look at it again. The three are given one after the other, by three people, none of whom has
//! written what is reviewed.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use serde::Serialize;

use super::{
    claims::{Claim, claims},
    editors::{Editors, Stage},
    git::{Change, Commit, Git, Id, Versions},
    people::{People, Register, Who, Why},
    reviewed::Words,
};

/// Where one page stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// From the top of the repository.
    pub path: String,
    /// Not published yet.
    pub draft: bool,
    /// Who has written what is reviewed, by their ids; nobody who could not be recognised.
    pub authors: BTreeSet<String>,
    /// Approvals that hold, in their order.
    pub given: Vec<Given>,
    /// The next stage, and who may give it; none when all three are there.
    pub next: Option<Next>,
    /// Approvals that were meant and do not count.
    #[serde(skip)]
    pub refused: Vec<Refused>,
}

/// An approval that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Given {
    /// Which.
    pub stage: Stage,
    /// By whom.
    pub by: String,
    /// In which commit.
    pub commit: String,
}

/// What a page waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Next {
    /// Which stage.
    pub stage: Stage,
    /// Ids of those who may give it to this page.
    pub by: Vec<String>,
}

/// An approval that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Which stage it says.
    pub stage: Stage,
    /// The commit.
    pub commit: String,
    /// Why it does not count, in Chinese.
    pub why: String,
    /// Whose it is, when that is known.
    pub by: Option<String>,
}

/// What is asked: pages of `tip`, by the rules of `editors`.
#[derive(Debug)]
pub struct Question<'a> {
    /// The commit.
    pub tip: &'a Id,
    /// What is published so far; what `tip` has beyond it is what was written since.
    pub published: Option<&'a Id>,
    /// By what people are known; `arriving` is filled in from `published`.
    pub editors: &'a Editors,
    /// The list that comes along.
    pub coming: Option<&'a Editors>,
    /// The forge's account.
    pub pusher: Option<&'a str>,
}

impl Question<'_> {
    /// Where `paths`, which are there, stand.
    pub fn standings(&self, paths: &[String], git: &Git, versions: &mut Versions) -> anyhow::Result<Vec<Standing>> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let past = Past::of(self, paths, git, versions)?;
        paths.iter().map(|path| past.standing(path, versions)).collect()
    }
}

/// What has happened to the pages that are asked about.
struct Past<'a> {
    question: &'a Question<'a>,
    /// Those that follow each commit.
    children: HashMap<Id, Vec<Id>>,
    /// Not published yet.
    arriving: BTreeSet<Id>,
    /// Commits that concern the pages, children before parents, each with what it changes.
    touching: Vec<(Id, Vec<Change>)>,
    merges: HashSet<Id>,
    approvals: Vec<Approval>,
    /// Who wrote: whoever pushes unsigned work answers for it.
    writers: People,
    /// Who approved: whoever pushes what was in the repository already has approved nothing by that.
    approvers: People,
}

/// A commit that says it approves something.
struct Approval {
    commit: Id,
    claims: Vec<Claim>,
    /// It changes what readers see or joins two histories: its message may be made of other people's words.
    does_more: bool,
}

impl<'a> Past<'a> {
    fn of(question: &'a Question<'a>, paths: &[String], git: &Git, versions: &mut Versions) -> anyhow::Result<Past<'a>> {
        let history = git.history(&[question.tip])?;
        let arriving = match question.published {
            Some(published) => {
                let without = format!("^{published}");
                git.history(&[question.tip, &without])?.into_iter().map(|commit| commit.id).collect()
            }
            None => history.iter().map(|commit| Arc::clone(&commit.id)).collect(),
        };
        let wanted: Vec<&str> = paths.iter().map(String::as_str).collect();
        let touching = git.changes(&[question.tip], &wanted)?;
        let approvals = approvals(&history, paths, git, versions)?;

        let asked: BTreeSet<&String> = paths.iter().collect();
        let writing = touching.iter().filter(|(_, changes)| changes.iter().any(|change| asked.contains(&change.path)));
        let writing: BTreeSet<Id> = writing.map(|(id, _)| Arc::clone(id)).collect();
        let approving: BTreeSet<Id> = approvals.iter().map(|approval| Arc::clone(&approval.commit)).collect();
        let register =
            Register { editors: question.editors, coming: question.coming, pusher: question.pusher, arriving: &arriving };
        let writers = People::of(&writing, &register, git)?;
        let fresh = match question.pusher {
            Some(_) => git.unreferenced(question.tip)?,
            None => BTreeSet::new(),
        };
        let approvers = People::of(&approving, &Register { arriving: &fresh, ..register }, git)?;

        let mut children: HashMap<Id, Vec<Id>> = HashMap::with_capacity(history.len());
        for commit in &history {
            for parent in &commit.parents {
                children.entry(Arc::clone(parent)).or_default().push(Arc::clone(&commit.id));
            }
        }
        let merges = history.iter().filter(|commit| commit.parents.len() > 1).map(|commit| Arc::clone(&commit.id)).collect();
        Ok(Past { question, children, arriving, touching, merges, approvals, writers, approvers })
    }

    fn standing(&self, path: &str, versions: &mut Versions) -> anyhow::Result<Standing> {
        let now = versions.at(self.question.tip, path)?;
        let words = now.as_ref().map(|now| now.words);
        let authors = self.authors(path, versions)?;
        let mut refused = Vec::new();
        let mut good: Vec<(Stage, &str, &Approval)> = Vec::new();
        let mut reach = BTreeMap::new();
        // The oldest first, so that what is refused is told in the order in which it was given.
        for approval in self.approvals.iter().rev() {
            let said: BTreeSet<Stage> =
                approval.claims.iter().filter(|claim| claim.path == path).map(|claim| claim.stage).collect();
            if said.is_empty() {
                continue;
            }
            let after = reach.entry(Arc::clone(&approval.commit)).or_insert_with(|| self.after(&approval.commit));
            let still = self.still(approval, path, words, after, versions)?;
            for stage in said {
                match self.judge(approval, stage, path, still, &authors) {
                    Ok(editor) => good.push((stage, editor, approval)),
                    Err((by, why)) => refused.push(Refused { stage, commit: short(&approval.commit), why, by }),
                }
            }
        }
        let given = chosen(&good, &reach);
        for (stage, by, approval) in &good {
            let counted = given.iter().any(|given| given.stage == *stage);
            let why = match (counted, given.iter().find(|given| given.by == *by)) {
                (true, _) => continue,
                (false, Some(given)) => format!("他已经给了{}，三审要三个人", given.stage.word()),
                (false, None) => "前一审还没有，或者是在它之后才给的；三审要按顺序".to_owned(),
            };
            refused.push(Refused { stage: *stage, commit: short(&approval.commit), why, by: Some((*by).to_owned()) });
        }
        let next =
            Stage::ALL.get(given.len()).map(|stage| Next { stage: *stage, by: self.reviewers(*stage, path, &authors, &given) });
        Ok(Standing { path: path.to_owned(), draft: now.is_some_and(|now| now.draft), authors, given, next, refused })
    }

    /// Everybody who has changed the words since they were last published.
    fn authors(&self, path: &str, versions: &mut Versions) -> anyhow::Result<BTreeSet<String>> {
        let published = match self.question.published {
            Some(published) => versions.at(published, path)?,
            None => None,
        };
        let was_draft = self.question.published.is_none() || published.is_some_and(|published| published.draft);
        let mut authors = BTreeSet::new();
        for (commit, changes) in &self.touching {
            let Some(change) = changes.iter().find(|change| change.path == path) else { continue };
            let is_new = self.arriving.contains(commit);
            if !is_new && !was_draft {
                continue;
            }
            let mut read = |blob: &Option<super::git::Blob>| match blob {
                Some(blob) => versions.blob(&blob.id, path),
                None => Ok(None),
            };
            let (old, new) = (read(&change.old)?, read(&change.new)?);
            let words = |version: &Option<super::reviewed::Reviewed>| version.as_ref().map(|version| version.words);
            if words(&old) != words(&new)
                && let Who::Editor(editor) = self.writers.who(commit)
            {
                authors.insert(editor);
            }
            if (!is_new || self.question.published.is_none()) && old.is_some_and(|old| !old.draft) {
                break;
            }
        }
        Ok(authors)
    }

    /// Every commit that comes after `commit`.
    fn after(&self, commit: &Id) -> HashSet<Id> {
        let mut after = HashSet::new();
        let mut open = vec![Arc::clone(commit)];
        while let Some(next) = open.pop() {
            for child in self.children.get(&next).into_iter().flatten() {
                if after.insert(Arc::clone(child)) {
                    open.push(Arc::clone(child));
                }
            }
        }
        after
    }

    /// From the approval until now the page has said the same.
    fn still(
        &self,
        approval: &Approval,
        path: &str,
        words: Option<Words>,
        after: &HashSet<Id>,
        versions: &mut Versions,
    ) -> anyhow::Result<bool> {
        let same = |versions: &mut Versions, commit: &Id| -> anyhow::Result<bool> {
            Ok(versions.at(commit, path)?.map(|version| version.words) == words)
        };
        if words.is_none() || !same(versions, &approval.commit)? {
            return Ok(false);
        }
        for (commit, changes) in &self.touching {
            // A merge may take over another version without changing anything by itself.
            let concerned = self.merges.contains(commit) || changes.iter().any(|change| change.path == path);
            if concerned && after.contains(commit) && !same(versions, commit)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whose approval it is, or whose it would be and why it does not count.
    fn judge(
        &self,
        approval: &Approval,
        stage: Stage,
        path: &str,
        still: bool,
        authors: &BTreeSet<String>,
    ) -> Result<&'a str, (Option<String>, String)> {
        let editor = match self.approvers.who(&approval.commit) {
            Who::Editor(id) => self.question.editors.get(&id),
            Who::Unknown(why) => return Err((None, unknown(&why))),
        };
        let Some(editor) = editor else { return Err((None, unknown(&Why::StrangeKey))) };
        let refuse = |why: &str| Err((Some(editor.id.clone()), why.to_owned()));
        if approval.does_more {
            return refuse("这次提交还改了别的内容或者是合并，说明里可能有别人的话；批准要单独提交");
        }
        if !still {
            return refuse("之后内容又改过");
        }
        if !editor.reviews(stage, path) {
            return refuse("名单没有让他审这里");
        }
        if authors.contains(&editor.id) {
            return refuse("内容是他自己写的");
        }
        Ok(&editor.id)
    }

    fn reviewers(&self, stage: Stage, path: &str, authors: &BTreeSet<String>, given: &[Given]) -> Vec<String> {
        let free = |id: &str| !authors.contains(id) && !given.iter().any(|given| given.by == id);
        let editors = self.question.editors.editors.iter().filter(|editor| editor.reviews(stage, path) && free(&editor.id));
        editors.map(|editor| editor.id.clone()).collect()
    }
}

fn unknown(why: &Why) -> String {
    why.words()
}

/// The commits of `history` that say they approve one of `paths`.
fn approvals(history: &[Commit], paths: &[String], git: &Git, versions: &mut Versions) -> anyhow::Result<Vec<Approval>> {
    let asked: BTreeSet<&String> = paths.iter().collect();
    let mut said: Vec<(&Commit, Vec<Claim>)> = Vec::new();
    for commit in history {
        let mut claims = claims(&commit.message);
        claims.retain(|claim| asked.contains(&claim.path));
        if !claims.is_empty() {
            said.push((commit, claims));
        }
    }
    let ids: Vec<Id> = said.iter().map(|(commit, _)| Arc::clone(&commit.id)).collect();
    let changes: BTreeMap<Id, Vec<Change>> = git.changes_of(&ids)?.into_iter().collect();
    let mut approvals = Vec::new();
    for (commit, claims) in said {
        let mut does_more = commit.parents.len() != 1;
        for change in changes.get(&commit.id).into_iter().flatten() {
            let mut words = |blob: &Option<super::git::Blob>| -> anyhow::Result<Option<Words>> {
                Ok(match blob {
                    Some(blob) => versions.blob(&blob.id, &change.path)?.map(|version| version.words),
                    None => None,
                })
            };
            does_more |= words(&change.old)? != words(&change.new)?;
        }
        approvals.push(Approval { commit: Arc::clone(&commit.id), claims, does_more });
    }
    Ok(approvals)
}

/// The longest row of approvals, one after the other and each by somebody else; of several the one that began first.
fn chosen(good: &[(Stage, &str, &Approval)], reach: &BTreeMap<Id, HashSet<Id>>) -> Vec<Given> {
    fn longest<'g>(
        row: &mut Vec<&'g (Stage, &'g str, &'g Approval)>,
        best: &mut Vec<&'g (Stage, &'g str, &'g Approval)>,
        good: &'g [(Stage, &'g str, &'g Approval)],
        reach: &BTreeMap<Id, HashSet<Id>>,
    ) {
        if row.len() > best.len() {
            best.clone_from(row);
        }
        let Some(stage) = Stage::ALL.get(row.len()) else { return };
        for next in good.iter().filter(|(given, ..)| given == stage) {
            if best.len() == Stage::ALL.len() {
                return;
            }
            let follows =
                row.last().is_none_or(|(_, _, last)| reach.get(&last.commit).is_some_and(|after| after.contains(&next.2.commit)));
            if follows && row.iter().all(|(_, by, _)| *by != next.1) {
                row.push(next);
                longest(row, best, good, reach);
                row.pop();
            }
        }
    }
    let mut best = Vec::new();
    longest(&mut Vec::new(), &mut best, good, reach);
    best.into_iter()
        .map(|(stage, by, approval)| Given { stage: *stage, by: (*by).to_owned(), commit: short(&approval.commit) })
        .collect()
}

/// A commit as people name it.
pub fn short(commit: &str) -> String {
    commit.chars().take(10).collect()
}
