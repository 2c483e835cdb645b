//! One file: compared, and replaced whole when it differs.

use std::{
    cell::RefCell,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::WriteError;
use crate::{
    output::{Content, Output},
    stamp::Stamp,
};

/// What became of one output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Put {
    /// It was written; otherwise the same was there already.
    pub changed: bool,
    /// How it looks now.
    pub stamp: Stamp,
}

/// Writes `output` to `path`, where nothing is, and makes the folder for it.
pub fn put_new(output: &Output, path: &Path) -> Result<Put, WriteError> {
    if let Some(folder) = path.parent() {
        match fs::create_dir(folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(_) => fs::create_dir_all(folder).map_err(|source| WriteError::Io { path: folder.to_owned(), source })?,
        }
    }
    let written = File::options().write(true).create_new(true).open(path).and_then(|mut file| match &output.content {
        Content::Bytes(bytes) => file.write_all(bytes).and_then(|()| file.metadata()),
        Content::File(from) => File::open(from).and_then(|mut from| io::copy(&mut from, &mut file)).and_then(|_| file.metadata()),
    });
    match written {
        Ok(metadata) => Ok(Put { changed: true, stamp: Stamp::of(&metadata) }),
        Err(source) => Err(WriteError::Io { path: path.to_owned(), source }),
    }
}

/// Writes `output` beside `path` when something else is there; [`settle`] puts it into its place.
pub fn put_beside(output: &Output, path: &Path) -> Result<Put, WriteError> {
    let same = match &output.content {
        Content::Bytes(bytes) => file_of(path, bytes.len() as u64).filter(|_| holds(path, bytes)),
        Content::File(from) => {
            let size = fs::metadata(from).map_err(|source| WriteError::Io { path: from.clone(), source })?.len();
            file_of(path, size).filter(|_| same_bytes(from, path).unwrap_or(false))
        }
    };
    if let Some(metadata) = same {
        return Ok(Put { changed: false, stamp: Stamp::of(&metadata) });
    }
    let part = part(path);
    // Asked of the open file, which need not be found by its path again.
    let written = File::create(&part).and_then(|mut file| {
        match &output.content {
            Content::Bytes(bytes) => file.write_all(bytes)?,
            Content::File(from) => drop(io::copy(&mut File::open(from)?, &mut file)?),
        }
        file.metadata()
    });
    let metadata = written.map_err(|source| failed(path, &part, source))?;
    Ok(Put { changed: true, stamp: Stamp::of(&metadata) })
}

/// Makes the file at `path` hold `bytes`, at once.
pub fn put_bytes(bytes: &[u8], path: &Path) -> Result<(), WriteError> {
    if file_of(path, bytes.len() as u64).is_some() && holds(path, bytes) {
        return Ok(());
    }
    let part = part(path);
    fs::write(&part, bytes).map_err(|source| failed(path, &part, source))?;
    settle(path)
}

/// Renames what was written beside `path` into it: a reader sees the old file or the new one, never half of it.
pub fn settle(path: &Path) -> Result<(), WriteError> {
    let part = part(path);
    fs::rename(&part, path).map_err(|source| failed(path, &part, source))
}

/// Where the new content of `path` waits.
pub fn part(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    path.with_file_name(name)
}

fn failed(path: &Path, part: &Path, source: io::Error) -> WriteError {
    // The failure is what is told; that its remains could not be removed as well changes nothing.
    let _ = fs::remove_file(part);
    WriteError::Io { path: path.to_owned(), source }
}

/// What is at `path`, when it is a file of that size.
fn file_of(path: &Path, size: u64) -> Option<fs::Metadata> {
    fs::symlink_metadata(path).ok().filter(|found| found.is_file() && found.len() == size)
}

/// The file at `path`, which is as long as `bytes`, holds the same.
fn holds(path: &Path, bytes: &[u8]) -> bool {
    thread_local! {
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.resize(bytes.len(), 0);
        File::open(path).and_then(|mut file| file.read_exact(buffer)).is_ok() && buffer == bytes
    })
}

/// Both files hold the same; large ones are not read into memory whole.
fn same_bytes(one: &Path, other: &Path) -> io::Result<bool> {
    const PIECE: usize = 64 * 1024;
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let (mut left, mut right) = (Vec::with_capacity(PIECE), Vec::with_capacity(PIECE));
    loop {
        left.clear();
        right.clear();
        Read::by_ref(&mut one).take(PIECE as u64).read_to_end(&mut left)?;
        Read::by_ref(&mut other).take(PIECE as u64).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}
