//! Which files in the output folder are ours: a list beside it, one path a line.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{WriteError, beside, file, is_within};

const TITLE: &str = "# site-gen wrote these files and may remove them. Without this list it refuses to write into the folder.";

/// The list, as it lies on the disk.
#[derive(Debug)]
pub struct Ours {
    list: PathBuf,
    /// Sorted, each once.
    paths: Vec<String>,
    /// There was no list, and nothing in the folder.
    is_new: bool,
}

impl Ours {
    /// Reads the list of `folder`. Without one the folder must be empty or missing.
    pub fn read(folder: &Path) -> Result<Ours, WriteError> {
        let list = beside(folder, "files");
        match fs::read_to_string(&list) {
            // A line that leads out of the folder was not written by us.
            Ok(text) => {
                let mut paths: Vec<String> = text.lines().skip(1).filter(|path| is_within(path)).map(str::to_owned).collect();
                paths.sort_unstable();
                paths.dedup();
                Ok(Ours { list, paths, is_new: false })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_empty(folder)? => {
                Ok(Ours { list, paths: Vec::new(), is_new: true })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(WriteError::NotOurs(folder.to_owned())),
            Err(source) => Err(WriteError::Io { path: list, source }),
        }
    }

    /// Our files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// Nothing was in the folder when the list was read.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Ours are exactly `paths`, which are sorted.
    pub fn is(&self, paths: &[String]) -> bool {
        self.paths == paths
    }

    /// Adds files that are about to be written.
    pub fn remember(&mut self, paths: &[String]) -> Result<(), WriteError> {
        self.paths.extend_from_slice(paths);
        self.paths.sort_unstable();
        self.paths.dedup();
        self.save()
    }

    /// Forgets every file but these, which are sorted.
    pub fn keep_only(&mut self, paths: &[String]) -> Result<(), WriteError> {
        if self.is(paths) {
            return Ok(());
        }
        self.paths.clear();
        self.paths.extend_from_slice(paths);
        self.save()
    }

    fn save(&self) -> Result<(), WriteError> {
        let mut text = String::with_capacity(TITLE.len() + self.paths.iter().map(|path| path.len() + 1).sum::<usize>() + 1);
        text.push_str(TITLE);
        for path in &self.paths {
            text.push('\n');
            text.push_str(path);
        }
        text.push('\n');
        if let Some(above) = self.list.parent() {
            fs::create_dir_all(above).map_err(|source| WriteError::Io { path: above.to_owned(), source })?;
        }
        file::put_bytes(text.as_bytes(), &self.list)
    }
}

fn is_empty(folder: &Path) -> Result<bool, WriteError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(source) => Err(WriteError::Io { path: folder.to_owned(), source }),
    }
}
