//! Who made a commit. Author and committer are what anybody writes; nobody is believed by them.
//!
//! 1. An SSH signature by a key that the list of editors has.
//! 2. What the server itself recorded when the commit came (`record`).
//! 3. For commits that come with this push: the account by which the forge let it in.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    editors::{Editor, Editors, key},
    git::{Git, Id},
    record,
};

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// By their `id` in the list.
    Editor(String),
    /// Nobody that the list has.
    Unknown(Why),
}

/// Why nobody was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// No signature that can be checked, and no account.
    Unsigned,
    /// Signed by a key that only the list which comes along has.
    NewKey,
    /// Signed, by a key of nobody's.
    StrangeKey,
    /// By an account that the list has not.
    Account(String),
}

impl Why {
    /// As a clause in Chinese.
    pub fn words(&self) -> String {
        match self {
            Why::Unsigned => "没有签名，也没有账号可认".to_owned(),
            Why::NewKey => "签名用的公钥只写在这次一起推送的名单里".to_owned(),
            Why::StrangeKey => "签名用的公钥不在名单里".to_owned(),
            Why::Account(account) => format!("账号 `{}` 不在名单里", super::printable(account)),
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Why::Unsigned => {
                "让 git 签名：`git config gpg.format ssh`、`git config user.signingkey ~/.ssh/id_ed25519.pub`、`git config commit.gpgsign true`，再用 `git rebase --force-rebase origin/main` 给这几次提交补上签名；名字和邮箱谁都能写，不作数"
            }
            Why::NewKey => "请负责人先把只改名单的提交推送上去，再推送这个人的改动",
            Why::StrangeKey => "请负责人把这个人的公钥加进 `content/editors.yaml`，推送之后再推送这里的改动",
            Why::Account(_) => "请负责人把这个账号写进 `content/editors.yaml` 里那个人的 `accounts`",
        }
    }
}

/// Everybody who was asked for.
#[derive(Debug, Clone, Default)]
pub struct People(BTreeMap<Id, Who>);

/// By what people are known.
#[derive(Debug)]
pub struct Register<'a> {
    /// The list that holds.
    pub editors: &'a Editors,
    /// The list that comes along, if it is another.
    pub coming: Option<&'a Editors>,
    /// The forge's account, for the commits that `arriving` names.
    pub pusher: Option<&'a str>,
    /// Commits that come with this push.
    pub arriving: &'a BTreeSet<Id>,
}

impl People {
    /// Recognises who made `commits`.
    pub fn of(commits: &BTreeSet<Id>, register: &Register<'_>, git: &Git) -> anyhow::Result<People> {
        let all: Vec<Id> = commits.iter().cloned().collect();
        let signed = signed(&all, git)?;
        let signers = signers(&signed, &register.allowed(), git)?;
        let recorded = record::accounts(git)?;
        let signed: BTreeSet<&Id> = signed.iter().collect();
        let who = |id: &Id| match signers.get(id).and_then(|signer| signer.split_once(':')) {
            Some(("old", editor)) => Who::Editor(editor.to_owned()),
            Some(_) => Who::Unknown(Why::NewKey),
            None => {
                let arrived_by = register.pusher.filter(|_| register.arriving.contains(id));
                match recorded.get(id).map(String::as_str).or(arrived_by) {
                    Some(account) => match register.editors.with_account(account) {
                        Some(editor) => Who::Editor(editor.id.clone()),
                        None => Who::Unknown(Why::Account(account.to_owned())),
                    },
                    None if signed.contains(id) => Who::Unknown(Why::StrangeKey),
                    None => Who::Unknown(Why::Unsigned),
                }
            }
        };
        Ok(People(all.iter().map(|id| (id.clone(), who(id))).collect()))
    }

    /// Who made `commit`.
    pub fn who(&self, commit: &Id) -> Who {
        self.0.get(commit).cloned().unwrap_or(Who::Unknown(Why::Unsigned))
    }
}

impl Register<'_> {
    /// What `ssh-keygen` is given: a line for each key, under the id it belongs to and the list it stands in. The list that holds comes first:
    /// the first line with a key is the one that counts.
    fn allowed(&self) -> String {
        let mut lines = String::new();
        let mut seen = BTreeSet::new();
        let lists = [("old", Some(self.editors)), ("new", self.coming)];
        for (list, editors) in lists.into_iter().filter_map(|(list, editors)| Some((list, editors?))) {
            for Editor { id, keys, .. } in &editors.editors {
                for (kind, blob) in keys.iter().filter_map(|line| key(line)) {
                    if seen.insert(blob.to_owned()) {
                        lines.push_str(&format!("{list}:{id} namespaces=\"git\" {kind} {blob}\n"));
                    }
                }
            }
        }
        lines
    }
}

/// Those of `commits` that carry a signature.
fn signed(commits: &[Id], git: &Git) -> anyhow::Result<Vec<Id>> {
    let input: Vec<u8> = commits.iter().flat_map(|id| [id.as_bytes(), b"\n"].concat()).collect();
    let printed = git.feed(["cat-file", "--batch"], &input)?;
    let mut rest: &[u8] = &printed;
    let mut signed = Vec::new();
    for id in commits {
        let Some(newline) = rest.iter().position(|byte| *byte == b'\n') else { break };
        let header = String::from_utf8_lossy(&rest[..newline]);
        let Some(size) = header.rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()) else { break };
        let begin = newline + 1;
        let Some(object) = rest.get(begin..begin + size) else { break };
        // The header of a commit ends with its first empty line.
        let end = object.windows(2).position(|pair| pair == b"\n\n").unwrap_or(object.len());
        if object[..end].split(|byte| *byte == b'\n').any(|line| line.starts_with(b"gpgsig")) {
            signed.push(id.clone());
        }
        rest = rest.get(begin + size + 1..).unwrap_or_default();
    }
    Ok(signed)
}

/// Whose signatures these are. git starts `ssh-keygen` twice for each, so several gits share the work.
fn signers(signed: &[Id], allowed: &str, git: &Git) -> anyhow::Result<BTreeMap<Id, String>> {
    use rayon::prelude::*;
    const TOGETHER: usize = 16;
    let parts: Vec<_> = signed.par_chunks(TOGETHER).map(|part| git.signers(part, allowed)).collect::<Result<_, _>>()?;
    Ok(parts.into_iter().flatten().collect())
}
