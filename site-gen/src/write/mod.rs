//! The only code that touches the output folder.
//!
//! 1. [`Folder::open`] is told all paths before anything is rendered. `Ours` remembers which files in the folder are ours: a list beside
//!    it, `public.files` for `public/`. A folder that holds something and has no such list is somebody else's and is refused.
//! 2. [`Delivery`] takes one output after the other, on all threads, so that no build ever holds them all. Each is compared with the
//!    file that is there, and left alone when it is the same. What differs is written beside its place; where no site was before,
//!    nobody can read half a file, and it is written in its place at once.
//! 3. [`Delivery::commit`] renames what was written into its place, so that whoever reads the folder never sees half a file, and removes
//!    files that an earlier run wrote and this one did not, with the folders that this leaves empty. A delivery that is dropped
//!    instead leaves the folder as it was.
//!
//! The manifest lies beside the folder too, `public.manifest.json`: what is published must not contain it.

mod file;
mod ours;

use std::{
    collections::{BTreeSet, HashSet},
    fs, io,
    path::{Component, Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::SystemTime,
};

use pages::Manifest;
use rayon::prelude::*;

pub(crate) use self::file::put_bytes;
use self::{file::Put, ours::Ours};
use crate::{
    compress,
    output::{Output, Sink},
    stamp::Stamp,
};

/// What a write came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Files written.
    pub written: usize,
    /// Files that were the same already.
    pub unchanged: usize,
    /// Stale files removed.
    pub removed: usize,
    /// Bytes of all outputs that were made.
    pub bytes: u64,
}

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody else's files are there.
    #[error("`{0}` 里有别的文件，不是 site-gen 写的，没有动它\n提示：用 `--output` 换一个文件夹，或者先清空它")]
    NotOurs(PathBuf),
    /// An output would lie outside of the folder.
    #[error("`{0}` 不在输出文件夹里面")]
    Outside(String),
    /// A link within the folder leads elsewhere.
    #[error("`{0}` 是符号链接，没有写进去\n提示：删掉这个链接")]
    Link(PathBuf),
    /// The disk refused.
    #[error("写不了 `{path}`")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What the last run left in `folder`, by the list beside it; nothing where there is none.
pub fn outputs(folder: &Path) -> Result<Vec<String>, WriteError> {
    let list = beside(folder, "files");
    if !list.is_file() {
        return Ok(Vec::new());
    }
    Ok(Ours::read(folder)?.paths().map(str::to_owned).collect())
}

/// Makes `folder` hold exactly `outputs`.
pub fn write(outputs: &[Output], folder: &Path) -> Result<Written, WriteError> {
    let delivery = Folder::new(folder).open(outputs.iter().map(|output| output.path.clone()).collect())?;
    outputs.par_iter().try_for_each(|output| delivery.take(output))?;
    Ok(delivery.commit()?.0)
}

/// An output folder. Whoever builds into it again and again keeps it, and with it the knowledge of what is there.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    known: Option<Known>,
    /// How the outputs of the last delivery look that it was given.
    left: Vec<(String, Stamp)>,
}

/// What was in the folder when we left it.
#[derive(Debug)]
struct Known {
    ours: Ours,
    seal: Option<Seal>,
}

/// By what we see that nobody has been there since.
#[derive(Debug, PartialEq, Eq)]
struct Seal(SystemTime, SystemTime);

impl Folder {
    /// The folder at `path`; nothing is known of it yet.
    pub fn new(path: impl Into<PathBuf>) -> Folder {
        Folder { path: path.into(), known: None, left: Vec::new() }
    }

    /// Whether it is as the last delivery left it: its list has not been touched, and nothing at its top came or went.
    pub fn is_untouched(&self) -> bool {
        let seal = self.known.as_ref().and_then(|known| known.seal.as_ref());
        seal.is_some() && seal == self.seal().as_ref()
    }

    /// Does something to the folder that leaves all outputs as they are, and does not take it for somebody else's doing.
    pub fn beside_outputs<T>(&mut self, work: impl FnOnce(&Path) -> T) -> T {
        let untouched = self.is_untouched();
        let done = work(&self.path);
        if untouched {
            let seal = self.seal();
            if let Some(known) = &mut self.known {
                known.seal = seal;
            }
        }
        done
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the outputs of the last delivery look, by their paths in the folder; those that it was not given are not among them.
    pub fn left(&self) -> &[(String, Stamp)] {
        &self.left
    }

    fn seal(&self) -> Option<Seal> {
        let modified = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
        Some(Seal(modified(&beside(&self.path, "files"))?, modified(&self.path)?))
    }

    /// Makes ready for outputs at exactly `paths`.
    pub fn open(mut self, mut paths: Vec<String>) -> Result<Delivery, WriteError> {
        paths.sort_unstable();
        let untouched = self.is_untouched();
        if untouched && self.known.as_ref().is_some_and(|known| known.ours.is(&paths)) {
            let mut delivery = Delivery::new(self, paths);
            delivery.untouched = true;
            return Ok(delivery);
        }
        if let Some(path) = paths.iter().find(|path| !is_within(path)) {
            return Err(WriteError::Outside(path.clone()));
        }
        let mut ours = Ours::read(&self.path)?;
        let wanted: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
        let stale = ours.paths().filter(|path| !wanted.contains(path));
        let (in_the_way, stale): (Vec<_>, Vec<_>) = stale.map(str::to_owned).partition(|path| is_in_the_way(path, &wanted));
        let waiting: HashSet<String> =
            wanted.iter().filter(|path| is_blocked(path, &in_the_way)).map(|path| (*path).to_owned()).collect();
        let fresh = ours.is_new();
        // Were this run cut short, the next one would still know the files of both.
        ours.remember(&paths)?;
        // In a new folder they are made on all threads, each before its file.
        let in_place = paths.iter().map(String::as_str).filter(|path| !fresh && !waiting.contains(*path));
        make_folders(in_place, &self.path)?;
        self.known = Some(Known { ours, seal: None });
        let mut delivery = Delivery::new(self, paths);
        (delivery.fresh, delivery.untouched) = (fresh, untouched);
        (delivery.in_the_way, delivery.stale, delivery.waiting) = (in_the_way, stale, waiting);
        Ok(delivery)
    }
}

/// Outputs on their way into a folder.
#[derive(Debug)]
pub struct Delivery {
    /// Taken out when the delivery is committed.
    folder: Option<Folder>,
    paths: Vec<String>,
    /// Nothing was there.
    fresh: bool,
    /// All that the last delivery left is there.
    untouched: bool,
    /// Old files where a folder must be, or in a folder where a file must be: they stay until the commit, and what they are in the
    /// way of waits.
    in_the_way: Vec<String>,
    waiting: HashSet<String>,
    held: Mutex<Vec<Output>>,
    stale: Vec<String>,
    /// Written beside their places; in their places, when nothing was there.
    put: Mutex<Vec<PathBuf>>,
    /// How each output that was taken looks.
    looks: Mutex<Vec<(String, Stamp)>>,
    written: AtomicUsize,
    unchanged: AtomicUsize,
    bytes: AtomicU64,
}

impl Delivery {
    fn new(folder: Folder, paths: Vec<String>) -> Delivery {
        Delivery {
            folder: Some(folder),
            paths,
            fresh: false,
            untouched: false,
            in_the_way: Vec::new(),
            waiting: HashSet::new(),
            held: Mutex::default(),
            stale: Vec::new(),
            put: Mutex::default(),
            looks: Mutex::default(),
            written: AtomicUsize::new(0),
            unchanged: AtomicUsize::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    fn folder(&self) -> &Path {
        &self.folder.as_ref().expect("it is taken out by the commit, which ends the delivery").path
    }

    /// Takes one output, whose path was told before.
    fn take(&self, output: &Output) -> Result<(), WriteError> {
        debug_assert!(self.paths.binary_search(&output.path).is_ok(), "`{}` was not told", output.path);
        if self.waiting.contains(&output.path) {
            self.held.lock().unwrap_or_else(PoisonError::into_inner).push(output.clone());
            return Ok(());
        }
        let path = self.folder().join(&output.path);
        let put = if self.fresh { file::put_new(output, &path)? } else { file::put_beside(output, &path)? };
        self.count(&output.path, put);
        if put.changed {
            self.put.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        }
        Ok(())
    }

    fn count(&self, path: &str, put: Put) {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner).push((path.to_owned(), put.stamp));
        self.bytes.fetch_add(put.stamp.size, Relaxed);
        (if put.changed { &self.written } else { &self.unchanged }).fetch_add(1, Relaxed);
    }

    /// Puts everything into its place, and gives back the folder for the next time.
    pub fn commit(mut self) -> Result<(Written, Folder), WriteError> {
        self.unpack()?;
        let mut removed = remove(&self.in_the_way, self.folder())?;
        let put = std::mem::take(&mut *self.put.lock().unwrap_or_else(PoisonError::into_inner));
        let held = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        make_folders(held.iter().map(|output| output.path.as_str()), self.folder())?;
        if !self.fresh {
            put.par_iter().try_for_each(|path| file::settle(path))?;
        }
        for output in &held {
            let path = self.folder().join(&output.path);
            self.count(&output.path, file::put_beside(output, &path)?);
            file::settle(&path)?;
        }
        removed += remove(&self.stale, self.folder())?;
        let mut folder = self.folder.take().expect("a delivery is committed once");
        folder.left = std::mem::take(&mut *self.looks.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(known) = &mut folder.known {
            known.ours.keep_only(&self.paths)?;
        }
        let seal = folder.seal();
        if let Some(known) = &mut folder.known {
            known.seal = seal;
        }
        let written = Written {
            written: self.written.load(Relaxed),
            unchanged: self.unchanged.load(Relaxed),
            removed,
            bytes: self.bytes.load(Relaxed),
        };
        Ok((written, folder))
    }
}

impl Delivery {
    /// Removes what was packed of files that are about to change or go, where anything was packed at all: from now on they are sent as they lie.
    fn unpack(&self) -> Result<(), WriteError> {
        if self.fresh || !compress::was_here(self.folder()) {
            return Ok(());
        }
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let put = self.put.lock().unwrap_or_else(PoisonError::into_inner);
        let held = held.iter().map(|output| output.path.as_str());
        let paths =
            self.in_the_way.iter().chain(&self.stale).map(String::as_str).chain(held).map(|path| self.folder().join(path));
        paths.chain(put.iter().cloned()).try_for_each(|path| compress::forget(&path))
    }
}

impl Sink for Delivery {
    fn put(&self, output: Output) -> Result<(), WriteError> {
        self.take(&output)
    }

    fn keep(&self) {
        self.unchanged.fetch_add(1, Relaxed);
    }

    fn has_the_last(&self) -> bool {
        self.untouched
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if self.folder.is_none() {
            return;
        }
        for path in self.put.get_mut().unwrap_or_else(PoisonError::into_inner) {
            // What cannot be removed is ours and found by the next run.
            let _ = fs::remove_file(if self.fresh { path.clone() } else { file::part(path) });
        }
    }
}

/// Writes the manifest beside `folder`, or removes an old one when there is none.
pub fn write_manifest(manifest: Option<&Manifest>, folder: &Path) -> Result<(), WriteError> {
    let path = beside(folder, "manifest.json");
    match manifest {
        Some(manifest) => {
            let mut text = serde_json::to_string_pretty(manifest).expect("a manifest is plain data with text keys");
            text.push('\n');
            file::put_bytes(text.as_bytes(), &path)
        }
        None => match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(WriteError::Io { path, source }),
            _ => Ok(()),
        },
    }
}

/// `public.manifest.json` for `public`.
pub(crate) fn beside(folder: &Path, extension: &str) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(extension);
    folder.with_file_name(name)
}

/// The path stays below the folder it is joined to, on every system.
fn is_within(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', '\0'])
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && Path::new(path).components().all(|component| matches!(component, Component::Normal(_)))
}

/// An old file where a folder must be, or in a folder where a file must be.
fn is_in_the_way(stale: &str, paths: &BTreeSet<&str>) -> bool {
    let below = format!("{stale}/");
    let has_below = paths.range(below.as_str()..).next().is_some_and(|path| path.starts_with(&below));
    has_below || stale.match_indices('/').any(|(at, _)| paths.contains(&stale[..at]))
}

/// Something is in the way of this path.
fn is_blocked(path: &str, in_the_way: &[String]) -> bool {
    let is_below = |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
    in_the_way.iter().any(|stale| is_below(path, stale) || is_below(stale, path))
}

/// Makes the folders of `paths`, which are sorted.
fn make_folders<'a>(paths: impl Iterator<Item = &'a str>, folder: &Path) -> Result<(), WriteError> {
    let mut folders: BTreeSet<&str> = BTreeSet::from([""]);
    for path in paths {
        // From the innermost: where that is known, those around it are.
        for (at, _) in path.rmatch_indices('/') {
            if !folders.insert(&path[..at]) {
                break;
            }
        }
    }
    for below in folders {
        let path = folder.join(below);
        match fs::create_dir(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match fs::symlink_metadata(&path) {
                Ok(found) if found.is_symlink() && !below.is_empty() => return Err(WriteError::Link(path)),
                Ok(found) if found.is_dir() || found.is_symlink() => {}
                _ => return Err(WriteError::Io { path, source: error }),
            },
            Err(_) => fs::create_dir_all(&path).map_err(|source| WriteError::Io { path, source })?,
        }
    }
    Ok(())
}

/// Removes our old files and the folders that they leave empty; gives back how many files there were.
fn remove(stale: &[String], folder: &Path) -> Result<usize, WriteError> {
    let mut removed = 0;
    for below in stale {
        let path = folder.join(below);
        match fs::remove_file(&path) {
            Ok(()) => removed += 1,
            Err(source) if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(source) => return Err(WriteError::Io { path, source }),
        }
        for above in path.ancestors().skip(1).take_while(|above| *above != folder) {
            // A folder that still holds something cannot be removed, and is not meant to be.
            if fs::remove_dir(above).is_err() {
                break;
            }
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests;
