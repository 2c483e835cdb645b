//! The only code of reviews that knows git: its command line.
//!
//! Not a library: a hook has git at hand anyway, it must see what `receive-pack` keeps in quarantine (which git tells its own programs by the
//! environment), and neither libgit2 nor gix checks SSH signatures or computes what somebody changed by hand in a merge (`--remerge-diff`).

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio},
    sync::Arc,
};

use anyhow::{Context, bail, ensure};

use super::reviewed::{self, Reviewed};

/// Where pages are looked at as text; a file larger than this is compared byte for byte.
const LARGEST_PAGE: u64 = 4 << 20;

/// Paths that are given to git one by one; with more of them it is faster to look at all.
const FEW: usize = 100;

/// The name of a commit or a blob: 40 or 64 hexadecimal digits.
pub type Id = Arc<str>;

/// A repository.
#[derive(Debug, Clone)]
pub struct Git {
    folder: PathBuf,
}

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub id: Id,
    /// Whom it follows.
    pub parents: Vec<Id>,
    /// The whole message.
    pub message: String,
}

/// One file as a commit changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// From the top of the repository.
    pub path: String,
    /// How it was; none when it was not there.
    pub old: Option<Blob>,
    /// How it is; none when it is no more.
    pub new: Option<Blob>,
}

/// A file of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// What it is: `100644` a file, `100755` a program, `120000` a link, `160000` another repository.
    pub mode: String,
    /// Its bytes.
    pub id: Id,
}

impl Blob {
    /// A file, and neither a link nor another repository.
    pub fn is_file(&self) -> bool {
        self.mode.starts_with("100")
    }
}

impl Git {
    /// The repository at `repo`: bare, or a working copy.
    pub fn of(repo: &Path) -> Git {
        let inner = repo.join(".git");
        Git { folder: if inner.exists() { inner } else { repo.to_owned() } }
    }

    /// What `git ARGUMENTS` prints. An error holds what it complained of.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> anyhow::Result<Vec<u8>> {
        self.feed(arguments, b"")
    }

    /// The same for a command that reads `input`.
    pub fn feed<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>, input: &[u8]) -> anyhow::Result<Vec<u8>> {
        let output = self.output(arguments, input)?;
        ensure!(output.status.success(), "git 没有做成：{}", complaint(&output));
        Ok(output.stdout)
    }

    /// The same, whatever git says of how it went.
    pub fn output<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>, input: &[u8]) -> anyhow::Result<Output> {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("找不到 git\n提示：先安装 git（Debian：apt install git）")?;
        let mut stdin = child.stdin.take().context("git 没有输入")?;
        let input = input.to_owned();
        // On a thread of its own: git begins to answer before it has read everything. When it does not want the rest, it says why.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().context("git 半途停了")?;
        let _ = writer.join();
        Ok(output)
    }

    /// `git`, to be told what to do.
    ///
    /// The folder is named outright, so that no variable of the caller's leads elsewhere; what `receive-pack` says of its quarantine is
    /// left as it is. Replaced objects are not: whoever may push could replace a commit by another. Nothing waits at a terminal.
    pub fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(&self.folder).args(["--no-replace-objects", "--literal-pathspecs"]);
        command.env_remove("GIT_WORK_TREE").env_remove("GIT_INDEX_FILE").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        command
    }

    /// The commit that `name` leads to; none for the zeros that stand for nothing in a hook.
    pub fn commit(&self, name: &str) -> anyhow::Result<Option<Id>> {
        if !name.is_empty() && name.bytes().all(|byte| byte == b'0') {
            return Ok(None);
        }
        let asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")];
        let output = self.output(asked, b"")?;
        ensure!(output.status.success(), "这个仓库里没有 `{name}` 这个提交\n提示：写提交的编号或分支的名字");
        Ok(Some(Arc::from(String::from_utf8_lossy(&output.stdout).trim())))
    }

    /// `ancestor` is `of` or comes before it.
    pub fn is_ancestor(&self, ancestor: &str, of: &str) -> anyhow::Result<bool> {
        let output = self.output(["merge-base", "--is-ancestor", ancestor, of], b"")?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => bail!("git 没有做成：{}", complaint(&output)),
        }
    }

    /// Everything that `tips` lead to (`^ID` leaves out what that leads to), children before their parents.
    pub fn history(&self, tips: &[&str]) -> anyhow::Result<Vec<Commit>> {
        let printed =
            self.run(["log", "-z", "--topo-order", "--encoding=UTF-8", "--format=%H%x00%P%x00%B"].iter().chain(tips))?;
        let mut parts = fields(&printed);
        let mut commits = Vec::new();
        while let (Some(id), Some(parents), Some(message)) = (parts.next(), parts.next(), parts.next()) {
            commits.push(Commit {
                id: id_of(id),
                parents: parents.split(|byte| *byte == b' ').filter(|parent| !parent.is_empty()).map(id_of).collect(),
                message: String::from_utf8_lossy(message).into_owned(),
            });
        }
        Ok(commits)
    }

    /// The commits that `tip` leads to and no reference does yet: in a pre-receive hook, those that this push brings.
    pub fn unreferenced(&self, tip: &Id) -> anyhow::Result<BTreeSet<Id>> {
        let printed = self.run(["rev-list", tip, "--not", "--all"])?;
        Ok(String::from_utf8_lossy(&printed).lines().map(Arc::from).collect())
    }

    /// What each commit that `tips` lead to changes, children before their parents; of a merge, what whoever made it did beside joining.
    /// With `paths` only of those, and only commits that concern them: merges, even when they changed nothing, when their parents differ there.
    pub fn changes(&self, tips: &[&str], paths: &[&str]) -> anyhow::Result<Vec<(Id, Vec<Change>)>> {
        let mut arguments: Vec<&str> = vec!["log", "--topo-order"];
        arguments.extend(RAW);
        arguments.extend(tips);
        if (1..=FEW).contains(&paths.len()) {
            arguments.extend(["--full-history", "--"]);
            arguments.extend(paths);
        }
        raw(&self.run(arguments).context("要用 git 2.36 或更新的版本")?)
    }

    /// What each of these commits changes.
    pub fn changes_of(&self, commits: &[Id]) -> anyhow::Result<Vec<(Id, Vec<Change>)>> {
        if commits.is_empty() {
            return Ok(Vec::new());
        }
        raw(&self.feed(["log", "--no-walk=unsorted", "--stdin"].iter().chain(&RAW), &lines(commits))?)
    }

    /// In what two commits differ.
    pub fn difference(&self, old: &str, new: &str) -> anyhow::Result<Vec<Change>> {
        let printed = self.run(["diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", old, new])?;
        Ok(raw(&printed)?.into_iter().flat_map(|(_, changes)| changes).collect())
    }

    /// For each commit that is signed by a key of `allowed` (lines as `ssh-keygen` reads them), whose it is there.
    pub fn signers(&self, commits: &[Id], allowed: &str) -> anyhow::Result<BTreeMap<Id, String>> {
        if commits.is_empty() || allowed.is_empty() {
            return Ok(BTreeMap::new());
        }
        let file = tempfile::NamedTempFile::new().context("无法新建临时文件")?;
        std::fs::write(file.path(), allowed).context("无法写临时文件")?;
        let allowed = format!("gpg.ssh.allowedSignersFile={}", file.path().display());
        // Settings of the repository must not decide which program says that a signature is good.
        let settings = [
            "-c",
            &allowed,
            "-c",
            "gpg.ssh.program=ssh-keygen",
            "-c",
            "gpg.ssh.revocationFile=",
            "-c",
            "gpg.minTrustLevel=undefined",
        ];
        let asked = ["log", "-z", "--no-walk=unsorted", "--stdin", "--format=%H%x00%G?%x00%GS"];
        let printed = self.feed(settings.iter().chain(&asked), &lines(commits))?;
        let mut parts = fields(&printed);
        let mut signers = BTreeMap::new();
        while let (Some(id), Some(state), Some(signer)) = (parts.next(), parts.next(), parts.next()) {
            if state == b"G" {
                signers.insert(id_of(id), String::from_utf8_lossy(signer).into_owned());
            }
        }
        Ok(signers)
    }
}

/// How changes are printed.
const RAW: [&str; 8] = ["-z", "--raw", "--no-abbrev", "--no-renames", "--remerge-diff", "--root", "--no-notes", "--format=%H"];

fn id_of(bytes: &[u8]) -> Id {
    Arc::from(String::from_utf8_lossy(bytes).trim())
}

fn lines(ids: &[Id]) -> Vec<u8> {
    ids.iter().flat_map(|id| [id.as_bytes(), b"\n"].concat()).collect()
}

/// What stands between NULs.
fn fields(printed: &[u8]) -> impl Iterator<Item = &[u8]> {
    printed.strip_suffix(b"\0").unwrap_or(printed).split(|byte| *byte == 0)
}

/// `:OLD-MODE NEW-MODE OLD-ID NEW-ID LETTER` and a path, as often as there are changes, behind the commit's name.
fn raw(printed: &[u8]) -> anyhow::Result<Vec<(Id, Vec<Change>)>> {
    let mut commits: Vec<(Id, Vec<Change>)> = Vec::new();
    let mut parts = fields(printed);
    while let Some(part) = parts.next() {
        let part = part.trim_ascii();
        let Some(header) = part.strip_prefix(b":") else {
            if !part.is_empty() {
                commits.push((id_of(part), Vec::new()));
            }
            continue;
        };
        let path = parts.next().context("git 的输出不完整")?;
        let header = String::from_utf8_lossy(header);
        let mut words = header.split(' ');
        let mut word = || words.next().context("git 的输出不完整");
        let (old_mode, new_mode, old, new) = (word()?, word()?, word()?, word()?);
        let blob = |mode: &str, id: &str| (mode != "000000").then(|| Blob { mode: mode.to_owned(), id: Arc::from(id) });
        if commits.is_empty() {
            commits.push((Arc::from(""), Vec::new()));
        }
        if let Some((_, changes)) = commits.last_mut() {
            changes.push(Change {
                path: String::from_utf8_lossy(path).into_owned(),
                old: blob(old_mode, old),
                new: blob(new_mode, new),
            });
        }
    }
    Ok(commits)
}

fn complaint(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim();
    if said.is_empty() { output.status.to_string() } else { said.to_owned() }
}

/// Versions of files as reviewers look at them, read through one running git and remembered.
pub struct Versions {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    known: BTreeMap<(Id, bool), Option<Reviewed>>,
    names: BTreeMap<(Id, String), Option<Id>>,
}

impl Versions {
    /// Of the files of `git`.
    pub fn of(git: &Git) -> anyhow::Result<Versions> {
        let mut command = git.command();
        command.args(["cat-file", "--batch-command"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("找不到 git")?;
        let questions = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("git 没有输出")?);
        Ok(Versions { child, questions, answers, known: BTreeMap::new(), names: BTreeMap::new() })
    }

    /// `path` in `commit`; none when it is not there.
    pub fn at(&mut self, commit: &Id, path: &str) -> anyhow::Result<Option<Reviewed>> {
        let place = (Arc::clone(commit), path.to_owned());
        let blob = match self.names.get(&place) {
            Some(blob) => blob.clone(),
            None => {
                let blob = self.ask("info", &format!("{commit}:{path}"))?.map(|(id, _)| id);
                self.names.insert(place, blob.clone());
                blob
            }
        };
        match blob {
            Some(blob) => self.blob(&blob, path),
            None => Ok(None),
        }
    }

    /// The bytes called `blob`, as `path`; none when they are nowhere (the two sides of a merge, half joined, were never stored).
    pub fn blob(&mut self, blob: &Id, path: &str) -> anyhow::Result<Option<Reviewed>> {
        let is_page = path.ends_with(".md");
        let key = (Arc::clone(blob), is_page);
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let found = match self.ask("info", blob)? {
            None => None,
            Some((id, size)) if !is_page || size > LARGEST_PAGE => Some(reviewed::file(&id)),
            Some(_) => self.bytes(blob)?.map(|bytes| reviewed::page(&bytes)),
        };
        self.known.insert(key, found.clone());
        Ok(found)
    }

    /// The bytes of what `name` (`COMMIT:PATH` or a blob) leads to.
    pub fn bytes(&mut self, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
        // What is not a file would be printed as well, and be read as the next answer.
        let Some((blob, _)) = self.ask("info", name)? else { return Ok(None) };
        let Some((_, size)) = self.ask("contents", &blob)? else { return Ok(None) };
        let mut bytes = vec![0; usize::try_from(size)? + 1];
        self.answers.read_exact(&mut bytes).context("git 的输出不完整")?;
        bytes.pop();
        Ok(Some(bytes))
    }

    /// Name and size of what `name` leads to, when that is a file.
    fn ask(&mut self, question: &str, name: &str) -> anyhow::Result<Option<(Id, u64)>> {
        ensure!(!name.contains(['\n', '\0']), "文件名里有换行");
        let questions = self.questions.as_mut().context("git 没有输入")?;
        writeln!(questions, "{question} {name}").and_then(|()| questions.flush()).context("git 半途停了")?;
        let mut line = String::new();
        self.answers.read_line(&mut line).context("git 半途停了")?;
        ensure!(!line.is_empty(), "git 半途停了\n提示：要用 git 2.36 或更新的版本");
        let mut words = line.trim_end().rsplitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some(size), Some("blob"), Some(id)) if id.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Ok(size.parse().ok().map(|size| (Arc::from(id), size)))
            }
            _ => Ok(None),
        }
    }
}

impl Drop for Versions {
    fn drop(&mut self) {
        // Without questions it ends by itself.
        self.questions = None;
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_prints_is_parted_into_commits_and_changes() {
        let printed = b"aaaa\0bbbb\0\n:100644 100644 11 22 M\0content/\xe8\x8c\xb6.md\0\n:000000 100644 00 33 A\0b c\0cccc\0";
        let commits = raw(printed).expect("parsed");
        let names: Vec<_> = commits.iter().map(|(id, changes)| (&**id, changes.len())).collect();
        assert_eq!(names, [("aaaa", 0), ("bbbb", 2), ("cccc", 0)]);
        assert_eq!(commits[1].1[0].path, "content/茶.md");
        assert_eq!(commits[1].1[1].old, None);
        assert!(raw(b"aaaa\0:100644 100644 11").is_err());
        assert!(raw(b"").expect("nothing").is_empty());
    }
}
