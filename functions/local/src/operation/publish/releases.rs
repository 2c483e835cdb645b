//! A folder with releases, as web servers on this machine read it.
//!
//! | in the folder | what |
//! |---|---|
//! | `current` | a link to the release that is live; web servers have it for their root |
//! | `releases/12/` | the site as it was published for the twelfth time, whole, with packed files |
//! | `releases/12.json` | what it is ([`Release`]); only what has been live has one |
//! | `releases/12.files`, `.manifest.json`, `.packed` | what `site-gen` leaves beside an output folder |
//! | `assets/` | every style and script of every release; their names hold their hashes, so nothing in it ever changes and nothing goes |
//! | `work/` | scratch: the release that is being made (`next`), a checkout (`source`), the generator's cache |
//! | `lock` | held by whoever publishes |
//!
//! **What is live is one link, and it is exchanged by one rename.** A release is made in `work/next`, out of hard links to the live one, so that
//! only what changed is written and packed. Files are replaced and never written into, by the generator as by us, so a link is as good
//! as a copy. Whatever dies in between leaves the link as it was or as it is to be. What is found later beside the link and was
//! never live is scratch again.
//!
//! **An old page finds its style** because all assets there ever were are linked into each release, and those of a release that is about to be live
//! into the one before it as well: services show pages of the new one some moments before files do, and readers come back to pages of the old one.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::{MetadataExt, symlink},
    path::{Path, PathBuf},
};

use anyhow::Context;
use domain::Moment;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::{git::Commit, lock::lock};
use crate::failure::Failure;

/// How many releases are kept, the live one among them.
const KEPT: usize = 10;

/// What lies beside an output folder and goes with it.
const BESIDE: [&str; 3] = ["files", "manifest.json", "packed"];

/// What is known of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// 1 is the first.
    pub number: u64,
    /// The moment as of which the site was made.
    pub at: Moment,
    /// What it was made of, when that is known.
    pub commit: Option<Commit>,
    /// Version of the manifest that the functions follow with it.
    pub manifest: Option<String>,
    /// The next moment at which it would change by itself.
    pub until: Option<Moment>,
    /// Pages that somebody can read.
    pub pages: usize,
    /// Files that differ from the release before.
    pub changed: usize,
}

/// The folder, held by this process alone.
#[derive(Debug)]
pub struct Releases {
    folder: PathBuf,
    _lock: File,
}

impl Releases {
    /// Takes the folder at `path`, makes it when it is not there, waits while another publishes, and clears up what one that died has left.
    pub fn open(path: &Path) -> anyhow::Result<Releases> {
        let folder = std::path::absolute(path).with_context(|| format!("不能用 `{}`", path.display()))?;
        let is_ours = folder.join("releases").is_dir();
        if !is_ours && holds_something(&folder)? {
            return Err(Failure::new(
                format!("`{}` 里有别的文件，不是 publish 发布的，没有动它", path.display()),
                "换一个空的文件夹；网页服务器的根目录再指到它里面的 current",
            )
            .into());
        }
        for below in ["releases", "assets", "work"] {
            let below = folder.join(below);
            fs::create_dir_all(&below).with_context(|| format!("不能建文件夹 `{}`", below.display()))?;
        }
        let lock = lock(&folder.join("lock"), "另一次发布正在进行，等它做完……")?;
        let releases = Releases { folder, _lock: lock };
        releases.settle()?;
        Ok(releases)
    }

    /// A place for what is kept between two publications, and may be deleted between them.
    pub fn work(&self, name: &str) -> PathBuf {
        self.folder.join("work").join(name)
    }

    /// The release that is live.
    pub fn current(&self) -> Option<Release> {
        current_number(&self.folder).and_then(|number| read(&self.folder, number))
    }

    /// Makes `work/next` like the live release, and gives it back: the next one is built there.
    pub fn begin(&self) -> anyhow::Result<PathBuf> {
        let next = self.work("next");
        let failed = || format!("不能准备 `{}`", next.display());
        let base = self.current().map(|current| self.release(current.number)).filter(|base| beside(base, "files").is_file());
        for extension in BESIDE {
            remove_file(&beside(&next, extension)).with_context(failed)?;
        }
        match base {
            Some(base) => {
                mirror(&base, &next).with_context(failed)?;
                for extension in ["files", "packed"] {
                    if beside(&base, extension).is_file() {
                        fs::copy(beside(&base, extension), beside(&next, extension)).with_context(failed)?;
                    }
                }
            }
            None => remove_folder(&next).with_context(failed)?,
        }
        Ok(next)
    }

    /// Makes what was built in `work/next` a release under the next number, durable to its last file, and its assets reachable from the live one.
    /// It is not live yet.
    pub fn finish(&self, describe: impl FnOnce(u64) -> Release) -> anyhow::Result<Release> {
        let number = self.numbers()?.into_iter().max().unwrap_or(0) + 1;
        let (next, folder, release) = (self.work("next"), self.release(number), describe(number));
        let failed = || format!("不能保存第 {number} 版");
        fs::rename(&next, &folder).with_context(failed)?;
        for extension in BESIDE {
            if beside(&next, extension).is_file() {
                fs::rename(beside(&next, extension), beside(&folder, extension)).with_context(failed)?;
            }
        }
        // Before anything of it gets a name that stays: what is in the common folder is believed for ever.
        flush(&self.folder).with_context(failed)?;
        self.share_assets(&folder).with_context(failed)?;
        write(&beside(&folder, "next.json"), &release).with_context(failed)?;
        if let Some(current) = self.current() {
            self.share_assets(&self.release(current.number)).with_context(failed)?;
        }
        for changed in ["releases", "assets"] {
            sync(&self.folder.join(changed)).with_context(failed)?;
        }
        Ok(release)
    }

    /// Gives up a release that did not become live: its folder is where the next one is made.
    pub fn abandon(&self, number: u64) -> anyhow::Result<()> {
        self.clear_away(number).with_context(|| format!("不能清掉没有发布的第 {number} 版"))
    }

    /// Makes a release live, by one rename.
    pub fn switch(&self, number: u64) -> anyhow::Result<()> {
        let (link, part) = (self.folder.join("current"), self.folder.join(".current.next"));
        let failed = || format!("不能换成第 {number} 版：`{}`", link.display());
        remove_file(&part).with_context(failed)?;
        symlink(Path::new("releases").join(number.to_string()), &part).with_context(failed)?;
        fs::rename(&part, &link).with_context(failed)?;
        self.mark_live(number).with_context(failed)?;
        sync(&self.folder).with_context(failed)
    }

    /// Notes something else about the live release.
    pub fn note(&self, release: &Release) -> anyhow::Result<()> {
        write(&beside(&self.release(release.number), "json"), release).context("记不下这次发布")
    }

    /// Puts all assets within reach of a release that is about to be live again.
    pub fn reach_assets(&self, number: u64) -> anyhow::Result<()> {
        self.share_assets(&self.release(number)).with_context(|| format!("第 {number} 版的样式和脚本放不好"))
    }

    /// Removes releases beyond the last ten, never the live one; and makes ready for the next, which nobody waits for any more.
    pub fn prune(&self) -> anyhow::Result<()> {
        let current = current_number(&self.folder);
        let old = all(&self.folder)?.into_iter().map(|release| release.number).skip(KEPT);
        for number in old.filter(|number| Some(*number) != current) {
            self.clear_away(number).with_context(|| format!("不能删去旧的第 {number} 版"))?;
        }
        // Thousands of links take half a second; where a folder is right already, looking at it takes a tenth of that.
        match current {
            Some(current) => mirror(&self.release(current), &self.work("next")).context("不能准备下一版"),
            None => Ok(()),
        }
    }

    /// Whether somebody went back to the live release: then nothing is published by itself.
    pub fn is_held(&self) -> bool {
        let held = fs::read_to_string(self.work("held")).ok().and_then(|text| text.trim().parse().ok());
        held.is_some() && held == current_number(&self.folder)
    }

    /// Nothing is to be published by itself once this release is live.
    pub fn hold(&self, number: u64) -> anyhow::Result<()> {
        fs::write(self.work("held"), format!("{number}\n")).context("记不下已经退回")
    }

    /// The folder of a release.
    pub fn release(&self, number: u64) -> PathBuf {
        self.folder.join("releases").join(number.to_string())
    }

    /// The manifest that belongs to a release, as it was written.
    pub fn manifest(&self, number: u64) -> anyhow::Result<Option<pages::Manifest>> {
        super::manifest::read(&beside(&self.release(number), "manifest.json"))
    }

    /// What is live was live, whatever died before it could say so; what never was is scratch.
    fn settle(&self) -> anyhow::Result<()> {
        let current = current_number(&self.folder);
        for number in self.numbers()? {
            if current == Some(number) {
                self.mark_live(number).with_context(|| format!("不能记下第 {number} 版"))?;
            } else if !beside(&self.release(number), "json").is_file() {
                self.abandon(number)?;
            }
        }
        Ok(())
    }

    fn mark_live(&self, number: u64) -> io::Result<()> {
        let folder = self.release(number);
        match fs::rename(beside(&folder, "next.json"), beside(&folder, "json")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// All numbers that anything in `releases/` has, whether or not it was live.
    fn numbers(&self) -> anyhow::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(self.folder.join("releases"))? {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.split('.').next()).and_then(|number| number.parse::<u64>().ok());
            numbers.extend(number);
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// Its record goes first, so that nobody takes half of it for a release. The folder is of use to the next one: nearly all of it is right.
    fn clear_away(&self, number: u64) -> io::Result<()> {
        let (folder, next) = (self.release(number), self.work("next"));
        for extension in ["json", "next.json", "files", "manifest.json", "packed"] {
            remove_file(&beside(&folder, extension))?;
        }
        if next.exists() || !folder.exists() { remove_folder(&folder) } else { fs::rename(&folder, &next) }
    }

    /// Links the assets of a release into the common folder, and all that are there into the release.
    fn share_assets(&self, release: &Path) -> io::Result<()> {
        let (own, common) = (release.join("assets"), self.folder.join("assets"));
        fs::create_dir_all(&own)?;
        link_missing(&own, &common)?;
        link_missing(&common, &own)?;
        sync(&own)
    }
}

/// All that have been live and are kept, the newest first. Nobody needs to hold the folder for that.
pub fn all(folder: &Path) -> anyhow::Result<Vec<Release>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder.join("releases"))? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".json")).and_then(|number| number.parse().ok());
        if let Some(release) = number.and_then(|number| read(folder, number)) {
            found.insert(release.number, release);
        }
    }
    Ok(found.into_values().rev().collect())
}

/// The number of the release that is live.
pub fn current_number(folder: &Path) -> Option<u64> {
    let target = fs::read_link(folder.join("current")).ok()?;
    let number = target.file_name()?.to_str()?.parse().ok()?;
    folder.join("releases").join(target.file_name()?).is_dir().then_some(number)
}

/// A release that is there and says what it is.
fn read(folder: &Path, number: u64) -> Option<Release> {
    let folder = folder.join("releases").join(number.to_string());
    let text = fs::read_to_string(beside(&folder, "json")).ok()?;
    serde_json::from_str(&text).ok().filter(|release: &Release| release.number == number && folder.is_dir())
}

fn write(path: &Path, release: &Release) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(release).expect("a release is plain data");
    text.push('\n');
    let part = beside(path, "part");
    let mut file = File::create(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(part, path)
}

/// `releases/12.json` for `releases/12`.
fn beside(folder: &Path, extension: &str) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn holds_something(folder: &Path) -> anyhow::Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("不能读 `{}`", folder.display())),
    }
}

fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What came into a folder and went from it is on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Everything that was written in the file system of `folder` is on the disk. One call for thousands of files: to flush each of 2,000
/// folders by itself took seconds.
#[cfg(target_os = "linux")]
fn flush(folder: &Path) -> io::Result<()> {
    rustix::fs::syncfs(File::open(folder)?).map_err(io::Error::from)
}

/// The same where there is no such call: at least the folder with the link, after which a journal has what came before.
#[cfg(not(target_os = "linux"))]
fn flush(folder: &Path) -> io::Result<()> {
    sync(folder)
}

/// What an entry of a folder is, as far as it matters here.
struct Entry {
    is_folder: bool,
    /// Device and number, size and time: the same for two links to one file, and for nothing else.
    same: (u64, u64, u64, i64, i64),
}

fn entries(folder: &Path) -> io::Result<HashMap<OsString, Entry>> {
    let mut entries = HashMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        let same = (about.dev(), about.ino(), about.size(), about.mtime(), about.mtime_nsec());
        entries.insert(entry.file_name(), Entry { is_folder: about.is_dir(), same });
    }
    Ok(entries)
}

/// Makes `to` hold what `from` holds, by links to the same files. What is right already is left alone, whatever else is there goes.
fn mirror(from: &Path, to: &Path) -> io::Result<()> {
    match fs::symlink_metadata(to) {
        Ok(about) if about.is_dir() => {}
        Ok(_) => fs::remove_file(to).and_then(|()| fs::create_dir(to))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(to)?,
        Err(error) => return Err(error),
    }
    let (wanted, mut there) = (entries(from)?, entries(to)?);
    for (name, entry) in &wanted {
        match there.remove(name) {
            Some(old) if old.is_folder && entry.is_folder => {}
            Some(old) if !old.is_folder && !entry.is_folder && old.same == entry.same => {}
            old => {
                if let Some(old) = old {
                    remove(&to.join(name), &old)?;
                }
                if !entry.is_folder {
                    link(&from.join(name), &to.join(name))?;
                }
            }
        }
    }
    for (name, old) in there {
        remove(&to.join(name), &old)?;
    }
    let folders: Vec<&OsStr> = wanted.iter().filter(|(_, entry)| entry.is_folder).map(|(name, _)| name.as_os_str()).collect();
    folders.par_iter().try_for_each(|name| mirror(&from.join(name), &to.join(name)))
}

fn remove(path: &Path, entry: &Entry) -> io::Result<()> {
    if entry.is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// A second name for a file. Where the file system knows none, a copy with the same time, by which packed files are known to belong.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to).or_else(|_| {
        fs::copy(from, to)?;
        File::options().write(true).open(to)?.set_modified(fs::metadata(from)?.modified()?)
    })
}

/// Links what is in `from` and not yet in `to`. Names hold hashes, so what is there under the same name is the same.
fn link_missing(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && !to.join(entry.file_name()).exists() {
            link(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(folder: &Path, path: &str, text: &str) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn texts(folder: &Path) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for (name, entry) in entries(folder).expect("read") {
            let (path, name) = (folder.join(&name), name.to_string_lossy().into_owned());
            if entry.is_folder {
                found.extend(texts(&path).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
            } else {
                found.insert(name, fs::read_to_string(path).expect("text"));
            }
        }
        found
    }

    #[test]
    fn a_mirror_holds_the_same_files_whatever_was_there() {
        let place = tempfile::tempdir().expect("a folder");
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        for (path, text) in [("index.html", "首页"), ("a/index.html", "甲"), ("b", "乙"), ("c/d/index.html", "丙")] {
            put(&from, path, text);
        }
        mirror(&from, &to).expect("into nothing");
        assert_eq!(texts(&to), texts(&from));
        // A folder where a file belongs, a file where a folder does, another text of the same length, a stranger, a link.
        fs::remove_file(to.join("b")).expect("gone");
        put(&to, "b/x", "y");
        fs::remove_dir_all(to.join("c")).expect("gone");
        put(&to, "c", "z");
        fs::remove_file(to.join("a/index.html")).expect("gone");
        put(&to, "a/index.html", "丁");
        put(&to, "stranger/x", "y");
        symlink("/nowhere", to.join("link")).expect("linked");
        mirror(&from, &to).expect("over all that");
        assert_eq!(texts(&to), texts(&from));
        let same =
            |path: &str| fs::metadata(from.join(path)).expect("there").ino() == fs::metadata(to.join(path)).expect("there").ino();
        assert!(["index.html", "a/index.html", "b", "c/d/index.html"].into_iter().all(same), "they are links");
    }

    fn release(number: u64) -> Release {
        let at = "2026-11-24T10:00:00+08:00".parse().expect("a moment");
        Release { number, at, commit: None, manifest: None, until: None, pages: 1, changed: 1 }
    }

    /// Publishes a page that says `text` with a style of its own.
    fn publish(releases: &Releases, text: &str) -> u64 {
        let next = releases.begin().expect("begun");
        let _ = fs::remove_file(next.join("index.html"));
        put(&next, "index.html", text);
        put(&next, &format!("assets/site.{text}.css"), text);
        put(&releases.work(""), "next.files", "# list\nindex.html\n");
        let number = releases.finish(release).expect("finished").number;
        releases.switch(number).expect("switched");
        releases.prune().expect("pruned");
        number
    }

    #[test]
    fn ten_are_kept_with_all_styles_and_the_eleventh_folder_is_used_again() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("www");
        let releases = Releases::open(&folder).expect("opened");
        for number in 1..=12 {
            assert_eq!(publish(&releases, &format!("{number}")), number);
        }
        let kept: Vec<u64> = all(&folder).expect("listed").iter().map(|release| release.number).collect();
        assert_eq!(kept, (3..=12).rev().collect::<Vec<_>>());
        assert_eq!(fs::read_to_string(folder.join("current/index.html")).expect("live"), "12");
        for number in 1..=12 {
            assert_eq!(
                fs::read_to_string(folder.join(format!("current/assets/site.{number}.css"))).expect("there"),
                format!("{number}")
            );
        }
        assert!(folder.join("releases/11/assets/site.12.css").is_file(), "the one before has the style of the live one");
        let left: Vec<u64> = releases.numbers().expect("listed");
        assert_eq!(left, (3..=12).collect::<Vec<_>>());
    }

    #[test]
    fn what_was_never_live_is_cleared_away_and_what_is_live_is_known() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("www");
        let releases = Releases::open(&folder).expect("opened");
        publish(&releases, "1");
        // Died before the rename…
        put(&releases.begin().expect("begun"), "half", "x");
        releases.finish(release).expect("finished");
        drop(releases);
        let releases = Releases::open(&folder).expect("opened again");
        assert_eq!(releases.numbers().expect("listed"), [1]);
        // …and just after it.
        publish(&releases, "2");
        fs::rename(folder.join("releases/2.json"), folder.join("releases/2.next.json")).expect("as if it had died");
        drop(releases);
        let releases = Releases::open(&folder).expect("opened again");
        assert_eq!(releases.current().map(|current| current.number), Some(2));
        assert!(!folder.join("current/half").exists(), "nothing of what died is in a later one");
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let place = tempfile::tempdir().expect("a folder");
        put(place.path(), "theirs.txt", "x");
        assert!(Releases::open(place.path()).is_err());
        assert_eq!(texts(place.path()).len(), 1);
    }
}
