//! Which files in the output folder are ours: a list beside it, one path a line.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::{WriteError, beside, file, is_within};

const TITLE: &str = "# site-gen wrote these files and may remove them. Without this list it refuses to write into the folder.";

/// The list, as it lies on the disk.
pub struct Ours {
    list: PathBuf,
    paths: BTreeSet<String>,
}

impl Ours {
    /// Reads the list of `folder`. Without one the folder must be empty or missing.
    pub fn read(folder: &Path) -> Result<Ours, WriteError> {
        let list = beside(folder, "files");
        match fs::read_to_string(&list) {
            // A line that leads out of the folder was not written by us.
            Ok(text) => {
                Ok(Ours { list, paths: text.lines().skip(1).filter(|path| is_within(path)).map(str::to_owned).collect() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_empty(folder)? => {
                Ok(Ours { list, paths: BTreeSet::new() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(WriteError::NotOurs(folder.to_owned())),
            Err(source) => Err(WriteError::Io { path: list, source }),
        }
    }

    /// Our files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// Adds files that are about to be written.
    pub fn remember<'a>(&mut self, paths: impl Iterator<Item = &'a str>) -> Result<(), WriteError> {
        self.paths.extend(paths.map(str::to_owned));
        self.save()
    }

    /// Forgets every file but these.
    pub fn keep_only(&mut self, paths: &BTreeSet<&str>) -> Result<(), WriteError> {
        self.paths.retain(|path| paths.contains(path.as_str()));
        self.save()
    }

    fn save(&self) -> Result<(), WriteError> {
        let mut text = String::from(TITLE);
        for path in &self.paths {
            text.push('\n');
            text.push_str(path);
        }
        text.push('\n');
        if let Some(above) = self.list.parent() {
            fs::create_dir_all(above).map_err(|source| WriteError::Io { path: above.to_owned(), source })?;
        }
        file::put_bytes(text.as_bytes(), &self.list).map(drop)
    }
}

fn is_empty(folder: &Path) -> Result<bool, WriteError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(source) => Err(WriteError::Io { path: folder.to_owned(), source }),
    }
}
