//! One file: compared, and replaced whole when it differs.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use super::WriteError;
use crate::output::{Content, Output};

/// What became of one output.
pub struct Wrote {
    /// It was written; otherwise the same was there already.
    pub changed: bool,
    /// Its size.
    pub bytes: u64,
}

/// Makes the file at `path` hold what `output` says.
pub fn put(output: &Output, path: &Path) -> Result<Wrote, WriteError> {
    match &output.content {
        Content::Bytes(bytes) => put_bytes(bytes, path),
        Content::File(from) => put_copy(from, path),
    }
}

/// Makes the file at `path` hold `bytes`.
pub fn put_bytes(bytes: &[u8], path: &Path) -> Result<Wrote, WriteError> {
    let size = bytes.len() as u64;
    let same = is_file_of(path, size) && fs::read(path).is_ok_and(|there| there == bytes);
    if !same {
        replace(path, |part| fs::write(part, bytes))?;
    }
    Ok(Wrote { changed: !same, bytes: size })
}

/// Makes the file at `path` a copy of `from`.
fn put_copy(from: &Path, path: &Path) -> Result<Wrote, WriteError> {
    let size = fs::metadata(from).map_err(|source| WriteError::Io { path: from.to_owned(), source })?.len();
    let same = is_file_of(path, size) && same_bytes(from, path).unwrap_or(false);
    if !same {
        replace(path, |part| fs::copy(from, part).map(drop))?;
    }
    Ok(Wrote { changed: !same, bytes: size })
}

fn is_file_of(path: &Path, size: u64) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() == size)
}

/// Both files hold the same; large ones are not read into memory whole.
fn same_bytes(one: &Path, other: &Path) -> io::Result<bool> {
    const PIECE: usize = 64 * 1024;
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let (mut left, mut right) = (Vec::with_capacity(PIECE), Vec::with_capacity(PIECE));
    loop {
        left.clear();
        right.clear();
        one.by_ref().take(PIECE as u64).read_to_end(&mut left)?;
        other.by_ref().take(PIECE as u64).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

/// Writes beside `path` and renames: a reader sees the old file or the new one, never half of it.
fn replace(path: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), WriteError> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    let part = path.with_file_name(name);
    write(&part).and_then(|()| fs::rename(&part, path)).map_err(|source| {
        // The failure is what is told; that its remains could not be removed as well changes nothing.
        let _ = fs::remove_file(&part);
        WriteError::Io { path: path.to_owned(), source }
    })
}
