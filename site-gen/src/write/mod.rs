//! The only code that touches the output folder.
//!
//! 1. `Ours` remembers which files in the folder are ours: a list beside it, `public.files` for `public/`. A folder that holds
//!    something and has no such list is somebody else's and is refused.
//! 2. Every output is compared with the file that is there, and left alone when it is the same.
//! 3. What differs is written beside its place and renamed into it, so that whoever reads the folder never sees half a file.
//! 4. Files that an earlier run wrote and this one did not are removed, and folders that this leaves empty.
//!
//! The manifest lies beside the folder too, `public.manifest.json`: what is published must not contain it.

mod file;
mod ours;

use std::{
    collections::BTreeSet,
    io,
    path::{Component, Path, PathBuf},
};

use pages::Manifest;
use rayon::prelude::*;

use self::{file::Wrote, ours::Ours};
use crate::output::Output;

/// What a write came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Files written.
    pub written: usize,
    /// Files that were the same already.
    pub unchanged: usize,
    /// Stale files removed.
    pub removed: usize,
    /// Bytes of all outputs.
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

/// Makes `folder` hold exactly `outputs`.
pub fn write(outputs: &[Output], folder: &Path) -> Result<Written, WriteError> {
    if let Some(output) = outputs.iter().find(|output| !is_within(&output.path)) {
        return Err(WriteError::Outside(output.path.clone()));
    }
    let paths: BTreeSet<&str> = outputs.iter().map(|output| output.path.as_str()).collect();
    let mut ours = Ours::read(folder)?;
    let stale: Vec<String> = ours.paths().filter(|path| !paths.contains(path)).map(str::to_owned).collect();
    // Were this run cut short, the next one would still know the files of both.
    ours.remember(paths.iter().copied())?;

    let mut written = Written::default();
    let (in_the_way, stale): (Vec<_>, Vec<_>) = stale.into_iter().partition(|path| is_in_the_way(path, &paths));
    written.removed += remove(&in_the_way, folder)?;
    make_folders(&paths, folder)?;
    let wrote: Vec<Wrote> =
        outputs.par_iter().map(|output| file::put(output, &folder.join(&output.path))).collect::<Result<_, _>>()?;
    for wrote in wrote {
        written.bytes += wrote.bytes;
        *(if wrote.changed { &mut written.written } else { &mut written.unchanged }) += 1;
    }
    written.removed += remove(&stale, folder)?;
    ours.keep_only(&paths)?;
    Ok(written)
}

/// Writes the manifest beside `folder`, or removes an old one when there is none.
pub fn write_manifest(manifest: Option<&Manifest>, folder: &Path) -> Result<(), WriteError> {
    let path = beside(folder, "manifest.json");
    match manifest {
        Some(manifest) => {
            let mut text = serde_json::to_string_pretty(manifest).expect("a manifest is plain data with text keys");
            text.push('\n');
            file::put_bytes(text.as_bytes(), &path).map(drop)
        }
        None => match std::fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(WriteError::Io { path, source }),
            _ => Ok(()),
        },
    }
}

/// `public.manifest.json` for `public`.
fn beside(folder: &Path, extension: &str) -> PathBuf {
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

fn make_folders(paths: &BTreeSet<&str>, folder: &Path) -> Result<(), WriteError> {
    let mut folders: BTreeSet<&str> = BTreeSet::from([""]);
    for path in paths {
        folders.extend(path.match_indices('/').map(|(at, _)| &path[..at]));
    }
    for below in folders {
        let path = folder.join(below);
        match std::fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() && !below.is_empty() => return Err(WriteError::Link(path)),
            Ok(found) if found.is_dir() || found.is_symlink() => {}
            _ => std::fs::create_dir_all(&path).map_err(|source| WriteError::Io { path, source })?,
        }
    }
    Ok(())
}

/// Removes our old files and the folders that they leave empty; gives back how many files there were.
fn remove(stale: &[String], folder: &Path) -> Result<usize, WriteError> {
    let mut removed = 0;
    for below in stale {
        let path = folder.join(below);
        match std::fs::remove_file(&path) {
            Ok(()) => removed += 1,
            Err(source) if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(source) => return Err(WriteError::Io { path, source }),
        }
        for above in path.ancestors().skip(1).take_while(|above| *above != folder) {
            // A folder that still holds something cannot be removed, and is not meant to be.
            if std::fs::remove_dir(above).is_err() {
                break;
            }
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests;
